"""Somebody guesses: no code is shown until the customer, warned, asks for one (pairing rule 1)."""

from client_agent.events import BurnWarning, ShowCodeAnyway
from client_agent.failures import Failure, FailureKind, explain
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
        if burns.spent:
            told = explain(Failure(kind=FailureKind.BURNS), _)
            title, happened, lines = told.title, told.happened, told.do
        else:
            title = _("Somebody tried wrong passwords")
            happened = _.ngettext(
                "{n} code was cancelled today because somebody gave a wrong password for it.",
                "{n} codes were cancelled today because somebody gave a wrong password for them.",
                burns.burns,
            )
            lines = (
                _("It may have been a slip: were you reading a code out just now?"),
                _("If not, somebody may be trying to get in. They have not: nobody sees your screen."),
                _("Call your provider, at the number that you know, and tell them."),
            )
        self.head(title)
        self._warning.say(happened, "warning", "danger_text")
        for label, text in zip(self._lines, lines, strict=True):
            label.setText(text)
        self._report.say(_("Report a suspicion"), "flag")
        self._anyway.say(_("Show a new code all the same"), "refresh")
        self._anyway.setVisible(not burns.spent)
