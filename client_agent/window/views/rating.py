"""How was the help? From 1 to 5, with a word about it or none; and what became of it."""

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPlainTextEdit, QRadioButton

from client_agent.events import Rate
from client_agent.i18n import Words
from client_agent.window.view_model import CloseOverlay, Overlay, ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Button, Label, Look, Notice
from client_agent.wording import STARS, plain
from protocol import limits


class RatingPage(Page):
    """Five choices, a field, two buttons; after sending, the answer."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._session_id: str | None = None
        self._choices, self._group = {stars: QRadioButton() for stars in STARS}, QButtonGroup(self)
        for stars, choice in self._choices.items():
            self._group.addButton(choice, stars)
            self.column.addWidget(choice)
        self._why, self._text, self._answer = Label(), QPlainTextEdit(), Notice(look, "good")
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(96)
        for widget in (self._why, self._text, self._answer):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self._back, self._send = Button(look), Button(look, "primary")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._back, 1)
        row.addWidget(self._send, 2)
        self.answers.addLayout(row)
        self._back.clicked.connect(lambda: self.send(CloseOverlay()))
        self._send.clicked.connect(self._sent)
        self._group.buttonToggled.connect(lambda *_which: self._send.setEnabled(self._group.checkedId() > 0))

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        asking = state.overlay is Overlay.RATE
        if state.ended and state.ended.session_id != self._session_id:
            self._session_id = state.ended.session_id
            self._group.setExclusive(False)
            for choice in self._choices.values():
                choice.setChecked(False)
            self._group.setExclusive(True)
            self._text.clear()
        agreed = state.ended.agreed if state.ended else None
        self.head(_("How was the help?"), plain(agreed.offer.operator_name) if agreed else "")
        for stars, choice in self._choices.items():
            choice.setText(_(STARS[stars]))
            choice.setVisible(asking)
        self._why.setText(_("What do you want to tell your provider? (You may leave this empty.)"))
        self._text.setAccessibleName(self._why.text())
        self._why.setVisible(asking)
        self._text.setVisible(asking)
        self._answer.setVisible(not asking)
        if state.opinion_stored:
            self._answer.say(_("Thank you. Your rating has arrived."), "verified", "good_text", "good")
        else:
            self._answer.say(_("Your rating is being sent…"), "clock", "accent", "info")
        self._back.say(_("Back"))
        self._send.say(_("Send the rating"), "check")
        self._send.setEnabled(self._group.checkedId() > 0)
        self._send.setVisible(asking)

    def _sent(self) -> None:
        if self._session_id is not None and (stars := self._group.checkedId()) > 0:
            comment = self._text.toPlainText()[: limits.LONG_TEXT]
            self.send(Rate(session_id=self._session_id, stars=stars, comment=comment))
