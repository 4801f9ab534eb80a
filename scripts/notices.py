"""The licence notices of everything that goes into the customer's one-file program.

Walks the installed distributions that the agent needs, and takes each one's own licence files.  Qt and PySide are
LGPL: their notice says how to put other builds of them in place.
"""

import sys
import sysconfig
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LGPL = """\
PySide6 and Qt (LGPL-3.0), python-xlib (LGPL-2.1) and others named below are libraries that you may replace: install
Relevo from its source with your own builds of them and make this program again with `make agent`.  Their source code
is published by their authors under the names and versions given here.
"""
LICENCES = Path(__file__).resolve().parent / "licences"
LICENCE_WORDS = ("licen", "copying", "notice", "authors")


def text(extra: str = "agent") -> str:
    """One text: Relevo's licence, Python's, and those of each package that `relevo[extra]` needs here."""
    parts = ["Relevo\n\nLicensed under the Apache License 2.0.\n\n" + LGPL]
    parts += [_entry(found) for found in sorted(_closure(extra), key=lambda found: found.name.lower())]
    parts += [file.read_text() for file in sorted(LICENCES.glob("*.txt"))]
    parts.append(f"Python {sys.version.split()[0]} (PSF-2.0)\n\n{_python_licence()}")
    return ("\n\n" + "=" * 100 + "\n\n").join(parts)


def _closure(extra: str) -> list[Distribution]:
    """The distributions that `relevo[extra]` needs on this computer, each once."""
    found: dict[str, Distribution] = {}
    waiting = [("relevo", frozenset({extra}))]
    while waiting:
        name, extras = waiting.pop()
        here = distribution(name)
        for line in here.requires or []:
            needed = Requirement(line)
            if needed.marker and not any(needed.marker.evaluate({"extra": one}) for one in extras | {""}):
                continue
            key = canonicalize_name(needed.name)
            if key not in found:
                found[key] = distribution(needed.name)
                waiting.append((needed.name, frozenset(needed.extras)))
    return list(found.values())


def _entry(found: Distribution) -> str:
    said = [found.metadata[name] for name in ("License-Expression", "License") if name in found.metadata]
    licence = next(filter(None, said), "see below")
    files = [Path(str(found.locate_file(file))) for file in found.files or [] if _is_licence(str(file))]
    words = "\n\n".join(file.read_text(errors="replace").strip() for file in files if file.is_file())
    return f"{found.name} {found.version} ({licence.splitlines()[0]})\n\n{words}".rstrip() + "\n"


def _is_licence(file: str) -> bool:
    path = Path(file)
    named = path.name.lower().startswith(LICENCE_WORDS) or "licenses" in path.parts
    return named and path.suffix in ("", ".txt", ".md", ".rst") and any(".dist-info" in part for part in path.parts)


def _python_licence() -> str:
    places = (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt")
    return next((place.read_text(errors="replace") for place in places if place.is_file()), "")
