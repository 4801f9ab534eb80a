"""A Wayland desktop: the screens that the person shares through the desktop portal, put together as one picture.

Counterparts: `inject.wayland`, on the same `Share`; `portal.py` asks the person, `pipewire.py` brings the pictures.
The compositor says when and where the picture changed, and the pointer comes apart from it where the desktop can.
Must never ask the person a second time by itself: a share that is over is over for the session.
"""

import threading
import time

import numpy as np

from client_agent.capture.base import ANYWHERE, Area, Capture, Cursor, Pixels, cursor_of
from client_agent.capture.pipewire import Remote, Stream, library
from client_agent.errors import CaptureUnavailable
from client_agent.portal import Granted, Placed, PortalOver, Screen, Share
from protocol import limits

STILL = 0.3
"""Seconds without a buffer that moves the pointer, after which it rests."""
HIDDEN = Cursor(0, 0, 0, 0, b"")


def place(screens: list[tuple[Screen, tuple[int, int]]]) -> tuple[Placed, ...]:
    """Where each screen goes, by its size in pixels: as the person has them, or, where pixels and the desktop's own
    units differ or it does not say, one beside the other."""
    alike = all(screen.position is not None and screen.size in (None, pixels) for screen, pixels in screens)
    ordered = sorted(screens, key=lambda one: one[0].position or (0, 0))
    left = min((screen.position[0] for screen, _ in ordered if screen.position), default=0)
    top = min((screen.position[1] for screen, _ in ordered if screen.position), default=0)
    placed, beside = [], 0
    for screen, (width, height) in ordered:
        size = screen.size or (width, height)
        own = (*screen.position, *size) if screen.position else None
        x, y = (screen.position[0] - left, screen.position[1] - top) if alike and screen.position else (beside, 0)
        placed.append(Placed(screen.node, (x, y, width, height), (size[0] / width, size[1] / height), own))
        beside += width
    return tuple(placed)


class WaylandCapture(Capture):
    """What `share` gives.  `open` asks for it and does not wait: `ready` says when there is a picture."""

    def __init__(self, share: Share) -> None:
        library()
        self._share = share
        self._news = threading.Condition()
        self._changed = self._woken = False
        self._granted: Granted | None = None
        self._remote: Remote | None = None
        self._streams: dict[int, Stream] = {}
        self._placed: tuple[Placed, ...] = ()
        self._canvas: Pixels = np.zeros((0, 0, 4), np.uint8)
        self._damaged: tuple[Area, ...] = ANYWHERE
        self._resting = False
        self._at = (0, 0)
        self._shape: Cursor | None = None
        self._last_shape: Cursor | None = None

    def open(self) -> tuple[int, int]:
        self._share.begin(self._tell)
        return 0, 0

    @property
    def ready(self) -> bool:
        return self._canvas.size > 0

    def wait(self, timeout: float) -> bool:
        self._run(True)
        if any(one.unsure_at is not None for one in self._streams.values()):
            timeout = min(timeout, STILL)
        with self._news:
            self._news.wait_for(lambda: self._changed or self._woken, timeout)
            changed, self._changed, self._woken = self._changed, False, False
        self._renew_the_unsure()
        return changed and self._look()

    def _renew_the_unsure(self) -> None:
        """Once the pointer rests, pictures that may have been lost before it are asked for again."""
        before = time.monotonic() - STILL
        if any(one.unsure_at is not None and one.unsure_at < before for one in self._streams.values()):
            assert self._remote is not None
            with self._remote:
                for stream in self._streams.values():
                    if stream.unsure_at is not None:
                        stream.renew()

    def rest(self) -> None:
        self._run(False)
        self._granted_now()

    def _run(self, on: bool) -> None:
        if self._resting != on or self._remote is None:
            return
        self._resting = not on
        with self._remote:
            for stream in self._streams.values():
                stream.run(on)

    def _tell(self) -> None:
        """From the portal's thread and from PipeWire's."""
        with self._news:
            self._changed = True
            self._news.notify()

    def _look(self) -> bool:
        """Take the news; whether the picture may have changed."""
        granted = self._granted_now()
        if granted is None:
            return False
        if self._remote is None:
            self._granted = granted
            self._remote = self._connect()
            self._streams = {one.node: self._remote.stream(one.node, self._tell) for one in granted.screens}
        with self._remote:
            if any(stream.failed for stream in self._streams.values()):
                raise CaptureUnavailable("wayland_stream")
            if not all(stream.shown for stream in self._streams.values()):
                return False
            self._arrange(granted)
            self._take_pointer()
            self._damaged = self._settled()
        return bool(self._damaged)

    def _granted_now(self) -> Granted | None:
        try:
            return self._share.granted
        except PortalOver as over:
            raise _told(over) from over

    def _connect(self) -> Remote:
        try:
            return Remote(self._share.take_pipewire())
        except PortalOver as over:
            raise _told(over) from over

    def _arrange(self, granted: Granted) -> None:
        placed = place([(screen, self._streams[screen.node].size) for screen in granted.screens])
        if placed == self._placed:
            return
        width = max(x + w for x, _, w, _ in (one.area for one in placed))
        height = max(y + h for _, y, _, h in (one.area for one in placed))
        if width * height > limits.SCREEN_AREA or max(width, height) > limits.SCREEN_SIDE:
            raise CaptureUnavailable("too_large")
        self._placed = self._share.placed = placed
        self._canvas = np.zeros((height, width, 4), np.uint8)
        for stream in self._streams.values():
            stream.damage = list(ANYWHERE)

    def _settled(self) -> tuple[Area, ...]:
        found: list[Area] = []
        for one in self._placed:
            left, top, width, height = one.area
            for x, y, w, h in self._streams[one.node].settle():
                w, h = min(width, x + w) - max(0, x), min(height, y + h) - max(0, y)
                if w > 0 and h > 0:
                    found.append((left + max(0, x), top + max(0, y), w, h))
        return tuple(found)

    def _take_pointer(self) -> None:
        for one in self._placed:
            stream = self._streams[one.node]
            if stream.cursor is not None:
                x, y = stream.cursor
                self._at = max(0, one.area[0] + x), max(0, one.area[1] + y)
            if stream.shape is not None:
                (picture, hot_x, hot_y), stream.shape = stream.shape, None
                self._shape = cursor_of(picture, hot_x, hot_y)

    @property
    def damaged(self) -> tuple[Area, ...]:
        return self._damaged

    @property
    def monitors(self) -> tuple[Area, ...]:
        return tuple(one.area for one in self._placed) if len(self._placed) > 1 else ()

    def grab(self) -> Pixels:
        if self._remote is None:
            raise CaptureUnavailable("wayland_stream")
        with self._remote:
            for one in self._placed:
                x, y, width, height = one.area
                self._streams[one.node].copy(self._canvas[y : y + height, x : x + width])
            self._damaged = ()
        return self._canvas

    def cursor(self, anyway: bool) -> Cursor | None:
        if self._granted is None:
            return None
        if not self._granted.pointer_apart:
            return HIDDEN if anyway else None
        shape, self._shape = self._shape, None
        if shape is not None:
            self._last_shape = shape
        return (shape or self._last_shape) if anyway else shape

    def pointer(self) -> tuple[int, int]:
        return self._at

    def wake(self) -> None:
        with self._news:
            self._woken = True
            self._news.notify()

    def close(self) -> None:
        if self._remote is not None:
            self._remote.close()
            self._remote = None
            self._streams = {}
        self._share.close()
        self.wake()


def _told(over: PortalOver) -> CaptureUnavailable:
    return CaptureUnavailable(f"portal_{over.reason}")
