"""The demo's desktop: programs on it are seen, and all of it goes when it is told to."""

import subprocess
from pathlib import Path

import pytest

from scripts import desktop as desktops
from scripts.desktop import Desktop
from scripts.processes import ProcessDied, Processes, free_port, listening


def windows(desktop: Desktop) -> str:
    return subprocess.run(["xwininfo", "-root", "-tree"], env=desktop.env, capture_output=True, text=True).stdout


@pytest.mark.e2e
def test_a_terminal_and_an_editor_stand_on_the_customers_desktop(processes: Processes, desktop: Desktop) -> None:
    desktops.open_programs(processes, desktop, desktop.home / "note.txt")
    processes.wait_for("the terminal", lambda: '"Terminal"' in windows(desktop))
    processes.wait_for("the editor", lambda: "note.txt - Mousepad" in windows(desktop))


@pytest.mark.e2e
def test_the_customers_chair_answers_on_loopback_only(processes: Processes, desktop: Desktop) -> None:
    address = desktops.show_chair(processes, desktop)
    assert address.startswith("http://127.0.0.1:")
    sockets = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    port = address.split(":")[2].partition("/")[0]
    assert {line.split()[3] for line in sockets.splitlines() if line.split()[3].endswith(f":{port}")} == {
        f"127.0.0.1:{port}"
    }


def test_everything_stops_with_the_block(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        sleeper = processes.start("sleeper", ["sh", "-c", "sleep 1000 & wait"])
    assert sleeper.process.poll() is not None
    assert processes.running == []


def test_a_program_that_ends_too_early_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("short", ["sh", "-c", "echo no such luck; exit 3"])
        with pytest.raises(ProcessDied, match=r"“short” ended with code 3.*\n.*no such luck"):
            processes.wait_for("never", lambda: False)


def test_a_program_that_may_end_is_not_missed(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("short", ["true"], essential=False).process.wait()
        processes.check()


def test_a_free_port_is_one_that_nothing_listens_on() -> None:
    assert not listening(free_port())
