"""The pinned requirements: hashed throughout, and naming no host or folder of whoever made them."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_pin_has_a_hash_and_no_line_names_a_place(file: Path) -> None:
    entries = file.read_text().replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        assert "==" in entry, entry
        assert "--hash=sha256:" in entry, entry
        assert "://" not in entry, entry
        assert " @ " not in entry, entry
        assert not entry.startswith("-"), entry


def test_the_build_requirements_are_pinned_too() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()}
    assert set(needed) <= pinned


def test_a_server_needs_no_window() -> None:
    assert "pyside6" not in (ROOT / "requirements" / "broker.txt").read_text().lower()
