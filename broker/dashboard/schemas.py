"""What the endpoints of the dashboard give.  Counterpart: the console's page `Dashboard`.

Days are the provider's; durations whole seconds, balances whole minutes, money decimal text beside its currency.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from broker.contracts.schemas import Day
from broker.policies.schema import Bilingual, Channel
from broker.schemas import Reply, UtcTime
from broker.work.schemas import WorkKind

When = Annotated[Day, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Top = Annotated[int, Field(ge=1, le=10_000)]
AnyKind = WorkKind | Channel


class CountReply(Reply):
    """`sessions`: both ends were connected; `unconnected`: asked for, and came to nothing."""

    sessions: int
    unconnected: int
    connected_s: int


class DayReply(CountReply):
    """One day, from its first instant to the next day's."""

    day: date
    from_utc: UtcTime
    to_utc: UtcTime


class OperatorReply(CountReply):
    """A technician's part."""

    operator_id: str
    name: str


class CustomerReply(CountReply):
    """A customer's part; null: sessions that are no customer's."""

    customer_id: str | None
    name: str


class RestReply(CountReply):
    """The customers that are not listed."""

    customers: int


class ServiceReply(CountReply):
    """A service's part."""

    service: str


class AnswersReply(Reply):
    """Tickets of the period by their first answer; `none`: without a target."""

    within: int
    missed: int
    waiting: int
    none: int


class RevenueReply(Reply):
    """Charged work that began in the period, of one kind."""

    currency: str
    basis: str
    plan: str | None
    ordered: str | None
    title: Bilingual | None
    works: int
    billable_seconds: int
    from_balance_minutes: int
    charged_minutes: int
    net: str


class RevenueTotal(Reply):
    """All charged work of the period in one currency."""

    currency: str
    works: int
    net: str


class BalanceReply(Reply):
    """A contract in force today, and an estimate: used as in the last `days`, it `runs_out` or `lapses` `on` a day."""

    contract_id: str
    number: str
    customer_id: str
    customer: str
    plan: str
    monthly: bool
    left_minutes: int
    used_minutes: int
    days: int
    week_minutes: str
    what: Literal["runs_out", "lapses"]
    on: date
    lapsing_minutes: int


class DashboardReply(Reply):
    """All figures.  `days` has every day; `rest`: null when every customer is listed."""

    first: date
    last: date
    from_utc: UtcTime
    to_utc: UtcTime
    time_zone: str
    total: CountReply
    days: tuple[DayReply, ...]
    operators: tuple[OperatorReply, ...]
    customers: tuple[CustomerReply, ...]
    rest: RestReply | None
    services: tuple[ServiceReply, ...]
    answers: AnswersReply
    revenue: tuple[RevenueReply, ...]
    revenue_totals: tuple[RevenueTotal, ...]
    balances: tuple[BalanceReply, ...]


class FigureRow(Reply):
    """A line of the export: one figure.  `of`: what it is for, by day, id or word; what does not apply is null."""

    figure: str
    of: str
    name: str = ""
    sessions: int | None = None
    unconnected: int | None = None
    connected_s: int | None = None
    tickets: int | None = None
    works: int | None = None
    billable_seconds: int | None = None
    from_balance_minutes: int | None = None
    charged_minutes: int | None = None
    currency: str | None = None
    net: str | None = None
    left_minutes: int | None = None
    week_minutes: str | None = None
    forecast: str | None = None
    on: date | None = None
    lapsing_minutes: int | None = None
