"""The code as a person says it on the telephone, in the language that both speak. Data: `protocol.code.SPELLING`.

Pure; keeps nothing of what it is given.
"""

from typing import NamedTuple

from client_agent.events import Language
from protocol import code


class Spelled(NamedTuple):
    """One symbol and the word to say for it. Never shown by `repr`: it may be of a password."""

    symbol: str
    word: str

    def __repr__(self) -> str:
        return "Spelled(…)"


def spelled(symbols: str, language: Language) -> tuple[Spelled, ...]:
    """Each symbol of a password, without its hyphen, and its word: `K` Kilo, `7` seven."""
    return tuple(Spelled(symbol, word) for symbol, word in code.spell(symbols, language))


def aloud(symbols: str, language: Language) -> str:
    """The whole in one line for a screen reader or a terminal: `K Kilo, 7 seven, Q Quebec…`; digits by their word."""
    return ", ".join(word if symbol.isdigit() else f"{symbol} {word}" for symbol, word in spelled(symbols, language))


def shown_id(digits: str) -> str:
    """`123 456 789`."""
    return code.show_id(digits)


def shown_password(symbols: str) -> str:
    """`K7QU-9XDT`."""
    return code.show_password(symbols[: code.SERVER_SYMBOLS], symbols[code.SERVER_SYMBOLS :])
