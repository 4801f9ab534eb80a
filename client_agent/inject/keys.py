"""DOM key names and characters → X keysyms (keysymdef.h).  Pure.

Counterpart: the console's `input/`, which sends `KeyboardEvent.key` and `.code`.
"""

import unicodedata
from collections.abc import Iterator

SHIFT, CONTROL, ALT, META = 0xFFE1, 0xFFE3, 0xFFE9, 0xFFEB

_MODIFIERS = {"Shift": (SHIFT, 0xFFE2), "Control": (CONTROL, 0xFFE4), "Alt": (ALT, 0xFFEA), "Meta": (META, 0xFFEC)}
"""Name → left and right keysym."""

MODIFIERS = frozenset(keysym for pair in _MODIFIERS.values() for keysym in pair)

_NAMED = {
    "Enter": 0xFF0D, "Tab": 0xFF09, "Backspace": 0xFF08, "Escape": 0xFF1B, "Delete": 0xFFFF, "Insert": 0xFF63,
    "Home": 0xFF50, "End": 0xFF57, "PageUp": 0xFF55, "PageDown": 0xFF56,
    "ArrowLeft": 0xFF51, "ArrowUp": 0xFF52, "ArrowRight": 0xFF53, "ArrowDown": 0xFF54,
    "Pause": 0xFF13, "ScrollLock": 0xFF14, "NumLock": 0xFF7F, "PrintScreen": 0xFF61, "ContextMenu": 0xFF67,
    "Help": 0xFF6A, "Undo": 0xFF65, "Find": 0xFF68, "Cancel": 0xFF69, "Clear": 0xFF0B, "Select": 0xFF60,
    "AudioVolumeMute": 0x1008FF12, "AudioVolumeDown": 0x1008FF11, "AudioVolumeUp": 0x1008FF13,
    "MediaPlayPause": 0x1008FF14, "MediaStop": 0x1008FF15,
    "MediaTrackPrevious": 0x1008FF16, "MediaTrackNext": 0x1008FF17,
    "BrowserBack": 0x1008FF26, "BrowserForward": 0x1008FF27, "BrowserRefresh": 0x1008FF29,
} | {f"F{n}": 0xFFBD + n for n in range(1, 25)}  # fmt: skip

_DEAD = {
    "\u0300": 0xFE50, "\u0301": 0xFE51, "\u0302": 0xFE52, "\u0303": 0xFE53, "\u0304": 0xFE54, "\u0306": 0xFE55,
    "\u0307": 0xFE56, "\u0308": 0xFE57, "\u030a": 0xFE58, "\u030b": 0xFE59, "\u030c": 0xFE5A, "\u0327": 0xFE5B,
    "\u0328": 0xFE5C,
}  # fmt: skip
"""Combining accent → the dead key that gives it."""

_ALONE = {
    ord("`"): (0xFE50, 0x20), ord("^"): (0xFE52, 0x20), ord("~"): (0xFE53, 0x20),
    ord("´"): (0xFE51, 0xFE51), ord("¨"): (0xFE57, 0xFE57),
}  # fmt: skip
"""Accents by themselves, as every Compose table of X has them."""

_KEYPAD_ENTER = 0xFF8D
"""The one key of the keypad that is told from its twin; its digits and signs are characters like others."""


def of_character(character: str) -> int:
    """The keysym of one character: Latin-1 is itself, the rest is in the Unicode range."""
    point = ord(character)
    if character in "\r\n":
        return _NAMED["Enter"]
    if character == "\t":
        return _NAMED["Tab"]
    if 0x20 <= point <= 0x7E or 0xA0 <= point <= 0xFF:
        return point
    return 0x01000000 | point


def by_dead_key(keysym: int) -> tuple[int, ...]:
    """A letter with one accent as the dead key of that accent and the letter, an accent alone as its dead key and what
    leaves it alone: their keysyms; empty for others."""
    if keysym in _ALONE:
        return _ALONE[keysym]
    point = keysym & 0xFFFFFF if keysym >> 24 == 1 else keysym
    parts = unicodedata.normalize("NFD", chr(point)) if point < 0xFD00 else ""
    if len(parts) != 2 or parts[1] not in _DEAD:
        return ()
    return _DEAD[parts[1]], of_character(parts[0])


def typed(text: str) -> Iterator[str]:
    """The characters of a text that can be typed: line ends as one Return, no other control characters."""
    for character in text.replace("\r\n", "\n"):
        if character in "\r\n\t" or (ord(character) >= 0x20 and not 0x7F <= ord(character) < 0xA0):
            yield character


def of_key(key: str, code: str) -> int | None:
    """The keysym of a DOM key; None for what is not pressed by itself.

    `AltGraph`, `CapsLock` and `Dead` are None: the character that they lead to comes as `key` of the next event.
    """
    if key in _MODIFIERS:
        return _MODIFIERS[key][code.endswith("Right")]
    if code == "NumpadEnter":
        return _KEYPAD_ENTER
    if key in _NAMED:
        return _NAMED[key]
    if len(key) == 1:
        return of_character(key) if next(typed(key), None) else None
    return None
