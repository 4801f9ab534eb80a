"""A session's events as work to be rated: pure.

The log measures connected time on the monotonic clock (`broker.log.projections`); work has instants of the wall
clock.  The instants here are the wall clock's at the beginning, then as far apart as the log measured, so that the
billable seconds are exactly the session's `connected_s`, whatever the wall clock did meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from broker.log import events
from broker.log.events import Recorded
from broker.log.moment import Moment
from broker.log.projections import SessionState, SessionView, advance
from broker.policies.hours import EPOCH, ONE_SECOND
from broker.rating.model import Span


@dataclass(frozen=True, slots=True)
class Connected:
    """When both sides of a session were connected: from `start` to `end`, but for the pauses.  Seconds since 1970."""

    start: int
    end: int
    pauses: tuple[Span, ...]


def connected(session_id: str, recorded: Iterable[Recorded], connected_s: int) -> Connected | None:
    """The connected time of a session, from its own events; None for one whose sides were never joined.

    `connected_s`: what the log made of all its events, heartbeats included; the spans add up to it.  Of a session that
    is joined the stretch that runs is counted up to there.
    """
    view: SessionView | None = None
    spans: list[Span] = []
    first: Moment | None = None
    total_before = 0
    for each in recorded:
        if view is None and each.session_id != session_id:
            continue
        before, view = view, advance(view, each)
        if isinstance(each.event, events.Joined) and view is not None:
            first = view.joined
        if before is not None and before.state is SessionState.JOINED and view is not None and view is not before:
            if view.state is SessionState.JOINED:
                continue
            assert first is not None
            begun = _second(first, before.since)
            begun = max(begun, spans[-1][1]) if spans else begun
            spans.append((begun, begun + view.connected_ms // 1000 - total_before))
            total_before = view.connected_ms // 1000
    if view is not None and view.state is SessionState.JOINED and first is not None:
        begun = _second(first, view.since)
        spans.append((max(begun, spans[-1][1]) if spans else begun, begun))
    if not spans:
        return None
    begun, _ = spans[-1]
    spans[-1] = begun, begun + max(0, connected_s - sum(end - start for start, end in spans[:-1]))
    pauses = tuple((earlier[1], later[0]) for earlier, later in pairwise(spans))
    return Connected(spans[0][0], spans[-1][1], tuple(pause for pause in pauses if pause[0] < pause[1]))


def _second(first: Moment, moment: Moment) -> int:
    """The whole second of `moment`: as measured since `first` within one boot, else by the wall clock."""
    if moment.boot == first.boot:
        moment = Moment(first.utc + timedelta(milliseconds=moment.ms_since(first)), moment.mono_ms, moment.boot)
    return (max(moment.utc, first.utc) - EPOCH) // ONE_SECOND
