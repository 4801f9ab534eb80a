"""Pointer and keyboard of Windows through SendInput.  Unproven: no Windows was at hand.

Counterpart: `capture.windows`.  Characters go as Unicode packets, so no layout matters; with Control, Alt or the
Windows key held they go as the key that has them, so that shortcuts work.
"""

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes

from client_agent.errors import InjectUnavailable
from client_agent.inject import keys
from client_agent.inject.base import Injector

assert sys.platform == "win32", "for the type checker: what follows exists on Windows only"

_user32 = ctypes.WinDLL("user32", use_last_error=True)

_MOUSE, _KEYBOARD = 0, 1
_KEY_UP, _KEY_UNICODE, _KEY_EXTENDED = 0x0002, 0x0004, 0x0001
_MOVE, _ABSOLUTE, _WHOLE_DESKTOP = 0x0001, 0x8000, 0x4000
_WHEEL, _HORIZONTAL_WHEEL, _NOTCH = 0x0800, 0x1000, 120
_BUTTONS = {
    1: (0x0002, 0x0004, 0),
    2: (0x0020, 0x0040, 0),
    3: (0x0008, 0x0010, 0),
    8: (0x0080, 0x0100, 1),
    9: (0x0080, 0x0100, 2),
}
"""Button → down, up, data."""
_LEFT_EDGE, _TOP_EDGE, _WIDTH, _HEIGHT = 76, 77, 78, 79
"""GetSystemMetrics: the rectangle of all monitors."""

_VIRTUAL = {
    "Backspace": 0x08, "Tab": 0x09, "Enter": 0x0D, "Pause": 0x13, "Escape": 0x1B, "PageUp": 0x21, "PageDown": 0x22,
    "End": 0x23, "Home": 0x24, "ArrowLeft": 0x25, "ArrowUp": 0x26, "ArrowRight": 0x27, "ArrowDown": 0x28,
    "PrintScreen": 0x2C, "Insert": 0x2D, "Delete": 0x2E, "ContextMenu": 0x5D, "NumLock": 0x90, "ScrollLock": 0x91,
} | {f"F{n}": 0x6F + n for n in range(1, 25)}  # fmt: skip
_MODIFIERS = {"Shift": (0xA0, 0xA1), "Control": (0xA2, 0xA3), "Alt": (0xA4, 0xA5), "Meta": (0x5B, 0x5C)}
_EXTENDED = {0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2D, 0x2E, 0x5B, 0x5C, 0x5D, 0xA3, 0xA5}
_CHORDS = {0xA2, 0xA3, 0xA4, 0xA5, 0x5B, 0x5C}
"""Held, these make a character a shortcut."""

_Pointer = ctypes.c_size_t


class _MouseInput(ctypes.Structure):
    _fields_ = (
        ("dx", wintypes.LONG), ("dy", wintypes.LONG), ("mouseData", wintypes.DWORD), ("dwFlags", wintypes.DWORD),
        ("time", wintypes.DWORD), ("dwExtraInfo", _Pointer),
    )  # fmt: skip


class _KeyboardInput(ctypes.Structure):
    _fields_ = (
        ("wVk", wintypes.WORD), ("wScan", wintypes.WORD), ("dwFlags", wintypes.DWORD), ("time", wintypes.DWORD),
        ("dwExtraInfo", _Pointer),
    )  # fmt: skip


class _Either(ctypes.Union):
    _fields_ = (("mouse", _MouseInput), ("keyboard", _KeyboardInput))


class _Input(ctypes.Structure):
    _fields_ = (("type", wintypes.DWORD), ("either", _Either))


Held = tuple[int, int]
"""Virtual key, or 0 and a UTF-16 unit."""


class WindowsInjector(Injector):
    """Input for the desktop of this session.  A program with higher rights ignores it: Windows' rule."""

    def __init__(self) -> None:
        self._down: dict[str, list[Held]] = {}
        self._buttons: set[int] = set()

    def open(self) -> None:
        _user32.SendInput.argtypes = (wintypes.UINT, ctypes.c_void_p, ctypes.c_int)
        if not _user32.GetSystemMetrics(_WIDTH):
            raise InjectUnavailable("no_desktop")

    def move(self, x: int, y: int) -> None:
        width, height = _user32.GetSystemMetrics(_WIDTH), _user32.GetSystemMetrics(_HEIGHT)
        self._mouse(_MOVE | _ABSOLUTE | _WHOLE_DESKTOP, x * 65535 // max(1, width - 1), y * 65535 // max(1, height - 1))

    def button(self, button: int, down: bool) -> None:
        if down == (button in self._buttons):
            return
        press, release, data = _BUTTONS[button]
        self._mouse(press if down else release, data=data)
        (self._buttons.add if down else self._buttons.discard)(button)

    def wheel(self, dx: int, dy: int) -> None:
        if dy:
            self._mouse(_WHEEL, data=-dy * _NOTCH)
        if dx:
            self._mouse(_HORIZONTAL_WHEEL, data=dx * _NOTCH)

    def key(self, key: str, code: str, down: bool) -> None:
        name = code or key
        if not down:
            for held in self._down.pop(name, []):
                self._send_key(held, up=True)
            return
        if key == "AltGraph":
            for other in ("ControlLeft", "AltRight", "AltLeft"):
                self.key("", other, False)
            return
        pressed = self._meaning(key, code)
        if not pressed:
            return
        if self._down.get(name) not in (None, pressed):
            self.key("", name, False)
        self._down[name] = pressed
        for held in pressed:
            self._send_key(held, up=False)

    def _meaning(self, key: str, code: str) -> list[Held]:
        if key in _MODIFIERS:
            return [(_MODIFIERS[key][code.endswith("Right")], 0)]
        if key in _VIRTUAL:
            return [(_VIRTUAL[key], 0)]
        if len(key) != 1 or next(keys.typed(key), None) is None:
            return []
        held = {virtual for pressed in self._down.values() for virtual, _ in pressed}
        if held & _CHORDS:
            found = _user32.VkKeyScanW(wintypes.WCHAR(key))
            if found != -1:
                return [(found & 0xFF, 0)]
        return _units(key)

    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        for name in [n for n, pressed in self._down.items() if any(v in _CHORDS | {0xA0, 0xA1} for v, _ in pressed)]:
            self.key("", name, False)
        for character in keys.typed(text):
            if not go_on():
                return
            pressed = [(_VIRTUAL["Enter"], 0)] if character in "\r\n" else _units(character)
            for held in pressed:
                self._send_key(held, up=False)
                self._send_key(held, up=True)
            typed()

    def release_all(self) -> None:
        for name in list(self._down):
            self.key("", name, False)
        for button in list(self._buttons):
            self.button(button, False)

    def close(self) -> None:
        self.release_all()

    def _send_key(self, held: Held, up: bool) -> None:
        virtual, unit = held
        flags = (
            (_KEY_UP if up else 0) | (0 if virtual else _KEY_UNICODE) | (_KEY_EXTENDED if virtual in _EXTENDED else 0)
        )
        scan = unit if not virtual else _user32.MapVirtualKeyW(virtual, 0)
        keyboard = _KeyboardInput(virtual, scan, flags, 0, 0)
        self._send(_Input(_KEYBOARD, _Either(keyboard=keyboard)))

    def _mouse(self, flags: int, x: int = 0, y: int = 0, data: int = 0) -> None:
        self._send(_Input(_MOUSE, _Either(mouse=_MouseInput(x, y, data & 0xFFFFFFFF, flags, 0, 0))))

    def _send(self, one: _Input) -> None:
        _user32.SendInput(1, ctypes.byref(one), ctypes.sizeof(_Input))


def _units(character: str) -> list[Held]:
    """A character as UTF-16 units."""
    raw = character.encode("utf-16-le")
    return [(0, int.from_bytes(raw[at : at + 2], "little")) for at in range(0, len(raw), 2)]
