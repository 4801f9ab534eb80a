"""The provider's terms, to be read and accepted before the first use (Q8)."""

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit

from client_agent import wording
from client_agent.events import AcceptTerms, DeclineTerms
from client_agent.i18n import Words
from client_agent.window.view_model import ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Button, Look


class TermsPage(Page):
    """The text scrolls; both answers are always in sight."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._version = 0
        self._words: Words | None = None
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(180)
        self.column.addWidget(self._text, 1)
        self._decline, self._accept = Button(look), Button(look, "primary")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._decline, 1)
        row.addWidget(self._accept, 2)
        self.answers.addLayout(row)
        self._decline.clicked.connect(lambda: self.send(DeclineTerms()))
        self._accept.clicked.connect(self._accepted)

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        name = wording.plain(state.provider.name)
        self.head(
            _("Terms of service"),
            _("Please read what {provider} offers and asks. You accept it once.", provider=name or _("your provider")),
        )
        self._text.setAccessibleName(_("Terms of service"))
        self._decline.say(_("Do not accept"))
        self._accept.say(_("Accept and go on"), "check")
        if state.terms:
            self._version, self._words = state.terms.version, _
            text = wording.plain_lines(getattr(state.terms, _.language))
            if text != self._text.toPlainText():
                self._text.setPlainText(text)

    def _accepted(self) -> None:
        if self._words:
            self.send(AcceptTerms(version=self._version, language=self._words.language))
