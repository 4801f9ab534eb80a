"""Sessions as people read them: lists, a page per session, exports; and the erasure of a customer's personal data.

Counterpart: `broker.sessions.endpoints`.  What is erased is the side table's; the chain stays whole and says who
erased.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.clock import rfc3339
from broker.errors import Conflict, Malformed, NotFound
from broker.i18n import N_
from broker.log import events
from broker.log.events import ChainedEvent
from broker.log.projections import SessionState, SessionView
from broker.log.writer import EventLog
from broker.sessions.change import SessionChange
from broker.sessions.repository import Filter, Kept, Place, SessionRepository
from broker.store.engine import Store
from protocol.errors import Malformed as NotBase64
from protocol.text import b64url, unb64url


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
            found = await sessions.page(which, limit + 1, _place(cursor) if cursor else None)
            entries = await _entries(sessions, which.org_id, found[:limit])
        return Page(entries, _cursor(entries[-1].view) if len(found) > limit else None)

    async def every(self, which: Filter) -> AsyncGenerator[Entry]:
        """All sessions, newest first, read as they are wanted."""
        async with self._store.reading() as db:
            sessions = SessionRepository(db)
            async for batch in sessions.every(which):
                for entry in await _entries(sessions, which.org_id, batch):
                    yield entry

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


def _cursor(view: SessionView) -> str:
    return b64url(f"{rfc3339(view.requested.utc)} {view.session_id}".encode())


def _place(cursor: str) -> Place:
    try:
        utc, session_id = unb64url(cursor).decode().split(" ")
        place = Place(datetime.fromisoformat(utc), session_id)
    except (ValueError, NotBase64):
        raise Malformed from None
    if place.requested_utc.tzinfo is None or not session_id.isprintable():
        raise Malformed
    return place
