"""Durations come from events alone: random stories, told to the table of states, against the truth."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.log import events
from broker.log.events import Recorded, from_stored, instant, to_stored
from broker.log.moment import Moment
from broker.log.projections import (
    TRANSITIONS,
    SessionState,
    SessionView,
    advance,
    closing_moment,
    next_state,
    project,
)
from protocol.errors import BadTransition

ID = "s" * 22
START = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), 5_000, "boot-1")
REQUESTED = events.Requested(
    session_id=ID, operator_id="o" * 22, agent_id="123456789", pk_agent="k" * 43, code_id="c" * 22, service="Correo",
    offer_sha256="h" * 43, terms_version=1, terms_sha256="t" * 43, wanted=("view",),
    down_kbit=2048, up_kbit=2048, rtt_ms=9,
)  # fmt: skip
CONSENTED = events.Consented(
    session_id=ID, granted=("view",), lang="es", utc="2026-11-22T12:00:00Z", body="", sig="", receipt_sha256=""
)
KINDS = (
    events.Paired, events.Consented, events.Joined, events.Heartbeat, events.PermissionChanged, events.Paused,
    events.Resumed, events.Ended,
)  # fmt: skip


class Story:
    """Tells random events as they may really happen, and keeps the truth on the monotonic clock."""

    def __init__(self) -> None:
        self.now = START
        self.told: list[Recorded] = []
        self._view: SessionView | None = None
        self.g = 0
        self.true_ms = 0
        """What was really connected, up to the last sign of life."""
        self.line_since = 0
        self.heard = 0
        for event in (REQUESTED, events.Paired(session_id=ID), CONSENTED):
            self.tell(event)

    @property
    def view(self) -> SessionView:
        assert self._view is not None
        return self._view

    def tell(self, event: events.AnyEvent) -> None:
        self.told.append(Recorded(len(self.told) + 1, self.now, event))
        self._view = advance(self._view, self.told[-1])

    def pass_time(self, ms: int, step_s: int, reboot: bool) -> None:
        """Time goes by, the wall clock is set, and with `reboot` the monotonic clock begins anew."""
        utc = self.now.utc + timedelta(milliseconds=ms, seconds=step_s)
        self.now = Moment(
            utc, 77 if reboot else self.now.mono_ms + ms, f"{self.now.boot}'" if reboot else self.now.boot
        )

    def begin(self) -> None:
        """The line opens: joined, or resumed."""
        self.g += 1
        again = self.view.state is SessionState.PAUSED
        self.tell(events.Resumed(session_id=ID, g=self.g) if again else events.Joined(session_id=ID, g=self.g))
        self.line_since = self.heard = self.now.mono_ms

    def beat(self) -> None:
        self.tell(events.Heartbeat(sessions=("x" * 22, ID)))
        self.heard = self.now.mono_ms

    def lose(self, at: Moment) -> None:
        self.tell(events.Paused(session_id=ID, g=self.g, at=instant(at), reporter="relay"))


steps = st.lists(
    st.tuples(
        st.sampled_from(["beat", "lose", "crash", "reboot", "toggle"]),
        st.integers(0, 120_000),
        st.sampled_from([0, 0, 0, -7200, 3600]),
        st.integers(0, 60_000),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(steps, st.sampled_from(["customer", "no_end_message", "line_lost"]))
def test_connected_time_is_what_was_connected_and_no_more(story: list[tuple[str, int, int, int]], reason: str) -> None:
    told = Story()
    told.begin()
    joined_ms = passed_ms = told.now.mono_ms
    for what, ms, step_s, back_ms in story:
        passed_ms += ms
        joined = told.view.state is SessionState.JOINED
        told.pass_time(ms, step_s, what == "reboot")
        match what:
            case "beat" if joined:
                told.beat()
            case "lose" if joined:
                lost = max(told.line_since, told.now.mono_ms - back_ms)
                told.lose(replace(told.now, mono_ms=told.now.mono_ms - back_ms))
                told.true_ms += lost - told.line_since
            case "crash" | "reboot" if joined:
                # The broker was killed: it only knows what it last heard.
                told.lose(told.view.alive or told.view.since)
                told.true_ms += told.heard - told.line_since
            case "toggle":
                told.tell(events.PermissionChanged(session_id=ID, name="view", on=bool(ms % 2), utc="", sig=""))
            case _ if not joined:
                told.begin()
    if told.view.state is SessionState.JOINED:
        told.true_ms += (told.heard if reason == "no_end_message" else told.now.mono_ms) - told.line_since
    at = closing_moment(told.view, reason, told.now)  # type: ignore[arg-type]
    told.tell(events.Ended(session_id=ID, reason=reason, by="broker", at=instant(at), connected_s=0))  # type: ignore[arg-type]
    view = told.view
    assert view == project(ID, told.told)
    assert view.state is SessionState.ENDED
    assert view.connected_ms == told.true_ms
    assert view.connected_ms <= passed_ms - joined_ms, "never more than went by between joined and ended"
    assert view.connected_s == told.true_ms // 1000
    assert view.paused_ms >= 0


@settings(max_examples=25, deadline=None)
@given(steps)
def test_events_survive_being_stored(story: list[tuple[str, int, int, int]]) -> None:
    told = Story()
    told.begin()
    for _, ms, step_s, _ in story:
        told.pass_time(ms, step_s, False)
        told.beat()
    assert [from_stored(to_stored(recorded)) for recorded in told.told] == told.told


@pytest.mark.parametrize("state", SessionState)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_table_does_not_have_raises(state: SessionState, kind: type[events.SessionEvent]) -> None:
    if kind in TRANSITIONS[state]:
        assert next_state(ID, state, kind) is TRANSITIONS[state][kind]
    else:
        with pytest.raises(BadTransition, match=state.value):
            next_state(ID, state, kind)


def test_every_state_but_the_last_can_end_and_nothing_follows_the_end() -> None:
    assert {state for state, row in TRANSITIONS.items() if events.Ended in row} == set(SessionState) - {
        SessionState.ENDED
    }
    assert TRANSITIONS[SessionState.ENDED] == {}


def test_a_refused_event_leaves_the_view_as_it_was() -> None:
    view = project(ID, [Recorded(1, START, REQUESTED)])
    with pytest.raises(BadTransition):
        advance(view, Recorded(2, START, events.Joined(session_id=ID, g=1)))
    assert view == project(ID, [Recorded(1, START, REQUESTED)])


def test_a_live_session_counts_up_to_its_last_sign_of_life() -> None:
    told = Story()
    told.begin()
    told.pass_time(10_000, 0, False)
    told.beat()
    told.pass_time(9_000, 0, False)
    assert told.view.connected_s == 10


def test_the_fold_of_a_prefix_goes_on_to_the_fold_of_all() -> None:
    told = Story()
    told.begin()
    told.pass_time(4_000, 0, False)
    told.lose(told.now)
    told.pass_time(2_000, 0, False)
    told.begin()
    view: SessionView | None = None
    for count, recorded in enumerate(told.told, 1):
        view = advance(view, recorded)
        assert view == project(ID, told.told[:count])
