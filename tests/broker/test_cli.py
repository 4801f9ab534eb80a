"""The commands that a provider uses, against a data folder of the test's own; the broker as a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

import relevo
from scripts.processes import free_port, listening
from tests.support.patience import PATIENCE, at_last

RELEVO = [sys.executable, "-m", "relevo"]
PASSWORD = "canary-una-contraseña-larga"


class Provider:
    """A data folder, a port and the environment that names both."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder, self.origin = folder, f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
        self.env = {
            **clean, "RELEVO_DATA_DIR": str(folder), "RELEVO_PORT": str(self.port), "RELEVO_PUBLIC_ORIGIN": self.origin,
        }  # fmt: skip

    def run(self, *words: str, given: str = "", fails: bool = False) -> str:
        """What a command prints; with `fails` its complaint."""
        done = CliRunner().invoke(relevo.build(words[0]), words, input=given, env=self.env)
        assert (done.exit_code != 0) is fails, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.stderr if fails else done.stdout

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[str]]:
        """A running broker, answering."""
        logged = (self.folder.parent / "log.txt").open("a")
        with subprocess.Popen(
            [*RELEVO, "broker"], env=self.env, stdout=subprocess.PIPE, stderr=logged, text=True
        ) as running:
            assert running.stdout is not None
            try:
                self.printed = ""
                while "serves" not in self.printed:
                    line = running.stdout.readline()
                    assert line, "the broker did not start"
                    self.printed += line
                at_last(lambda: listening(self.port))
                yield running
            finally:
                running.terminate()
                running.wait(PATIENCE)
                logged.close()

    @property
    def log(self) -> str:
        return (self.folder.parent / "log.txt").read_text()


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    before = os.umask(0)
    yield Provider(tmp_path / "data")
    os.umask(before)


def test_a_provider_goes_from_nothing_to_a_signed_in_administrator(provider: Provider) -> None:
    with provider.serving() as running:
        link = re.search(r"http://\S+#/setup\?token=(\S+)", provider.printed)
        assert link is not None
        body = {
            "token": link[1], "organisation_name": "Quásar", "name": "Ana", "email": "ana@example.com",
            "password": PASSWORD,
        }  # fmt: skip
        assert httpx2.post(f"{provider.origin}/api/v1/setup", json=body, timeout=PATIENCE).status_code == 204
        signing_in = {"email": "ana@example.com", "password": PASSWORD, "want": "bearer"}
        answer = httpx2.post(f"{provider.origin}/api/v1/sign-in", json=signing_in, timeout=PATIENCE)
        assert answer.json()["operator"]["role"] == "admin"
        assert "already" in provider.run("operator", "setup-link", fails=True)
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) in (0, -signal.SIGTERM)
    assert link[1] not in provider.log
    assert PASSWORD not in provider.log
    assert {json.loads(line)["level"] for line in provider.log.splitlines()} == {"info"}, "nothing bad to say"


def test_the_demos_way_accounts_by_command_and_a_build_file(provider: Provider) -> None:
    org = json.loads(provider.run("organisation", "add", "--name", "Demo"))
    add = ("operator", "add", "--organisation", org["id"], "--email", "Ana@Example.com", "--name", "Ana Ruiz")
    made = json.loads(provider.run(*add, "--role", "admin", "--password-stdin", given=PASSWORD + "\n"))
    assert made["email"] == "ana@example.com"
    assert "already has an account" in provider.run(*add, "--password-stdin", given=PASSWORD, fails=True)
    other = ("operator", "add", "--organisation", "A" * 22, "--email", "b@example.com", "--name", "B")
    assert "no such organisation" in provider.run(*other, fails=True)
    assert "12 characters" in provider.run(
        *add[:5], "c@example.com", *add[6:], "--password-stdin", given="x", fails=True
    )
    build = json.loads(provider.run("organisation", "build", "--organisation", org["id"]))
    assert (build["public_origin"], build["org_id"], build["org_name"]) == (provider.origin, org["id"], "Demo")
    assert len(build["log_key"]) == 43
    assert [one["id"] for one in json.loads(provider.run("organisation", "list"))] == [org["id"]]
    assert (provider.folder.stat().st_mode & 0o077, (provider.folder / "master.key").stat().st_mode & 0o077) == (0, 0)
    assert (provider.folder / "relevo.db").stat().st_mode & 0o077 == 0


def test_a_backup_of_a_running_broker_is_restored_elsewhere_and_never_over_it(
    provider: Provider, tmp_path: Path
) -> None:
    provider.run("organisation", "add", "--name", "Demo")
    copy, elsewhere = tmp_path / "copy.db", tmp_path / "elsewhere"
    with provider.serving():
        provider.run("backup", str(copy))
        assert "running" in provider.run("restore", str(copy), fails=True)
        assert "running" in provider.run("broker", fails=True), "one broker for one folder"
    assert "already" in provider.run("restore", str(copy), fails=True)
    provider.run("restore", str(copy), "--data", str(elsewhere))
    assert json.loads(provider.run("organisation", "list", "--data", str(elsewhere)))[0]["name"] == "Demo"


def test_settings_that_cannot_be_are_told_in_a_sentence(provider: Provider, tmp_path: Path) -> None:
    assert "https" in provider.run("broker", "--public-origin", "http://support.example", fails=True)
    assert "no file" in provider.run("broker", "--config", str(tmp_path / "none.toml"), fails=True)
