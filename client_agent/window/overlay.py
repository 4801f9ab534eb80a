"""What lies over the whole desktop while a technician is connected: a border on every screen, a bar with Disconnect.

Both bypass the window manager and are raised again each second (`lift`), so that no other program's window, full-screen
ones included, keeps them out of sight. The border lets every click through; the bar can be dragged out of the way.
"""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from client_agent.window.widgets import Button, Label, Look, Picture

THICKNESS = 5
"""Logical pixels."""

_OVER_ALL = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.BypassWindowManagerHint
)


class Edge(QWidget):
    """One side of the border."""

    def __init__(self, place: QRect) -> None:
        through = Qt.WindowType.WindowTransparentForInput | Qt.WindowType.WindowDoesNotAcceptFocus
        super().__init__(None, _OVER_ALL | through)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setObjectName("edge")
        self.setGeometry(place)
        self._colour = QColor()

    def paint_in(self, colour: str) -> None:
        """`#rrggbb`.  Painted only when it is another: each painting is looked at, to be sent to the technician."""
        if self._colour != (wanted := QColor(colour)):
            self._colour = wanted
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._colour)
        painter.end()


class Border:
    """Four edges on each screen; none while nobody is connected."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._edges: list[Edge] = []

    def show(self, colour: Literal["danger", "warn"]) -> None:
        """Show it in one of the palette's colours, on the screens that there are now; call again as time passes."""
        places = [place for screen in QGuiApplication.screens() for place in edges(screen.geometry())]
        if [edge.geometry() for edge in self._edges] != places:
            self.hide()
            self._edges = [Edge(place) for place in places]
        for edge in self._edges:
            edge.paint_in(getattr(self._look.colours, colour))
            edge.show()

    def lift(self) -> None:
        """Over everything again."""
        for edge in self._edges:
            edge.raise_()

    def hide(self) -> None:
        """Take it away."""
        for edge in self._edges:
            edge.close()
            edge.deleteLater()
        self._edges = []


def edges(screen: QRect) -> tuple[QRect, QRect, QRect, QRect]:
    """Top, bottom, left and right of a screen, without overlap."""
    x, y, w, h, t = screen.x(), screen.y(), screen.width(), screen.height(), THICKNESS
    return (
        QRect(x, y, w, t),
        QRect(x, y + h - t, w, t),
        QRect(x, y + t, t, h - 2 * t),
        QRect(x + w - t, y + t, t, h - 2 * t),
    )


class Bar(QWidget):
    """Who is connected, how long, and Disconnect, over everything; a press elsewhere on it brings the window."""

    def __init__(self, look: Look, disconnect: Callable[[], None], pressed: Callable[[], None]) -> None:
        super().__init__(None, _OVER_ALL)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        self._picture, self._text, self._time = (
            Picture(look, 22),
            Label(wrap=False),
            Label("", 1.0, bold=True, wrap=False),
        )
        self._disconnect = Button(look, "danger")
        self._disconnect.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for widget in (self._picture, self._text, self._time, self._disconnect):
            row.addWidget(widget)
        self._disconnect.clicked.connect(disconnect)
        self._pressed = pressed
        self._grip: QPoint | None = None
        self._dragged = self._moved = False

    def say(self, text: str, time: str, disconnect: str, colour: str) -> None:
        """What it says now."""
        self.setWindowTitle(text)
        self._picture.draw("eye" if colour == "danger" else "pause", colour)
        self._text.setText(text)
        self._time.setText(time)
        if self._disconnect.accessibleName() != disconnect:
            self._disconnect.say(disconnect, "cross")

    def lift(self) -> None:
        """Over everything again."""
        if self.isVisible():
            self.raise_()

    def bring(self) -> None:
        """Show it, in the middle of the top until the customer has moved it."""
        self.adjustSize()
        screen = (
            self.screen().availableGeometry() if self._moved else QGuiApplication.primaryScreen().availableGeometry()
        )
        if not self._moved:
            self.move(screen.center().x() - self.width() // 2, screen.top() + THICKNESS + 6)
        elif not screen.contains(self.geometry()):
            self.move(
                min(max(self.x(), screen.left()), screen.right() - self.width()),
                min(max(self.y(), screen.top()), screen.bottom() - self.height()),
            )
        self.show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: take hold of it."""
        self._grip, self._dragged = event.position().toPoint(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: drag it."""
        if self._grip is None:
            return
        here = event.position().toPoint()
        if self._dragged or (here - self._grip).manhattanLength() > QApplication.startDragDistance():
            self._dragged = self._moved = True
            self.move(event.globalPosition().toPoint() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's: let go; a press that was no drag asks for the window."""
        self._grip = None
        if not self._dragged:
            self._pressed()
