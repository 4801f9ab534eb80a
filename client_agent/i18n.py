"""The customer's language: Spanish or English, from the system's, switchable while the program runs.

Text is written in English where it is shown, as `_("…")`, and translated by `locale/es/LC_MESSAGES/agent.po`; `_` is a
:class:`Words` handed down as a parameter, so that no module keeps a language of its own.
"""

import gettext
import locale
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

from babel.numbers import format_currency, format_decimal, get_currency_precision

Language = Literal["es", "en"]

LANGUAGES: tuple[Language, ...] = ("es", "en")
NAMES: Mapping[Language, str] = {"es": "Español", "en": "English"}
"""Each language in its own words."""

DOMAIN = "agent"
CATALOGUES = Path(__file__).parent / "locale"

_READ_SPANISH = frozenset({"es", "ca", "gl", "eu", "ast", "an", "oc"})
"""Languages of people who read Spanish better than English."""


class Words:
    """One language's texts. Calling it translates; `**values` fill the braces of the text."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._catalogue = gettext.translation(DOMAIN, CATALOGUES, [language], fallback=True)

    def __call__(self, text: str, **values: object) -> str:
        """`text` in this language."""
        translated = self._catalogue.gettext(text)
        return translated.format(**values) if values else translated

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The form for `n`, with `{n}` filled in."""
        return self._catalogue.ngettext(one, many, n).format(n=n)

    def number(self, value: int | Decimal) -> str:
        """With this language's separators."""
        return str(format_decimal(value, locale=self.language))

    def money(self, minor: int, currency: str) -> str:
        """An amount in the currency's minor unit: `45,00 €`, `€45.00`."""
        amount = Decimal(minor).scaleb(-get_currency_precision(currency))
        return str(format_currency(amount, currency, locale=self.language))

    def percent(self, value: Decimal) -> str:
        """`21 %`, `21%`."""
        return f"{self.number(value)}\u00a0%" if self.language == "es" else f"{self.number(value)}%"


def mark(text: str) -> str:
    """Marks a text in a table for the catalogue; it is translated where it is used."""
    return text


def choose(wanted: Iterable[str]) -> Language:
    """The first language of `wanted` (`es_ES.UTF-8`, `en-GB`, …) that we speak; English when there is none."""
    for name in wanted:
        short = name.replace("-", "_").split("_")[0].split(".")[0].lower()
        if short in _READ_SPANISH:
            return "es"
        if short == "en":
            return "en"
    return "en"


def system_language(environ: Mapping[str, str] = os.environ) -> Language:
    """What the system speaks: gettext's variables in their order, else what the C library or Windows says."""
    listed = environ.get("LANGUAGE", "").split(":")
    single = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    names = [*listed, single] if single not in ("C", "POSIX") else [single]
    return choose(name for name in (*names, locale.getlocale()[0] or "") if name)
