"""The desktop of Windows: GDI pictures through mss, the pointer's picture too.  Unproven: no Windows was at hand.

Counterpart: `inject.windows`.  GDI says nothing of changes, so `wait` only keeps the pace; comparing finds them.
"""

import ctypes
import sys
from ctypes import wintypes

import mss
import numpy as np
from mss.base import MSSBase
from mss.exception import ScreenShotError

from client_agent.capture.base import CURSOR_LIMIT, Capture, Cursor, Pixels
from client_agent.capture.pace import Pace
from client_agent.errors import CaptureUnavailable

PACE = 1 / 20
"""Seconds between two looks."""

assert sys.platform == "win32", "for the type checker: what follows exists on Windows only"

_user32 = ctypes.WinDLL("user32", use_last_error=True)
_gdi32 = ctypes.WinDLL("gdi32", use_last_error=True)

_PER_MONITOR_AWARE_V2 = ctypes.c_void_p(-4)
_CURSOR_SHOWING = 1


class _CursorInfo(ctypes.Structure):
    _fields_ = (
        ("cbSize", wintypes.DWORD),
        ("flags", wintypes.DWORD),
        ("hCursor", wintypes.HANDLE),
        ("at", wintypes.POINT),
    )


class _IconInfo(ctypes.Structure):
    _fields_ = (
        ("fIcon", wintypes.BOOL), ("xHotspot", wintypes.DWORD), ("yHotspot", wintypes.DWORD),
        ("hbmMask", wintypes.HANDLE), ("hbmColor", wintypes.HANDLE),
    )  # fmt: skip


class _BitmapInfo(ctypes.Structure):
    _fields_ = (
        ("biSize", wintypes.DWORD), ("biWidth", wintypes.LONG), ("biHeight", wintypes.LONG),
        ("biPlanes", wintypes.WORD),
        ("biBitCount", wintypes.WORD), ("biCompression", wintypes.DWORD), ("biSizeImage", wintypes.DWORD),
        ("biXPelsPerMeter", wintypes.LONG), ("biYPelsPerMeter", wintypes.LONG), ("biClrUsed", wintypes.DWORD),
        ("biClrImportant", wintypes.DWORD), ("palette", wintypes.DWORD * 2),
    )  # fmt: skip


class _Bitmap(ctypes.Structure):
    _fields_ = (
        ("bmType", wintypes.LONG), ("bmWidth", wintypes.LONG), ("bmHeight", wintypes.LONG),
        ("bmWidthBytes", wintypes.LONG),
        ("bmPlanes", wintypes.WORD), ("bmBitsPixel", wintypes.WORD), ("bmBits", ctypes.c_void_p),
    )  # fmt: skip


for _function, _arguments in (
    (_user32.GetCursorInfo, (ctypes.c_void_p,)),
    (_user32.GetIconInfo, (wintypes.HANDLE, ctypes.c_void_p)),
    (_user32.GetCursorPos, (ctypes.c_void_p,)),
    (_user32.SetProcessDpiAwarenessContext, (ctypes.c_void_p,)),
    (_user32.GetDC, (wintypes.HWND,)),
    (_user32.ReleaseDC, (wintypes.HWND, wintypes.HDC)),
    (_gdi32.GetObjectW, (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p)),
    (_gdi32.GetDIBits, (
        wintypes.HDC, wintypes.HANDLE, wintypes.UINT, wintypes.UINT, ctypes.c_void_p, ctypes.c_void_p, wintypes.UINT,
    )),
    (_gdi32.DeleteObject, (wintypes.HANDLE,)),
):  # fmt: skip
    _function.argtypes = _arguments
_user32.GetDC.restype = wintypes.HDC


class WindowsCapture(Capture):
    """All monitors as one picture."""

    def __init__(self) -> None:
        self._grabber: MSSBase | None = None
        self._pace = Pace(PACE)
        self._shape: int | None = None
        self._origin = (0, 0)

    def open(self) -> tuple[int, int]:
        _user32.SetProcessDpiAwarenessContext(_PER_MONITOR_AWARE_V2)
        try:
            self._grabber = mss.mss()
            area = self._grabber.monitors[0]
        except ScreenShotError as error:
            raise CaptureUnavailable("gdi") from error
        self._origin = (area["left"], area["top"])
        return area["width"], area["height"]

    def wait(self, timeout: float) -> bool:
        return self._pace.wait(timeout)

    def grab(self) -> Pixels:
        if self._grabber is None:
            raise CaptureUnavailable("closed")
        try:
            shot = self._grabber.grab(self._grabber.monitors[0])
        except ScreenShotError as error:
            raise CaptureUnavailable("gdi") from error
        return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)

    def cursor(self, anyway: bool) -> Cursor | None:
        info = _CursorInfo(cbSize=ctypes.sizeof(_CursorInfo))
        if not _user32.GetCursorInfo(ctypes.byref(info)):
            return None
        shape = info.hCursor if info.flags & _CURSOR_SHOWING else 0
        if shape == self._shape and not anyway:
            return None
        self._shape = shape
        return _picture_of(shape) if shape else Cursor(0, 0, 0, 0, b"")

    def pointer(self) -> tuple[int, int]:
        at = wintypes.POINT()
        _user32.GetCursorPos(ctypes.byref(at))
        return max(0, at.x - self._origin[0]), max(0, at.y - self._origin[1])

    def wake(self) -> None:
        self._pace.wake()

    def close(self) -> None:
        self._pace.wake()
        if self._grabber is not None:
            self._grabber.close()
            self._grabber = None


def _picture_of(handle: int) -> Cursor | None:
    """A cursor's colour bitmap as RGBA; a monochrome one (mask only) as black and white."""
    icon = _IconInfo()
    if not _user32.GetIconInfo(handle, ctypes.byref(icon)):
        return None
    try:
        bits = _bits(icon.hbmColor or icon.hbmMask)
        if bits is None:
            return None
        if icon.hbmColor:
            mask = _bits(icon.hbmMask)
            if not bits[..., 3].any() and mask is not None:
                bits[..., 3] = 255 - mask[: bits.shape[0], :, 0]
        else:
            half = bits.shape[0] // 2
            and_mask, xor_mask = bits[:half, :, 0], bits[half:, :, 0]
            bits = np.repeat(xor_mask[..., None], 4, axis=2).copy()
            bits[..., 3] = np.where((and_mask == 255) & (xor_mask == 0), 0, 255)
        bits = bits[:CURSOR_LIMIT, :CURSOR_LIMIT]
        height, width = bits.shape[:2]
        rgba = np.ascontiguousarray(bits[..., [2, 1, 0, 3]])
        hot_x, hot_y = min(icon.xHotspot, width - 1), min(icon.yHotspot, height - 1)
        return Cursor(width, height, hot_x, hot_y, rgba.tobytes())
    finally:
        _gdi32.DeleteObject(icon.hbmMask)
        if icon.hbmColor:
            _gdi32.DeleteObject(icon.hbmColor)


def _bits(bitmap: int) -> Pixels | None:
    """A bitmap's pixels, top line first."""
    described = _Bitmap()
    if not _gdi32.GetObjectW(bitmap, ctypes.sizeof(described), ctypes.byref(described)):
        return None
    width, height = described.bmWidth, described.bmHeight
    header = _BitmapInfo(biSize=40, biWidth=width, biHeight=-height, biPlanes=1, biBitCount=32)
    buffer = ctypes.create_string_buffer(width * height * 4)
    screen = _user32.GetDC(None)
    try:
        if not _gdi32.GetDIBits(screen, bitmap, 0, height, buffer, ctypes.byref(header), 0):
            return None
    finally:
        _user32.ReleaseDC(None, screen)
    return np.frombuffer(buffer.raw, np.uint8).reshape(height, width, 4).copy()
