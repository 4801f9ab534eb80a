"""What the pages have in common: a title, a column, and how they are drawn.

A page keeps nothing of the state: it is handed all of it whenever anything changes, and again as time passes.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from client_agent.events import Command
from client_agent.i18n import Words
from client_agent.window.view_model import Gesture, ScreenState
from client_agent.window.widgets import Label, Look, Title

Send = Callable[[Command | Gesture], None]
"""Where a page's clicks go."""


class Page(QWidget):
    """A page with a title and a line under it, which scrolls where it must; its `answers` below never scroll away."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__()
        self.setObjectName("page")
        self.look, self.send = look, send
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(22, 16, 22, 12)
        self.column.setSpacing(11)
        self.foot = QWidget()
        self.answers = QVBoxLayout(self.foot)
        self.answers.setContentsMargins(22, 10, 22, 12)
        self.answers.setSpacing(9)
        self.title, self.under = Title(), Label("muted")
        self.column.addWidget(self.title)
        self.column.addWidget(self.under)

    def head(self, title: str, under: str = "") -> None:
        """The page's first two lines."""
        self.title.setText(title)
        self.under.setText(under)
        self.under.setVisible(bool(under))

    def draw(self, state: ScreenState, _: Words) -> None:
        """Show `state`. Called only while this page is in sight, and before it comes into sight."""
        raise NotImplementedError

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """Show what changes with time alone. `now`: monotonic, s."""


class Frame(QWidget):
    """A page that scrolls, over its answers that do not."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.setObjectName("page")
        self.area = QScrollArea()
        self.area.setObjectName("scroll")
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.area, 1)
        if page.answers.count():
            column.addWidget(page.foot)
