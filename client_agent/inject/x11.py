"""Pointer and keyboard of an X server through XTEST.

Counterpart: `capture.x11`.  A character that no key gives is put on a spare keycode for as long as it is needed; the
spares are used in turn and not again too soon, so that a slow program still finds it there, and emptied by `close`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from Xlib import X, display, error
from Xlib.ext import xtest

from client_agent.errors import InjectUnavailable
from client_agent.inject import keys
from client_agent.inject.base import Injector

_LEFT, _RIGHT, _UP, _DOWN = 6, 7, 4, 5
_CAPS_LOCK = 0xFFE5
ENOUGH = 16
"""Spare keys below which rare ones (media keys) are borrowed too."""
REST = 0.5
"""Seconds for which a character stays where it was typed: a slow program looks it up only when it gets the key."""


@dataclass(slots=True)
class _Place:
    """A level of a spare key: without Shift, or with it.  `keysym` 0: empty."""

    keycode: int
    shifted: bool
    keysym: int = 0
    used: float = float("-inf")


class X11Injector(Injector):
    """Input for the screen of `display` (as in `$DISPLAY`)."""

    def __init__(self, display_name: str) -> None:
        self._name = display_name
        self._display: display.Display | None = None
        self._down: dict[str, int] = {}
        """What the console holds: DOM `code` (or `key`) → keycode."""
        self._buttons: set[int] = set()
        self._places: list[_Place] = []

    def open(self) -> None:
        self._down.clear()
        self._buttons.clear()
        try:
            self._display = display.Display(self._name)
            if not self._display.has_extension("XTEST"):
                raise InjectUnavailable("x11_xtest")
            self._read_keyboard()
        except (error.DisplayError, error.ConnectionClosedError, OSError) as failure:
            raise InjectUnavailable("x11_connection") from failure

    def _read_keyboard(self) -> None:
        """Learn which key gives which character: only the plain and the shifted level of the first layout are used."""
        connection = self._connected()
        info = connection.display.info
        self._first = info.min_keycode
        table = connection.get_keyboard_mapping(self._first, info.max_keycode - self._first + 1)
        self._width = len(table[0])
        self._level: dict[int, tuple[int, bool]] = {}
        spares = []
        for keycode, row in enumerate(table, self._first):
            symbols = [*row, 0, 0]
            if not any(row):
                spares.append(keycode)
                continue
            plain, shifted = symbols[0], symbols[1]
            if plain:
                self._level.setdefault(plain, (keycode, False))
            if shifted:
                self._level.setdefault(shifted, (keycode, True))
        modifiers = {keycode for row in connection.get_modifier_mapping() for keycode in row}
        spares = [code for code in spares if code > self._first and code not in modifiers]
        if len(spares) < ENOUGH:
            rare = [c for k, (c, _) in self._level.items() if k >= 0x1008FF00 and c not in modifiers]
            spares += rare[: ENOUGH - len(spares)]
            self._level = {k: v for k, v in self._level.items() if v[0] not in spares}
        self._original = {code: list(table[code - self._first]) for code in spares}
        self._places = [_Place(code, shifted) for shifted in (False, True) for code in spares]

    def move(self, x: int, y: int) -> None:
        self._fake(X.MotionNotify, x=x, y=y)
        self._flush()

    def button(self, button: int, down: bool) -> None:
        if down == (button in self._buttons):
            return
        self._fake(X.ButtonPress if down else X.ButtonRelease, button)
        (self._buttons.add if down else self._buttons.discard)(button)
        self._flush()

    def wheel(self, dx: int, dy: int) -> None:
        for count, forward, back in ((dx, _RIGHT, _LEFT), (dy, _DOWN, _UP)):
            for _ in range(abs(count)):
                self._fake(X.ButtonPress, forward if count > 0 else back)
                self._fake(X.ButtonRelease, forward if count > 0 else back)
        self._flush()

    def prepare(self, key: str, code: str) -> None:
        """A character that no key has waits here for a spare key that has rested."""
        keysym = keys.of_key(key, code)
        if keysym is not None:
            self._find(keysym)

    def key(self, key: str, code: str, down: bool) -> None:
        name = code or key
        if not down:
            keycode = self._down.pop(name, None)
            if keycode is not None:
                self._fake(X.KeyRelease, keycode)
                self._flush()
            return
        if key == "AltGraph":
            # Windows browsers report AltGr as Control and Alt first; the character comes by itself.
            for held in ("ControlLeft", "AltRight", "AltLeft"):
                self.key("", held, False)
            return
        keysym = keys.of_key(key, code)
        if keysym is None:
            return
        self._caps_off()
        keycode, shifted = self._find(keysym)
        again = self._down.get(name)
        if again is not None and again != keycode:
            self._fake(X.KeyRelease, again)
        self._down[name] = keycode
        if len(key) == 1:
            self._with_shift(shifted, keycode)
        else:
            self._fake(X.KeyPress, keycode)
        self._flush()

    def _with_shift(self, shifted: bool, keycode: int) -> None:
        """Press a key so that its character comes, whatever Shift key is held."""
        shifts = [c for n, c in self._down.items() if n in ("ShiftLeft", "ShiftRight", "Shift")]
        if shifted == bool(shifts):
            self._fake(X.KeyPress, keycode)
            return
        wrong = shifts if shifts else [self._find(keys.SHIFT)[0]]
        for shift in wrong:
            self._fake(X.KeyRelease if shifts else X.KeyPress, shift)
        self._fake(X.KeyPress, keycode)
        for shift in wrong:
            self._fake(X.KeyPress if shifts else X.KeyRelease, shift)

    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        self._caps_off()
        for modifier in [n for n, c in self._down.items() if c in self._modifier_codes()]:
            self.key("", modifier, False)
        for character in keys.typed(text):
            keycode, shifted = self._find(keys.of_character(character))
            if not go_on():
                return
            self._with_shift(shifted, keycode)
            self._fake(X.KeyRelease, keycode)
            self._flush()
            typed()

    def _modifier_codes(self) -> set[int]:
        return {code for row in self._connected().get_modifier_mapping() for code in row if code}

    def _find(self, keysym: int) -> tuple[int, bool]:
        """Keycode for a keysym, and whether it wants Shift; it is put on a spare key where no key has it."""
        known = self._level.get(keysym)
        if known is not None:
            return known
        place = next((p for p in self._places if p.keysym == keysym), None)
        if place is None:
            place = self._take_place()
            place.keysym = keysym
            plain, shifted = (
                next(p.keysym for p in self._places if p.keycode == place.keycode and p.shifted is level)
                for level in (False, True)
            )
            self._put(place.keycode, [plain or keysym, shifted or plain] + [0] * (self._width - 2))
        place.used = time.monotonic()
        return place.keycode, place.shifted

    def _take_place(self) -> _Place:
        """The place that has rested longest, and long enough."""
        held = set(self._down.values())
        place = min((p for p in self._places if p.keycode not in held), key=lambda p: p.used)
        time.sleep(max(0.0, place.used + REST - time.monotonic()))
        return place

    def _put(self, keycode: int, keysyms: list[int]) -> None:
        connection = self._connected()
        connection.change_keyboard_mapping(keycode, [keysyms])
        connection.sync()

    def _caps_off(self) -> None:
        """The console sends finished characters: a Caps Lock left on here would turn them round."""
        if self._connected().screen().root.query_pointer().mask & X.LockMask and _CAPS_LOCK in self._level:
            keycode, _ = self._level[_CAPS_LOCK]
            self._fake(X.KeyPress, keycode)
            self._fake(X.KeyRelease, keycode)
            self._flush()

    def release_all(self) -> None:
        if self._display is None:
            return
        for keycode in self._down.values():
            self._fake(X.KeyRelease, keycode)
        self._down.clear()
        for button in self._buttons:
            self._fake(X.ButtonRelease, button)
        self._buttons.clear()
        self._flush()

    def _restore_keyboard(self) -> None:
        for keycode in {place.keycode for place in self._places if place.keysym}:
            self._put(keycode, self._original[keycode])

    def close(self) -> None:
        if self._display is None:
            return
        try:
            self.release_all()
            self._restore_keyboard()
            self._display.close()
        except (error.ConnectionClosedError, OSError):
            pass
        self._display = None

    def _fake(self, kind: int, detail: int = 0, x: int = 0, y: int = 0) -> None:
        xtest.fake_input(self._connected(), kind, detail, x=x, y=y)

    def _flush(self) -> None:
        self._connected().sync()

    def _connected(self) -> display.Display:
        if self._display is None:
            raise InjectUnavailable("x11_connection")
        return self._display
