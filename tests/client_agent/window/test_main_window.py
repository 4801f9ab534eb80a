"""The window's own law: what a click may do, what is forgotten, what inject is told."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QRadioButton

from client_agent import events as ev
from client_agent.failures import Failure, FailureKind
from client_agent.window import icons
from client_agent.window.view_model import OpenReport, View
from client_agent.window.views.ended import EndedPage
from client_agent.window.widgets import Choice, Code
from protocol.control import Bill, Fact
from tests.client_agent.support.scripted_core import SESSION, code, offer
from tests.client_agent.support.shown_window import BOTH, NOW, Shown


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
