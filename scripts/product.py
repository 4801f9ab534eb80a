"""The whole product on loopback, started part by part: for the demo, the contact sheet, the bench and the tests.

The accounts are made by the command that a provider uses too.  Nothing of the caller's `RELEVO_…` settings is used.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.desktop import Desktop
from scripts.processes import ProcessDied, Processes, Running, free_port, listening

ROOT = Path(__file__).resolve().parent.parent
RELEVO = Path(sys.executable).parent / "relevo"
ORGANISATION = "Demo Support"


class CommandFailed(Exception):
    """A `relevo …` command was refused; carries its own words."""

    def __init__(self, arguments: tuple[str, ...], words: str) -> None:
        super().__init__(f"“relevo {' '.join(arguments)}” failed:\n{words.strip()}")


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account.  `role`: operator, admin or auditor."""

    role: str
    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """An organisation with a technician and an administrator."""

    organisation_id: str
    technician: SignIn
    administrator: SignIn


class Broker:
    """A broker with a relay inside and a database in `folder`, on a loopback port: `wanted_port` if it is free.

    `settings` are further `RELEVO_…` variables, without that prefix.
    """

    def __init__(self, folder: Path, wanted_port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port(wanted_port)
        self.origin = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
        self.env = inherited | {
            "RELEVO_DATA_DIR": str(folder / "broker"),
            "RELEVO_PUBLIC_ORIGIN": self.origin,
            "RELEVO_BIND": "127.0.0.1",
            "RELEVO_PORT": str(self.port),
            "RELEVO_LOG_JSON": "false",
            **{f"RELEVO_{name}": value for name, value in (settings or {}).items()},
        }
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, processes: Processes) -> Running:
        """Runs it until `processes` stops it; returns when it answers."""
        running = processes.start("broker", [RELEVO, "broker"], env=self.env, cwd=self.folder)
        processes.wait_for("the broker", lambda: listening(self.port))
        return running

    def accounts(self) -> Accounts:
        """The organisation, a technician and an administrator; those of an earlier run when they are still there."""
        kept = self.folder / "accounts.json"
        if kept.exists():
            found = json.loads(kept.read_text())
            return Accounts(found["organisation_id"], SignIn(**found["technician"]), SignIn(**found["administrator"]))
        shutil.rmtree(self.folder / "broker", ignore_errors=True)
        with self.commands() as command:
            organisation = json.loads(command("organisation", "add", "--name", ORGANISATION))
            accounts = Accounts(
                organisation["id"],
                SignIn("operator", "Tomás Técnico", "technician@demo.example", new_password()),
                SignIn("admin", "Ana Administradora", "admin@demo.example", new_password()),
            )
            for account in (accounts.technician, accounts.administrator):
                command(
                    *("operator", "add", "--organisation", accounts.organisation_id, "--email", account.email),
                    *("--name", account.name, "--role", account.role, "--password-stdin"),
                    given=account.password + "\n",
                )
        write_private(kept, asdict(accounts))
        return accounts

    def build_file(self, organisation_id: str) -> Path:
        """What is fixed in the program of this organisation's customers, as a file."""
        file = self.folder / "build.json"
        file.write_text(self.command("organisation", "build", "--organisation", organisation_id))
        return file

    def command(self, *arguments: str, given: str = "") -> str:
        """What `relevo …` prints with this broker's settings.  Raises `CommandFailed`."""
        command = [str(RELEVO), *arguments]
        done = subprocess.run(command, env=self.env, cwd=self.folder, input=given, capture_output=True, text=True)
        if done.returncode:
            raise CommandFailed(arguments, done.stderr or done.stdout)
        return done.stdout

    @contextlib.contextmanager
    def commands(self) -> Iterator[Callable[..., str]]:
        """`command` for several in a row, all in one process."""
        with subprocess.Popen(
            [sys.executable, "-m", "scripts.commands"], env=self.env | {"PYTHONPATH": str(ROOT)}, cwd=self.folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            asking, answering = process.stdin, process.stdout
            assert asking is not None
            assert answering is not None

            def command(*arguments: str, given: str = "") -> str:
                print(json.dumps([arguments, given]), file=asking, flush=True)
                status, said, complained = json.loads(answering.readline())
                if status:
                    raise CommandFailed(arguments, complained or said)
                return str(said)

            yield command


class Customer:
    """The customer's program on their desktop.  For demo and tests it also says in a file what it shows."""

    def __init__(self, processes: Processes, desktop: Desktop, build_file: Path) -> None:
        self.processes, self.desktop = processes, desktop
        self.status_file = desktop.home / "agent-status.json"
        self.command = [
            *(str(RELEVO), "agent", "--build", str(build_file)),
            *("--status-file", str(self.status_file)),
        ]
        self.running: Running | None = None

    def open(self) -> None:
        """Starts it, with no word left of the one before."""
        self.status_file.unlink(missing_ok=True)
        self.running = self.processes.start("agent", self.command, env=self.desktop.env, essential=False)

    def closed(self) -> bool:
        """Whether the customer has closed it.  Raises `ProcessDied` when it fell over instead."""
        if self.running is None or (code := self.running.process.poll()) is None:
            return False
        if code != 0:
            raise ProcessDied(self.running.name, code, self.running.log)
        self.processes.stop(self.running)
        self.running = None
        return True

    def status(self) -> dict[str, Any]:
        """What it last said of itself: state, id, code …; nothing yet: empty."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            found: dict[str, Any] = json.loads(self.status_file.read_text())
            return found
        return {}


def new_password() -> str:
    """Three groups that a person can copy by hand."""
    return "-".join("".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(5)) for _ in range(3))


def write_private(path: Path, value: dict[str, Any]) -> None:
    """JSON for this user's eyes, whole or not at all."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    new.replace(path)
