"""It is over: why, how long it was, the receipt, and the new ID and password for another time (Q5)."""

import shutil
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from client_agent import wording
from client_agent.events import Ended, NewCode, Retry, ShowCodeAnyway, StepState
from client_agent.failures import explain
from client_agent.i18n import Words
from client_agent.window.view_model import ScreenState
from client_agent.window.views.code import CodeCard
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Button, Label, Look, Notice

BAD_ENDS = frozenset({"integrity", "pairing_failed", "operator_disabled"})
"""Ends that a customer should ask their provider about."""


class EndedPage(Page):
    """The end's facts above, what comes next below."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._ended: Ended | None = None
        self._words: Words | None = None
        self._calm = Notice(look, "good")
        self.column.addWidget(self._calm)
        self._facts = Box(margin=16)
        self._reason, self._time, self._saved = Label(), Label("", 1.1, bold=True), Label("muted", 0.9)
        self._save = Button(look)
        for widget in (self._reason, self._time, self._save, self._saved):
            self._facts.column.addWidget(widget)
        self.column.addWidget(self._facts)
        self._next, self._what = Label("", 1.1, bold=True), Label("muted")
        self._card, self._go = CodeCard(look, send, compact=True), Button(look, "primary")
        self.column.addWidget(self._next)
        self.column.addWidget(self._what)
        self.column.addWidget(self._card)
        row = QHBoxLayout()
        row.addWidget(self._go)
        self.column.addLayout(row)
        self.column.addStretch(1)
        self._save.clicked.connect(self._save_receipt)
        self._go.clicked.connect(self._go_on)
        self._answer: NewCode | Retry | ShowCodeAnyway = NewCode()

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        ended = state.ended
        if ended is None:
            return
        if ended != self._ended:
            self._saved.hide()
        self._ended, self._words = ended, _
        was_live = ended.receipt is not None or ended.connected_s > 0
        self.head(_("The connection has ended") if was_live else _("There was no connection"))
        self._calm.say(_("Nobody can see your screen now."), "shield", "good_text")
        self._reason.setText(wording.end_reason(ended.reason, _) + self._advice(ended, _))
        self._time.setText(_("Connected for {time}", time=wording.duration(ended.connected_s, _)))
        self._time.setVisible(was_live)
        self._save.say(_("Save your receipt…"), "save", _("What you agreed to, signed by this program and the service"))
        self._save.setVisible(ended.receipt is not None)
        self._draw_next(state, _)

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The new code's time."""
        self._card.tick(_, now)

    @staticmethod
    def _advice(ended: Ended, _: Words) -> str:
        return " " + _("Call your provider, at the number that you know.") if ended.reason in BAD_ENDS else ""

    def _draw_next(self, state: ScreenState, _: Words) -> None:
        self._card.setVisible(state.code is not None)
        self._go.setVisible(state.code is None)
        self._next.setText(_("If you need help again"))
        if state.code:
            self._what.setText(_("This is your new ID and password. The old ones do not work any more."))
            self._card.show_code(state.code, _)
            return
        if state.failure:
            told = explain(state.failure, _)
            self._what.setText(f"{told.title}. {told.happened}")
            self._go.say(_("Try again"), "refresh")
            self._answer = Retry()
        elif state.burns:
            self._what.setText(_("Wrong passwords were tried on this computer today."))
            self._go.say(_("Show a new code all the same"), "refresh")
            self._go.setVisible(not state.burns.spent)
            self._answer = ShowCodeAnyway()
        elif StepState.DOING in state.steps.values():
            self._what.setText(_("A new ID and password are being made…"))
            self._go.hide()
        else:
            self._what.setText(_("The old ID and password do not work any more."))
            self._go.say(_("New code"), "refresh")
            self._answer = NewCode()

    def _go_on(self) -> None:
        self.send(self._answer)

    def _save_receipt(self) -> None:
        if not (self._ended and self._ended.receipt and self._words):
            return
        _ = self._words
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = Path(folder) / self._ended.receipt.name
        chosen, _filter = QFileDialog.getSaveFileName(self, _("Save your receipt"), str(proposed))
        if chosen:
            self.save_receipt_as(Path(chosen))

    def save_receipt_as(self, target: Path) -> None:
        """Copy the receipt there and say how it went."""
        if not (self._ended and self._ended.receipt and self._words):
            return
        _ = self._words
        try:
            shutil.copyfile(self._ended.receipt, target)
        except (OSError, shutil.SameFileError) as error:
            self._saved.setText(_("It could not be saved: {reason}", reason=wording.plain(str(error), wording.NOTE)))
        else:
            self._saved.setText(_("Saved as {path}", path=target))
        self._saved.show()
