"""The `relevo` command: imports only the part that is asked for, and says what a missing one needs."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import relevo

ROOT = Path(relevo.__file__).parent


def modules_after(code: str) -> set[str]:
    """The modules that a fresh Python holds after `code`."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_list_of_commands_imports_no_part() -> None:
    held = modules_after("import relevo; relevo.build(None)")
    assert not held & {"broker", "client_agent", "operator_console", "protocol"}


def test_every_command_is_listed() -> None:
    listed = CliRunner().invoke(relevo.build(None), ["--help"]).output
    assert all(name in listed for name in relevo.COMMANDS)


@pytest.mark.parametrize("name", relevo.COMMANDS)
def test_every_command_is_there(name: str) -> None:
    result = CliRunner().invoke(relevo.build(name), [name, "--help"])
    assert result.exit_code == 0, result.output


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError("No module named 'PySide6'", name="PySide6")

    monkeypatch.setattr(relevo, "import_module", absent)
    monkeypatch.setattr("sys.argv", ["relevo", "agent"])
    with pytest.raises(SystemExit, match=r"needs the package PySide6[^']*'relevo\[agent\]'"):
        relevo.main()
