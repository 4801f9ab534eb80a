"""What the customer sees, from whatever the core says and the customer does."""

from dataclasses import replace

import pytest

from client_agent import events as ev
from client_agent.events import Step, StepState
from client_agent.failures import Failure, FailureKind
from client_agent.window.view_model import (
    NEXT,
    AskToClose,
    CloseOverlay,
    Gesture,
    Input,
    OpenRating,
    OpenReport,
    Overlay,
    ScreenState,
    SetLimit,
    View,
    fits,
    update,
)
from protocol.control import Bill
from protocol.errors import BadTransition
from tests.client_agent.support.scripted_core import SESSION, code, offer

START = ScreenState(language="es")
ASKED = ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=60)
YES = ev.Consent(session_id=SESSION, granted=frozenset({"view"}), language="es")
LIVE = ev.Live(session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=frozenset({"view"}), since=3)
ENDED = ev.Ended(session_id=SESSION, reason="customer", connected_s=5)
BILL = Bill(
    session_id=SESSION, state="held", provisional=False, rated=False, lang="es", facts=(), explanation=()
)  # fmt: skip
CUT = ev.Disconnect(at=9)


def after(*inputs: Input, start: ScreenState = START) -> ScreenState:
    state = start
    for what in inputs:
        state = update(state, what)
    return state


def live() -> ScreenState:
    return after(code(0), ASKED, YES, LIVE)


def test_from_the_first_step_to_the_end() -> None:
    assert START.view is View.STARTING
    assert after(ev.TermsNeeded(version=1, es="", en="")).view is View.TERMS
    assert after(code(0)).view is View.CODE
    assert after(code(0), ASKED).view is View.CONSENT
    assert after(code(0), ASKED, YES).view is View.JOINING
    assert live().view is View.LIVE
    assert update(live(), CUT).view is View.ENDING
    over = after(CUT, ENDED, code(9), start=live())
    assert over.view is View.ENDED
    assert over.code is not None


def test_no_code_is_held_while_somebody_may_see_the_screen() -> None:
    assert after(code(0), ASKED).code is None
    for state in (after(code(0), ASKED), after(code(0), ASKED, YES), live()):
        with pytest.raises(BadTransition):
            update(state, code(1))


def test_nothing_becomes_live_without_a_click() -> None:
    for state in (START, after(code(0)), after(code(0), ASKED), after(code(0), ASKED, ev.Refuse(session_id=SESSION))):
        with pytest.raises(BadTransition):
            update(state, LIVE)


def test_a_second_click_on_disconnect_means_nothing() -> None:
    cut = update(live(), CUT)
    assert not fits(cut, CUT)
    with pytest.raises(BadTransition):
        update(cut, CUT)


def test_closing_asks_only_while_a_technician_is_connected() -> None:
    assert live().must_ask_to_close
    assert after(code(0), ASKED, YES).must_ask_to_close
    assert not after(code(0), ASKED).must_ask_to_close
    assert not fits(after(code(0)), AskToClose())


def test_injection_waits_while_anything_is_asked() -> None:
    assert after(code(0), ASKED).prompt_open
    assert not live().prompt_open
    assert update(live(), AskToClose()).prompt_open
    assert not after(AskToClose(), CloseOverlay(), start=live()).prompt_open


def test_a_question_covers_a_report_that_is_being_written() -> None:
    assert after(code(0), OpenReport(), ASKED).overlay is Overlay.NONE


def test_an_end_takes_the_question_about_closing_away() -> None:
    assert after(AskToClose(), ENDED, start=live()).overlay is Overlay.NONE


def test_beginning_a_step_again_makes_those_after_it_undone() -> None:
    done = [ev.StepChanged(step=step, state=StepState.DONE) for step in Step]
    again = after(*done, ev.StepChanged(step=Step.TERMS, state=StepState.DOING))
    assert dict(again.steps) == {Step.REACH: StepState.DONE, Step.TERMS: StepState.DOING}


def test_a_new_line_takes_the_code_off_the_screen_and_a_rotation_does_not() -> None:
    shown = after(code(0))
    lost = update(shown, ev.StepChanged(step=Step.REACH, state=StepState.DOING))
    assert (lost.view, lost.code) == (View.STARTING, None)
    turned = update(shown, ev.StepChanged(step=Step.CODE, state=StepState.DOING))
    assert (turned.view, turned.code) == (View.CODE, shown.code)


def test_a_wrong_password_is_told_beside_the_next_code() -> None:
    again = after(code(0), ev.CodeGone(reason="burnt"), code(1))
    assert again.code_lost == "burnt"
    assert after(ev.NewCode(), code(2), start=again).code_lost is None


def test_a_code_that_was_only_refused_is_not_said_to_be_guessed_at() -> None:
    refused = after(code(0), ev.CodeGone(reason="refused"), code(1))
    assert refused.code_lost == "refused"
    assert after(ev.CodeGone(reason="burnt"), ev.CodeGone(reason="refused"), start=refused).code_lost == "burnt"


def test_a_failure_during_a_session_leaves_disconnect_in_sight() -> None:
    failure = Failure(kind=FailureKind.NO_NETWORK)
    assert update(live(), ev.Failed(failure=failure)).view is View.LIVE
    over = after(ENDED, ev.Failed(failure=failure), start=live())
    assert (over.view, over.failure) == (View.ENDED, failure)
    assert after(ev.Retry(), start=over).view is View.STARTING


def test_a_screen_that_cannot_be_read_is_told_until_it_can() -> None:
    failure = Failure(kind=FailureKind.CAPTURE, detail="x11_connection")
    unread = after(ev.PictureNow(failure=failure), start=live())
    assert unread.session is not None
    assert (unread.view, unread.session.unread, unread.failure) == (View.LIVE, failure, None)
    read = after(ev.PictureNow(failure=None), start=unread)
    assert read.session is not None
    assert read.session.unread is None


@pytest.mark.clause("Q8")
def test_changed_terms_are_asked_again_wherever_the_customer_waits() -> None:
    terms = ev.TermsNeeded(version=2, es="", en="")
    for state in (START, after(code(0)), after(ENDED, start=live()), after(ev.BurnWarning(burns=3, spent=False))):
        assert update(state, terms).view is View.TERMS


def test_permissions_pauses_and_figures_are_the_sessions() -> None:
    paused = after(ev.MeterNow(rtt_ms=1, kbit_s=2, frames_s=3), ev.Paused(deadline=70), start=live())
    assert paused.session is not None
    assert (paused.session.paused_until, paused.session.meter) == (70, None)
    resumed = after(ev.Resumed(since=23), ev.PermissionsNow(granted=frozenset()), start=paused)
    assert resumed.session is not None
    assert (resumed.session.paused_until, resumed.session.since, resumed.session.granted) == (None, 23, frozenset())


def test_what_was_on_its_way_is_not_shown_by_a_program_that_closes() -> None:
    closing = after(code(0), ev.Quit())
    assert closing.view is View.CLOSING
    assert after(ASKED, LIVE, ENDED, ev.Closed(), start=closing).view is View.CLOSED


def test_the_table_knows_every_event_command_and_gesture() -> None:
    assert set(NEXT) == {*ev.Event.__args__, *ev.Command.__args__, *Gesture.__args__}


def test_every_pair_of_page_and_input_either_has_an_answer_or_raises() -> None:
    samples: list[Input] = [
        ev.ProviderKnown(name="Q"), ev.StepChanged(step=Step.CODE, state=StepState.DOING),
        ev.TermsNeeded(version=1, es="", en=""), ev.Measured(down_kbit=1, up_kbit=1, rtt_ms=1, floor_kbit=1, ok=True),
        code(0), ev.CodeGone(reason="used"), ASKED, LIVE, ev.PermissionsNow(granted=frozenset()), ev.Paused(deadline=1),
        ev.Resumed(since=1), ev.PictureNow(failure=None), ev.MeterNow(rtt_ms=None, kbit_s=0, frames_s=0), ENDED,
        ev.Failed(failure=Failure(kind=FailureKind.DNS)), ev.BurnWarning(burns=3, spent=True),
        ev.SuspicionResult(stored=True), ev.NotServed(es="", en=""),
        ev.CostNow(connected_s=1, rounded_minutes=1, charged_minor=0, currency="EUR", minutes_left=None),
        ev.LimitReached(session_id=SESSION, deadline=9), ev.GoOn(session_id=SESSION, limit_minutes=None),
        SetLimit(minutes=15), ev.Closed(),
        ev.AcceptTerms(version=1, language="es"), ev.DeclineTerms(), YES,
        ev.Refuse(session_id=SESSION), CUT, ev.SetPermission(name="view", on=False), ev.NewCode(), ev.ShowCodeAnyway(),
        ev.ReportSuspicion(text=""), ev.Retry(), ev.SetLanguage(language="en"), ev.Quit(), OpenReport(), AskToClose(),
        CloseOverlay(), ev.Billed(bill=BILL), ev.Rated(session_id=SESSION),
        ev.Rate(session_id=SESSION, stars=5, comment=""), OpenRating(),
    ]  # fmt: skip
    assert {type(sample) for sample in samples} == set(NEXT)
    for view in View:
        for sample in samples:
            state = replace(START, view=view)
            if view in NEXT[type(sample)]:
                assert isinstance(update(state, sample), ScreenState)
            else:
                with pytest.raises(BadTransition):
                    update(state, sample)
