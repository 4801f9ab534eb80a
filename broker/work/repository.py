"""The queries about work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from broker.log.events import Ended, Recorded, from_stored, kind_name
from broker.store.billing_tables import ContractRow, CustomerRow, WorkCursorRow, WorkRow
from broker.store.desk_tables import OrderRow
from broker.store.log_tables import LogEventRow, LogHeadRow, SessionRow
from broker.store.tables import OperatorRow


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of work shows; None: everything.  Instants in whole seconds since 1970."""

    start: int | None = None
    end: int | None = None
    customer_id: str | None = None
    contract_id: str | None = None
    operator_id: str | None = None
    session_id: str | None = None
    ticket_id: str | None = None
    state: str | None = None
    invoiced: bool | None = None
    order_id: str | None = None
    kind: str | None = None
    basis: str | None = None
    plan: str | None = None
    """Of its contract."""
    ordered: str | None = None
    """The service of its order."""
    service: str | None = None
    """Of its session."""


class WorkRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, org_id: str, work_id: str) -> WorkRow | None:
        row: WorkRow | None = await self._db.scalar(
            select(WorkRow).where(WorkRow.org_id == org_id, WorkRow.id == work_id)
        )
        return row

    async def of_session(self, org_id: str, session_id: str) -> WorkRow | None:
        row: WorkRow | None = await self._db.scalar(
            select(WorkRow).where(WorkRow.org_id == org_id, WorkRow.session_id == session_id)
        )
        return row

    async def save(self, row: WorkRow) -> None:
        """A new work, or a new revision in the place of the last."""
        await self._db.merge(row)
        await self._db.flush()

    async def listed(self, org_id: str, by: Filter, limit: int, offset: int = 0) -> Sequence[WorkRow]:
        """Newest first."""
        wanted = select(WorkRow).where(*conditions(org_id, by))
        wanted = wanted.order_by(WorkRow.start.desc(), WorkRow.id).limit(limit).offset(offset)
        return list(await self._db.scalars(wanted))

    async def names(self, org_id: str, rows: Sequence[WorkRow]) -> dict[str, str]:
        """The customers and technicians of these works by id; what was erased is empty."""
        found: dict[str, str] = {}
        for table, ids in (
            (CustomerRow, {row.customer_id for row in rows}),
            (OperatorRow, {row.operator_id for row in rows}),
        ):
            named = select(table.id, table.name).where(table.org_id == org_id, table.id.in_(ids - {None}))
            found |= {row.id: row.name for row in await self._db.execute(named)}
        return found

    async def overlapping(self, customer_id: str, start: int, end: int, but: str) -> WorkRow | None:
        """Charged work of the same customer that shares time with `start` to `end`."""
        row: WorkRow | None = await self._db.scalar(
            select(WorkRow)
            .where(
                WorkRow.customer_id == customer_id,
                WorkRow.id != but,
                WorkRow.state == "charged",
                WorkRow.start < end,
                WorkRow.end > start,
            )
            .limit(1)
        )
        return row

    async def allowances(self, customer_id: str, start: int, end: int, but: str) -> int:
        """How much free help by the weekly allowance the customer had from `start` to `end`."""
        counted = await self._db.scalar(
            select(func.count()).where(
                WorkRow.customer_id == customer_id,
                WorkRow.id != but,
                WorkRow.basis == "allowance",
                WorkRow.state == "charged",
                WorkRow.start >= start,
                WorkRow.start < end,
            )
        )
        return int(counted or 0)

    async def last_service(self, customer_id: str, start: int, but: str) -> int | None:
        """When the last work for a customer that is not warranty's own ended, of that which had ended by `start`."""
        served = select(func.max(WorkRow.end)).where(
            WorkRow.customer_id == customer_id,
            WorkRow.id != but,
            WorkRow.state == "charged",
            WorkRow.billable_seconds > 0,
            WorkRow.warranty.is_(False),
            WorkRow.end <= start,
        )
        ended: int | None = await self._db.scalar(served)
        return ended

    async def order_charged(self, order_id: str, but: str) -> bool:
        """Whether other work has carried the order's price."""
        found = select(WorkRow.id).where(
            WorkRow.order_id == order_id, WorkRow.id != but, WorkRow.state == "charged", WorkRow.basis == "order"
        )
        return await self._db.scalar(found.limit(1)) is not None

    async def organisations_behind(self) -> Sequence[str]:
        """Organisations with sessions that ended since their log was last read.  A look-up each: cheap to repeat."""
        organisations = list(await self._db.scalars(select(LogHeadRow.org_id)))
        return [org_id for org_id in organisations if await self.next_ended(org_id) is not None]

    async def next_ended(self, org_id: str) -> Recorded | None:
        """The first session's end that has not been read."""
        cursor = await self._db.get(WorkCursorRow, org_id)
        stored = await self._db.scalar(
            select(LogEventRow.stored)
            .where(
                LogEventRow.org_id == org_id,
                LogEventRow.kind == kind_name(Ended),
                LogEventRow.seq > (cursor.seq if cursor else 0),
            )
            .order_by(LogEventRow.seq)
            .limit(1)
        )
        return None if stored is None else from_stored(stored)

    async def move_cursor(self, org_id: str, seq: int) -> None:
        await self._db.merge(WorkCursorRow(org_id=org_id, seq=seq))
        await self._db.flush()


def conditions(org_id: str, by: Filter) -> Iterator[ColumnElement[bool]]:
    """What a work must be to be listed; who adds work up asks by the same."""
    yield WorkRow.org_id == org_id
    if by.start is not None:
        yield WorkRow.start >= by.start
    if by.end is not None:
        yield WorkRow.start < by.end
    for column, value in (
        (WorkRow.customer_id, by.customer_id),
        (WorkRow.contract_id, by.contract_id),
        (WorkRow.operator_id, by.operator_id),
        (WorkRow.session_id, by.session_id),
        (WorkRow.ticket_id, by.ticket_id),
        (WorkRow.order_id, by.order_id),
        (WorkRow.state, by.state),
        (WorkRow.kind, by.kind),
        (WorkRow.basis, by.basis),
    ):
        if value is not None:
            yield column == value
    if by.plan is not None:
        plans = select(ContractRow.id).where(ContractRow.org_id == org_id, ContractRow.plan == by.plan)
        yield WorkRow.contract_id.in_(plans)
    if by.ordered is not None:
        orders = select(OrderRow.id).where(OrderRow.org_id == org_id, OrderRow.service == by.ordered)
        yield WorkRow.order_id.in_(orders)
    if by.service is not None:
        sessions = select(SessionRow.id).where(SessionRow.org_id == org_id, SessionRow.service == by.service)
        yield WorkRow.session_id.in_(sessions)
    if by.invoiced is not None:
        yield WorkRow.invoice_id.is_(None) != by.invoiced
