"""The customer's own limit is reached: does it go on? No answer is a no, which the core itself counts."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout

from client_agent import wording
from client_agent.events import GoOn
from client_agent.i18n import Words
from client_agent.window.limit_choice import LimitChoice
from client_agent.window.view_model import ScreenState, SetLimit
from client_agent.window.views.consent import HURRY, WAKE_MS
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Button, Label, Look, Notice, Ring
from protocol import limits


class LimitPage(Page):
    """The question, what it came to so far, and when to ask again. Disconnect, below, is the window's own."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._state: ScreenState | None = None
        self._what, self._cost = Notice(look, "warn"), Label()
        self._limit = LimitChoice(lambda minutes: self.send(SetLimit(minutes=minutes)))
        for widget in (self._what, self._cost, self._limit):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self._ring, self._left = Ring(look), Label("muted", 0.95)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._ring)
        row.addWidget(self._left, 1)
        self.answers.addLayout(row)
        self._go_on = Button(look, "primary", 1.1)
        self._go_on.clicked.connect(self._yes)
        self.answers.addWidget(self._go_on)
        self._wake = QTimer(self)
        self._wake.setSingleShot(True)
        self._wake.setInterval(WAKE_MS)
        self._wake.timeout.connect(lambda: self._go_on.setEnabled(True))

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        self._state = state
        self.head(_("Shall it go on?"))
        self._what.say(_("The time that you had set is over."), "clock", "warn_text")
        cost = state.session.cost if state.session else None
        self._cost.setText(wording.cost_line(cost, _) if cost else "")
        self._cost.setVisible(cost is not None)
        self._limit.draw(state.limit_minutes, _)
        self._go_on.say(_("Go on"), "check")

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The time to answer."""
        if state.limit:
            left = max(0.0, state.limit.deadline - now)
            self._ring.show_left(left / limits.CONSENT, "accent" if left > HURRY else "warn")
            self._left.setText(_("If you do nothing, the connection ends. Time left: {time}", time=wording.clock(left)))

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: a click meant for something else says nothing."""
        super().showEvent(event)
        self._go_on.setEnabled(False)
        self._wake.start()

    def _yes(self) -> None:
        if self._state and self._state.limit:
            session_id, minutes = self._state.limit.session_id, self._state.limit_minutes
            self.send(GoOn(session_id=session_id, limit_minutes=minutes))
