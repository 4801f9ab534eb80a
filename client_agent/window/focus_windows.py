"""The keyboard of a Windows desktop.  Unproven: no Windows was at hand.

Counterpart: `focus.py`.  Windows lets the program in the foreground give it away, and only that one.
"""

import ctypes
import os
import sys
from ctypes import wintypes

assert sys.platform == "win32", "for the type checker: what follows exists on Windows only"

_user32 = ctypes.WinDLL("user32")
_user32.GetForegroundWindow.restype = wintypes.HWND
_user32.GetWindow.restype = wintypes.HWND
_NEXT = 2
"""GetWindow: the window below."""


class WindowsFocus:
    """See `focus.Focus`."""

    def __init__(self) -> None:
        self._before: int | None = None

    def remember(self) -> None:
        """See `focus.Focus`."""
        self._before = _user32.GetForegroundWindow()

    def give_back(self) -> None:
        """See `focus.Focus`."""
        window = self._before
        if not self._can_have_it(window):
            window = _user32.GetForegroundWindow()
            while window and not self._can_have_it(window):
                window = _user32.GetWindow(wintypes.HWND(window), _NEXT)
        if window:
            _user32.SetForegroundWindow(wintypes.HWND(window))

    def _can_have_it(self, window: int | None) -> bool:
        """Another program's, in sight, with a title."""
        owner = wintypes.DWORD()
        handle = wintypes.HWND(window)
        _user32.GetWindowThreadProcessId(handle, ctypes.byref(owner))
        return bool(
            owner.value
            and owner.value != os.getpid()
            and _user32.IsWindowVisible(handle)
            and not _user32.IsIconic(handle)
            and _user32.GetWindowTextLengthW(handle)
        )
