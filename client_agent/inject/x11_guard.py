"""The guard of an agent that speaks in a terminal of the shared desktop (pairing rule 6): that terminal is its window.

Counterpart: `window/guard.py` for the agent's own window.  Asks the X server each time, on a connection of its own;
where it gets no answer, everything counts as covered.
"""

from collections.abc import Callable, Iterator

from Xlib import display, error
from Xlib.xobject.drawable import Window


class TerminalGuard:
    """`window`: the terminal's X window, as it tells its programs in `$WINDOWID`; `asking`: whether it asks something.

    For one thread.
    """

    def __init__(self, display_name: str, window: int, asking: Callable[[], bool]) -> None:
        self._name, self._window, self._asking = display_name, window, asking
        self._display: display.Display | None = None

    def covers(self, x: int, y: int) -> bool:
        """Whether the point is over the terminal's text."""
        try:
            return any(window.id == self._window for window in self._under(x, y))
        except (error.DisplayError, error.XError, error.ConnectionClosedError, OSError):
            return True

    def has_focus(self) -> bool:
        """Whether keys would go to the terminal."""
        try:
            focus = self._connected().get_input_focus().focus
            if isinstance(focus, int):
                return False
            terminal = self._connected().create_resource_object("window", self._window)
            return focus.id in self._with_parents(terminal) or self._window in self._with_parents(focus)
        except (error.DisplayError, error.XError, error.ConnectionClosedError, OSError):
            return True

    def prompt_open(self) -> bool:
        """While the terminal asks, at the customer's limit above all."""
        return self._asking()

    def _under(self, x: int, y: int) -> Iterator[Window]:
        """The windows under a point of the desktop, from the outermost in."""
        root = self._connected().screen().root
        inside: Window | int = root
        while not isinstance(inside, int):
            yield inside
            inside = inside.translate_coords(root, x, y).child

    def _with_parents(self, window: Window | int) -> list[int]:
        """A window and those around it, but for the root: a program's outer window has the focus for its inner ones."""
        root, found = self._connected().screen().root, list[int]()
        while not isinstance(window, int) and window.id != root.id:
            found.append(window.id)
            window = window.query_tree().parent
        return found

    def _connected(self) -> display.Display:
        if self._display is None:
            self._display = display.Display(self._name)
        return self._display


def of_this_terminal(environ: dict[str, str], asking: Callable[[], bool]) -> TerminalGuard | None:
    """The guard for the terminal that this program runs in, which says whether it is `asking`.

    None where it is on no X desktop (SSH, a console).
    """
    window, name = environ.get("WINDOWID", ""), environ.get("DISPLAY")
    return TerminalGuard(name, int(window), asking) if name and window.isdigit() else None
