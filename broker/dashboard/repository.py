"""The queries of the dashboard: the database counts and adds up, so that 100,000 sessions are a few hundred rows.

What is counted is asked for by the conditions of the lists (`broker.sessions`, `broker.work`, `broker.tickets`), so
that a figure and the list behind it cannot part.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, case, column, func, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from broker.dashboard.period import Span
from broker.sessions import repository as sessions
from broker.store.base import Utc
from broker.store.billing_tables import ContractRow, CustomerRow, LedgerRow, WorkRow
from broker.store.desk_tables import OrderRow
from broker.store.log_tables import SessionRow
from broker.store.tables import OperatorRow
from broker.tickets import repository as tickets
from broker.work import repository as work

BATCH: Final = 1000
"""Contracts in one query."""


@dataclass(frozen=True, slots=True)
class Count:
    """Sessions in which both ends were connected, those that came to nothing, and whole connected seconds."""

    sessions: int = 0
    unconnected: int = 0
    connected_s: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.sessions + other.sessions, self.unconnected + other.unconnected, self.connected_s + other.connected_s
        )


@dataclass(frozen=True, slots=True)
class Revenue:
    """Charged work of one kind.  `plan`: where a contract paid or covered it; `ordered`: the service of an order."""

    currency: str
    basis: str
    plan: str | None
    ordered: str | None
    works: int
    billable_seconds: int
    from_balance_minutes: int
    charged_minutes: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """What of a contract's ledger is counted: for its balance, and for how fast it is used.  Seconds since 1970."""

    contract_id: str
    balance_from: int
    balance_until: int
    used_from: int


class DashboardRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    # Sessions --------------------------------------------------------------------------------------------------------

    async def by_day(self, which: sessions.Filter, days: Sequence[Span]) -> dict[date, Count]:
        """Days without a session are left out.  A session belongs to the day on which it was asked for."""
        which = replace(which, since=None, until=None)  # the days are the bounds: with others beside them they are slow
        spans = values(column("nth", Integer), column("start", Utc), column("end", Utc), name="spans")
        of = spans.data([(nth, span.start, span.end) for nth, span in enumerate(days)]).cte()
        on_day = (SessionRow.requested_utc >= of.c.start) & (SessionRow.requested_utc < of.c.end)
        found = await self._counts(select(of.c.nth, *_counted()).join(SessionRow, on_day), which, of.c.nth)
        return {days[nth].day: count for nth, count in found.items()}

    async def by_operator(self, which: sessions.Filter) -> dict[str, Count]:
        """Operator's id → count."""
        return await self._counts(select(SessionRow.operator_id, *_counted()), which, SessionRow.operator_id)

    async def by_service(self, which: sessions.Filter) -> dict[str, Count]:
        """Service → count."""
        return await self._counts(select(SessionRow.service, *_counted()), which, SessionRow.service)

    async def by_customer(self, which: sessions.Filter) -> dict[str | None, Count]:
        """Customer's id → count; None: sessions that are no customer's."""
        theirs = (WorkRow.session_id == SessionRow.id) & (WorkRow.org_id == which.org_id)
        wanted = select(WorkRow.customer_id, *_counted()).select_from(SessionRow).outerjoin(WorkRow, theirs)
        return await self._counts(wanted, which, WorkRow.customer_id)

    async def _counts(
        self, wanted: Select[Any], which: sessions.Filter, key: ColumnElement[Any] | Any
    ) -> dict[Any, Count]:
        rows = await self._db.execute(wanted.where(*sessions.conditions(which)).group_by(key))
        return {
            of: Count(int(joined), int(every) - int(joined), int(connected)) for of, every, joined, connected in rows
        }

    # Tickets ---------------------------------------------------------------------------------------------------------

    async def first_answers(self, which: tickets.Filter, now: datetime) -> dict[str, int]:
        """A word of `FirstAnswer` → tickets."""
        answer = tickets.first_answer(now).label("answer")
        rows = await self._db.execute(select(answer, func.count()).where(*tickets.conditions(which)).group_by(answer))
        return {word: int(count) for word, count in rows}

    # Money -----------------------------------------------------------------------------------------------------------

    async def revenue(self, org_id: str, by: work.Filter) -> list[Revenue]:
        """In a fixed order."""
        plan = case((WorkRow.basis.in_(("plan", "covered")), ContractRow.plan)).label("plan")
        ordered = case((WorkRow.basis == "order", OrderRow.service)).label("ordered")
        kind = (WorkRow.currency, WorkRow.basis, plan, ordered)
        wanted = (
            select(
                *kind,
                func.count(),
                func.sum(WorkRow.billable_seconds),
                func.sum(WorkRow.from_balance_minutes),
                func.sum(WorkRow.charged_minutes),
                func.sum(WorkRow.net_minor),
            )
            .select_from(WorkRow)
            .outerjoin(ContractRow, ContractRow.id == WorkRow.contract_id)
            .outerjoin(OrderRow, OrderRow.id == WorkRow.order_id)
            .where(*work.conditions(org_id, by))
            .group_by(*kind)
        )
        found = [Revenue(*row[:4], *map(int, row[4:])) for row in await self._db.execute(wanted)]
        return sorted(
            found, key=lambda one: (one.currency, -one.net_minor, one.basis, one.plan or "", one.ordered or "")
        )

    # Balances --------------------------------------------------------------------------------------------------------

    async def contracts(
        self, org_id: str, today: date, customer_id: str | None
    ) -> Sequence[tuple[ContractRow, CustomerRow]]:
        """Those in force today that have minutes to count."""
        wanted = (
            select(ContractRow, CustomerRow)
            .join(CustomerRow, CustomerRow.id == ContractRow.customer_id)
            .where(
                ContractRow.org_id == org_id,
                ContractRow.start <= today,
                ContractRow.end >= today,
                ContractRow.minutes.is_not(None),
            )
        )
        if customer_id is not None:
            wanted = wanted.where(ContractRow.customer_id == customer_id)
        return [(contract, customer) for contract, customer in await self._db.execute(wanted)]

    async def ledgers(self, bounds: Sequence[Bounds]) -> dict[str, tuple[int, int]]:
        """Contract's id → (sum of the entries that its balance counts, minutes used), of those with entries."""
        found: dict[str, tuple[int, int]] = {}
        for first in range(0, len(bounds), BATCH):
            some = bounds[first : first + BATCH]
            seconds = (column("begin", BigInteger), column("stop", BigInteger), column("used", BigInteger))
            data = [(one.contract_id, one.balance_from, one.balance_until, one.used_from) for one in some]
            of = values(column("contract_id", String), *seconds, name="bounds").data(data).cte()
            counts = (LedgerRow.at >= of.c.begin) & (LedgerRow.at < of.c.stop) & (LedgerRow.reason != "expiry")
            uses = LedgerRow.reason.in_(("use", "returned")) & (LedgerRow.at >= of.c.used)
            wanted = (
                select(
                    of.c.contract_id,
                    func.sum(case((counts, LedgerRow.minutes), else_=0)),
                    func.sum(case((uses, -LedgerRow.minutes), else_=0)),
                )
                .join(LedgerRow, LedgerRow.contract_id == of.c.contract_id)
                .group_by(of.c.contract_id)
            )
            rows = await self._db.execute(wanted)
            found |= {contract_id: (int(balance), int(used)) for contract_id, balance, used in rows}
        return found

    # Names -----------------------------------------------------------------------------------------------------------

    async def operators(self, org_id: str) -> Mapping[str, str]:
        """Id → name."""
        wanted = select(OperatorRow.id, OperatorRow.name).where(OperatorRow.org_id == org_id)
        return {row.id: row.name for row in await self._db.execute(wanted)}

    async def customers(self, org_id: str, ids: Collection[str]) -> Mapping[str, str]:
        """Id → name, of these; empty for one whose data were erased."""
        wanted = select(CustomerRow.id, CustomerRow.name).where(CustomerRow.org_id == org_id, CustomerRow.id.in_(ids))
        return {row.id: row.name for row in await self._db.execute(wanted)}


def _counted() -> Iterator[ColumnElement[Any]]:
    yield func.count()
    yield func.count(SessionRow.joined_utc)
    yield func.coalesce(func.sum(SessionRow.connected_ms // 1000), 0)
