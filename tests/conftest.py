"""Fixtures that every test may use: a display with a window manager, a browser, programs that stop with the test."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import desktop as desktops
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.support.browser import chromium_path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole paths first, then what a browser or a desktop shows: their files take longest, the others fill the gaps."""
    items.sort(key=_length)


def _length(item: pytest.Item) -> int:
    if item.get_closest_marker("e2e"):
        return 0
    return 1 if {"browser", "desktop"} & set(getattr(item, "fixturenames", ())) else 2


def pytest_collection_finish() -> None:
    """What was imported stays: tests that look for garbage need not look through all of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Programs that are stopped when the test ends; their output is in `logs` of the test's folder."""
    with Processes(tmp_path / "logs") as started:
        yield started


@pytest.fixture
def desktop(processes: Processes, tmp_path: Path) -> Desktop:
    """A customer's empty desktop, 1280×800, of this test's own: X server, session bus, window manager."""
    return desktops.start(processes, tmp_path / "customer")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium, for Playwright's `executable_path`."""
    return chromium_path()
