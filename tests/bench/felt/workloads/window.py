"""A window of an X server's, drawn by shared memory: the least that a program can cost which shows moving pictures.

Not managed by the window manager (override-redirect), so that it stands on every desktop where it is told to.
"""

import ctypes
import mmap
import time
from pathlib import Path
from typing import Any

import numpy as np
import xcffib
import xcffib.shm
from xcffib import xproto

type_pixels = np.ndarray[Any, np.dtype[np.uint8]]
_IPC_CREAT_PRIVATE, _IPC_RMID = 0o1600, 0
_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p
_libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_libc.shmget.argtypes = (ctypes.c_int, ctypes.c_size_t, ctypes.c_int)


class Window:
    """`pixels` is its picture, BGRX, to be drawn in and then put; `at` and size in pixels of the desktop in DISPLAY."""

    def __init__(self, at: tuple[int, int], width: int, height: int, events: int = 0) -> None:
        connection: Any = xcffib.connect()  # type: ignore[no-untyped-call]
        self._shm: Any = connection(xcffib.shm.key)
        self.connection, self.core = connection, connection.core
        self.screen = connection.get_setup().roots[connection.pref_screen]
        self.width, self.height = width, height
        self.window: int = self.connection.generate_id()
        self.context: int = self.connection.generate_id()
        self.core.CreateWindow(
            self.screen.root_depth, self.window, self.screen.root, *at, width, height, 0,
            xproto.WindowClass.InputOutput, self.screen.root_visual,
            xproto.CW.OverrideRedirect | xproto.CW.EventMask, [1, events],
        )  # fmt: skip
        self.core.CreateGC(self.context, self.window, 0, [])
        self._share()

    def _share(self) -> None:
        size = self.width * self.height * 4
        segment = _libc.shmget(0, size, _IPC_CREAT_PRIVATE)
        address = _libc.shmat(segment, None, 0)
        self._segment: int = self.connection.generate_id()
        self._shm.Attach(self._segment, segment, False, is_checked=True).check()
        _libc.shmctl(segment, _IPC_RMID, None)
        buffer = (ctypes.c_uint8 * size).from_address(address)
        self.pixels: type_pixels = np.ctypeslib.as_array(buffer).reshape(self.height, self.width, 4)

    def show(self) -> None:
        """Put it on the desktop, with what is drawn so far."""
        self.core.MapWindow(self.window)
        self.put()

    def put(self) -> None:
        """Show what is drawn; returns when the server has taken it."""
        self._shm.PutImage(
            self.window, self.context, self.width, self.height, 0, 0, self.width, self.height, 0, 0,
            self.screen.root_depth, xproto.ImageFormat.ZPixmap, False, self._segment, 0,
        )  # fmt: skip
        self.sync()

    def keep_as_background(self) -> None:
        """From now on the server itself draws it again where it was covered."""
        pixmap = self.connection.generate_id()
        self.core.CreatePixmap(self.screen.root_depth, pixmap, self.window, self.width, self.height)
        self._shm.PutImage(
            pixmap, self.context, self.width, self.height, 0, 0, self.width, self.height, 0, 0,
            self.screen.root_depth, xproto.ImageFormat.ZPixmap, False, self._segment, 0,
        )  # fmt: skip
        self.core.ChangeWindowAttributes(self.window, xproto.CW.BackPixmap, [pixmap])
        self.core.FreePixmap(pixmap)

    def move(self, x: int, y: int) -> None:
        """Returns when the server has moved it."""
        self.core.ConfigureWindow(self.window, xproto.ConfigWindow.X | xproto.ConfigWindow.Y, [x, y])
        self.sync()

    def sync(self) -> None:
        """Returns when the server has done everything that was asked of it."""
        self.core.GetInputFocus().reply()


class Times:
    """When each step was on the desktop, in seconds of CLOCK_MONOTONIC, in a file that the bench reads."""

    LENGTH = 1 << 16

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(8 * self.LENGTH))
        with file.open("r+b") as opened:
            self._times = np.frombuffer(mmap.mmap(opened.fileno(), 0), np.float64)

    def note(self, step: int) -> None:
        """The step is there now."""
        self._times[step] = time.monotonic()


def steady(rate: float) -> Any:
    """Numbers 0, 1, 2 …, `rate` a second; late ones at once, and without a hurry to make up for it."""
    due = time.monotonic()
    for step in range(Times.LENGTH):
        yield step
        due = max(due + 1 / rate, time.monotonic() - 1 / rate)
        time.sleep(max(0.0, due - time.monotonic()))
