"""The relay ticket: opens one relay once, for one end of one generation of one session, for half a minute.

Issued by the broker (step 15), first message on a data connection (step 16). Text: base64url(body) `.` base64url(sig),
where body is the ticket as JSON and sig is Ed25519 over lv("relevo-ticket-1", body). The agent and the console pass
it on unread. Never holds a key of the session; clocks are parameters, in seconds since 1970.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta, Struct

from protocol.errors import Malformed, TicketRefused
from protocol.fields import Count, Generation, Identifier, Nonce, ShortText, Version
from protocol.limits import TICKET, TICKET_LIFE
from protocol.receipt import Sign
from protocol.text import b64url, lv, unb64url

Role = Literal["agent", "console"]

JOINED: Final = "joined"
"""The relay's one word, to the agent alone: the other end is there, and from here on the agent is *its* server."""

Seconds = Annotated[float, Meta(ge=0)]


class RelayTicket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the broker allows. Rates in bytes per second, `max_bytes` for both directions of the pair together."""

    v: Version = "1"
    kid: ShortText
    """Which of the broker's ticket keys signed it."""
    aud: ShortText
    """The one relay that may accept it."""
    pair_id: Identifier
    """The session, under a name that says nothing of it."""
    role: Role
    g: Generation
    jti: Nonce
    """Names this ticket: it opens once."""
    iat: Seconds
    exp: Seconds
    rate_to_console: Count
    rate_to_agent: Count
    max_bytes: Count


_body = msgspec.json.Decoder(RelayTicket)


def issue(ticket: RelayTicket, sign: Sign) -> str:
    """The ticket's text, for `control.Ticket.token`."""
    body = msgspec.json.encode(ticket)
    return f"{b64url(body)}.{b64url(sign(lv('relevo-ticket-1', body)))}"


class Gate:
    """A relay's check of tickets. `refuse` is the words of `TicketRefused`: malformed, unknown_key, forged, version,
    other_relay, not_yet, before_start, expired, spent."""

    def __init__(self, relay_id: str, keys: Mapping[str, bytes], started: float, skew: float = 5.0) -> None:
        """`keys`: key name → Ed25519 public key, 32 bytes. `started`: when this relay began to remember spent tickets.
        `skew`: by how many seconds the broker's clock may be ahead."""
        self._relay_id, self._started, self._skew = relay_id, started, skew
        self._keys = {kid: Ed25519PublicKey.from_public_bytes(key) for kid, key in keys.items()}
        self._spent: dict[str, float] = {}

    def admit(self, token: str | bytes, now: float) -> RelayTicket:
        """The ticket, which is spent by this. Raises `TicketRefused`, and then nothing has changed."""
        ticket = self._authentic(token)
        self._demand("other_relay", ticket.aud == self._relay_id)
        self._demand("not_yet", ticket.iat <= now + self._skew)
        self._demand("before_start", ticket.iat >= self._started)
        self._demand("expired", now < ticket.exp <= ticket.iat + TICKET_LIFE)
        self._forget(now)
        self._demand("spent", ticket.jti not in self._spent)
        self._spent[ticket.jti] = ticket.exp
        return ticket

    def _authentic(self, token: str | bytes) -> RelayTicket:
        self._demand("malformed", len(token) <= TICKET)
        try:
            text = token.decode("ascii") if isinstance(token, bytes) else token
            body, sig = map(unb64url, text.split("."))
            ticket = _body.decode(body)
        except (Malformed, ValueError, msgspec.MsgspecError):
            raise TicketRefused("malformed") from None
        self._demand("version", ticket.v == "1")
        self._demand("unknown_key", ticket.kid in self._keys)
        try:
            self._keys[ticket.kid].verify(sig, lv("relevo-ticket-1", body))
        except InvalidSignature:
            raise TicketRefused("forged") from None
        return ticket

    def _forget(self, now: float) -> None:
        """A spent ticket is remembered until it would be refused as expired anyway. Oldest first: lives are equal."""
        while self._spent and (oldest := next(iter(self._spent.items())))[1] <= now:
            del self._spent[oldest[0]]

    @staticmethod
    def _demand(reason: str, holds: bool) -> None:
        if not holds:
            raise TicketRefused(reason)
