"""An agent in a terminal of the shared desktop: the technician can neither click nor type there."""

import subprocess
from pathlib import Path

import pytest

from client_agent.events import NoWindow
from client_agent.inject.x11_guard import TerminalGuard, of_this_terminal
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.support.patience import PATIENCE


def nothing_asked() -> bool:
    return False


@pytest.fixture
def guard(processes: Processes, desktop: Desktop, tmp_path: Path) -> TerminalGuard:
    """Of a terminal at the top left, 400×300 or so."""
    file = tmp_path / "windowid"
    command = f"echo $WINDOWID > {file}.new; mv {file}.new {file}; exec sleep infinity"
    processes.start("terminal", ["xterm", "-geometry", "60x20+0+0", "-e", "sh", "-c", command], env=desktop.env)
    processes.wait_for("the terminal", file.exists)
    made = of_this_terminal({"DISPLAY": desktop.display, "WINDOWID": file.read_text().strip()}, nothing_asked)
    assert made is not None
    return made


def focus(desktop: Desktop, *search: str) -> None:
    subprocess.run(
        ["xdotool", "search", "--sync", "--onlyvisible", *search, "windowactivate", "--sync"],
        env=desktop.env, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def test_its_text_is_covered_and_the_desktop_is_not(guard: TerminalGuard, desktop: Desktop) -> None:
    focus(desktop, "--class", "xterm")
    assert guard.covers(100, 150)
    assert not guard.covers(1200, 700)


def test_it_has_the_focus_until_another_window_takes_it(
    guard: TerminalGuard, desktop: Desktop, processes: Processes
) -> None:
    focus(desktop, "--class", "xterm")
    assert guard.has_focus()
    processes.start("other", ["xterm", "-title", "other", "-class", "Other", "-geometry", "+500+300"], env=desktop.env)
    focus(desktop, "--class", "Other")
    assert not guard.has_focus()


def test_without_an_answer_everything_is_covered() -> None:
    guard = TerminalGuard(":987", 1, nothing_asked)
    assert guard.covers(1, 1)
    assert guard.has_focus()


def test_while_the_terminal_asks_nothing_is_injected() -> None:
    terminal = NoWindow()
    guard = TerminalGuard(":987", 1, terminal.prompt_open)
    assert guard.prompt_open()  # nobody has said yet that it asks nothing
    terminal.asking(False)
    assert not guard.prompt_open()
    terminal.asking(True)
    assert guard.prompt_open()


def test_a_terminal_of_no_desktop_needs_no_guard() -> None:
    assert of_this_terminal({"DISPLAY": ":0"}, nothing_asked) is None
    assert of_this_terminal({"WINDOWID": "77"}, nothing_asked) is None
    assert of_this_terminal({"DISPLAY": ":0", "WINDOWID": "x"}, nothing_asked) is None
