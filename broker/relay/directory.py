"""The broker's side of its relays: issues tickets, hears what relays saw, has lines dropped.

Counterparts: `broker.sessions.lines`, which asks; a relay inside this process (`server.py`), or one of its own behind
`/ws/relay` (`link.py`).  The ticket key is derived from the installation's master key, so that tickets of before a
restart still open.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker.ids import new_id
from broker.relay.core import Closed, Opened, Report
from protocol import limits
from protocol.text import b64url, sha256
from protocol.ticket import RelayTicket, Role, issue

MAX_BYTES: Final = 1 << 40
"""What one line may carry in all: 1 TiB."""


class TicketKey:
    """Signs tickets.  `seed`: 32 secret bytes."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.kid = b64url(sha256(self.public)[:6])

    def sign(self, message: bytes) -> bytes:
        """Ed25519."""
        return self._private.sign(message)


class AttachedRelay(Protocol):
    """A relay that this broker can reach now."""

    site: str
    """Which relay it is a process of."""
    relay_id: str
    url: str
    """Where the two ends find it; may be a path of the public origin."""

    def drop(self, pair_id: str) -> None:
        """Close both lines of that pair."""
        ...

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        """Bytes so far, agent → console and back, of an open pair."""
        ...


class LineEvents(Protocol):
    """Who wants to know what relays saw: `SessionLines`."""

    async def line_opened(self, pair_id: str, g: int) -> None: ...

    async def line_closed(self, pair_id: str, g: int, up: int, down: int) -> None: ...


class RelayDirectory:
    """The relays that are there now; the one that attached last is given out.

    If that one has several processes, each new line goes to the one with the fewest, and both its ends to the same.
    """

    def __init__(self, key: TicketKey, utc: Callable[[], float], rate: int) -> None:
        self.key = key
        self._utc, self._rate = utc, rate
        self._relays: list[AttachedRelay] = []
        self._lines: dict[str, tuple[int, AttachedRelay]] = {}
        """Pair → the last generation that tickets were issued for, and where they lead; until it is dropped."""

    def attach(self, relay: AttachedRelay) -> None:
        """A relay is there."""
        self._relays.append(relay)

    def detach(self, relay: AttachedRelay) -> None:
        """It is gone."""
        self._relays.remove(relay)

    @property
    def attached(self) -> tuple[AttachedRelay, ...]:
        """Every one that is there."""
        return tuple(self._relays)

    @property
    def present(self) -> AttachedRelay:
        """The one that attached last."""
        return self._relays[-1]

    def ticket(self, pair_id: str, side: Role, g: int) -> tuple[str, str]:
        """Where the relay is, and a ticket that opens it once."""
        relay, now = self._relay_for(pair_id, g), self._utc()
        ticket = RelayTicket(
            kid=self.key.kid, aud=relay.relay_id, pair_id=pair_id, role=side, g=g, jti=new_id(), iat=now,
            exp=now + limits.TICKET_LIFE, rate_to_console=self._rate, rate_to_agent=self._rate, max_bytes=MAX_BYTES,
        )  # fmt: skip
        return relay.url, issue(ticket, self.key.sign)

    def _relay_for(self, pair_id: str, g: int) -> AttachedRelay:
        known = self._lines.get(pair_id)
        if known is not None and known[0] == g and known[1] in self._relays:
            return known[1]
        lines = Counter(relay.relay_id for _, relay in self._lines.values())
        processes = [relay for relay in self._relays if relay.site == self.present.site]
        chosen = min(reversed(processes), key=lambda relay: lines[relay.relay_id])
        self._lines[pair_id] = g, chosen
        return chosen

    def drop(self, pair_id: str) -> None:
        """Close both lines of that pair, wherever they are."""
        self._lines.pop(pair_id, None)
        for relay in self._relays:
            relay.drop(pair_id)

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        """Bytes so far of an open pair."""
        return next((found for relay in self._relays if (found := relay.counted(pair_id)) is not None), None)


async def pass_on(report: Report, events: LineEvents) -> None:
    """Tell `events` what a relay saw."""
    match report:
        case Opened():
            await events.line_opened(report.pair_id, report.g)
        case Closed():
            await events.line_closed(report.pair_id, report.g, report.up, report.down)
