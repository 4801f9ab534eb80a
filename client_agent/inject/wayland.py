"""Pointer and keyboard of a Wayland desktop, through the portal's remote desktop.

Counterpart: `capture.wayland`, on the same `Share`.  What the portal does not tell, the desktop's X server (Xwayland)
does: which keys give a character, and where the agent's own windows are.  Its monitors are compared with the shared
screens; where they do not match, every point counts as covered.  A character that no key gives goes as a keysym, which
not every compositor types.
"""

import ctypes
import functools
from collections.abc import Callable
from typing import Any, Literal

import xcffib
import xcffib.randr

from client_agent.capture.base import Area
from client_agent.errors import InjectUnavailable
from client_agent.inject import keys
from client_agent.inject.base import Injector
from client_agent.inject.keyboard_map import KeyboardMap, Stroke
from client_agent.portal import KEYBOARD, POINTER, Placed, PortalOver, Share

_BUTTONS = {1: 0x110, 2: 0x112, 3: 0x111, 8: 0x113, 9: 0x114}
"""Ours → evdev's (linux/input-event-codes.h)."""
_VERTICAL, _HORIZONTAL = 0, 1
_FUNCTIONS = 0xFD00
"""From here on keysyms are no characters, but dead keys and keys with names."""
_SHIFTS = ("ShiftLeft", "ShiftRight", "Shift")


_Which = tuple[Literal["Keycode", "Keysym"], int]
"""A key by the kernel's number or by what it gives: the portal takes both."""


class WaylandInjector(Injector):
    """Input through `share`; `display`: Xwayland's, as in DISPLAY."""

    def __init__(self, share: Share, display: str) -> None:
        self._share, self._name = share, display
        self._windows: xcffib.Connection | None = None
        self._map = KeyboardMap(8, [])
        self._down: dict[str, _Which] = {}
        """What the console holds: DOM `code` (or `key`) → what was pressed for it."""
        self._buttons: set[int] = set()

    def open(self) -> None:
        try:
            self._windows = xcffib.connect(display=self._name)  # type: ignore[no-untyped-call]
            self._monitors()
        except (xcffib.XcffibException, KeyError, OSError) as error:
            self.close()
            raise InjectUnavailable("wayland_xwayland") from error

    @property
    def withheld(self) -> bool:
        try:
            granted = self._share.granted
        except PortalOver:
            return False
        return granted is not None and granted.devices != KEYBOARD | POINTER

    def place(self, x: int, y: int) -> tuple[int, int] | None:
        found = self._screen(x, y)
        if found is None or found.own is None:
            return None
        try:
            monitors = self._monitors()
        except (xcffib.XcffibException, OSError):
            return None
        return beside_windows(found, monitors, x, y)

    def _monitors(self) -> list[Area]:
        """Xwayland's.  They may change at any time, so they are asked for each time (0.1 ms)."""
        if self._windows is None:
            return []
        root = self._windows.get_setup().roots[0].root
        randr = self._windows(xcffib.randr.key)
        found = randr.GetMonitors(root, True).reply().monitors
        return [(one.x, one.y, one.width, one.height) for one in found]

    def _screen(self, x: int, y: int) -> Placed | None:
        for one in self._share.placed:
            left, top, width, height = one.area
            if left <= x < left + width and top <= y < top + height:
                return one
        return None

    def move(self, x: int, y: int) -> None:
        screen = self._screen(x, y)
        if screen is not None:
            left, top, _, _ = screen.area
            at = (x - left) * screen.scale[0], (y - top) * screen.scale[1]
            self._share.notify("NotifyPointerMotionAbsolute", "udd", screen.node, *at)

    def button(self, button: int, down: bool) -> None:
        if down == (button in self._buttons) or button not in _BUTTONS:
            return
        self._share.notify("NotifyPointerButton", "iu", _BUTTONS[button], int(down))
        (self._buttons.add if down else self._buttons.discard)(button)

    def wheel(self, dx: int, dy: int) -> None:
        for axis, steps in ((_HORIZONTAL, dx), (_VERTICAL, dy)):
            if steps:
                self._share.notify("NotifyPointerAxisDiscrete", "ui", axis, steps)

    def prepare(self, key: str, code: str) -> None:
        """The person may have another layout by now."""
        self._read_keyboard()

    def key(self, key: str, code: str, down: bool) -> None:
        name = code or key
        if not down:
            if (held := self._down.pop(name, None)) is not None:
                self._press(held, False)
            return
        if key == "AltGraph":
            # Windows browsers report AltGr as Control and Alt first; the character comes by itself.
            for modifier in ("ControlLeft", "AltRight", "AltLeft"):
                self.key("", modifier, False)
            return
        keysym = keys.of_key(key, code)
        if keysym is None:
            return
        *first, last = self._map.strokes(keysym) or (keysym,)
        again = self._down.pop(name, None)
        if again is not None and again != _which(last):
            self._press(again, False)
        if len(key) == 1:
            for stroke in first:
                self._stroke(stroke)
                self._press(_which(stroke), False)
            self._stroke(last)
        else:
            self._press(_which(last), True)
        self._down[name] = _which(last)

    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        self._read_keyboard()
        modifiers = {_which(stroke) for keysym in keys.MODIFIERS for stroke in self._map.strokes(keysym) or (keysym,)}
        for name in [name for name, which in self._down.items() if which in modifiers]:
            self.key("", name, False)
        for character in keys.typed(text):
            keysym = keys.of_character(character)
            if not go_on():
                return
            for stroke in self._map.strokes(keysym) or (keysym,):
                self._stroke(stroke)
                self._press(_which(stroke), False)
            typed()

    def _stroke(self, stroke: Stroke | int) -> None:
        """Press a key so that its character comes, whatever Shift is held; of a keysym, the compositor takes care."""
        held = [self._down[name] for name in _SHIFTS if name in self._down]
        shift = isinstance(stroke, Stroke) and stroke.shift
        wrong: list[_Which] = held if not shift else [] if held else self._modifier(self._map.shift)
        level_3 = self._modifier(self._map.level_3) if isinstance(stroke, Stroke) and stroke.level_3 else []
        for modifier in wrong:
            self._press(modifier, shift)
        for modifier in level_3:
            self._press(modifier, True)
        self._press(_which(stroke), True)
        for modifier in level_3:
            self._press(modifier, False)
        for modifier in wrong:
            self._press(modifier, not shift)

    @staticmethod
    def _modifier(stroke: Stroke | None) -> list[_Which]:
        return [_which(stroke)] if stroke else []

    def _press(self, which: _Which, down: bool) -> None:
        kind, number = which
        self._share.notify(f"NotifyKeyboard{kind}", "iu", number, int(down))

    def _read_keyboard(self) -> None:
        """Xwayland's table is the compositor's (0.3 ms)."""
        if self._windows is None:
            return
        setup = self._windows.get_setup()
        first = setup.min_keycode
        windows: Any = self._windows
        try:
            table = windows.core.GetKeyboardMapping(first, setup.max_keycode - first + 1).reply()
        except (xcffib.XcffibException, OSError):
            return
        wide, keysyms = table.keysyms_per_keycode, [_canonical(keysym) for keysym in table.keysyms]
        self._map = KeyboardMap(first, [keysyms[at : at + wide] for at in range(0, len(keysyms), wide)])

    def release_all(self) -> None:
        for which in self._down.values():
            self._press(which, False)
        self._down.clear()
        for button in self._buttons:
            self._share.notify("NotifyPointerButton", "iu", _BUTTONS[button], 0)
        self._buttons.clear()

    def close(self) -> None:
        self.release_all()
        if self._windows is not None:
            try:
                self._windows.disconnect()  # type: ignore[no-untyped-call]
            except xcffib.XcffibException:
                pass
            self._windows = None


@functools.cache
def _xkbcommon() -> Any:
    """The library that every Wayland desktop reads its keyboards with; None where it is not found by its name."""
    try:
        return ctypes.CDLL("libxkbcommon.so.0")
    except OSError:
        return None


@functools.lru_cache(4096)
def _canonical(keysym: int) -> int:
    """The older keysyms of characters (the euro's, Greek, Cyrillic, …) as `keys.of_character` has them."""
    if 0xFF < keysym < _FUNCTIONS and (xkb := _xkbcommon()) and (point := xkb.xkb_keysym_to_utf32(keysym)) >= 0xA0:
        return keys.of_character(chr(point))
    return keysym


def _which(stroke: Stroke | int) -> _Which:
    return ("Keysym", stroke) if isinstance(stroke, int) else ("Keycode", stroke.key)


def beside_windows(screen: Placed, monitors: list[Area], x: int, y: int) -> tuple[int, int] | None:
    """A point of the picture as X counts it.  Xwayland has the same monitors in the desktop's own units, or in finer
    ones, alike for all; None when none of them is `screen`."""
    if screen.own is None:
        return None
    own_x, own_y, own_width, own_height = screen.own
    left, top, width, height = screen.area
    for at_x, at_y, wide, high in monitors:
        times = wide / own_width
        wanted = (own_x * times, own_y * times, own_height * times)
        if all(abs(one - other) <= 1 for one, other in zip(wanted, (at_x, at_y, high), strict=True)):
            return round(at_x + (x - left) * wide / width), round(at_y + (y - top) * high / height)
    return None
