"""What the endpoints of work take and give."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from broker.policies.schema import Kind
from broker.rating.case_json import instant
from broker.schemas import Body, Identifier, Reply, Report, UtcTime

Instant = Annotated[int, BeforeValidator(instant), Field(json_schema_extra={"type": "string", "format": "date-time"})]
"""RFC 3339 with an offset."""
WorkKind = Kind | Literal["no_show", "late_cancel"]
"""How time was spent, or what was missed."""
Pause = Annotated[list[Instant], Field(min_length=2, max_length=2)]


class WorkBody(Body):
    """Time spent, entered by hand (I3)."""

    means: Kind
    start: Instant
    end: Instant
    customer_id: Identifier | None = None
    pauses: Annotated[list[Pause], Field(max_length=1000)] = []
    urgent: bool = False
    accepted: bool = False
    warranty: bool = False
    covered: bool = True
    local: bool = True
    order_id: Identifier | None = None
    ticket_id: Identifier | None = None
    note: Report | Literal[""] = ""


class WorkPatch(Body):
    """What is different from the revision before."""

    means: Kind | None = None
    start: Instant | None = None
    end: Instant | None = None
    customer_id: Identifier | None = None
    pauses: Annotated[list[Pause], Field(max_length=1000)] | None = None
    urgent: bool | None = None
    accepted: bool | None = None
    warranty: bool | None = None
    covered: bool | None = None
    local: bool | None = None
    order_id: Identifier | None = None
    ticket_id: Identifier | None = None
    note: Report | Literal[""] | None = None


class WorkItem(Reply):
    """A work and what it came to.  `counted_minutes` is exact: an integer or `n/d`; money is decimal text."""

    id: str
    revision: int
    kind: str
    start: UtcTime
    end: UtcTime
    customer_id: str | None
    customer_name: str | None
    """Empty once erased."""
    contract_id: str | None
    session_id: str | None
    ticket_id: str | None
    order_id: str | None
    operator_id: str
    operator_name: str | None
    urgent: bool
    accepted: bool
    warranty: bool
    covered: bool
    local: bool
    note: str
    state: str
    held_clause: str | None
    held_reason: str | None
    basis: str | None
    billable_seconds: int
    counted_minutes: str
    rounded_minutes: int
    from_balance_minutes: int
    charged_minutes: int
    currency: str | None
    net: str | None
    explanation: tuple[str, ...]
    policy_sha256: str | None
    invoice_id: str | None


class WorkList(Reply):
    """Newest first.  `next`: where to go on."""

    items: tuple[WorkItem, ...]
    next: int | None = None


class TariffReply(Reply):
    """As in the offer that both ends agree to."""

    currency: str
    unit_minor: int
    minimum_minutes: int
    increment_minutes: int
    tax_percent: str


class ChargingReply(Reply):
    """As in the offer that both ends agree to."""

    covers: Literal["tariff", "covered", "balance", "fixed", "free"]
    minutes_left: int
    expected_minutes: int
    weight: str


class QuoteReply(Reply):
    """`why_not`: a sentence, or empty where a session may be; no `charging` then where there is no policy."""

    why_not: str
    knows_urgency: bool
    tariff: TariffReply | None
    charging: ChargingReply | None
