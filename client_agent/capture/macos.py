"""The desktop of macOS through ScreenCaptureKit (macOS 14 and newer).  Unproven: no Mac was at hand.

Counterpart: `inject.macos`.  The main display; macOS asks the customer for *Screen Recording* the first time, and gives
no picture before.  Nothing says what changed, so `wait` only keeps the pace.
"""

import threading
from typing import Any

import numpy as np
import Quartz
import ScreenCaptureKit
from AppKit import NSCursor

from client_agent.capture.base import CURSOR_LIMIT, Capture, Cursor, Pixels
from client_agent.capture.pace import Pace
from client_agent.errors import CaptureUnavailable

PACE = 1 / 15
"""Seconds between two looks."""
ANSWER = 3.0
"""Seconds that the system may take for one picture."""


class MacCapture(Capture):
    """The main display, in pixels (not points)."""

    def __init__(self) -> None:
        self._pace = Pace(PACE)
        self._filter: Any = None
        self._settings: Any = None
        self._shape: bytes | None = None
        self._scale = 1.0

    def open(self) -> tuple[int, int]:
        if not Quartz.CGPreflightScreenCaptureAccess():
            Quartz.CGRequestScreenCaptureAccess()
            raise CaptureUnavailable("permission")
        content = _answered(ScreenCaptureKit.SCShareableContent.getShareableContentWithCompletionHandler_)
        main = Quartz.CGMainDisplayID()
        display = next((found for found in content.displays() if found.displayID() == main), None)
        if display is None:
            raise CaptureUnavailable("no_display")
        self._filter = ScreenCaptureKit.SCContentFilter.alloc().initWithDisplay_excludingWindows_(display, [])
        mode = Quartz.CGDisplayCopyDisplayMode(main)
        width, height = Quartz.CGDisplayModeGetPixelWidth(mode), Quartz.CGDisplayModeGetPixelHeight(mode)
        self._scale = width / max(1, display.width())
        self._settings = ScreenCaptureKit.SCStreamConfiguration.alloc().init()
        self._settings.setWidth_(width)
        self._settings.setHeight_(height)
        self._settings.setShowsCursor_(False)
        self._settings.setPixelFormat_(Quartz.kCVPixelFormatType_32BGRA)
        return int(width), int(height)

    def wait(self, timeout: float) -> bool:
        return self._pace.wait(timeout)

    def grab(self) -> Pixels:
        if self._filter is None:
            raise CaptureUnavailable("closed")
        take = ScreenCaptureKit.SCScreenshotManager.captureImageWithFilter_configuration_completionHandler_
        image = _answered(lambda done: take(self._filter, self._settings, done))
        return _pixels(image)

    def cursor(self, anyway: bool) -> Cursor | None:
        shown = NSCursor.currentSystemCursor()
        if shown is None:
            return None
        image = shown.image().CGImageForProposedRect_context_hints_(None, None, None)
        if isinstance(image, tuple):
            image = image[0]
        picture = _pixels(image)[:CURSOR_LIMIT, :CURSOR_LIMIT]
        rgba = np.ascontiguousarray(picture[..., [2, 1, 0, 3]]).tobytes()
        if rgba == self._shape and not anyway:
            return None
        self._shape = rgba
        height, width = picture.shape[:2]
        hot, ratio = shown.hotSpot(), width / max(1.0, shown.image().size().width)
        hot_x, hot_y = int(hot.x * ratio), int(hot.y * ratio)
        return Cursor(width, height, max(0, min(hot_x, width - 1)), max(0, min(hot_y, height - 1)), rgba)

    def pointer(self) -> tuple[int, int]:
        at = Quartz.CGEventGetLocation(Quartz.CGEventCreate(None))
        return max(0, int(at.x * self._scale)), max(0, int(at.y * self._scale))

    def wake(self) -> None:
        self._pace.wake()

    def close(self) -> None:
        self._pace.wake()
        self._filter = self._settings = None


def _answered(ask: Any) -> Any:
    """What the system passes to a completion handler.  Raises `CaptureUnavailable`."""
    answer: list[Any] = []
    done = threading.Event()

    def take(found: Any, error: Any) -> None:
        answer.append(found if error is None else None)
        done.set()

    ask(take)
    if not done.wait(ANSWER) or answer[0] is None:
        raise CaptureUnavailable("screencapturekit")
    return answer[0]


def _pixels(image: Any) -> Pixels:
    """A CGImage as B, G, R, A, without the padding of its lines."""
    width, height = Quartz.CGImageGetWidth(image), Quartz.CGImageGetHeight(image)
    stride = Quartz.CGImageGetBytesPerRow(image)
    data = Quartz.CGDataProviderCopyData(Quartz.CGImageGetDataProvider(image))
    lines = np.frombuffer(data, np.uint8)[: stride * height].reshape(height, stride)
    return np.ascontiguousarray(lines[:, : width * 4]).reshape(height, width, 4)
