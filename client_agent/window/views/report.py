"""Report a suspicion (Q12): in the customer's own words, or in none; and what became of it."""

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit

from client_agent import wording
from client_agent.events import ReportSuspicion
from client_agent.i18n import Words
from client_agent.window.view_model import CloseOverlay, Overlay, ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Button, Look, Notice
from protocol import limits


class ReportPage(Page):
    """A field for the words, and two buttons; after sending, the answer."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._what, self._answer = Notice(look, "info"), Notice(look, "good")
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(120)
        for widget in (self._what, self._text, self._answer):
            self.column.addWidget(widget)
        self.column.setStretchFactor(self._text, 1)
        self.column.addStretch(0)
        self._back, self._send = Button(look), Button(look, "primary")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._back, 1)
        row.addWidget(self._send, 2)
        self.answers.addLayout(row)
        self._back.clicked.connect(lambda: self.send(CloseOverlay()))
        self._send.clicked.connect(self._sent)

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        asking = state.overlay is Overlay.REPORT
        provider = wording.plain(state.provider.name) or _("your provider")
        self.head(_("Report a suspicion"), _("Does something seem wrong to you? Tell {provider}.", provider=provider))
        self._what.say(
            _(
                "Your report goes to those in charge at {provider}, with the facts of the connection.",
                provider=provider,
            ),
            "flag",
            "accent",
        )
        self._what.setVisible(asking)
        self._text.setVisible(asking)
        self._text.setAccessibleName(_("What seems wrong?"))
        self._text.setPlaceholderText(_("What seems wrong? (You may leave this empty.)"))
        self._answer.setVisible(not asking)
        if state.report_stored is None:
            self._answer.say(_("Your report is being sent…"), "clock", "accent", "info")
        elif state.report_stored:
            self._answer.say(_("Thank you. Your report has arrived."), "verified", "good_text", "good")
        else:
            text = _("The service cannot be reached. Your report is kept, and sent as soon as it can be.")
            self._answer.say(text, "clock", "warn_text", "warn")
        self._back.say(_("Back"))
        self._send.say(_("Send the report"), "flag")
        self._send.setVisible(asking)

    def _sent(self) -> None:
        text = self._text.toPlainText()[: limits.LONG_TEXT]
        self._text.clear()
        self.send(ReportSuspicion(text=text))
