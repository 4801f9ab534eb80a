"""The window's own law: what a click may do, what is forgotten, what inject is told."""

import gc
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QRadioButton

from client_agent import events as ev
from client_agent.failures import Failure, FailureKind
from client_agent.window import icons
from client_agent.window.guard import Guard
from client_agent.window.main_window import AgentWindow
from client_agent.window.view_model import OpenReport, View
from client_agent.window.views.ended import EndedPage
from client_agent.window.widgets import Choice, Code
from protocol.control import Bill, Fact, Permission
from protocol.offer import Charging
from tests.client_agent.support.scripted_core import SESSION, ScriptedCore, code, offer
from tests.support.patience import PATIENCE, at_last

NOW = 1_000.0
BOTH: frozenset[Permission] = frozenset({"view", "control"})


class Shown:
    """A window with its scripted core; a customer's hands and eyes."""

    def __init__(self, app: QApplication) -> None:
        self.now, self.rings = NOW, 0
        self.core, self.guard = ScriptedCore(lambda: self.now), Guard()
        assert self.guard.covers(0, 0)
        assert self.guard.has_focus()
        assert self.guard.prompt_open()
        self.window = AgentWindow(self.core, self.guard, "en", lambda: self.now, self._ring)
        self.window.show()

    def _ring(self) -> None:
        self.rings += 1

    def button(self, name: str) -> QPushButton:
        return next(b for b in self.window.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())

    def press(self, name: str) -> None:
        self.button(name).click()

    def awake(self, name: str) -> None:
        """Wait until the button takes clicks."""
        until = time.monotonic() + PATIENCE
        while not self.button(name).isEnabled():
            assert time.monotonic() < until
            QTest.qWait(20)

    def text(self) -> str:
        return "\n".join(label.text() for label in self.window.findChildren(QLabel) if label.isVisible())

    def quiet(self, paintings: "Paintings") -> bool:
        """Whether a tick and what followed from it painted nothing."""
        paintings.painted.clear()
        self.window._ticked()
        QTest.qWait(20)
        return not paintings.painted

    def ask(self, **changed: object) -> None:
        self.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(**changed), deadline=NOW + 60))

    def live(self) -> None:
        self.ask()
        self.awake("Accept")
        self.press("Accept")
        self.core.emit(
            ev.Live(
                session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=BOTH, since=NOW,
            )
        )  # fmt: skip


@pytest.fixture
def shown(app: QApplication) -> Iterator[Shown]:
    made = Shown(app)
    yield made
    made.window.put_away()
    made.window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def test_a_click_meant_for_something_else_answers_nothing(shown: Shown) -> None:
    shown.ask()
    shown.press("Accept")
    shown.press("No")
    assert shown.core.done == []
    assert shown.rings == 1
    shown.awake("Accept")
    shown.press("Accept")
    assert shown.core.done == [ev.Consent(session_id=SESSION, granted=BOTH, language="en")]


def test_control_is_nothing_without_view_and_neither_is_a_yes(shown: Shown) -> None:
    shown.ask()
    shown.awake("Accept")
    view, control = (c for c in shown.window.findChildren(Choice) if c.isVisible())
    view.click()
    assert not control.isChecked()
    assert not shown.button("Accept").isEnabled()
    assert shown.button("No").isEnabled()
    view.click()
    assert not control.isChecked()
    shown.press("Accept")
    assert shown.core.done == [ev.Consent(session_id=SESSION, granted=frozenset({"view"}), language="en")]


def test_others_words_stay_words(shown: Shown) -> None:
    shown.ask(operator_name="<img src=x>\u202eanA", service="a\nb", price_note="<b>free</b>")
    assert "<img src=x>anA" in shown.text()
    assert all(
        label.textFormat() is Qt.TextFormat.PlainText for label in shown.window.findChildren(QLabel) if label.text()
    )
    assert "“<b>free</b>”" in shown.text()


def test_what_is_not_wanted_is_not_offered(shown: Shown) -> None:
    shown.ask(wanted=("view",))
    assert [c.text() for c in shown.window.findChildren(Choice) if c.isVisible()] == ["See my screen"]


def test_no_password_stays_in_a_hidden_widget(shown: Shown) -> None:
    shown.core.emit(code(NOW))
    assert any(label.text() == "K7QU-9XDT" for label in shown.window.findChildren(Code))
    shown.core.emit(ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 60))
    everything = [
        *(
            label.text() + label.accessibleName() + label.accessibleDescription()
            for label in shown.window.findChildren(QLabel)
        )
    ]
    assert not [text for text in everything if "K7QU" in text or "Quebec" in text]


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


def test_an_event_out_of_place_ends_the_session(shown: Shown) -> None:
    shown.core.emit(ev.Live(session_id=SESSION, operator_name="A", org_name="Q", service="s", granted=BOTH, since=0))
    assert shown.core.done == [ev.Disconnect(at=NOW)]
    assert shown.window.state.view is View.STARTING


def test_a_core_that_answers_an_end_out_of_place_is_not_asked_without_end(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = ev.Live(session_id=SESSION, operator_name="A", org_name="Q", service="s", granted=BOTH, since=0)
    done: list[ev.Command] = []

    def answer(command: ev.Command) -> None:
        done.append(command)
        shown.core.emit(live)

    monkeypatch.setattr(shown.core, "do", answer)
    shown.core.emit(live)
    assert done == [ev.Disconnect(at=NOW)]


def test_an_end_is_shown_wherever_the_window_stands(shown: Shown) -> None:
    shown.core.emit(ev.TermsNeeded(version=1, es="", en=""))
    shown.core.emit(ev.Ended(session_id=SESSION, reason="integrity", connected_s=3))
    assert "It was cut for your safety" in shown.text()


def test_inject_is_told_where_the_windows_are_and_when_to_wait(shown: Shown) -> None:
    shown.live()
    frame = shown.window.frameGeometry()
    assert shown.guard.covers(frame.center().x(), frame.center().y())
    assert not shown.guard.covers(frame.right() + 60, frame.bottom() + 60)
    assert not shown.guard.prompt_open()
    shown.window.close()
    assert shown.guard.prompt_open()
    shown.press("Keep it open")
    assert not shown.guard.prompt_open()
    shown.window.move(frame.x() + 300, frame.y())
    assert shown.guard.covers(frame.x() + 300 + frame.width() - 5, frame.center().y())


def test_closing_while_somebody_asks_is_a_no(shown: Shown) -> None:
    shown.ask()
    shown.window.close()
    assert shown.core.done == [ev.Refuse(session_id=SESSION), ev.Quit()]


def test_a_core_that_stops_by_itself_is_told_and_can_only_be_closed(shown: Shown) -> None:
    closed = []
    shown.window.closed.connect(lambda: closed.append(True))
    shown.live()
    shown.window.core_is_gone(Failure(kind=FailureKind.INTERNAL, detail="ValueError"))
    assert "The program has a fault" in shown.text()
    shown.press("Close the program")
    assert closed == [True]
    assert ev.Quit() not in shown.core.done


def test_the_receipt_is_copied_where_the_customer_wants_it(shown: Shown, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    receipt.write_text("signed")
    shown.live()
    shown.core.emit(ev.Ended(session_id=SESSION, reason="technician", connected_s=61, receipt=receipt))
    page = shown.window.findChild(EndedPage)
    assert page is not None
    page.save_proof_as(tmp_path / "copy.json")
    assert (tmp_path / "copy.json").read_text() == "signed"
    assert "Saved as" in shown.text()
    page.save_proof_as(tmp_path / "no such folder" / "copy.json")
    assert "It could not be saved" in shown.text()


def test_the_bill_is_read_kept_and_the_help_rated(shown: Shown, tmp_path: Path) -> None:
    agreed = ev.Agreed(offer=offer(), granted=frozenset({"view"}), utc="2026-11-22T22:01:02Z", language="es")
    fact = Fact(name="Total", value="54,45 €")
    bill = Bill(
        session_id=SESSION, state="charged", provisional=True, rated=False, lang="es", facts=(fact,),
        explanation=("Q2: al menos una hora",),
    )  # fmt: skip
    shown.live()
    shown.core.emit(ev.Ended(session_id=SESSION, reason="limit", connected_s=61, agreed=agreed))
    assert "Rate the help" not in shown.text()
    shown.core.emit(ev.Billed(bill=bill))
    assert "Total: 54,45 €" in shown.text()
    assert "Provisional" in shown.text()
    page = shown.window.findChild(EndedPage)
    assert page is not None
    page.save_receipt_as(tmp_path / "receipt.txt")
    assert "1. Q2: al menos una hora" in (tmp_path / "receipt.txt").read_text("utf-8")
    shown.press("Rate the help…")
    assert "How was the help?" in shown.text()
    assert not shown.button("Send the rating").isEnabled()
    next(one for one in shown.window.findChildren(QRadioButton) if one.text() == "4: good").click()
    shown.press("Send the rating")
    assert shown.core.done[-1] == ev.Rate(session_id=SESSION, stars=4, comment="")
    shown.core.emit(ev.Rated(session_id=SESSION))
    assert "Your rating has arrived" in shown.text()
    shown.press("Back")
    assert "Rate the help" not in shown.text()


@pytest.mark.parametrize("points", [11.0, 17.0, 24.0])
def test_a_code_is_never_cut_off_however_large_the_systems_text(app: QApplication, points: float) -> None:
    usual = app.font()
    larger = app.font()
    larger.setPointSizeF(points)
    app.setFont(larger)
    try:
        made = Shown(app)
        made.core.emit(code(NOW))
        QTest.qWait(50)
        for label in (label for label in made.window.findChildren(Code) if label.isVisible()):
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
            assert label.mapTo(made.window, label.rect().topRight()).x() < made.window.width()
        made.window.put_away()
        made.window.deleteLater()
    finally:
        app.setFont(usual)
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_qt_itself_speaks_the_customers_language(shown: Shown) -> None:
    def menu() -> str:
        return QCoreApplication.translate("QWidgetTextControl", "Select All")

    assert menu() == "Select All"
    shown.window.do(ev.SetLanguage(language="es"))
    assert menu() == "Seleccionar todo"
    shown.window.do(ev.SetLanguage(language="en"))
    assert menu() == "Select All"


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + bytes(40), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + bytes(60)],
    ids=["nothing", "gif", "svg", "broken"],
)
def test_a_logo_that_is_no_picture_is_left_out(app: QApplication, data: bytes) -> None:
    assert icons.logo(data, 30, 1.0) is None


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_scaled_to_the_header(app: QApplication, form: str) -> None:
    out = BytesIO()
    Image.new("RGB", (400, 100), "red").save(out, form)
    made = icons.logo(out.getvalue(), 30, 2.0)
    assert made is not None
    assert (made.width(), made.height()) == (240, 60)


def test_a_logo_larger_than_any_screen_is_not_decoded(app: QApplication) -> None:
    out = BytesIO()
    Image.new("1", (icons.LOGO_PIXELS + 1, 10)).save(out, "PNG")
    assert icons.logo(out.getvalue(), 30, 1.0) is None


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


class Paintings(QObject):
    """Counts what is painted in the whole program."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.painted: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's."""
        if event.type() is QEvent.Type.Paint:
            self.painted.append(watched.objectName() or type(watched).__name__)
        return False


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


def test_that_the_program_was_open_already_is_said_until_the_customer_goes_on(shown: Shown) -> None:
    said = "The program was already open: this is its window."
    shown.core.emit(code(NOW))
    shown.window.say_already_open()
    shown.core.emit(code(NOW + 1))  # nothing else to read
    assert said in shown.text()
    shown.window.do(OpenReport())
    assert said not in shown.text()
    shown.window.say_already_open()
    shown.ask()
    assert said not in shown.text()
