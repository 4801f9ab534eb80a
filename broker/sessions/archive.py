"""Sessions as people read them: lists, a page per session, exports; and the erasure of a customer's personal data.

Counterpart: `broker.sessions.endpoints`.  What is erased is the side table's; the chain stays whole and says who
erased.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.errors import Conflict, NotFound
from broker.i18n import N_
from broker.log import events
from broker.log.events import ChainedEvent
from broker.log.projections import SessionState, SessionView
from broker.log.writer import EventLog, Writer
from broker.sessions.change import SessionChange
from broker.sessions.repository import BATCH, Filter, Kept, Place, SessionRepository
from broker.store.engine import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """A session, with the personal data of its request that are still there: field → value."""

    view: SessionView
    personal: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Sessions, newest first.  `next`: where the page after it begins, None for the last."""

    entries: tuple[Entry, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A session with all its events."""

    entry: Entry
    events: tuple[ChainedEvent, ...]


class SessionArchive:
    """Reads the sessions of one organisation at a time, as a filter says."""

    def __init__(self, store: Store, log: EventLog) -> None:
        self._store, self._log = store, log

    async def page(self, which: Filter, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` sessions.  Raises `Malformed` for a cursor that no page gave."""
        async with self._store.reading() as db:
            sessions = SessionRepository(db)
            found = await sessions.page(which, limit + 1, Place(*place(cursor)) if cursor else None)
            entries = await _entries(sessions, which.org_id, found[:limit])
        last = entries[-1].view if len(found) > limit else None
        return Page(entries, cursor_of(last.requested.utc, last.session_id) if last else None)

    async def every(self, which: Filter) -> AsyncGenerator[Entry]:
        """All sessions, newest first, read as they are wanted: a page at a time, for who reads them may be slow."""
        cursor: str | None = None
        while True:
            page = await self.page(which, BATCH, cursor)
            for entry in page.entries:
                yield entry
            if page.next is None:
                return
            cursor = page.next

    async def story(self, org_id: str, session_id: str, only_operator_id: str | None = None) -> Story:
        """One session.  Raises `NotFound`, also for another operator's when only `only_operator_id`'s may be seen."""
        async with self._store.reading() as db:
            sessions = SessionRepository(db)
            kept = await sessions.find(session_id, org_id)
            if kept is None or only_operator_id not in (None, kept.view.operator_id):
                raise NotFound
            [entry] = await _entries(sessions, org_id, [kept])
            return Story(entry, tuple(await sessions.events(org_id, session_id)))

    async def erase(self, org_id: str, session_id: str, by_operator: str) -> None:
        """Erase the customer's personal data for good; nothing is left to erase the second time.

        Raises `NotFound`, and `Conflict` while the session lasts.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            await erase_within(writer, org_id, session_id, by_operator)
        await self._store.forget_erased()


async def erase_within(writer: Writer, org_id: str, session_id: str, by_operator: str) -> None:
    """`SessionArchive.erase` within a transaction that has the organisation's turn."""
    sessions = SessionRepository(writer.db)
    kept = await sessions.find(session_id, org_id)
    if kept is None:
        raise NotFound
    if kept.view.state is not SessionState.ENDED:
        raise Conflict(N_("The session has not ended yet. Erase its data when it has."))
    if await sessions.erase_customer(org_id, session_id):
        await SessionChange(writer, kept).append(events.Erased(session_id=session_id, by_operator=by_operator))


async def _entries(sessions: SessionRepository, org_id: str, kept: Sequence[Kept]) -> tuple[Entry, ...]:
    personal = await sessions.personal(org_id, (one.first_seq for one in kept))
    return tuple(Entry(one.view, personal[one.first_seq]) for one in kept)
