"""It does not work: which thing it is, and what to do about it, line by line (Q14)."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QWidget

from client_agent import wording
from client_agent.events import Quit, Retry
from client_agent.failures import FailureKind, explain
from client_agent.i18n import Words
from client_agent.window.view_model import ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Button, Label, Look, Notice

MOST_STEPS = 4
HOPELESS = frozenset({FailureKind.INTERNAL, FailureKind.WAYLAND, FailureKind.NO_DISPLAY, FailureKind.BURNS})
"""What trying again in this run does not mend."""
DETAIL = 200
"""Most characters of the technical line."""


class Advice(QWidget):
    """One numbered line of what to do."""

    def __init__(self, number: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        mark, self.text = Label("accent", bold=True, wrap=False), Label()
        mark.setText(f"{number}.")
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)


class FailedPage(Page):
    """The failure's name, what happened, what to do, and the way to try again."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._happened = Notice(look, "warn")
        self.column.addWidget(self._happened)
        card = Box(margin=16)
        self._what = Label("", 1.05, bold=True)
        card.column.addWidget(self._what)
        self._steps = [Advice(number) for number in range(1, MOST_STEPS + 1)]
        for step in self._steps:
            card.column.addWidget(step)
        self.column.addWidget(card)
        self._detail = Label("muted", 0.85)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.column.addWidget(self._detail)
        self.column.addStretch(1)
        self._wait = Label("muted")
        self._page, self._retry = Button(look), Button(look, "primary", 1.1)
        for widget in (self._wait, self._page, self._retry):
            self.answers.addWidget(widget)
        self._answer: Retry | Quit = Retry()
        self._retry.clicked.connect(lambda: self.send(self._answer))
        self._page.clicked.connect(self._open_page)
        self._url = ""

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        failure = state.failure
        if failure is None:
            return
        told = explain(failure, _)
        self.head(told.title)
        self._happened.say(told.happened, "warning", "warn_text")
        self._what.setText(_("What you can do"))
        for row, text in zip(self._steps, (*told.do, *[""] * (MOST_STEPS - len(told.do))), strict=True):
            row.text.setText(text)
            row.setVisible(bool(text))
        detail = wording.plain(failure.detail, DETAIL)
        self._detail.setText(
            _("For whoever helps you: {detail}", detail=f"{failure.kind.value} · {detail}".rstrip(" ·"))
        )
        self._url = failure.url if failure.url.startswith("https://") else ""
        self._page.say(_("Open the download page"), "save")
        self._page.setVisible(bool(self._url))
        if failure.kind in HOPELESS:
            self._answer = Quit()
            self._retry.say(_("Close the program"), "door")
        else:
            self._answer = Retry()
            again = _("Read the terms again") if failure.kind is FailureKind.TERMS_DECLINED else _("Try again")
            self._retry.say(again, "refresh")
        self._wait.setVisible(failure.retry_at is not None)

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The time until the next attempt."""
        if state.failure and state.failure.retry_at is not None:
            left = wording.clock(state.failure.retry_at - now)
            self._wait.setText(_("The program tries again by itself in {time}.", time=left))

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self._url))
