"""What giving input is, whatever the operating system.

Counterpart: `worker.py` drives one from a thread of its own and asks the gate and the guard before every event.
A backend must never hold a key or button that its `release_all` would not let go.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable

from client_agent.capture.base import is_wayland
from client_agent.errors import InjectUnavailable


class Injector(ABC):
    """Pointer and keyboard of this desktop.  Used from one thread.  Coordinates are pixels of the whole desktop."""

    @abstractmethod
    def open(self) -> None:
        """Connect.  Raises `InjectUnavailable`."""

    @property
    def withheld(self) -> bool:
        """Whether the desktop's own question was answered so that no input is let in."""
        return False

    def place(self, x: int, y: int) -> tuple[int, int] | None:
        """The point as the agent's own windows count theirs; None where that cannot be said."""
        return x, y

    @abstractmethod
    def move(self, x: int, y: int) -> None:
        """Put the pointer there."""

    @abstractmethod
    def button(self, button: int, down: bool) -> None:
        """1 left, 2 middle, 3 right, 8 back, 9 forward.  A second down, or an up without a down, does nothing."""

    @abstractmethod
    def wheel(self, dx: int, dy: int) -> None:
        """Turn by notches; positive is right and down."""

    def prepare(self, key: str, code: str) -> None:  # noqa: B027 - most backends have nothing to prepare
        """Do now whatever takes time before `key(key, code, True)`, so that the press itself takes none."""

    @abstractmethod
    def key(self, key: str, code: str, down: bool) -> None:
        """A key by its DOM `key` and `code`.  An up lets go what the down of that `code` pressed."""

    @abstractmethod
    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        """Type text as it is, whatever the layout, asking `go_on` before each character and calling `typed` after it.

        Line ends are Return, tabs are Tab; other control characters are left out.
        """

    @abstractmethod
    def release_all(self) -> None:
        """Let go of every key and button that this injector holds, and undo what it changed of the keyboard."""

    @abstractmethod
    def close(self) -> None:
        """`release_all`, and give back what `open` took.  May be called twice."""


def open_injector(environ: dict[str, str]) -> Injector:
    """The backend for this computer, not yet opened.  Raises `InjectUnavailable` where there is none."""
    if sys.platform == "win32":
        from client_agent.inject.windows import WindowsInjector

        return WindowsInjector()
    if sys.platform == "darwin":
        from client_agent.inject.macos import MacInjector

        return MacInjector()
    if is_wayland(environ):
        raise InjectUnavailable("wayland")
    if not environ.get("DISPLAY"):
        raise InjectUnavailable("no_display")
    from client_agent.inject.x11 import X11Injector

    return X11Injector(environ["DISPLAY"])
