"""The eight ways in which each screen is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal


@dataclass(frozen=True, slots=True)
class Variant:
    """One way: a language, light or dark, 1 (100 %) or 2 (200 %)."""

    language: Literal["en", "es"]
    dark: bool
    scale: int

    @property
    def name(self) -> str:
        """As a picture's name ends: `es-dark-200`."""
        return f"{self.language}-{'dark' if self.dark else 'light'}-{self.scale}00"


def every() -> Iterator[Variant]:
    """All eight."""
    for dark, scale, language in product((False, True), (1, 2), ("en", "es")):
        yield Variant(language, dark, scale)  # type: ignore[arg-type]
