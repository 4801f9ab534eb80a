"""Which key, with which modifiers, gives a character on the person's keyboard.  Pure.

Counterpart: `inject.wayland` reads the table from Xwayland, which has the compositor's own.  Source: the X11
protocol's *Keyboards*, and XKB's four levels: plain, Shift, AltGr, Shift and AltGr.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from client_agent.inject import keys

LEVEL_3 = 0xFE03
"""AltGr's keysym, where it chooses a key's third character."""
_EVDEV = 8
"""An X keycode is the kernel's plus this."""
_COLUMNS = (0, 1, 4, 5)
"""Where the first layout's four levels stand in a row; 2 and 3 are the second layout's."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key by the kernel's number, and which of Shift and AltGr it wants."""

    key: int
    shift: bool = False
    level_3: bool = False


class KeyboardMap:
    """`rows`: for each X keycode from `first` on, its keysyms."""

    def __init__(self, first: int, rows: Sequence[Sequence[int]]) -> None:
        self.layouts = 1 if all(tuple(row[2:4]) in (tuple(row[:2]), (0, 0)) for row in rows) else 2
        """More than one: which of them counts now is not known."""
        self._strokes: dict[int, Stroke] = {}
        for level, column in enumerate(_COLUMNS):
            for number, row in enumerate(rows, first - _EVDEV):
                if column < len(row) and row[column] and number > 0:
                    self._strokes.setdefault(row[column], Stroke(number, level % 2 == 1, level >= 2))
        self.shift = self._strokes.get(keys.SHIFT)
        self.level_3 = self._strokes.get(LEVEL_3)

    def strokes(self, keysym: int) -> tuple[Stroke, ...]:
        """What to press one after the other, a dead key before an accented letter; empty where no keys give it, or
        where it is not known which layout counts."""
        if self.layouts > 1:
            return ()
        found = self._one(keysym)
        if found is not None:
            return (found,)
        parts = keys.by_dead_key(keysym)
        strokes = [self._one(part) for part in parts]
        return tuple(stroke for stroke in strokes if stroke is not None) if parts and None not in strokes else ()

    def _one(self, keysym: int) -> Stroke | None:
        found = self._strokes.get(keysym)
        if found is None or (found.level_3 and self.level_3 is None) or (found.shift and self.shift is None):
            return None
        return found
