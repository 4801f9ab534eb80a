"""\"Ask me again after …\": the customer's own limit, as a row of which one is chosen."""

from collections.abc import Callable

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from client_agent import wording
from client_agent.i18n import Words
from client_agent.window.widgets import Label


class LimitChoice(QWidget):
    """Calls `chosen` with the minutes that the customer picks; None for no limit."""

    def __init__(self, chosen: Callable[[int | None], None]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._caption = Label("muted", 0.9)
        column.addWidget(self._caption)
        row = QHBoxLayout()
        row.setSpacing(6)
        self._group = QButtonGroup(self)
        self._buttons = {minutes: QRadioButton() for minutes in wording.LIMITS}
        for minutes, button in self._buttons.items():
            self._group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(lambda _on=False, minutes=minutes: chosen(minutes))
        row.addStretch(1)
        column.addLayout(row)

    def draw(self, minutes: int | None, _: Words) -> None:
        """`minutes`: what is chosen."""
        self._caption.setText(_("Ask me again after:"))
        for one, button in self._buttons.items():
            choice = wording.limit_choice(one, _)
            button.setText(choice)
            button.setAccessibleName(_("Ask me again after: {choice}", choice=choice))
        self._buttons[minutes].setChecked(True)
