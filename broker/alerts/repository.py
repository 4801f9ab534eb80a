"""The query of alerts: they are events of the chain, and nowhere else."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from broker.log.events import Alert, Recorded, from_stored, kind_name
from broker.store.log_tables import LogEventRow


class AlertRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def newest(self, org_id: str, limit: int, before: int | None) -> list[Recorded]:
        """Alerts of an organisation, newest first, those `before` an event's number."""
        wanted = select(LogEventRow.stored).where(LogEventRow.org_id == org_id, LogEventRow.kind == kind_name(Alert))
        if before is not None:
            wanted = wanted.where(LogEventRow.seq < before)
        stored = await self._db.scalars(wanted.order_by(LogEventRow.seq.desc()).limit(limit))
        return [from_stored(one) for one in stored]
