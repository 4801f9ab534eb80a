"""The desktop of an X server: shared-memory pictures, XDamage as a wake-up, the pointer's picture through XFixes.

Counterparts: `inject.x11`; `x11_motion.py` says when to ask where the pointer is.  XDamage over-reports, so it only
says *when* to look; what changed is found by comparing.  Must never be used by two threads.
"""

import ctypes
import os
import select
import sys
from typing import Any

import numpy as np
import xcffib
import xcffib.damage
import xcffib.randr
import xcffib.shm
import xcffib.xfixes
import xcffib.xproto

from client_agent.capture.base import ANYWHERE, Area, Capture, Cursor, Pixels, cursor_of
from client_agent.capture.x11_motion import X11Motion
from client_agent.errors import CaptureUnavailable

_IPC_CREAT_PRIVATE = 0o1600
_IPC_RMID = 0
MONITORS = 16
POINTER_LOOK = 0.1
"""Seconds that `wait` takes at most where the server does not say that the pointer moves."""
MANY = 64
"""Rectangles of damage that are kept apart; of more, only what surrounds them all."""


class _Segment:
    """A System V shared-memory segment: freed by the kernel when both sides have let go, even after a kill."""

    def __init__(self, size: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
        libc.shmget.argtypes = (ctypes.c_int, ctypes.c_size_t, ctypes.c_int)
        libc.shmdt.argtypes = (ctypes.c_void_p,)
        self._libc = libc
        self.id: int = libc.shmget(0, size, _IPC_CREAT_PRIVATE)
        if self.id < 0:
            raise CaptureUnavailable("no_shared_memory")
        address = libc.shmat(self.id, None, 0)
        if address in (None, ctypes.c_void_p(-1).value):
            libc.shmctl(self.id, _IPC_RMID, None)
            raise CaptureUnavailable("no_shared_memory")
        self._address = address
        self.buffer = (ctypes.c_uint8 * size).from_address(address)

    def mark_for_removal(self) -> None:
        """Called once the server is attached: the segment then lives no longer than its users."""
        self._libc.shmctl(self.id, _IPC_RMID, None)

    def close(self) -> None:
        self._libc.shmdt(self._address)


class X11Capture(Capture):
    """The root window of `display` (as in `$DISPLAY`): every monitor that it spans."""

    def __init__(self, display: str) -> None:
        self._display = display
        self._connection: xcffib.Connection | None = None
        self._segment: _Segment | None = None
        self._core: Any = None
        self._shm_id = 0
        self._damaged: list[Area] = list(ANYWHERE)
        self._randr: Any = None
        self._size = (0, 0)
        self._new_size: tuple[int, int] | None = None
        """What the desktop has been resized to since the last `grab`: until the next, that one's picture is read."""
        self._monitors: tuple[Area, ...] = ()
        self._motion: X11Motion | None = None
        self._moved = False
        """Whether the pointer has been moved since it was asked for."""
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    def open(self) -> tuple[int, int]:
        try:
            return self._open()
        except (xcffib.XcffibException, OSError) as error:
            raise CaptureUnavailable("x11_connection") from error

    def _open(self) -> tuple[int, int]:
        connection: Any = xcffib.connect(display=self._display)  # type: ignore[no-untyped-call]
        self._connection = connection
        self._shm = connection(xcffib.shm.key)
        self._damage = connection(xcffib.damage.key)
        self._xfixes = connection(xcffib.xfixes.key)
        self._shm.QueryVersion().reply()
        self._damage.QueryVersion(1, 1).reply()
        self._xfixes.QueryVersion(4, 0).reply()
        screen = connection.get_setup().roots[connection.pref_screen]
        self._root = screen.root
        if screen.root_depth not in (24, 32) or sys.byteorder != "little":
            raise CaptureUnavailable("x11_depth")
        core = self._core = connection.core
        core.ChangeWindowAttributes(self._root, xcffib.xproto.CW.EventMask, [xcffib.xproto.EventMask.StructureNotify])
        damage_id = connection.generate_id()
        self._damage_id = damage_id
        self._damage.Create(damage_id, self._root, xcffib.damage.ReportLevel.DeltaRectangles)
        self._xfixes.SelectCursorInput(self._root, xcffib.xfixes.CursorNotifyMask.DisplayCursor)
        self._cursor_changed = True
        geometry = core.GetGeometry(self._root).reply()
        size = (geometry.width, geometry.height)
        self._resize(*size)
        self._watch_monitors(connection)
        try:
            self._motion = X11Motion(self._display)
        except CaptureUnavailable:
            self._motion = None
        return size

    def _watch_monitors(self, connection: Any) -> None:
        """Monitors need RandR 1.5; without it the desktop is one."""
        try:
            self._randr = connection(xcffib.randr.key)
            version = self._randr.QueryVersion(1, 5).reply()
            known = (version.major_version, version.minor_version) >= (1, 5)
        except (xcffib.XcffibException, KeyError):
            known = False
        if not known:
            self._randr = None
            return
        mask = xcffib.randr.NotifyMask
        self._randr.SelectInput(self._root, mask.ScreenChange | mask.CrtcChange | mask.OutputChange)
        self._read_monitors()

    def _read_monitors(self) -> None:
        """Two or more, each within the desktop; the main one first."""
        width, height = self._new_size or self._size
        found = []
        for one in sorted(self._randr.GetMonitors(self._root, True).reply().monitors, key=lambda one: -one.primary):
            left, top = max(0, one.x), max(0, one.y)
            right, bottom = min(width, one.x + one.width), min(height, one.y + one.height)
            if right > left and bottom > top:
                found.append((left, top, right - left, bottom - top))
        self._monitors = tuple(found[:MONITORS]) if len(found) > 1 else ()

    @property
    def monitors(self) -> tuple[Area, ...]:
        return self._monitors

    def _resize(self, width: int, height: int) -> None:
        connection = self._connected()
        if self._segment is not None:
            self._shm.Detach(self._shm_id)
            self._segment.close()
            self._segment = None
        segment = _Segment(width * height * 4)
        self._shm_id = connection.generate_id()
        try:
            self._shm.Attach(self._shm_id, segment.id, False, is_checked=True).check()
        except xcffib.Error as error:
            segment.close()
            raise CaptureUnavailable("x11_shared_memory") from error
        finally:
            segment.mark_for_removal()
        self._segment, self._size, self._new_size = segment, (width, height), None
        self._damaged = list(ANYWHERE)
        self._pixels: Pixels = np.ctypeslib.as_array(segment.buffer).reshape(height, width, 4)

    def wait(self, timeout: float) -> bool:
        connection = self._connected()
        known = self._moved
        if (changed := self._drain()) or (self._moved and not known):
            return changed
        connection.flush()
        sources: list[int | X11Motion] = [connection.get_file_descriptor(), self._wake_read]
        if self._motion is None:
            timeout = min(timeout, POINTER_LOOK)
        elif not self._moved:  # a moving pointer is asked for as often as it is told, not as often as it moves
            sources.append(self._motion)
        ready, _, _ = select.select(sources, [], [], timeout)
        if self._wake_read in ready:
            try:
                os.read(self._wake_read, 4096)
            except BlockingIOError:
                pass
        return self._drain()

    def _drain(self) -> bool:
        """Take what the server sent; whether the picture may have changed."""
        connection = self._connected()
        changed = monitors = False
        try:
            while (event := connection.poll_for_event()) is not None:
                if isinstance(event, xcffib.damage.NotifyEvent):
                    changed = True
                    at = event.area
                    self._add_damage((at.x, at.y, at.width, at.height))
                elif isinstance(event, xcffib.xfixes.CursorNotifyEvent):
                    self._cursor_changed = True
                elif isinstance(event, xcffib.xproto.ConfigureNotifyEvent) and event.window == self._root:
                    self._new_size = event.width, event.height
                    self._damaged = list(ANYWHERE)
                    changed = monitors = True
                elif isinstance(event, xcffib.randr.ScreenChangeNotifyEvent | xcffib.randr.NotifyEvent):
                    self._damaged = list(ANYWHERE)
                    changed = monitors = True
            if self._motion is not None and self._motion.take():
                self._moved = True
            if monitors and self._randr is not None:
                self._read_monitors()
            if changed:
                # Subtracted before the grab: what is drawn later raises a new event.
                self._damage.Subtract(self._damage_id, 0, 0)
                connection.flush()
        except (xcffib.ConnectionException, xcffib.Error) as error:
            raise CaptureUnavailable("x11_connection") from error
        return changed

    def _add_damage(self, area: Area) -> None:
        if len(self._damaged) >= MANY:
            lefts, tops, rights, bottoms = zip(*((x, y, x + w, y + h) for x, y, w, h in self._damaged), strict=True)
            left, top = min(lefts), min(tops)
            self._damaged = [(left, top, max(rights) - left, max(bottoms) - top)]
        self._damaged.append(area)

    @property
    def damaged(self) -> tuple[Area, ...]:
        return tuple(self._damaged)

    def grab(self) -> Pixels:
        """Only the rows with damage are fetched; the others are still right."""
        if self._new_size not in (None, self._size):
            self._follow()
        for _ in range(3):
            width, height = self._size
            top = max(0, min((y for _, y, _, _ in self._damaged), default=0))
            bottom = min(height, max((y + h for _, y, _, h in self._damaged), default=0))
            try:
                if bottom > top:
                    self._shm.GetImage(
                        self._root, 0, top, width, bottom - top, 0xFFFFFFFF, xcffib.xproto.ImageFormat.ZPixmap,
                        self._shm_id, top * width * 4,
                    ).reply()  # fmt: skip
                self._damaged.clear()
                return self._pixels
            except xcffib.ConnectionException as error:
                raise CaptureUnavailable("x11_connection") from error
            except xcffib.Error:
                # The desktop shrank between its event and this request: ask for its size and try again.
                self._follow()
        raise CaptureUnavailable("x11_picture")

    def _follow(self) -> None:
        try:
            geometry = self._core.GetGeometry(self._root).reply()
            self._resize(geometry.width, geometry.height)
        except (xcffib.ConnectionException, xcffib.Error) as error:
            raise CaptureUnavailable("x11_connection") from error

    def cursor(self, anyway: bool) -> Cursor | None:
        if not self._cursor_changed and not anyway:
            return None
        self._cursor_changed = False
        try:
            image = self._xfixes.GetCursorImage().reply()
        except (xcffib.ConnectionException, xcffib.Error):
            return None
        argb = np.array(image.cursor_image, np.uint32).reshape(image.height, image.width)
        return _to_cursor(argb, image.xhot, image.yhot)

    def pointer(self) -> tuple[int, int]:
        self._moved = False
        try:
            at = self._core.QueryPointer(self._root).reply()
        except (xcffib.ConnectionException, xcffib.Error) as error:
            raise CaptureUnavailable("x11_connection") from error
        return max(0, at.root_x), max(0, at.root_y)

    def wake(self) -> None:
        try:
            os.write(self._wake_write, b"w")
        except (BlockingIOError, OSError):
            pass

    def close(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()  # type: ignore[no-untyped-call]
            self._connection = None
            if self._motion is not None:
                self._motion.close()
                self._motion = None
            if self._segment is not None:
                del self._pixels
                self._segment.close()
                self._segment = None
        if self._wake_read >= 0:
            read, write = self._wake_read, self._wake_write
            self._wake_read = self._wake_write = -1  # another thread may still wake: never somebody else's file
            os.close(read)
            os.close(write)

    def _connected(self) -> xcffib.Connection:
        if self._connection is None:
            raise CaptureUnavailable("x11_connection")
        return self._connection


def _to_cursor(argb: np.ndarray[tuple[int, int], np.dtype[np.uint32]], hot_x: int, hot_y: int) -> Cursor:
    """XFixes' premultiplied ARGB, a number a pixel."""
    planes = [(argb >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0, 24)]
    return cursor_of(np.stack(planes, axis=-1), hot_x, hot_y)
