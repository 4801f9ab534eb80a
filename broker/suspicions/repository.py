"""The queries of suspicion reports."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.log.events import SuspicionReported
from broker.store.log_tables import SuspicionRow

State = Literal["open", "handled"]


class SuspicionRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, report_id: str, org_id: str | None = None) -> SuspicionRow | None:
        """A report, of one organisation if that is given."""
        wanted = select(SuspicionRow).where(SuspicionRow.id == report_id)
        if org_id is not None:
            wanted = wanted.where(SuspicionRow.org_id == org_id)
        row: SuspicionRow | None = await self._db.scalar(wanted)
        return row

    async def insert(self, org_id: str, seq: int, utc: datetime, event: SuspicionReported) -> None:
        """Keep a new report, which event `seq` holds."""
        self._db.add(
            SuspicionRow(
                id=event.report_id, org_id=org_id, session_id=event.session_id, via=event.via, seq=seq, reported_utc=utc
            )
        )
        await self._db.flush()

    async def set_handled(self, report_id: str, seq: int, utc: datetime, by_operator: str) -> None:
        """An administrator dealt with it, as event `seq` says."""
        handled = {"handled_seq": seq, "handled_utc": utc, "handled_by": by_operator}
        await self._db.execute(update(SuspicionRow).where(SuspicionRow.id == report_id).values(**handled))

    async def newest(self, org_id: str, state: State | None, limit: int) -> list[SuspicionRow]:
        """Reports of an organisation, newest first."""
        wanted = select(SuspicionRow).where(SuspicionRow.org_id == org_id)
        if state is not None:
            wanted = wanted.where(SuspicionRow.handled_seq.is_(None) == (state == "open"))
        return list(await self._db.scalars(wanted.order_by(SuspicionRow.reported_utc.desc()).limit(limit)))
