"""Somebody guesses: no code is shown until the customer, warned, asks for one (pairing rule 1)."""

from client_agent.events import BurnWarning, ShowCodeAnyway
from client_agent.failures import explain_burns
from client_agent.i18n import Words
from client_agent.window.view_model import OpenReport, ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Button, Label, Look, Notice


class BurnsPage(Page):
    """The warning, what to do, and the way on where there is one."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._warning = Notice(look, "bad")
        self.column.addWidget(self._warning)
        card = Box(margin=16)
        self._lines = [Label() for _ in range(3)]
        for line in self._lines:
            card.column.addWidget(line)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self._report, self._anyway = Button(look, "primary"), Button(look)
        self.answers.addWidget(self._report)
        self.answers.addWidget(self._anyway)
        self._report.clicked.connect(lambda: self.send(OpenReport()))
        self._anyway.clicked.connect(lambda: self.send(ShowCodeAnyway()))

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        if state.burns is None:
            return
        self._draw(state.burns, _)

    def _draw(self, burns: BurnWarning, _: Words) -> None:
        told = explain_burns(burns.burns, burns.spent, _)
        self.head(told.title)
        self._warning.say(told.happened, "warning", "danger_text")
        for label, text in zip(self._lines, told.do, strict=True):
            label.setText(text)
        self._report.say(_("Report a suspicion"), "flag")
        self._anyway.say(_("Show a new code all the same"), "refresh")
        self._anyway.setVisible(not burns.spent)
