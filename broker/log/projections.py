"""A session as its events tell it: the one table of states, and a pure fold from events to a view.

Counterpart: `broker.sessions.service`, which asks this table before it writes, and `broker.log.verify`, which folds
again from the first event and compares.  Connected time is measured on the broker's monotonic clock and only within
one boot: what cannot be measured is not counted, so that a killed broker never makes a session longer than it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from broker.log import events
from broker.log.event import Event
from broker.log.events import Recorded
from broker.log.moment import Moment
from protocol.control import EndReason, Permission
from protocol.errors import BadTransition


class SessionState(StrEnum):
    """Where a session stands in the order of pairing.md."""

    REQUESTED = "requested"
    PAIRED = "paired"
    CONSENTED = "consented"
    JOINED = "joined"
    PAUSED = "paused"
    ENDED = "ended"


S = SessionState

TRANSITIONS: dict[SessionState, dict[type[Event], SessionState]] = {
    S.REQUESTED: {events.Paired: S.PAIRED, events.Ended: S.ENDED},
    S.PAIRED: {events.Consented: S.CONSENTED, events.Ended: S.ENDED},
    S.CONSENTED: {events.Joined: S.JOINED, events.PermissionChanged: S.CONSENTED, events.Ended: S.ENDED},
    S.JOINED: {
        events.Heartbeat: S.JOINED,
        events.PermissionChanged: S.JOINED,
        events.Paused: S.PAUSED,
        events.Ended: S.ENDED,
    },
    S.PAUSED: {events.Resumed: S.JOINED, events.PermissionChanged: S.PAUSED, events.Ended: S.ENDED},
    S.ENDED: {},
}
"""State → event → next state.  What is not here cannot happen."""

ANY_STATE: tuple[type[Event], ...] = (events.Traffic, events.Erased)
"""These change no state: the relay's count and an erasure may come after the end."""

UNHEARD_REASONS: frozenset[EndReason] = frozenset({"no_end_message", "broker_lost"})
"""Reasons that nobody reported as they happened: the session closes at its last heartbeat."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """What the events so far say about one session."""

    session_id: str
    state: SessionState
    operator_id: str
    agent_id: str
    pk_agent: str
    service: str
    offer_sha256: str
    requested: Moment
    since: Moment
    """When the present state began: joined or resumed, lost, ended."""
    joined: Moment | None = None
    alive: Moment | None = None
    """The last sign of life of the connected time that is running."""
    g: int = 0
    granted: tuple[Permission, ...] = ()
    connected_ms: int = 0
    """Connected time that is complete; see `connected_ms_until_now`."""
    paused_ms: int = 0
    end_reason: EndReason | None = None
    ended: Moment | None = None
    ended_seq: int | None = None
    bytes_up: int = 0
    bytes_down: int = 0
    erased: bool = False

    @property
    def connected_s(self) -> int:
        """Whole seconds that count, up to the last sign of life: truncated once, over the sum."""
        running = self.alive.ms_since(self.since) if self.state is S.JOINED and self.alive else 0
        return (self.connected_ms + running) // 1000

    @property
    def paused_s(self) -> int:
        """Whole seconds in pauses that are over."""
        return self.paused_ms // 1000


def next_state(session_id: str, state: SessionState, event: type[Event]) -> SessionState:
    """The state after `event`.  Raises `BadTransition`."""
    if event in ANY_STATE:
        return state
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise BadTransition(f"Session {session_id}", state.value, events.kind_name(event)) from None


def closing_moment(view: SessionView, reason: EndReason, now: Moment) -> Moment:
    """When a session that ends now for `reason` was over: now, unless nobody reported it as it happened."""
    unheard = reason in UNHEARD_REASONS
    if view.state is S.PAUSED and unheard:
        return view.since
    if view.state is S.JOINED and view.alive and (unheard or now.boot != view.since.boot):
        return view.alive
    return now


def advance(view: SessionView | None, recorded: Recorded) -> SessionView | None:
    """The view after one more event; events of other sessions change nothing.  Raises `BadTransition`.

    `view` is None before the session's `Requested`.
    """
    event = recorded.event
    if isinstance(event, events.Requested):
        if view is not None:
            return view if event.session_id != view.session_id else _refuse(view, event)
        return _begin(event, recorded.moment)
    if view is None:
        return None
    if isinstance(event, events.Heartbeat):
        # A batch for many: it may list a session that was paused while it was being written.
        beats = view.state is S.JOINED and view.session_id in event.sessions and recorded.moment.boot == view.since.boot
        return replace(view, alive=recorded.moment) if beats else view
    if not isinstance(event, events.SessionEvent) or event.session_id != view.session_id:
        return view
    return _apply(replace(view, state=next_state(view.session_id, view.state, type(event))), view, recorded)


def project(session_id: str, recorded: Iterable[Recorded]) -> SessionView | None:
    """Fold a session's events, in order, from the first; others' may be among them."""
    view: SessionView | None = None
    for each in recorded:
        if view is not None or each.session_id == session_id:
            view = advance(view, each)
    return view


def _begin(event: events.Requested, at: Moment) -> SessionView:
    return SessionView(
        session_id=event.session_id,
        state=S.REQUESTED,
        operator_id=event.operator_id,
        agent_id=event.agent_id,
        pk_agent=event.pk_agent,
        service=event.service,
        offer_sha256=event.offer_sha256,
        requested=at,
        since=at,
    )


def _refuse(view: SessionView, event: Event) -> SessionView:
    raise BadTransition(f"Session {view.session_id}", view.state.value, events.kind_of(event))


def _apply(after: SessionView, before: SessionView, recorded: Recorded) -> SessionView:
    """`after` has the new state already; the rest follows from the event."""
    event, now = recorded.event, recorded.moment
    match event:
        case events.Consented():
            return replace(after, since=now, granted=event.granted)
        case events.Joined():
            return replace(after, since=now, joined=now, alive=now, g=_higher(before, event.g, event))
        case events.Resumed():
            paused_ms = before.paused_ms + now.ms_since(before.since)
            return replace(after, since=now, alive=now, g=_higher(before, event.g, event), paused_ms=paused_ms)
        case events.Paused():
            at = _within(before, event.at.moment(), now)
            return replace(after, since=at, alive=None, connected_ms=before.connected_ms + at.ms_since(before.since))
        case events.PermissionChanged():
            others = tuple(p for p in before.granted if p != event.name)
            return replace(after, granted=(*others, event.name) if event.on else others)
        case events.Ended():
            return _end(after, before, event, recorded)
        case events.Traffic():
            return replace(after, bytes_up=before.bytes_up + event.up, bytes_down=before.bytes_down + event.down)
        case events.Erased():
            return replace(after, erased=True)
        case _:
            return replace(after, since=now)


def _end(after: SessionView, before: SessionView, event: events.Ended, recorded: Recorded) -> SessionView:
    at, connected_ms, paused_ms = event.at.moment(), before.connected_ms, before.paused_ms
    if before.state is S.JOINED:
        at = _within(before, at, recorded.moment)
        connected_ms += at.ms_since(before.since)
    elif before.state is S.PAUSED:
        paused_ms += at.ms_since(before.since)
    return replace(
        after,
        since=at,
        alive=None,
        ended=at,
        ended_seq=recorded.seq,
        end_reason=event.reason,
        connected_ms=connected_ms,
        paused_ms=paused_ms,
    )


def _higher(view: SessionView, g: int, event: Event) -> int:
    if g <= view.g:
        raise BadTransition(f"Session {view.session_id}", f"at generation {view.g}", f"{events.kind_of(event)} {g}")
    return g


def _within(view: SessionView, at: Moment, now: Moment) -> Moment:
    """`at`, held inside the connected time that is running; its last sign of life, when it cannot be compared."""
    start, alive = view.since, view.alive or view.since
    if at.boot != start.boot:
        return alive
    if at.mono_ms < start.mono_ms:
        return start
    if now.boot == start.boot and at.mono_ms > now.mono_ms:
        return now
    return at
