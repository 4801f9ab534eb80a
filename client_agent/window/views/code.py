"""ID and password, in very large type, with how to say them and how long they hold (Q1)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from client_agent import spelling, wording
from client_agent.events import CodeShown, NewCode
from client_agent.i18n import Words
from client_agent.window.view_model import ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Button, Code, Label, Look, Notice, Ring
from protocol.code import PASSWORD_SYMBOLS

HURRY = 60.0
"""Seconds left from which the ring warns."""


class SpelledOut(QWidget):
    """Each symbol of the password with the word to say for it, four in a row as the password is grouped."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        self._cells: list[tuple[Label, Label]] = []
        for at in range(PASSWORD_SYMBOLS):
            cell = Box("cell", 6)
            cell.column.setSpacing(0)
            symbol, word = Label("accent", 1.1, bold=True, wrap=False), Label("muted", 0.82, wrap=False)
            for label in (symbol, word):
                label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                cell.column.addWidget(label)
            grid.addWidget(cell, at // 4, at % 4)
            grid.setColumnStretch(at % 4, 1)
            self._cells.append((symbol, word))

    def forget(self) -> None:
        """Empty the cells."""
        for label in (label for cell in self._cells for label in cell):
            label.clear()

    def spell(self, password: str, _: Words) -> None:
        """`password`: eight symbols."""
        for (symbol, word), spelled in zip(self._cells, spelling.spelled(password, _.language), strict=True):
            symbol.setText(spelled.symbol)
            word.setText(spelled.word)


class CodeCard(QWidget):
    """ID, password, spelling and time left; `compact` for under another text."""

    def __init__(self, look: Look, send: Send, *, compact: bool = False) -> None:
        super().__init__()
        self._send = send
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        size = 1.9 if compact else 3.2
        self._id_name, self._id, self._copy_id = Label("muted", 0.95), Code(size), Button(look, "quiet")
        self._password_name, self._password = Label("muted", 0.95), Code(size)
        self._copy_password, self._spelled = Button(look, "quiet"), SpelledOut()
        first = Box(margin=14)
        second = first if compact else Box(margin=14)
        add = self._add_row if compact else self._add_large
        add(first, self._id_name, self._id, self._copy_id)
        add(second, self._password_name, self._password, self._copy_password)
        if compact:
            self._spelled.hide()
        else:
            second.column.addSpacing(6)
            second.column.addWidget(self._spelled)
        for box in dict.fromkeys((first, second)):
            column.addWidget(box)
        self._ring, self._left, self._new = Ring(look), Label(), Button(look, "quiet")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._ring)
        row.addWidget(self._left, 1)
        row.addWidget(self._new)
        column.addLayout(row)
        self._shown: CodeShown | None = None
        self._copy_id.clicked.connect(lambda: self._copy(self._id.text().replace(" ", "")))
        self._copy_password.clicked.connect(lambda: self._copy(self._password.text()))
        self._new.clicked.connect(lambda: self._send(NewCode()))

    @staticmethod
    def _add_large(box: Box, name: Label, code: Code, copy: Button) -> None:
        """The whole width for the code."""
        box.column.setSpacing(0)
        row = QHBoxLayout()
        row.addWidget(name, 1)
        row.addWidget(copy)
        box.column.addLayout(row)
        box.column.addWidget(code)

    @staticmethod
    def _add_row(box: Box, name: Label, code: Code, copy: Button) -> None:
        box.column.setSpacing(0)
        row = QHBoxLayout()
        row.addWidget(code, 1)
        row.addWidget(copy)
        box.column.addWidget(name)
        box.column.addLayout(row)

    def show_code(self, shown: CodeShown, _: Words) -> None:
        """Write it, and how to say it."""
        self._shown = shown
        self._id_name.setText(_("Your ID"))
        self._password_name.setText(_("Your password"))
        self._id.write(spelling.shown_id(shown.id))
        self._id.setAccessibleName(spelling.shown_id(shown.id))
        self._id.setAccessibleDescription(_("Your ID") + ": " + spelling.aloud(shown.id, _.language))
        self._password.write(spelling.shown_password(shown.password))
        self._password.setAccessibleName(spelling.shown_password(shown.password))
        self._password.setAccessibleDescription(_("Your password") + ": " + spelling.aloud(shown.password, _.language))
        self._spelled.spell(shown.password, _)
        self._copy_id.say(_("Copy"), "copy", _("Copy the ID"))
        self._copy_password.say(_("Copy"), "copy", _("Copy the password"))
        self._new.say(_("New code"), "refresh", _("Make another ID and password; these stop working"))

    def forget(self) -> None:
        """Nothing that opens a door stays in a hidden widget."""
        self._shown = None
        self._id.clear()
        self._password.clear()
        self._spelled.forget()
        for code in (self._id, self._password):
            code.setAccessibleName("")
            code.setAccessibleDescription("")

    def tick(self, _: Words, now: float) -> None:
        """The time left."""
        if self._shown:
            left = max(0.0, self._shown.until - now)
            self._ring.show_left(left / self._shown.life_s, "accent" if left > HURRY else "warn")
            self._left.setText(_("Good for {time} min", time=wording.clock(left)))

    @staticmethod
    def _copy(text: str) -> None:
        QGuiApplication.clipboard().setText(text)


class CodePage(Page):
    """The page on which a customer waits, with the telephone in hand."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self.column.setSpacing(10)
        self._lost = Notice(look, "warn")
        self._renewing = Notice(look, "info")
        self._not_served = Notice(look, "info")
        self._card = CodeCard(look, send)
        self._calm = Notice(look, "good")
        for widget in (self._lost, self._not_served, self._renewing, self._card, self._calm):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        self.head(_("Read these out to the technician"), _("Only to the person whom you have called yourself."))
        if state.code_lost:
            self._lost.say(wording.code_lost(state.code_lost, _), "warning", "warn_text")
        self._lost.setVisible(state.code_lost is not None)
        if state.not_served:
            self._not_served.say(wording.not_served(state.not_served, _), "clock", "accent")
        self._not_served.setVisible(state.not_served is not None)
        self._renewing.say(_("A new ID and password are being made…"), "clock", "accent")
        self._renewing.setVisible(state.code is None)
        self._card.setVisible(state.code is not None)
        if state.code:
            self._card.show_code(state.code, _)
        self._calm.say(_("Nobody can see your screen until you agree."), "shield", "good_text")

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The time left."""
        self._card.tick(_, now)
