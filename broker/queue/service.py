"""Who waits and who is next.  Counterparts: `order.py` (the order), `hub.py` (live), `broker.tickets` (the rest)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.queue.hub import QueueHub
from broker.queue.order import Waiting, ordered
from broker.store.desk_tables import TicketRow
from broker.store.engine import Store
from broker.tickets.repository import TicketRepository
from broker.tickets.terms import Standing, due
from broker.tickets.who import present_terms, standing_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One who waits.  `left_seconds`: support hours until the target, negative when it was missed; None: no target."""

    row: TicketRow
    customer_name: str
    """Of a customer who is known; otherwise empty."""
    plan: str | None
    target: datetime | None
    left_seconds: int | None


class QueueService:
    """The queue of one organisation at a time."""

    def __init__(self, store: Store, clock: Clock, hub: QueueHub) -> None:
        self._store, self._clock, self._hub = store, clock, hub

    async def waiting(self, org_id: str) -> Sequence[Entry]:
        """First to be served first."""
        async with self._store.reading() as db:
            return await self._ordered(db, org_id)

    async def take_next(self, org_id: str, operator_id: str) -> str | None:
        """Give the first ticket that waits to a technician, and nobody else; None when none does."""
        async with self._store.transaction() as db:
            tickets, taken = TicketRepository(db), None
            for entry in await self._ordered(db, org_id):
                if await tickets.take(org_id, entry.row.id, operator_id, entry.target or entry.row.target_utc):
                    taken = entry.row.id
                    break
        if taken is not None:
            self._hub.changed(org_id)
        return taken

    async def _ordered(self, db: AsyncSession, org_id: str) -> list[Entry]:
        now, present = self._clock.utc(), await present_terms(db, org_id)
        standings: dict[str | None, Standing] = {}
        entries: dict[int, Entry] = {}
        for row in await TicketRepository(db).waiting(org_id):
            if row.customer_id not in standings:
                standings[row.customer_id] = await standing_of(db, org_id, row.customer_id, now)
            entries[row.number] = _entry(row, standings[row.customer_id], now)
        order = ordered(present.policy if present else None, (_seen(entry) for entry in entries.values()))
        return [entries[one.number] for one in order]


def _entry(row: TicketRow, standing: Standing, now: datetime) -> Entry:
    target, engine, held = due(row, standing), standing.engine, standing.held
    left = None
    if target is not None and engine is not None:
        at, until = int(now.timestamp()), int(target.timestamp())
        hours = engine.hours
        left = hours.regular_seconds(at, until) if at <= until else -hours.regular_seconds(until, at)
    name = standing.customer.name if standing.customer else ""
    return Entry(row, name, held.row.plan if held and held.balance_minutes != 0 else None, target, left)


def _seen(entry: Entry) -> Waiting:
    row = entry.row
    return Waiting(row.number, row.channel, row.opened_utc.timestamp(), entry.plan, row.priority, row.category)
