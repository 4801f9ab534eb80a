"""Set-up on a bare machine: what is missing is installed by root on Debian, and only named to everyone else."""

import shutil
from collections.abc import Sequence

import pytest

from scripts import setup

needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg-query"), reason="not Debian or its kin")


def test_every_line_of_the_list_of_system_packages_is_whole() -> None:
    packages = setup.read_packages()
    assert len({package.name for package in packages}) == len(packages)
    assert {package.needed_by for package in packages} == {"run", "test", "bench"}


@needs_dpkg
def test_packages_that_are_not_installed_are_found() -> None:
    assert setup.missing_debian(["dpkg", "no-such-package"]) == ["no-such-package"]


@needs_dpkg
def test_someone_who_is_not_root_is_given_the_exact_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "missing_debian", lambda names: ["xvfb", "openbox"])
    monkeypatch.setattr(setup, "missing_venv", lambda: ["python3.11-venv"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    command = "sudo apt-get install --no-install-recommends xvfb openbox python3.11-venv"
    with pytest.raises(SystemExit, match=rf"{command}\n.*Nothing was"):
        setup.install_system_packages("run")


@needs_dpkg
def test_root_gets_them_by_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Sequence[str]] = []
    monkeypatch.setattr(setup, "missing_debian", lambda names: ["xvfb"])
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(setup, "apt", lambda *arguments: calls.append(arguments))
    setup.install_system_packages("run")
    assert calls[-1][0] == "install"
    assert calls[-1][-1] == "xvfb"
