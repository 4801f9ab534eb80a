"""ID and password as people say, hear and type them: the alphabet, the normaliser, the split, the spelling.

Pairing rule 2. Counterpart: `operator_console/web/src/protocol/code.ts`; both pass `tests/vectors/code.json`.
Randomness is a parameter (`secrets.randbelow` in the programs). Never logs or stores what it is given.
"""

from collections.abc import Callable
from typing import NamedTuple

from protocol.errors import InvalidCode

Randbelow = Callable[[int], int]
"""`randbelow(n)`: a uniform integer, 0 ≤ value < n."""

ALPHABET = "01346789ACDEFGHJKMPQRSTUVWXYZ"
"""The 29 symbols that survive dictation in Spanish and English: one of each of 0/O, 1/I/L, B/V, S/5, Z/2, M/N."""

TWINS = {"O": "0", "I": "1", "L": "1", "B": "V", "5": "S", "2": "Z", "N": "M"}
"""A symbol that is not in the alphabet → the kept symbol that it is taken for."""

SEPARATORS = " \t\r\n\u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
"""Spaces and hyphens that may stand anywhere and mean nothing."""

ID_DIGITS = 9
SERVER_SYMBOLS = 3
AGENT_SYMBOLS = 5
PASSWORD_SYMBOLS = SERVER_SYMBOLS + AGENT_SYMBOLS

_UPPER = {s: s for s in ALPHABET} | TWINS
_SYMBOLS = _UPPER | {typed.lower(): kept for typed, kept in _UPPER.items()}
_DIGITS = {d: d for d in "0123456789"}

# fmt: off
SPELLING = {
    "en": {
        "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
        "7": "seven", "8": "eight", "9": "nine",
        "A": "Alfa", "C": "Charlie", "D": "Delta", "E": "Echo", "F": "Foxtrot", "G": "Golf", "H": "Hotel",
        "J": "Juliett", "K": "Kilo", "M": "Mike", "P": "Papa", "Q": "Quebec", "R": "Romeo", "S": "Sierra",
        "T": "Tango", "U": "Uniform", "V": "Victor", "W": "Whiskey", "X": "X-ray", "Y": "Yankee", "Z": "Zulu",
    },
    "es": {
        "0": "cero", "1": "uno", "2": "dos", "3": "tres", "4": "cuatro", "5": "cinco", "6": "seis",
        "7": "siete", "8": "ocho", "9": "nueve",
        "A": "Antonio", "C": "Carmen", "D": "Dolores", "E": "Enrique", "F": "Francia", "G": "Gerona", "H": "Historia",
        "J": "José", "K": "Kilo", "M": "Madrid", "P": "París", "Q": "Queso", "R": "Ramón", "S": "Sábado",
        "T": "Tarragona", "U": "Ulises", "V": "Valencia", "W": "Washington", "X": "Xilófono", "Y": "Yegua",
        "Z": "Zaragoza",
    },
}
"""Language → symbol or digit → the word to say for it: NATO's in English, the telephone alphabet in Spanish."""
# fmt: on


class Password(NamedTuple):
    """A whole password's two parts, normalised. Never shown by `repr`."""

    server_part: str
    """Three symbols that the broker issued and checks."""
    agent_part: str
    """Five symbols that the agent made: the secret of the key exchange, never sent to anyone."""

    def __repr__(self) -> str:
        return "Password(…)"


def random_id(randbelow: Randbelow) -> str:
    """Nine random digits."""
    return f"{randbelow(10**ID_DIGITS):0{ID_DIGITS}}"


def random_symbols(count: int, randbelow: Randbelow) -> str:
    """`count` independent, uniform symbols of the alphabet."""
    return "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(count))


def normalise_id(text: str) -> str:
    """The nine digits that a person meant. Raises `InvalidCode`."""
    return _normalise("The ID", text, _DIGITS, ID_DIGITS)


def normalise_password(text: str) -> Password:
    """The two parts of the password that a person meant. Raises `InvalidCode`."""
    symbols = _normalise("The password", text, _SYMBOLS, PASSWORD_SYMBOLS)
    return Password(symbols[:SERVER_SYMBOLS], symbols[SERVER_SYMBOLS:])


def is_symbols(text: str, count: int) -> bool:
    """Whether `text` is already `count` normalised symbols, as a message must carry them."""
    return len(text) == count and all(s in ALPHABET for s in text)


def show_id(digits: str) -> str:
    """`123456789` → `123 456 789`."""
    return " ".join(digits[at : at + 3] for at in range(0, ID_DIGITS, 3))


def show_password(server_part: str, agent_part: str) -> str:
    """`K7Q` and `U9XDT` → `K7QU-9XDT`."""
    symbols = server_part + agent_part
    return f"{symbols[:4]}-{symbols[4:]}"


def spell(symbols: str, language: str) -> list[tuple[str, str]]:
    """Each symbol with the word to say for it; `language` is `"en"` or `"es"`."""
    return [(symbol, SPELLING[language][symbol]) for symbol in symbols]


def _normalise(what: str, text: str, meaning: dict[str, str], count: int) -> str:
    kept = [s for s in text if s not in SEPARATORS]
    for symbol in kept:
        if symbol not in meaning:
            raise InvalidCode(what, count, symbol)
    if len(kept) != count:
        raise InvalidCode(what, count)
    return "".join(meaning[s] for s in kept)
