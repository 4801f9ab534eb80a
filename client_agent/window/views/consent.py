"""The question: do you let this person in? (pairing rules 5 and 6; Q13)

Others' words are shown as plain text, cut; the price is put into words here. A stray key or click cannot say yes: the
focus begins on the title, and the answers wake up a moment after the page has come into sight.
"""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from client_agent import wording
from client_agent.events import Consent, ConsentAsked, Refuse
from client_agent.i18n import Words
from client_agent.window.limit_choice import LimitChoice
from client_agent.window.view_model import ScreenState, SetLimit
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Button, Choice, Fact, Label, Look, Picture, Ring
from protocol import limits
from protocol.control import Permission

WAKE_MS = 700
"""How long the answers sleep, so that a click meant for something else says nothing."""
HURRY = 15.0


class ConsentPage(Page):
    """Who asks, for what, at what price; what to allow; yes or no."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self.column.setSpacing(8)
        self._asked: ConsentAsked | None = None
        self._words: Words | None = None
        card = Box(margin=14)
        card.column.setSpacing(6)
        self._who, self._of = Label("", 1.3, bold=True), Label("muted")
        self._face, self._service, self._price, self._note = Picture(look, 40), Fact(look), Fact(look), Fact(look)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._face, 0, Qt.AlignmentFlag.AlignTop)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._who)
        names.addWidget(self._of)
        top.addLayout(names, 1)
        card.column.addLayout(top)
        for fact in (self._service, self._price, self._note):
            card.column.addWidget(fact)
        self.column.addWidget(card)
        self._choices: dict[Permission, Choice] = {"view": Choice(look, "tick"), "control": Choice(look, "tick")}
        for choice in self._choices.values():
            self.column.addWidget(choice)
            choice.toggled.connect(self._chosen)
        self._limit_minutes: int | None = None
        self._limit = LimitChoice(lambda minutes: self.send(SetLimit(minutes=minutes)))
        self.column.addWidget(self._limit)
        self.column.addStretch(1)
        self._ring, self._left = Ring(look), Label("muted", 0.95)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._ring)
        row.addWidget(self._left, 1)
        self.answers.addLayout(row)
        self._no, self._yes = Button(look, factor=1.1), Button(look, "primary", 1.1)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._no, 1)
        buttons.addWidget(self._yes, 1)
        self.answers.addLayout(buttons)
        self._no.clicked.connect(self._refused)
        self._yes.clicked.connect(self._agreed)
        self._wake = QTimer(self)
        self._wake.setSingleShot(True)
        self._wake.setInterval(WAKE_MS)
        self._wake.timeout.connect(self._chosen)

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        asked = state.consent
        if asked is None:
            return
        self._words, offer, new = _, asked.offer, asked != self._asked
        self._asked = asked
        self.head(_("May this technician help you?"))
        self._face.draw("person", "accent")
        self._who.setText(wording.plain(offer.operator_name) or _("(no name)"))
        self._of.setText(_("{organisation} · identity checked", organisation=wording.plain(offer.org_name)))
        self._service.say("wrench", _("Service"), wording.plain(offer.service) or "–")
        self._price.say("price", _("Price"), wording.price_sentence(offer.tariff, _, offer.charging))
        note = wording.plain(offer.price_note, wording.NOTE)
        self._note.say("flag", _("The provider adds"), f"“{note}”")
        self._note.setVisible(bool(note))
        self._choices["view"].say(wording.permission("view", _), _("The technician sees what you see."))
        self._choices["control"].say(
            wording.permission("control", _),
            _("The technician can click and type for you. You can stop it at any time."),
        )
        for name, choice in self._choices.items():
            choice.setVisible(name in offer.wanted)
            if new:
                choice.setChecked(name in offer.wanted)
        self._limit_minutes = state.limit_minutes
        self._limit.draw(state.limit_minutes, _)
        self._no.say(_("No"), "cross")
        self._yes.say(_("Accept"), "check")
        if new:
            self._sleep()

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The time to answer."""
        if state.consent:
            left = max(0.0, state.consent.deadline - now)
            self._ring.show_left(left / limits.CONSENT, "accent" if left > HURRY else "warn")
            self._left.setText(_("If you do nothing, the answer is no. Time left: {time}", time=wording.clock(left)))

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        super().showEvent(event)
        self._sleep()

    def _sleep(self) -> None:
        self._no.setEnabled(False)
        self._yes.setEnabled(False)
        self._wake.start()

    def _granted(self) -> frozenset[Permission]:
        return frozenset(n for n, choice in self._choices.items() if choice.isChecked() and not choice.isHidden())

    def _chosen(self) -> None:
        """Control without view is nothing: nobody works blind on someone's computer."""
        view = self._choices["view"].isChecked()
        self._choices["control"].setEnabled(view)
        if not view:
            self._choices["control"].setChecked(False)
        if not self._wake.isActive():
            self._no.setEnabled(True)
            self._yes.setEnabled("view" in self._granted())

    def _agreed(self) -> None:
        if self._asked and self._words:
            self.send(
                Consent(
                    session_id=self._asked.session_id,
                    granted=self._granted(),
                    language=self._words.language,
                    limit_minutes=self._limit_minutes,
                )
            )

    def _refused(self) -> None:
        if self._asked:
            self.send(Refuse(session_id=self._asked.session_id))
