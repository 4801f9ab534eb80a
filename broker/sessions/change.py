"""One session inside a transaction: ask the table of states, append the event, keep the view that follows.

Counterpart: `broker.sessions.service`, which says what happened; `broker.log.writer`, which chains it.
"""

from typing import TypeVar

from broker.log import events
from broker.log.moment import Moment
from broker.log.projections import SessionView, advance, next_state
from broker.log.writer import Writer
from broker.sessions.repository import Kept, SessionRepository

E = TypeVar("E", bound=events.SessionEvent)


class SessionChange:
    """Made with the organisation's turn already taken, so that `view` stays true until the transaction ends."""

    def __init__(self, writer: Writer, kept: Kept) -> None:
        self.org_id, self.view = kept.org_id, kept.view
        self._writer, self._first_seq = writer, kept.first_seq
        self._sessions = SessionRepository(writer.db)

    def now(self) -> Moment:
        """The present moment; what is appended later is not before it."""
        return self._writer.now()

    def after(self, event: events.SessionEvent) -> SessionView:
        """What the session would be if `event` were appended now.  Raises `BadTransition`."""
        return _existing(advance(self.view, events.Recorded(0, self.now(), _any(event))))

    async def append(self, event: events.SessionEvent) -> events.ChainedEvent:
        """Raises `BadTransition` when the session's state does not allow it."""
        next_state(self.view.session_id, self.view.state, type(event))
        appended = await self._writer.append(self.org_id, _any(event))
        self.view = _existing(advance(self.view, appended.recorded))
        await self._sessions.save(self.view)
        return appended

    async def requested(self) -> events.Requested:
        """How the session began."""
        event = (await self.event(self._first_seq)).recorded.event
        assert isinstance(event, events.Requested)
        return event

    async def find(self, kind: type[events.SessionEvent]) -> events.ChainedEvent | None:
        """The session's first event of this kind, if there is one."""
        return await self._sessions.first(self.org_id, self.view.session_id, kind)

    async def event(self, seq: int) -> events.ChainedEvent:
        """One event of the session."""
        return await self._sessions.event(self.org_id, seq)


def _existing(view: SessionView | None) -> SessionView:
    assert view is not None
    return view


def _any(event: events.SessionEvent) -> events.AnyEvent:
    assert isinstance(event, events.AnyEvent)
    return event
