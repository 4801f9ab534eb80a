"""Why a ticket was refused or closed by itself: a sentence in both languages, and the clause of the terms behind it."""

from typing import Self

import msgspec

from broker.i18n import translate
from broker.policies.schema import Bilingual


class Reason(msgspec.Struct, frozen=True):
    """As it is kept with the ticket."""

    es: str
    en: str
    clause: str | None = None

    @classmethod
    def of(cls, clause: str | None, text: str, /, **values: object) -> Self:
        """`text` is a msgid; of values that are bilingual each language gets its own."""
        return cls(_in("es", text, values), _in("en", text, values), clause)

    def sentence(self, lang: str) -> str:
        """In the reader's language."""
        return self.es if lang == "es" else self.en

    def stored(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def read(cls, stored: str) -> Self | None:
        """What :meth:`stored` gave; None for a ticket without one."""
        return msgspec.json.decode(stored, type=cls) if stored else None


def both(text: str) -> Bilingual:
    """A msgid in both languages."""
    return Bilingual(es=translate("es", text), en=translate("en", text))


def listed(parts: list[Bilingual]) -> Bilingual:
    """Several as one value, with commas between."""
    return Bilingual(es=", ".join(part.es for part in parts), en=", ".join(part.en for part in parts))


def _in(lang: str, text: str, values: dict[str, object]) -> str:
    own = {
        name: (value.es if lang == "es" else value.en) if isinstance(value, Bilingual) else value
        for name, value in values.items()
    }
    return translate(lang, text).format(**own)
