"""The queries about an organisation's policies."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.billing_tables import PolicyRow


class PolicyRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def in_force(self, org_id: str) -> PolicyRow | None:
        row: PolicyRow | None = await self._db.scalar(
            select(PolicyRow).where(PolicyRow.org_id == org_id, PolicyRow.in_force)
        )
        return row

    async def version(self, org_id: str, sha256: str) -> PolicyRow | None:
        return await self._db.get(PolicyRow, (org_id, sha256))

    async def history(self, org_id: str) -> Sequence[PolicyRow]:
        every = select(PolicyRow).where(PolicyRow.org_id == org_id).order_by(PolicyRow.adopted_utc.desc())
        return (await self._db.scalars(every)).all()

    async def put_in_force(self, row: PolicyRow) -> None:
        """This one from now on, no other."""
        await self._db.execute(update(PolicyRow).where(PolicyRow.org_id == row.org_id).values(in_force=False))
        row.in_force = True
        await self._db.merge(row)
        await self._db.flush()
