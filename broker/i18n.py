"""The broker's sentences in the reader's language (gettext, English msgids, Spanish catalogue).

Counterpart: `broker/locale/es/LC_MESSAGES/broker.po`.  Without a compiled catalogue the English text is shown.
"""

import gettext
import os
from functools import cache
from pathlib import Path
from typing import Final, Literal

Lang = Literal["es", "en"]
LANGUAGES: Final[tuple[Lang, ...]] = ("es", "en")
LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:
    """Mark `text` for the catalogue; it is translated where it is shown."""
    return text


@cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """The catalogue of `lang`; the English one, which is empty, for any other language."""
    return gettext.translation("broker", LOCALE, [lang], fallback=True)


def translate(lang: str, text: str) -> str:
    """`text` in `lang`."""
    return catalogue(lang).gettext(text)


def preferred(accept_language: str | None) -> Lang:
    """The first of our languages in an `Accept-Language` header (RFC 9110, 12.5.4); English when it names none."""
    ranked: list[tuple[float, int, Lang]] = []
    for at, part in enumerate((accept_language or "")[:200].split(",")):
        name, _, parameter = part.strip().partition(";")
        lang = next((known for known in LANGUAGES if name.lower().partition("-")[0] == known), None)
        if lang is not None and (weight := _weight(parameter)) > 0:
            ranked.append((-weight, at, lang))
    return min(ranked)[2] if ranked else "en"


def environment_language() -> Lang:
    """The language of whoever runs a command (`LC_ALL`, `LANG`); English when it is none of ours."""
    return preferred((os.environ.get("LC_ALL") or os.environ.get("LANG", "")).partition("_")[0])


def _weight(parameter: str) -> float:
    key, _, value = parameter.strip().partition("=")
    if key.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
