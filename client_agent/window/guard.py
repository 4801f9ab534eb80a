"""Where the agent's windows are, for inject (pairing rule 6): the technician cannot consent for the customer.

`Guard` is a snapshot that the window keeps fresh and the injection thread reads: one tuple, replaced whole, so no lock.
Fails closed: before the first snapshot everything is covered and a prompt is open.
"""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

MARGIN = 8
"""Physical pixels around each window that count as it: a frame's shadow and edge belong to it."""

Area = tuple[int, int, int, int]
"""left, top, right, bottom, in physical pixels of the whole desktop; right and bottom are outside."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What holds at one moment."""

    areas: tuple[Area, ...]
    focus: bool
    prompt: bool


class Guard:
    """Implements `events.WindowGuard`."""

    def __init__(self) -> None:
        self._now: Snapshot | None = None

    def covers(self, x: int, y: int) -> bool:
        """Whether the point is over a window of the agent."""
        now = self._now
        if now is None:
            return True
        return any(left <= x < right and top <= y < bottom for left, top, right, bottom in now.areas)

    def has_focus(self) -> bool:
        """Whether a window of the agent has the keyboard."""
        now = self._now
        return now is None or now.focus

    def prompt_open(self) -> bool:
        """Whether the customer is being asked something."""
        now = self._now
        return now is None or now.prompt

    def set(self, snapshot: Snapshot) -> None:
        """From the window's thread only."""
        self._now = snapshot


def look_around(prompt: bool) -> Snapshot:
    """Every window of this program that can be clicked, its menus and dialogs too."""
    areas = tuple(_area(widget) for widget in QApplication.topLevelWidgets() if _can_be_clicked(widget))
    return Snapshot(areas, QGuiApplication.focusWindow() is not None, prompt)


def _can_be_clicked(widget: QWidget) -> bool:
    through = widget.windowFlags() & Qt.WindowType.WindowTransparentForInput
    return widget.isVisible() and not widget.isMinimized() and not through


def _area(widget: QWidget) -> Area:
    frame, screen = widget.frameGeometry(), widget.screen()
    left, top = physical(frame.topLeft(), screen)
    right, bottom = physical(frame.bottomRight() + QPoint(1, 1), screen)
    return left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN


def physical(point: QPoint, screen: QScreen) -> tuple[int, int]:
    """Logical to physical pixels: Qt scales within a screen and leaves the screen's own origin as it is."""
    origin: QRect = screen.geometry()
    ratio = screen.devicePixelRatio()
    return (
        round(origin.x() + (point.x() - origin.x()) * ratio),
        round(origin.y() + (point.y() - origin.y()) * ratio),
    )
