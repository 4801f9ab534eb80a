"""Compiles the gettext catalogues (.po → .mo) that are newer than what was made of them.

python -m scripts.catalogues
"""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("protocol", "broker", "client_agent", "operator_console")


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Every catalogue of the four packages."""
    for package in PACKAGES:
        yield from sorted((root / package).glob("**/locale/*/LC_MESSAGES/*.po"))


def build(root: Path = ROOT) -> None:
    """A .mo beside each .po.  Raises `babel.messages.pofile.PoFileError` for a catalogue that cannot be read."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sources(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name, abort_invalid=True)
        with target.open("wb") as compiled:
            write_mo(compiled, catalogue)
        print(f"relevo: compiled {target.relative_to(root)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    build()
