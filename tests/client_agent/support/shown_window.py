"""A window with its scripted core; a customer's hands and eyes."""

import time

from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from client_agent import events as ev
from client_agent.window.guard import Guard
from client_agent.window.main_window import AgentWindow
from protocol.control import Permission
from tests.client_agent.support.scripted_core import SESSION, ScriptedCore, code, offer
from tests.support.patience import PATIENCE

NOW = 1_000.0
BOTH: frozenset[Permission] = frozenset({"view", "control"})


class Paintings(QObject):
    """Counts what is painted in the whole program."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.painted: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's."""
        if event.type() is QEvent.Type.Paint:
            self.painted.append(watched.objectName() or type(watched).__name__)
        return False


class Shown:
    """A window with its scripted core; a customer's hands and eyes."""

    def __init__(self, app: QApplication) -> None:
        self.now, self.rings = NOW, 0
        self.core, self.guard = ScriptedCore(lambda: self.now), Guard()
        assert self.guard.covers(0, 0)
        assert self.guard.has_focus()
        assert self.guard.prompt_open()
        self.window = AgentWindow(self.core, self.guard, "en", lambda: self.now, self._ring)
        self.window.show()

    def _ring(self) -> None:
        self.rings += 1

    def button(self, name: str) -> QPushButton:
        return next(b for b in self.window.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())

    def press(self, name: str) -> None:
        self.button(name).click()

    def awake(self, name: str) -> None:
        """Wait until the button takes clicks."""
        until = time.monotonic() + PATIENCE
        while not self.button(name).isEnabled():
            assert time.monotonic() < until
            QTest.qWait(20)

    def text(self) -> str:
        return "\n".join(label.text() for label in self.window.findChildren(QLabel) if label.isVisible())

    def quiet(self, paintings: Paintings) -> bool:
        """Whether a tick and what followed from it painted nothing."""
        paintings.painted.clear()
        self.window._ticked()
        QTest.qWait(20)
        return not paintings.painted

    def ask(self, **changed: object) -> None:
        self.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(**changed), deadline=NOW + 60))

    def live(self) -> None:
        self.ask()
        self.awake("Accept")
        self.press("Accept")
        self.core.emit(
            ev.Live(
                session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=BOTH, since=NOW,
            )
        )  # fmt: skip
