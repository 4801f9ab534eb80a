"""The session's table: what follows what, what never comes back, and what time counts."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protocol.errors import BadTransition, TicketRefused
from protocol.session import DEADLINES, TRANSITIONS, Event, Session, State

PATHS = {
    State.REQUESTED: [],
    State.PAIRING: [Event.EXCHANGE],
    State.PAIRED: [Event.EXCHANGE, Event.AGREED],
    State.CONNECTED: [Event.EXCHANGE, Event.AGREED, Event.LINE_UP],
    State.GRANTED: [Event.EXCHANGE, Event.AGREED, Event.CONSENT],
    State.LIVE: [Event.EXCHANGE, Event.AGREED, Event.LINE_UP, Event.CONSENT],
    State.PAUSED: [Event.EXCHANGE, Event.AGREED, Event.LINE_UP, Event.CONSENT, Event.LINE_DOWN],
    State.ENDED: [Event.END],
}


def session(state: State, now: float = 0.0) -> Session:
    made = Session(now)
    for event in PATHS[state]:
        made.fire(event, now)
    assert made.state is state
    return made


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("state", list(State))
def test_a_step_is_in_the_table_or_raises_and_changes_nothing(state: State, event: Event) -> None:
    one = session(state)
    if after := TRANSITIONS.get((state, event)):
        one.fire(event, 1.0)
        assert one.state is after
    else:
        with pytest.raises(BadTransition):
            one.fire(event, 1.0)
        assert one.state is state


@pytest.mark.parametrize("state", [s for s in State if s is not State.ENDED])
def test_any_session_can_end_and_keeps_its_first_reason(state: State) -> None:
    one = session(state)
    one.end("customer", 1.0)
    with pytest.raises(BadTransition):
        one.end("technician", 2.0)
    with pytest.raises(BadTransition):
        one.use_generation(99)
    assert (one.state, one.reason, one.deadline()) == (State.ENDED, "customer", None)


def test_nothing_passes_before_consent_and_a_line() -> None:
    assert {before for (before, _), after in TRANSITIONS.items() if after is State.LIVE} == {
        State.CONNECTED,
        State.GRANTED,
        State.PAUSED,
    }


def test_a_generation_is_used_once_and_never_one_before_it() -> None:
    one = session(State.PAIRED)
    for g in (1, 2, 5):
        one.use_generation(g)
    for g in (5, 4, 0, -1):
        with pytest.raises(TicketRefused, match="old_generation"):
            one.use_generation(g)
    assert one.last_g == 5


@pytest.mark.parametrize("state", [State.REQUESTED, State.PAIRING, State.CONNECTED, State.LIVE, State.ENDED])
def test_a_ticket_nobody_asked_for_is_refused(state: State) -> None:
    with pytest.raises(BadTransition):
        session(state).use_generation(1)


@pytest.mark.parametrize("state", list(DEADLINES))
def test_a_state_that_waits_for_someone_has_a_deadline(state: State) -> None:
    seconds, reason = DEADLINES[state]
    assert session(state, now=10.0).deadline() == (10.0 + seconds, reason)


def test_the_customers_minute_is_not_stretched_by_a_line_that_comes_and_goes() -> None:
    one = session(State.PAIRED, now=0.0)
    for now in range(1, 59, 2):
        one.fire(Event.LINE_UP, now)
        one.fire(Event.LINE_DOWN, now + 1)
    assert one.deadline() == (60.0, "consent_timeout")


def test_each_pause_has_its_own_minute_and_is_not_counted() -> None:
    one = session(State.LIVE, now=0.0)
    one.fire(Event.LINE_DOWN, 10.0)
    assert one.deadline() == (70.0, "line_lost")
    one.fire(Event.LINE_UP, 65.0)
    assert one.deadline() is None
    one.fire(Event.LINE_DOWN, 70.0)
    assert one.deadline() == (130.0, "line_lost")
    assert one.connected_s(100.0) == 15.0
    one.end("line_lost", 130.0)
    assert one.connected_s(1000.0) == 15.0


class AnySession(RuleBasedStateMachine):
    """Random steps and clocks: connected time is the sum of what was live, and an end is an end."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.live = 0.0, 0.0
        self.one = Session(self.now)
        self.ended = False

    @rule(event=st.sampled_from(Event), seconds=st.integers(0, 100))
    def step(self, event: Event, seconds: int) -> None:
        self.now += seconds
        self.live += seconds if self.one.state is State.LIVE else 0
        try:
            self.one.fire(event, self.now)
        except BadTransition:
            assert (self.one.state, event) not in TRANSITIONS
        self.ended = self.ended or event is Event.END

    @invariant()
    def time_and_end_are_kept(self) -> None:
        assert self.one.connected_s(self.now) == self.live
        assert (self.one.state is State.ENDED) == self.ended


AnySession.TestCase.settings = settings(max_examples=30, deadline=None)
test_any_session_counts_what_was_live_and_stays_ended = AnySession.TestCase
