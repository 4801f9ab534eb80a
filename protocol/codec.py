"""Message ↔ bytes: the only parser of what comes over a line.  Here, control messages as JSON text, by who sends them.

Counterpart: `protocol.inner_codec`, sealed messages as MessagePack; apart, because the broker imports this module and
must never import that one.  A decoder returns a message that keeps every limit of its type, or raises `Malformed`;
nothing in between.
"""

from typing import Generic, TypeVar, get_args

import msgspec

from protocol import control, limits, offer
from protocol.errors import Malformed, TooLarge

M = TypeVar("M")

_json = msgspec.json.Encoder()


class Reader(Generic[M]):
    """Decodes one closed union of messages.  `what` names them in errors."""

    def __init__(self, union: object, what: str, limit: int, packed: bool = False) -> None:
        self.what, self.limit = what, limit
        self.kinds: tuple[type, ...] = get_args(union) or (union,)
        module = msgspec.msgpack if packed else msgspec.json
        self._decoder = module.Decoder(union)

    def read(self, data: bytes | str) -> M:
        """The message in `data` (bytes, or JSON text).  Raises `TooLarge` or `Malformed`."""
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        if len(raw) > self.limit:
            raise TooLarge(self.what, len(raw), self.limit)
        try:
            return self._decoder.decode(raw)  # type: ignore[no-any-return]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(self.what, str(error)) from None


FROM_AGENT: Reader[control.AgentToBroker] = Reader(
    control.AgentToBroker, "A message from the agent", limits.CONTROL_FRAME
)
TO_AGENT: Reader[control.BrokerToAgent] = Reader(
    control.BrokerToAgent, "A message from the broker", limits.CONTROL_FRAME
)
FROM_CONSOLE: Reader[control.ConsoleToBroker] = Reader(
    control.ConsoleToBroker, "A message from the console", limits.CONTROL_FRAME
)
TO_CONSOLE: Reader[control.BrokerToConsole] = Reader(
    control.BrokerToConsole, "A message from the broker", limits.CONTROL_FRAME
)
OFFER: Reader[offer.Offer] = Reader(offer.Offer, "An offer", limits.OFFER)


def to_text(message: control.Message) -> str:
    """A control message as JSON text."""
    return _json.encode(message).decode()


def offer_bytes(value: offer.Offer) -> bytes:
    """The exact bytes of an offer, made once by the broker."""
    return _json.encode(value)
