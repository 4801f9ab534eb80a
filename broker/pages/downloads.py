"""The programs that an organisation offers: files of `downloads/<organisation>/` in the data folder, and their SHA-256.

What stands there is put there by whoever runs the installation; a name from a request passes :func:`Downloads.file`.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from broker.errors import NotFound

Platform = Literal["linux", "windows", "macos"]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
BESIDE: Final = (".sha256", ".txt", ".json", ".sig", ".part")
"""Endings of files that go with a program and are none."""
_ENDINGS: Final[dict[str, Platform]] = {".exe": "windows", ".msi": "windows", ".dmg": "macos", ".pkg": "macos"}


@dataclass(frozen=True, slots=True)
class Program:
    """One program.  `size` in bytes; `sha256` in hexadecimal, as `sha256sum` prints it."""

    name: str
    platform: Platform
    size: int
    sha256: str


class Downloads:
    """Reads one folder; remembers a file's hash until the file changes."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "downloads"
        self._hashes: dict[tuple[Path, int, int], str] = {}

    def programs(self, org_id: str) -> list[Program]:
        """What this organisation offers, by name.  Reads whole files the first time: call it in a thread."""
        folder = self._folder / org_id
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        return [self._program(file) for file in files if _is_offered(file) and not file.name.endswith(BESIDE)]

    def file(self, org_id: str, name: str) -> Path:
        """The file `name` of an organisation.  Raises `NotFound` for anything but a plain file with a plain name."""
        file = self._folder / org_id / name
        if not NAME.fullmatch(name) or not _is_offered(file):
            raise NotFound
        return file

    def _program(self, file: Path) -> Program:
        state = file.stat()
        key = (file, state.st_mtime_ns, state.st_size)
        if key not in self._hashes:
            with file.open("rb") as opened:
                self._hashes[key] = hashlib.file_digest(opened, "sha256").hexdigest()
        return Program(file.name, _ENDINGS.get(file.suffix.lower(), "linux"), state.st_size, self._hashes[key])


def _is_offered(file: Path) -> bool:
    return NAME.fullmatch(file.name) is not None and file.is_file() and not file.is_symlink()
