"""The figures of one organisation for a period, each by the conditions of the list that stands behind it.

Counterparts: `repository.py` (the database adds up), `forecast.py` (how long balances last).  A session that is joined
is counted up to its last sign of life, as in the list of sessions.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.contracts.balance import month_of
from broker.dashboard.forecast import Forecast, forecast, observed, per_week
from broker.dashboard.period import ONE_DAY, Period, midnight, period
from broker.dashboard.repository import Bounds, Count, DashboardRepository, Revenue
from broker.errors import Unacceptable
from broker.i18n import N_
from broker.log.projections import SessionState
from broker.policies.repository import PolicyRepository
from broker.policies.schema import CHANNELS, KINDS, Plan, Policy
from broker.policies.service import engine_of
from broker.sessions import repository as sessions
from broker.store.billing_tables import ContractRow
from broker.store.engine import Store
from broker.tickets import repository as tickets
from broker.work import repository as work

EVER: Final = 1 << 62
"""Beyond every instant."""
MOST_BALANCES: Final = 500
MISSED: Final = ("no_show", "late_cancel")

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be seen; None is any.  `kind`: how time was spent, what was missed, or how a ticket came in.

    Tickets know no service; balances know neither operator nor service nor kind, and not the period.
    """

    org_id: str
    first: date | None = None
    last: date | None = None
    operator_id: str | None = None
    customer_id: str | None = None
    service: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A technician's or a customer's part; `id` None: no customer's."""

    id: str | None
    name: str
    count: Count


@dataclass(frozen=True, slots=True)
class Balance:
    """A contract in force today: what is left, what was used in how many days, until when it will last."""

    contract: ContractRow
    customer: str
    monthly: bool
    left: int
    used: int
    days: int
    forecast: Forecast

    @property
    def per_week(self) -> Fraction:
        return per_week(self.used, self.days)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the dashboard shows.  Whoever did most comes first; what runs out first comes first."""

    now: datetime
    period: Period
    policy: Policy | None
    total: Count
    days: tuple[tuple[date, Count], ...]
    operators: tuple[Person, ...]
    customers: tuple[Person, ...]
    services: tuple[tuple[str, Count], ...]
    answers: Mapping[str, int]
    revenue: tuple[Revenue, ...]
    balances: tuple[Balance, ...]


class DashboardService:
    """Reads; it never writes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def figures(self, asked: Asked) -> Figures:
        """Everything at one look.  Raises `Unacceptable` for a period that is reversed or too long."""
        now = self._clock.utc()
        async with self._store.reading() as db:
            in_force = await PolicyRepository(db).in_force(asked.org_id)
            policy = engine_of(in_force.text).policy if in_force else None
            try:
                within = period(asked.first, asked.last, now, policy.zone if policy else ZoneInfo("UTC"))
            except (ValueError, OverflowError):
                raise Unacceptable(N_("Ask for a year at most, and for its first day first.")) from None
            look = _Look(db, asked, within, now)
            days, by_operator, by_customer, by_service = await look.sessions()
            return Figures(
                now=now,
                period=within,
                policy=policy,
                total=sum((count for _, count in days), Count()),
                days=days,
                operators=_people(by_operator, await look.figures.operators(asked.org_id)),
                customers=_people(by_customer, await look.figures.customers(asked.org_id, _named(by_customer))),
                services=tuple(sorted(by_service.items(), key=_most_first)),
                answers=await look.answers(),
                revenue=tuple(await look.revenue()),
                balances=await look.balances(policy),
            )


class _Look:
    """One organisation, one period, one transaction."""

    def __init__(self, db: AsyncSession, asked: Asked, within: Period, now: datetime) -> None:
        self.figures = DashboardRepository(db)
        self._db, self._asked, self._period, self._now = db, asked, within, now

    async def sessions(
        self,
    ) -> tuple[tuple[tuple[date, Count], ...], dict[str, Count], dict[str | None, Count], dict[str, Count]]:
        """By day (every day), by operator, by customer, by service."""
        spans = self._period.days()
        if self._asked.kind not in (None, "session"):
            return tuple((span.day, Count()) for span in spans), {}, {}, {}
        which = sessions.Filter(
            self._asked.org_id, self._period.start, self._period.end, self._asked.operator_id,
            customer_id=self._asked.customer_id, service=self._asked.service,
        )  # fmt: skip
        by_day, by_operator = await self.figures.by_day(which, spans), await self.figures.by_operator(which)
        by_customer, by_service = await self.figures.by_customer(which), await self.figures.by_service(which)
        joined = replace(which, state=SessionState.JOINED)
        async for batch in sessions.SessionRepository(self._db).every(joined):
            for view in (kept.view for kept in batch):
                more = Count(connected_s=view.connected_s - view.connected_ms // 1000)
                _add(by_day, view.requested.utc.astimezone(self._period.zone).date(), more)
                _add(by_operator, view.operator_id, more)
                _add(by_service, view.service, more)
                _add(by_customer, None, more)  # it is not work yet
        return tuple((span.day, by_day.get(span.day, Count())) for span in spans), by_operator, by_customer, by_service

    async def answers(self) -> Mapping[str, int]:
        """How first answers stood to their targets."""
        asked = self._asked
        if asked.kind is not None and asked.kind not in CHANNELS:
            return {}
        which = tickets.Filter(
            asked.org_id, self._period.start, self._period.end, customer_id=asked.customer_id,
            operator_id=asked.operator_id, channel=asked.kind,
        )  # fmt: skip
        return await self.figures.first_answers(which, self._now)

    async def revenue(self) -> list[Revenue]:
        """Charged work that began in the period."""
        asked = self._asked
        if asked.kind is not None and asked.kind not in (*KINDS, *MISSED):
            return []
        by = work.Filter(
            start=int(self._period.start.timestamp()), end=int(self._period.end.timestamp()), state="charged",
            customer_id=asked.customer_id, operator_id=asked.operator_id, kind=asked.kind, service=asked.service,
        )  # fmt: skip
        return await self.figures.revenue(asked.org_id, by)

    async def balances(self, policy: Policy | None) -> tuple[Balance, ...]:
        """Of the contracts in force today, what runs out first comes first."""
        if policy is None:
            return ()
        today = self._now.astimezone(policy.zone).date()
        rows = await self.figures.contracts(self._asked.org_id, today, self._asked.customer_id)
        plans = await self._plans({row.policy_sha256 for row, _ in rows})
        counted = [(row, customer, plans[row.policy_sha256].plans[row.plan]) for row, customer in rows]
        counted = [one for one in counted if one[2].balance != "none"]
        zone = policy.zone
        ledgers = await self.figures.ledgers([_bounds(row, plan, today, zone) for row, _, plan in counted])
        found = []
        for row, customer, plan in counted:
            changes, used = ledgers.get(row.id, (0, 0))
            monthly = plan.balance == "monthly"
            left = max(0, changes + (row.minutes or 0 if monthly else 0))
            last = min(row.end, month_of(row.start, today)[1] - ONE_DAY) if monthly else row.end
            _, days = observed(row.start, today)
            found.append(
                Balance(row, customer.name, monthly, left, used, days, forecast(left, used, days, today, last))
            )
        found.sort(key=lambda one: (one.forecast.on, one.contract.number))
        return tuple(found[:MOST_BALANCES])

    async def _plans(self, versions: Iterable[str]) -> dict[str, Policy]:
        policies = PolicyRepository(self._db)
        kept = {sha256: await policies.version(self._asked.org_id, sha256) for sha256 in versions}
        return {sha256: engine_of(row.text).policy for sha256, row in kept.items() if row is not None}


def _bounds(row: ContractRow, plan: Plan, today: date, zone: ZoneInfo) -> Bounds:
    def second(day: date) -> int:
        return int(midnight(day, zone).timestamp())

    since, _ = observed(row.start, today)
    if plan.balance == "block":
        return Bounds(row.id, -EVER, EVER, second(since))
    first, following = month_of(row.start, today)
    return Bounds(row.id, second(first), second(following), second(since))


def _people(counts: Mapping[Any, Count], names: Mapping[str, str]) -> tuple[Person, ...]:
    return tuple(Person(of, names.get(of, ""), count) for of, count in sorted(counts.items(), key=_most_first))


def _named(counts: Mapping[str | None, Count]) -> set[str]:
    return {of for of in counts if of is not None}


def _most_first(one: tuple[Key, Count]) -> tuple[int, int, str]:
    of, count = one
    return -count.connected_s, -count.sessions, str(of)


def _add(counts: dict[Key, Count], of: Key, more: Count) -> None:
    counts[of] = counts.get(of, Count()) + more
