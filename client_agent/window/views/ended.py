"""It is over: why, how long it was, what it comes to, the receipt, and the new ID and password (Q5)."""

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from client_agent import receipt_text, wording
from client_agent.events import Ended, NewCode, Retry, ShowCodeAnyway, StepState
from client_agent.failures import explain
from client_agent.i18n import Words
from client_agent.window.view_model import OpenRating, ScreenState
from client_agent.window.views.code import CodeCard
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Button, Label, Look, Notice
from protocol.control import Bill

BAD_ENDS = frozenset({"integrity", "pairing_failed", "operator_disabled"})
"""Ends that a customer should ask their provider about."""


class EndedPage(Page):
    """The end's facts above, what comes next below."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._ended: Ended | None = None
        self._billed: Bill | None = None
        self._words: Words | None = None
        self._calm = Notice(look, "good")
        self.column.addWidget(self._calm)
        self._facts = Box(margin=16)
        self._reason, self._time, self._saved = Label(), Label("", 1.1, bold=True), Label("muted", 0.9)
        self._bill, self._standing = Label(), Label("muted", 0.9)
        self._save, self._proof, self._rate = Button(look), Button(look, "quiet", 0.9), Button(look)
        for widget in (self._reason, self._time, self._bill, self._standing, self._save, self._saved, self._rate):
            self._facts.column.addWidget(widget)
        self._facts.column.addWidget(self._proof)
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
        self._proof.clicked.connect(self._save_proof)
        self._rate.clicked.connect(lambda: self.send(OpenRating()))
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
        self._reason.setText(wording.ended(ended, _) + self._advice(ended, _))
        self._time.setText(_("Connected for {time}", time=wording.duration(ended.connected_s, _)))
        self._time.setVisible(was_live)
        self._draw_bill(state, _)
        self._save.say(_("Save the receipt…"), "save", _("What it comes to and why, as a text"))
        self._save.setVisible(ended.agreed is not None)
        self._rate.say(_("Rate the help…"))
        self._rate.setVisible(state.may_rate)
        self._proof.say(
            _("Save the signed consent…"), None, _("What you agreed to, signed by this program and the service")
        )
        self._proof.setVisible(ended.receipt is not None)
        self._draw_next(state, _)

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The new code's time."""
        self._card.tick(_, now)

    @staticmethod
    def _advice(ended: Ended, _: Words) -> str:
        return " " + _("Call your provider, at the number that you know.") if ended.reason in BAD_ENDS else ""

    def _draw_bill(self, state: ScreenState, _: Words) -> None:
        bill = self._billed = state.bill if self._ended and state.bill and self._belongs(state.bill) else None
        facts = "\n".join(receipt_text.facts(bill)) if bill else ""
        standing = receipt_text.standing(bill, _) if bill else ""
        for label, text in ((self._bill, facts), (self._standing, standing)):
            label.setText(text)
            label.setVisible(bool(text))

    def _belongs(self, bill: Bill) -> bool:
        return self._ended is not None and bill.session_id == self._ended.session_id

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
        if self._ended and (target := self._where(receipt_text.name(self._ended))):
            self.save_receipt_as(target)

    def _save_proof(self) -> None:
        if self._ended and self._ended.receipt and (target := self._where(self._ended.receipt.name)):
            self.save_proof_as(target)

    def _where(self, name: str) -> Path | None:
        if self._words is None:
            return None
        _ = self._words
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chosen, _filter = QFileDialog.getSaveFileName(self, _("Save the receipt"), str(Path(folder) / name))
        return Path(chosen) if chosen else None

    def save_receipt_as(self, target: Path) -> None:
        """Write the receipt there, as far as it is known, and say how it went."""
        if self._ended and self._ended.agreed:
            text = receipt_text.text(self._ended, self._ended.agreed, self._billed)
            self._saving(target, lambda: target.write_text(text, "utf-8"))

    def save_proof_as(self, target: Path) -> None:
        """Copy the signed consent there and say how it went."""
        if self._ended and (proof := self._ended.receipt):
            self._saving(target, lambda: shutil.copyfile(proof, target))

    def _saving(self, target: Path, save: Callable[[], object]) -> None:
        if self._words is None:
            return
        _ = self._words
        try:
            save()
        except (OSError, shutil.SameFileError) as error:
            self._saved.setText(_("It could not be saved: {reason}", reason=wording.plain(str(error), wording.NOTE)))
        else:
            self._saved.setText(_("Saved as {path}", path=target))
        self._saved.show()
