"""Pointer and keyboard of macOS through pynput (Quartz events).  Unproven: no Mac was at hand.

Counterpart: `capture.macos`.  macOS asks the customer for *Accessibility* the first time; before that, nothing arrives.
"""

from collections.abc import Callable
from typing import Any

import Quartz
from pynput import keyboard, mouse

from client_agent.errors import InjectUnavailable
from client_agent.inject import keys
from client_agent.inject.base import Injector

_K = keyboard.Key
_NAMED: dict[str, Any] = {
    "Enter": _K.enter, "Tab": _K.tab, "Backspace": _K.backspace, "Escape": _K.esc, "Delete": _K.delete, "Home": _K.home,
    "End": _K.end, "PageUp": _K.page_up, "PageDown": _K.page_down, "ArrowLeft": _K.left, "ArrowRight": _K.right,
    "ArrowUp": _K.up, "ArrowDown": _K.down, " ": _K.space,
    "Shift": _K.shift, "Control": _K.ctrl, "Alt": _K.alt, "Meta": _K.cmd,
} | {f"F{n}": getattr(_K, f"f{n}") for n in range(1, 21)}  # fmt: skip
_BUTTONS: dict[int, Any] = {1: mouse.Button.left, 2: mouse.Button.middle, 3: mouse.Button.right}


class MacInjector(Injector):
    """Input for the main display; coordinates come in pixels and go out in points."""

    def __init__(self) -> None:
        self._mouse: Any = None
        self._keyboard: Any = None
        self._down: dict[str, Any] = {}
        self._buttons: set[int] = set()
        self._scale = 1.0

    def open(self) -> None:
        if not Quartz.CGPreflightPostEventAccess():
            Quartz.CGRequestPostEventAccess()
            raise InjectUnavailable("permission")
        main = Quartz.CGMainDisplayID()
        mode = Quartz.CGDisplayCopyDisplayMode(main)
        points = max(1, Quartz.CGDisplayModeGetWidth(mode))
        self._scale = Quartz.CGDisplayModeGetPixelWidth(mode) / points
        self._mouse, self._keyboard = mouse.Controller(), keyboard.Controller()

    def move(self, x: int, y: int) -> None:
        self._mouse.position = (x / self._scale, y / self._scale)

    def button(self, button: int, down: bool) -> None:
        known = _BUTTONS.get(button)
        if known is None or down == (button in self._buttons):
            return
        (self._mouse.press if down else self._mouse.release)(known)
        (self._buttons.add if down else self._buttons.discard)(button)

    def wheel(self, dx: int, dy: int) -> None:
        self._mouse.scroll(dx, -dy)

    def key(self, key: str, code: str, down: bool) -> None:
        name = code or key
        if not down:
            held = self._down.pop(name, None)
            if held is not None:
                self._keyboard.release(held)
            return
        meant = _NAMED.get(key)
        if meant is None and len(key) == 1 and next(keys.typed(key), None):
            meant = keyboard.KeyCode.from_char(key)
        if meant is None:
            return
        if self._down.get(name) not in (None, meant):
            self.key("", name, False)
        self._down[name] = meant
        self._keyboard.press(meant)

    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        for name in [n for n, held in self._down.items() if held in (_K.shift, _K.ctrl, _K.alt, _K.cmd)]:
            self.key("", name, False)
        for character in keys.typed(text):
            if not go_on():
                return
            self._keyboard.type("\n" if character in "\r\n" else character)
            typed()

    def release_all(self) -> None:
        for name in list(self._down):
            self.key("", name, False)
        for button in list(self._buttons):
            self.button(button, False)

    def close(self) -> None:
        if self._keyboard is not None:
            self.release_all()
