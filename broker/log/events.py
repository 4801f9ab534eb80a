"""The session log's events: a closed union, and the bytes in which each is kept.

Counterpart: `broker.log.chain`, which hashes exactly these bytes, and `broker.log.projections`, which computes
sessions from them.  An event holds no personal data: `personal` maps a field's name to a salted commitment; the value
and its salt stand in a side table, from which they can be erased while the chain stays whole (pairing rule 8).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from broker.clock import rfc3339
from broker.log import billing_events as billing
from broker.log.errors import LogDamaged
from broker.log.event import Event
from broker.log.moment import Moment
from protocol.control import EndReason, Permission

EndedBy = Literal["customer", "technician", "broker"]
"""Who made the end: the agent (for its customer), the console, or the broker itself."""

LossReporter = Literal["agent", "console", "relay", "broker"]


class Instant(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A `Moment` as it is kept: wall time (RFC 3339, UTC), monotonic milliseconds, boot."""

    utc: str
    mono_ms: int
    boot: str

    def moment(self) -> Moment:
        return Moment(datetime.fromisoformat(self.utc), self.mono_ms, self.boot)


class SessionEvent(Event, frozen=True, kw_only=True):
    """What happened to one session."""

    session_id: str


class Requested(SessionEvent, frozen=True, kw_only=True):
    """A right server part was given (step 8).  Personal: operator_name, offer (its bytes), computer, user, address."""

    operator_id: str
    agent_id: str
    pk_agent: str
    code_id: str
    service: str
    offer_sha256: str
    terms_version: int
    terms_sha256: str
    wanted: tuple[Permission, ...]
    down_kbit: int
    up_kbit: int
    rtt_ms: int
    customer_id: str | None = None
    order_id: str | None = None
    ticket_id: str | None = None
    urgent: bool = False
    accepted: bool = False
    personal: dict[str, str] = {}


class Paired(SessionEvent, frozen=True, kw_only=True):
    """Both ends have the same key (step 14)."""


class Consented(SessionEvent, frozen=True, kw_only=True):
    """The customer agreed; the agent's receipt and its signature, base64url (step 21)."""

    granted: tuple[Permission, ...]
    lang: Literal["es", "en"]
    utc: str
    body: str
    sig: str
    receipt_sha256: str


class Joined(SessionEvent, frozen=True, kw_only=True):
    """Both ends are on the line: time counts from here (step 23)."""

    g: int


class Heartbeat(Event, frozen=True, kw_only=True):
    """These sessions were alive."""

    sessions: tuple[str, ...]


class Paused(SessionEvent, frozen=True, kw_only=True):
    """The line of generation `g` was lost at `at`, which may lie before the report (step 24)."""

    g: int
    at: Instant
    reporter: LossReporter


class Resumed(SessionEvent, frozen=True, kw_only=True):
    """Both ends are on the line of generation `g`: time counts again (step 25)."""

    g: int


class PermissionChanged(SessionEvent, frozen=True, kw_only=True):
    """The customer gave or took back a permission; `utc` and `sig` are the agent's."""

    name: Permission
    on: bool
    utc: str
    sig: str


class Ended(SessionEvent, frozen=True, kw_only=True):
    """Over for good, at `at`.  `connected_s` is what counts; `claimed_…` is what the agent signed, kept as evidence."""

    reason: EndReason
    by: EndedBy
    at: Instant
    connected_s: int
    claimed_s: int | None = None
    claimed_utc: str | None = None
    claimed_sig: str | None = None


class Traffic(SessionEvent, frozen=True, kw_only=True):
    """Bytes that the relay counted on one generation's line; `up` is agent → console."""

    g: int
    up: int
    down: int


class Erased(SessionEvent, frozen=True, kw_only=True):
    """The customer's personal data of this session were erased by an administrator."""

    by_operator: str


class SuspicionReported(Event, frozen=True, kw_only=True):
    """The customer suspects a compromise (Q12).  Personal: text, contact, address."""

    report_id: str
    via: Literal["program", "page"]
    session_id: str | None = None
    personal: dict[str, str] = {}


class SuspicionHandled(Event, frozen=True, kw_only=True):
    """An administrator dealt with a report.  Personal: note."""

    report_id: str
    by_operator: str
    session_id: str | None = None
    personal: dict[str, str] = {}


class Alert(Event, frozen=True, kw_only=True):
    """Something that administrators should see; `alert` is a stable word.  Personal: operator, address.

    One about a session is tied to it, and its address goes with the session's data.
    """

    alert: str
    session_id: str | None = None
    data: dict[str, str | int] = {}
    personal: dict[str, str] = {}


AnyEvent = (
    Requested | Paired | Consented | Joined | Heartbeat | Paused | Resumed | PermissionChanged | Ended | Traffic
    | Erased | SuspicionReported | SuspicionHandled | Alert | billing.AnyBillingEvent
)  # fmt: skip

CUSTOMER_FIELDS = frozenset({"computer", "user", "address", "text", "contact"})
"""The personal fields of a session that are the customer's, and go when they ask for it."""


class _Kept(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: Literal[1] = 1
    seq: int
    at: Instant
    event: AnyEvent


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place: its number in the chain and when it was recorded."""

    seq: int
    moment: Moment
    event: AnyEvent

    @property
    def session_id(self) -> str | None:
        """The one session that it is about, if it is about one."""
        return getattr(self.event, "session_id", None)

    @property
    def kind(self) -> str:
        return kind_of(self.event)


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """A recorded event, with the chain's head after it."""

    recorded: Recorded
    head: bytes


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(_Kept)


def kind_name(event: type[Event]) -> str:
    """The stable word of a kind of event, such as `permission_changed`."""
    return str(event.__struct_config__.tag)


def kind_of(event: Event) -> str:
    """The event's stable word, such as `permission_changed`."""
    return str(event.__struct_config__.tag)


def instant(moment: Moment) -> Instant:
    """A moment as events keep it."""
    return Instant(rfc3339(moment.utc), moment.mono_ms, moment.boot)


def to_stored(recorded: Recorded) -> bytes:
    """The bytes that are kept and hashed."""
    return _encoder.encode(_Kept(seq=recorded.seq, at=instant(recorded.moment), event=recorded.event))


def from_stored(stored: bytes) -> Recorded:
    """Read kept bytes.  Raises `LogDamaged` for bytes that no version of the log has written."""
    try:
        kept = _decoder.decode(stored)
        return Recorded(kept.seq, kept.at.moment(), kept.event)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise LogDamaged(f"An event cannot be read: {error}") from None
