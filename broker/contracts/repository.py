"""The queries about contracts and their ledgers."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.billing_tables import ContractRow, CustomerRow, LedgerRow


class ContractRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, org_id: str, contract_id: str) -> ContractRow | None:
        row: ContractRow | None = await self._db.scalar(
            select(ContractRow).where(ContractRow.org_id == org_id, ContractRow.id == contract_id)
        )
        return row

    async def by_number(self, org_id: str, number: str) -> ContractRow | None:
        row: ContractRow | None = await self._db.scalar(
            select(ContractRow).where(ContractRow.org_id == org_id, ContractRow.number == number)
        )
        return row

    async def customer(self, org_id: str, customer_id: str) -> CustomerRow | None:
        row: CustomerRow | None = await self._db.scalar(
            select(CustomerRow).where(CustomerRow.org_id == org_id, CustomerRow.id == customer_id)
        )
        return row

    async def of_customer(self, org_id: str, customer_id: str) -> Sequence[ContractRow]:
        """Newest first."""
        of = select(ContractRow).where(ContractRow.org_id == org_id, ContractRow.customer_id == customer_id)
        return (await self._db.scalars(of.order_by(ContractRow.start.desc()))).all()

    async def on(self, org_id: str, customer_id: str, day: date) -> ContractRow | None:
        """The customer's contract whose days include `day`; contracts of one customer never overlap."""
        row: ContractRow | None = await self._db.scalar(
            select(ContractRow).where(
                ContractRow.org_id == org_id,
                ContractRow.customer_id == customer_id,
                ContractRow.start <= day,
                ContractRow.end >= day,
            )
        )
        return row

    async def overlapping(self, customer_id: str, start: date, end: date) -> ContractRow | None:
        row: ContractRow | None = await self._db.scalar(
            select(ContractRow)
            .where(ContractRow.customer_id == customer_id, ContractRow.start <= end, ContractRow.end >= start)
            .limit(1)
        )
        return row

    async def listed(
        self, org_id: str, customer_id: str | None, plan: str | None, on: date | None, limit: int
    ) -> Sequence[ContractRow]:
        """Newest first; `on`: those in force on that day."""
        wanted = select(ContractRow).where(ContractRow.org_id == org_id)
        if customer_id is not None:
            wanted = wanted.where(ContractRow.customer_id == customer_id)
        if plan is not None:
            wanted = wanted.where(ContractRow.plan == plan)
        if on is not None:
            wanted = wanted.where(ContractRow.start <= on, ContractRow.end >= on)
        return (await self._db.scalars(wanted.order_by(ContractRow.start.desc(), ContractRow.id).limit(limit))).all()

    async def add(self, row: ContractRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def renewing(self, until: date) -> Sequence[tuple[str, str]]:
        """(organisation, contract) of those that end before a day and are followed by another one."""
        due = select(ContractRow.org_id, ContractRow.id).where(ContractRow.renews, ContractRow.end < until)
        return [(org_id, id) for org_id, id in await self._db.execute(due.order_by(ContractRow.end))]

    async def lapsing(self, until: date) -> Sequence[tuple[str, str]]:
        """(organisation, contract) of those that are to be looked at by a day."""
        due = select(ContractRow.org_id, ContractRow.id).where(ContractRow.lapse_due <= until)
        return [(org_id, id) for org_id, id in await self._db.execute(due.order_by(ContractRow.lapse_due))]

    async def ledger(self, contract_id: str) -> Sequence[LedgerRow]:
        """In the order in which it was written."""
        of = select(LedgerRow).where(LedgerRow.contract_id == contract_id).order_by(LedgerRow.seq)
        return (await self._db.scalars(of)).all()

    async def write_ledger(
        self,
        org_id: str,
        seq: int,
        utc: datetime,
        at: int,
        contract_id: str,
        minutes: int,
        reason: str,
        work_id: str | None = None,
        of_seq: int | None = None,
    ) -> None:
        """A change of a balance.  What was not known when a time was over changes what has lapsed of it."""
        if reason != "expiry":
            look = update(ContractRow).where(ContractRow.id == contract_id).values(lapse_due=date.min)
            await self._db.execute(look)
        self._db.add(
            LedgerRow(
                org_id=org_id,
                seq=seq,
                contract_id=contract_id,
                utc=utc,
                at=at,
                minutes=minutes,
                reason=reason,
                work_id=work_id,
                of_seq=of_seq,
            )
        )
        await self._db.flush()
