"""The queries that read whole chains.  Counterpart: `broker.log.writer`, the only code that writes them."""

from collections import defaultdict
from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from broker.log.chain import GENESIS
from broker.log.events import ChainedEvent, from_stored
from broker.log.verify import EventRow
from broker.store.log_tables import LogEventRow, LogHeadRow, LogPersonalRow

BATCH = 500
"""Events read at a time: memory does not grow with the log."""


class LogRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def organisations(self) -> list[str]:
        """Every organisation that has a chain."""
        return list(await self._db.scalars(select(LogHeadRow.org_id).order_by(LogHeadRow.org_id)))

    async def head(self, org_id: str) -> tuple[int, bytes]:
        """The last number and the head of a chain; 0 and the first head of all, when it has no events."""
        found = (
            await self._db.execute(select(LogHeadRow.seq, LogHeadRow.head).where(LogHeadRow.org_id == org_id))
        ).one_or_none()
        return (found.seq, found.head) if found else (0, GENESIS)

    async def event(self, org_id: str, seq: int) -> ChainedEvent | None:
        """One event, if it is there."""
        wanted = select(LogEventRow.stored, LogEventRow.head).where(
            LogEventRow.org_id == org_id, LogEventRow.seq == seq
        )
        found = (await self._db.execute(wanted)).one_or_none()
        return ChainedEvent(from_stored(found.stored), found.head) if found else None

    async def rows(self, org_id: str) -> AsyncIterator[EventRow]:
        """Every event as it is kept, in order."""
        after = 0
        while batch := await self._batch(org_id, after):
            for row in batch:
                yield row
            after = batch[-1].seq

    async def _batch(self, org_id: str, after: int) -> list[EventRow]:
        row = LogEventRow
        wanted = select(row.seq, row.kind, row.session_id, row.utc, row.stored, row.head)
        in_order = wanted.where(row.org_id == org_id, row.seq > after).order_by(row.seq).limit(BATCH)
        found = (await self._db.execute(in_order)).all()
        if not found:
            return []
        datum = LogPersonalRow
        beside = select(datum.seq, datum.field, datum.salt, datum.value).where(
            datum.org_id == org_id, datum.seq > after, datum.seq <= found[-1].seq
        )
        personal: defaultdict[int, dict[str, tuple[bytes, str]]] = defaultdict(dict)
        for seq, field, salt, value in await self._db.execute(beside):
            personal[seq][field] = (salt, value)
        return [EventRow(*facts, personal[facts.seq]) for facts in found]
