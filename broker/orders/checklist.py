"""The checklist of a prepaid service, ticked in its session and kept in its log (T5).

What is to be done stands in the policy version that the order was made with; a tick is an event and is not taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from broker.errors import Conflict, NotFound
from broker.i18n import N_
from broker.log.billing_events import ChecklistTicked
from broker.log.events import Requested
from broker.log.writer import EventLog
from broker.policies.repository import PolicyRepository
from broker.policies.schema import ChecklistItem
from broker.policies.service import engine_of
from broker.sessions.repository import SessionRepository
from broker.store.desk_tables import ChecklistTickRow, OrderRow
from broker.store.engine import Store


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, and who ticked it when."""

    item: ChecklistItem
    ticked_utc: datetime | None = None
    ticked_by: str | None = None


class ChecklistService:
    """The checklists of sessions; `only_operator`: whoever may see no others' sessions."""

    def __init__(self, store: Store, log: EventLog) -> None:
        self._store, self._log = store, log

    async def of_session(self, org_id: str, session_id: str, only_operator: str | None = None) -> list[Item]:
        """What is to be done in a session; empty for one without an order.  Raises `NotFound`."""
        async with self._store.reading() as db:
            items = await _items(db, org_id, session_id, only_operator)
            return await _with_ticks(db, session_id, items)

    async def tick(self, org_id: str, session_id: str, number: int, by: str, only_operator: str | None) -> list[Item]:
        """Item `number`, from 0, is done; ticked again nothing changes.  Raises `NotFound`, `Conflict`."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            items = await _items(writer.db, org_id, session_id, only_operator)
            if not items:
                raise Conflict(N_("This session belongs to no service with a checklist."))
            if number >= len(items):
                raise NotFound
            if await writer.db.get(ChecklistTickRow, (session_id, number)) is None:
                event = ChecklistTicked(session_id=session_id, item=number, text=items[number].text.en, by_operator=by)
                recorded = (await writer.append(org_id, event)).recorded
                writer.db.add(
                    ChecklistTickRow(
                        session_id=session_id, item=number, org_id=org_id, operator_id=by, utc=recorded.moment.utc
                    )
                )
                await writer.db.flush()
            return await _with_ticks(writer.db, session_id, items)


async def _items(db: AsyncSession, org_id: str, session_id: str, only_operator: str | None) -> Sequence[ChecklistItem]:
    sessions = SessionRepository(db)
    kept = await sessions.find(session_id, org_id)
    if kept is None or only_operator not in (None, kept.view.operator_id):
        raise NotFound
    requested = (await sessions.event(org_id, kept.first_seq)).recorded.event
    order = None
    if isinstance(requested, Requested) and requested.order_id is not None:
        order = await db.get(OrderRow, requested.order_id)
    if order is None or order.org_id != org_id:
        return ()
    policy = await PolicyRepository(db).version(org_id, order.policy_sha256)
    orders = engine_of(policy.text).policy.orders if policy else None
    service = orders.services.get(order.service) if orders else None
    return service.checklist if service else ()


async def _with_ticks(db: AsyncSession, session_id: str, items: Sequence[ChecklistItem]) -> list[Item]:
    rows = await db.scalars(select(ChecklistTickRow).where(ChecklistTickRow.session_id == session_id))
    ticks = {row.item: row for row in rows}
    return [
        Item(item, ticks[at].utc, ticks[at].operator_id) if at in ticks else Item(item) for at, item in enumerate(items)
    ]
