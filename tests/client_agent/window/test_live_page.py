"""A session as the customer sees it: Disconnect, what is allowed, what it costs, their limit; at rest nothing moves."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QRadioButton

from client_agent import events as ev
from client_agent.window.widgets import Choice
from protocol.offer import Charging
from tests.client_agent.support.scripted_core import SESSION, code, offer
from tests.client_agent.support.shown_window import BOTH, NOW, Paintings, Shown
from tests.support.patience import at_last


def test_disconnect_reaches_the_core_with_the_moment_of_the_click(shown: Shown) -> None:
    shown.live()
    shown.now = NOW + 7.25
    shown.press("Disconnect")
    assert shown.core.done[-1] == ev.Disconnect(at=NOW + 7.25)
    shown.window.disconnect_now()
    assert len(shown.core.done) == 2


def test_disconnect_is_in_sight_on_every_page_of_a_session(shown: Shown) -> None:
    shown.ask()
    shown.awake("Accept")
    shown.press("Accept")
    assert shown.button("Disconnect").isVisible()
    shown.core.emit(ev.Live(session_id=SESSION, operator_name="A", org_name="Q", service="s", granted=BOTH, since=NOW))
    shown.press("Report a suspicion")
    assert shown.button("Disconnect").isVisible()
    shown.press("Back")
    shown.window.close()
    assert shown.button("Keep it open").isVisible()
    assert shown.button("Disconnect").isVisible()


def test_taking_control_back_asks_the_core_and_shows_what_the_core_says(shown: Shown) -> None:
    shown.live()
    _, control = (c for c in shown.window.findChildren(Choice) if c.isVisible())
    control.click()
    assert shown.core.done[-1] == ev.SetPermission(name="control", on=False)
    shown.core.emit(ev.PermissionsNow(granted=frozenset({"view"})))
    assert not control.isChecked()
    control.click()
    shown.core.emit(ev.PermissionsNow(granted=frozenset({"view"}), pending=frozenset({"control"})))
    assert control.accessibleDescription() == "Being recorded; not in force yet."
    assert len([c for c in shown.core.done if isinstance(c, ev.SetPermission)]) == 2


def test_control_that_the_desktop_withholds_cannot_be_switched_on_and_it_says_why(shown: Shown) -> None:
    shown.live()
    _, control = (c for c in shown.window.findChildren(Choice) if c.isVisible())
    shown.core.emit(ev.PermissionsNow(granted=frozenset({"view"}), withheld=frozenset({"control"})))
    assert control.accessibleDescription().startswith("Your desktop lets nobody else use mouse and keyboard.")
    control.click()
    assert not control.isChecked()
    assert not [c for c in shown.core.done if isinstance(c, ev.SetPermission)]


def test_what_a_session_costs_is_said_before_and_while_it_runs(shown: Shown) -> None:
    shown.core.emit(code(NOW), ev.NotServed(es="Ahora no.", en="Not now: support hours are over."))
    assert "“Not now: support hours are over.”" in shown.text()
    assert "K7QU-9XDT" in shown.text()
    shown.core.emit(
        ev.ConsentAsked(
            session_id=SESSION, deadline=NOW + 60,
            offer=offer(charging=Charging(covers="covered", minutes_left=0, expected_minutes=0, weight="1")),
        )
    )  # fmt: skip
    assert "Covered by your contract: nothing to pay." in shown.text()
    assert "Not now" not in shown.text()
    shown.live()
    assert "So far" not in shown.text()
    shown.core.emit(ev.CostNow(connected_s=61, rounded_minutes=1, charged_minor=0, currency="EUR", minutes_left=131))
    assert "So far: 1 minute · 131 minutes left in your plan" in shown.text()


def test_at_the_customers_limit_they_are_called_and_a_stray_click_says_nothing(shown: Shown) -> None:
    shown.ask()
    next(b for b in shown.window.findChildren(QRadioButton) if b.isVisible() and b.text() == "15 min").click()
    shown.awake("Accept")
    shown.press("Accept")
    assert shown.core.done == [ev.Consent(session_id=SESSION, granted=BOTH, language="en", limit_minutes=15)]
    shown.core.emit(
        ev.Live(session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=BOTH, since=NOW)
    )
    assert not shown.guard.prompt_open()
    shown.core.emit(ev.LimitReached(session_id=SESSION, deadline=NOW + 60))
    assert shown.rings == 2
    assert shown.guard.prompt_open()
    assert shown.window.windowHandle().flags() & Qt.WindowType.WindowStaysOnTopHint
    assert "Shall it go on?" in shown.text()
    assert "Time left: 1:00" in shown.text()
    assert shown.button("Disconnect").isEnabled()
    shown.press("Go on")
    assert len(shown.core.done) == 1
    shown.awake("Go on")
    chosen = [b for b in shown.window.findChildren(QRadioButton) if b.isVisible() and b.isChecked()]
    assert [b.accessibleName() for b in chosen] == ["Ask me again after: 15 min"]
    next(b for b in shown.window.findChildren(QRadioButton) if b.isVisible() and b.text() == "no limit").click()
    shown.press("Go on")
    assert shown.core.done[1:] == [ev.GoOn(session_id=SESSION, limit_minutes=None)]
    assert not shown.guard.prompt_open()
    assert "A technician is connected" in shown.text()


def test_closing_the_window_at_the_limit_and_staying_asks_the_same_again(shown: Shown) -> None:
    shown.live()
    shown.core.emit(ev.LimitReached(session_id=SESSION, deadline=NOW + 60))
    shown.window.close()
    assert "Close the program?" in shown.text()
    shown.press("Keep it open")
    assert "Shall it go on?" in shown.text()
    assert shown.guard.prompt_open()
    shown.core.emit(ev.Ended(session_id=SESSION, reason="limit", connected_s=960))
    assert "It ended because the time that you had set was over." in shown.text()
    assert not shown.guard.prompt_open()


def test_in_a_session_at_rest_nothing_is_painted_but_the_minute(shown: Shown, app: QApplication) -> None:
    shown.live()
    still = ev.MeterNow(rtt_ms=40, kbit_s=0, frames_s=0)
    shown.core.emit(still)
    shown.now, paintings = NOW + 60, Paintings(app)
    at_last(lambda: shown.quiet(paintings))
    for _ in range(59 * 4):
        shown.now += 0.25
        shown.window._ticked()
        shown.core.emit(still)
        app.processEvents()
    assert paintings.painted == []
    assert "1 min" in shown.text()
    shown.now = NOW + 120
    shown.window._ticked()
    app.processEvents()
    assert paintings.painted
    assert "2 min" in shown.text()
    app.removeEventFilter(paintings)


def test_the_first_minute_is_seen_to_run(shown: Shown) -> None:
    shown.live()
    for seconds in range(3):
        shown.now = NOW + seconds
        shown.window._ticked()
        assert f"0:0{seconds}" in shown.text()
