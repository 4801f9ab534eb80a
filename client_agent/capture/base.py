"""What a screen capture is, whatever the operating system.

Counterpart: one file per backend beside this one; `encode` takes its pictures.  A backend is used from one worker
thread only, but for `wake`.  It must never grab by itself: the caller asks the gate first, then calls `grab`.
"""

import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from client_agent.errors import CaptureUnavailable

CURSOR_LIMIT = 96
"""Largest side of a pointer's picture, in pixels: one message holds it."""

Pixels = NDArray[np.uint8]
"""height × width × 4, row by row, bytes B, G, R and one unused: what X11, Windows and macOS all give."""


Area = tuple[int, int, int, int]
"""x, y, width, height: a rectangle of the desktop, in pixels."""

ANYWHERE: tuple[Area, ...] = ((0, 0, 1 << 14, 1 << 14),)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The pointer's picture: RGBA not premultiplied, row by row; width and height 0 when it is hidden."""

    width: int
    height: int
    hot_x: int
    hot_y: int
    rgba: bytes


def cursor_of(rgba: Pixels, hot_x: int, hot_y: int) -> Cursor:
    """The pointer's picture from premultiplied R, G, B, A, height × width × 4, cut to what the protocol carries."""
    rgba = rgba[:CURSOR_LIMIT, :CURSOR_LIMIT]
    height, width = rgba.shape[:2]
    wide, alpha = rgba.astype(np.uint32), np.maximum(rgba[..., 3:], 1).astype(np.uint32)
    straight = np.minimum((wide * 255 + alpha // 2) // alpha, 255).astype(np.uint8)
    straight[..., 3] = rgba[..., 3]
    return Cursor(width, height, min(hot_x, max(width - 1, 0)), min(hot_y, max(height - 1, 0)), straight.tobytes())


class Capture(ABC):
    """A view of the whole desktop."""

    @abstractmethod
    def open(self) -> tuple[int, int]:
        """Connect and return the desktop's width and height in pixels.  Raises `CaptureUnavailable`."""

    @property
    def ready(self) -> bool:
        """Whether there is a picture to `grab`; a desktop that asks its person first has none before the answer."""
        return True

    def rest(self) -> None:
        """Nobody may look now: let nothing come until the next `wait`, and what the system tells not pile up."""
        self.wait(0)

    @abstractmethod
    def wait(self, timeout: float) -> bool:
        """Block until the picture may have changed (True); or the pointer may have been moved, `wake` was called or
        `timeout` seconds passed (False)."""

    @property
    def damaged(self) -> tuple[Area, ...]:
        """Where the picture may have changed since the last `grab`; `ANYWHERE` where the system does not say."""
        return ANYWHERE

    @property
    def monitors(self) -> tuple[Area, ...]:
        """The monitors that the desktop spans, the main one first; empty where that is not known."""
        return ()

    @abstractmethod
    def grab(self) -> Pixels:
        """The desktop as it is now.  The array is valid until the next `grab` or `close`, whatever `wait` finds; its
        size may differ from the last one.

        Raises `CaptureUnavailable` when there is no picture to be had any more.
        """

    @abstractmethod
    def cursor(self, anyway: bool) -> Cursor | None:
        """The pointer's picture if it changed since the last call, or `anyway`; else, and where there is none, None."""

    @abstractmethod
    def pointer(self) -> tuple[int, int]:
        """Where the pointer is, in pixels."""

    @abstractmethod
    def wake(self) -> None:
        """Make `wait` return.  The only method for other threads."""

    @abstractmethod
    def close(self) -> None:
        """Give back what `open` took.  May be called twice."""


def open_capture(environ: dict[str, str]) -> Capture:
    """The backend for this computer, not yet opened.  Raises `CaptureUnavailable` where there is none.

    A Wayland desktop is `client_agent.wayland`'s, and never looked for through X.
    """
    if sys.platform == "win32":
        from client_agent.capture.windows import WindowsCapture

        return WindowsCapture()
    if sys.platform == "darwin":
        from client_agent.capture.macos import MacCapture

        return MacCapture()
    if is_wayland(environ):
        raise CaptureUnavailable("wayland")
    if not environ.get("DISPLAY"):
        raise CaptureUnavailable("no_display")
    from client_agent.capture.x11 import X11Capture

    return X11Capture(environ["DISPLAY"])


def is_wayland(environ: dict[str, str]) -> bool:
    """Whether the desktop is a Wayland one.  Its X display (Xwayland) shows only some windows: no way round."""
    return bool(environ.get("WAYLAND_DISPLAY")) or environ.get("XDG_SESSION_TYPE", "").lower() == "wayland"
