"""What the endpoints of contracts take and give."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from broker.policies.exact import Amount
from broker.rating.case_json import day
from broker.schemas import Body, Identifier, Line, Reply, UtcTime

Day = Annotated[date, BeforeValidator(lambda value: value if isinstance(value, date) else day(value)), Field(
    json_schema_extra={"type": "string", "format": "date"}
)]  # fmt: skip
"""`YYYY-MM-DD` in the provider's zone."""
Minutes = Annotated[int, Field(ge=1, le=1_000_000)]


class ContractBody(Body):
    """A new contract; see `NewContract`."""

    customer_id: Identifier
    plan: Line
    start: Day
    end: Day | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    size: Line | None = None
    minutes: Minutes | None = None
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}$")] | None = None
    excess_hourly: Amount | None = None


class BalanceBody(Body):
    """Minutes to add, or to take away when negative."""

    minutes: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: Literal["purchase", "refund", "correction"]


class EndBody(Body):
    """The new last day."""

    end: Day


class RenewalBody(Body):
    """Whether another contract like it follows by itself."""

    renews: bool


class PlanBody(Body):
    """Another plan from today on."""

    plan: Line
    size: Line | None = None


class ContractItem(Reply):
    """A contract, with the minutes that are left today (null: nothing to count)."""

    id: str
    number: str
    customer_id: str
    plan: str
    title: dict[str, str]
    start: date
    end: date
    in_force: bool
    minutes: int | None
    balance_minutes: int | None
    counts: Literal["none", "block", "monthly"]
    """As the plan's balance does."""
    renews: bool
    """Another one like it follows by itself."""
    cancel_renewal_by: date | None
    """The last day on which that can be cancelled; null: its plan never renews."""
    excess_hourly: str | None
    policy_sha256: str


class ContractList(Reply):
    """Newest first, at most 500."""

    items: tuple[ContractItem, ...]


class LedgerEntry(Reply):
    """One change of a balance, on a day of the provider's zone.

    `reason`: purchase, refund, correction, expiry, use or returned.  `of_seq`: the purchase that a refund takes back.
    """

    seq: int
    utc: UtcTime
    day: date
    minutes: int
    reason: str
    work_id: str | None
    of_seq: int | None


class Ledger(Reply):
    """Every change of a contract's balance, in order."""

    contract: ContractItem
    entries: tuple[LedgerEntry, ...]
