"""What the endpoints of sessions take and give.  Counterpart: the console's pages of sessions."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from broker.schemas import Line0, Reply, UtcTime
from protocol.control import EndReason, Permission


def _since(text: object) -> datetime:
    return _instant(text, timedelta())


def _until(text: object) -> datetime:
    return _instant(text, timedelta(days=1))


def _instant(text: object, to_end_of_day: timedelta) -> datetime:
    try:
        if not isinstance(text, str):
            raise ValueError("is no text")
        if len(text) == len("2026-11-22"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC) + to_end_of_day
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError("has no zone")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a day or an instant with its zone") from None


Since = Annotated[datetime, BeforeValidator(_since)]
"""A day (UTC) or an instant; included."""
Until = Annotated[datetime, BeforeValidator(_until)]
"""A day (UTC), included; or an instant, which is not."""
Text = Annotated[Line0, Field(max_length=100)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class CustomerReply(Reply):
    """What the agent said about its computer; None once it has been erased."""

    computer: str | None
    user: str | None
    address: str | None


class SessionItem(Reply):
    """One line of the list.  Times of day in UTC, durations in whole seconds that count."""

    id: str
    started_utc: UtcTime
    joined_utc: UtcTime | None
    ended_utc: UtcTime | None
    state: str
    operator_id: str
    operator_name: str | None
    customer: CustomerReply
    service: str
    end_reason: EndReason | None
    connected_s: int
    paused_s: int
    agent_id: str


class SessionList(Reply):
    """A page, newest first.  `next`: the cursor of the one after it."""

    items: tuple[SessionItem, ...]
    next: str | None


class BandwidthReply(Reply):
    """What was measured before the code was issued (Q10)."""

    down_kbit: int
    up_kbit: int
    rtt_ms: int


class ReceiptReply(Reply):
    """The customer's consent as the agent signed it, base64url."""

    granted: tuple[Permission, ...]
    utc: str
    lang: str
    body: str
    sig: str
    receipt_sha256: str
    seq: int


class EventReply(Reply):
    """One event of the chain.  `head`: the chain's head after it."""

    seq: int
    kind: str
    utc: UtcTime
    data: dict[str, Any]
    head: str


class SessionDetail(SessionItem):
    """A session's page."""

    offer: dict[str, Any] | None
    granted: tuple[Permission, ...]
    bandwidth: BandwidthReply
    receipt: ReceiptReply | None
    bytes_up: int
    bytes_down: int
    erased: bool
    events: tuple[EventReply, ...]
