"""The queries of letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.billing_tables import CustomerRow
from broker.store.mail_tables import MailRow
from broker.store.tables import OrganisationRow


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter, whose it is and to where."""

    row: MailRow
    provider: str
    email: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A letter, and to which customer."""

    row: MailRow
    customer_name: str


class MailRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add(self, row: MailRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def about(self, work_id: str, customer_id: str) -> bool:
        """Whether this customer was written to about this work."""
        found = select(MailRow.id).where(MailRow.work_id == work_id, MailRow.customer_id == customer_id)
        return await self._db.scalar(found.limit(1)) is not None

    async def drop_undeliverable(self) -> None:
        """Letters to customers who have no address; of those whose data were erased it is forgotten what they say."""
        erased = select(CustomerRow.id).where(CustomerRow.erased_utc.is_not(None))
        gone = select(CustomerRow.id).where(or_(CustomerRow.erased_utc.is_not(None), CustomerRow.email == ""))
        await self._db.execute(
            update(MailRow)
            .where(MailRow.state == "waiting", MailRow.customer_id.in_(gone))
            .values(
                state="dropped",
                error="no_address",
                sealed=case((MailRow.customer_id.in_(erased), None), else_=MailRow.sealed),
            )
        )

    async def next_due(self, now: datetime) -> Addressed | None:
        """The letter that has waited longest for its try; locked, and of several brokers one gets it."""
        found = (
            await self._db.execute(
                select(MailRow, OrganisationRow.name, CustomerRow.email)
                .join(OrganisationRow, OrganisationRow.id == MailRow.org_id)
                .join(CustomerRow, CustomerRow.id == MailRow.customer_id)
                .where(MailRow.state == "waiting", MailRow.due_utc <= now)
                .order_by(MailRow.due_utc, MailRow.id)
                .limit(1)
                .with_for_update(of=MailRow, skip_locked=True)
            )
        ).one_or_none()
        return None if found is None else Addressed(*found)

    async def find(self, mail_id: str) -> MailRow | None:
        return await self._db.get(MailRow, mail_id, with_for_update=True)

    async def page(
        self, org_id: str, state: str | None, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[Listed]:
        """Newest first, those that come after a place."""
        wanted = select(MailRow, CustomerRow.name).join(CustomerRow, CustomerRow.id == MailRow.customer_id)
        wanted = wanted.where(MailRow.org_id == org_id)
        if state is not None:
            wanted = wanted.where(MailRow.state == state)
        if after is not None:
            wanted = wanted.where(tuple_(MailRow.made_utc, MailRow.id) < after)
        ordered = wanted.order_by(MailRow.made_utc.desc(), MailRow.id.desc()).limit(limit)
        return [Listed(row, name) for row, name in await self._db.execute(ordered)]
