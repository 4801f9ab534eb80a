"""`make demo`: the whole product on this computer, until Ctrl-C.

A broker with its relay (SQLite in `.relevo-demo/`), the web console that it serves, a customer's desktop of their own
and the customer's program on it.  Everything listens on loopback.  The accounts are made by the command that a
provider uses too, and are kept with the database until `make clean`.
"""

import contextlib
import fcntl
import getpass
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from scripts import desktop as desktops
from scripts.desktop import Desktop
from scripts.processes import ProcessDied, Processes, Running, free_port, listening

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".relevo-demo"
RELEVO = ROOT / ".venv" / "bin" / "relevo"
PORT, CHAIR_PORT = 8470, 8471
ORGANISATION = "Demo Support"
CODE_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account of the demo."""

    role: str
    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the demo made by command, kept beside the database."""

    organisation_id: str
    technician: SignIn
    administrator: SignIn


def main() -> int:
    """0 after Ctrl-C; 1 when something could not be started or has died."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    try:
        with only_demo(), Processes(FOLDER / "logs") as processes:
            run(processes)
    except KeyboardInterrupt:
        say("stopped.  The log and the accounts are kept in .relevo-demo until “make clean”.")
        return 0
    except (ProcessDied, TimeoutError, subprocess.CalledProcessError) as failure:
        print(f"relevo: {failure}", file=sys.stderr)
        if isinstance(failure, subprocess.CalledProcessError):
            print(failure.stderr, file=sys.stderr)
        return 1
    finally:
        (FOLDER / "demo.json").unlink(missing_ok=True)
    return 0


def run(processes: Processes) -> None:
    """Starts every part in turn, says what a newcomer needs, and stays."""
    port = free_port(PORT)
    origin = f"http://127.0.0.1:{port}"
    env = broker_environment(port, origin)
    say("starting the broker and its relay")
    accounts = make_accounts(env)
    processes.start("broker", [RELEVO, "broker"], env=env, cwd=FOLDER)
    processes.wait_for("the broker", lambda: listening(port))

    say("starting the customer's desktop")
    window = os.environ.get("DISPLAY") if display_answers() else None
    desktop = desktops.start(processes, FOLDER / "customer", window=window)
    desktops.open_programs(processes, desktop, desktop.home / "note.txt")
    chair = None if window else desktops.show_chair(processes, desktop, CHAIR_PORT)

    say("starting the customer's program")
    customer = Customer(processes, desktop, origin, accounts.organisation_id)
    customer.open()
    facts = {
        "console": f"{origin}/console/",
        "broker": origin,
        "chair": chair,
        "display": desktop.display,
        "home": str(desktop.home),
        "note": str(desktop.home / "note.txt"),
        "organisation_id": accounts.organisation_id,
        "technician": asdict(accounts.technician),
        "administrator": asdict(accounts.administrator),
    }
    announce(facts)
    shown: dict[str, Any] = {}
    while True:
        processes.check()
        customer.keep_open()
        status = customer.status()
        if status != shown:
            write_private(FOLDER / "demo.json", facts | {"agent": status, **credentials(status)})
            if status.get("code") != shown.get("code") and status.get("code"):
                announce_code(status)
            elif status.get("state") != shown.get("state"):
                say(f"the customer's program: {status.get('state')}")
            shown = status
        time.sleep(0.2)


class Customer:
    """The customer's program, opened again when its window is closed."""

    def __init__(self, processes: Processes, desktop: Desktop, origin: str, organisation_id: str) -> None:
        self.processes, self.desktop = processes, desktop
        self.status_file = FOLDER / "agent.json"
        self.command = [
            str(RELEVO), "agent", "--broker", origin, "--organisation", organisation_id,
            "--status-file", str(self.status_file),
        ]  # fmt: skip
        self.running: Running | None = None

    def open(self) -> None:
        """Starts it, with no word left of the one before."""
        self.status_file.unlink(missing_ok=True)
        self.running = self.processes.start("agent", self.command, env=self.desktop.env, essential=False)

    def keep_open(self) -> None:
        """Opens it again after the customer closed it.  Raises `ProcessDied` when it fell over."""
        if self.running is None or (code := self.running.process.poll()) is None:
            return
        if code != 0:
            raise ProcessDied(self.running.name, code, self.running.log)
        self.processes.stop(self.running)
        say("the customer closed their program; it opens again")
        self.open()

    def status(self) -> dict[str, Any]:
        """What it last said of itself; nothing yet: empty."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            found: dict[str, Any] = json.loads(self.status_file.read_text())
            return found
        return {}


@contextlib.contextmanager
def only_demo() -> Iterator[IO[str]]:
    """Held while this checkout's demo runs."""
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("relevo: a demo of this checkout is running already; stop it with Ctrl-C first.")
        yield lock


def broker_environment(port: int, origin: str) -> dict[str, str]:
    """The broker's settings: a folder of its own, loopback only, none of the caller's `RELEVO_…`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
    return inherited | {
        "RELEVO_DATA_DIR": str(FOLDER / "broker"),
        "RELEVO_PUBLIC_ORIGIN": origin,
        "RELEVO_BIND": "127.0.0.1",
        "RELEVO_PORT": str(port),
        "RELEVO_LOG_JSON": "false",
    }


def make_accounts(env: dict[str, str]) -> Accounts:
    """The organisation, a technician and an administrator; those of an earlier run when its database is there."""
    kept = FOLDER / "accounts.json"
    if kept.exists():
        found = json.loads(kept.read_text())
        return Accounts(found["organisation_id"], SignIn(**found["technician"]), SignIn(**found["administrator"]))
    shutil.rmtree(FOLDER / "broker", ignore_errors=True)
    organisation = json.loads(relevo(env, "organisation", "add", "--name", ORGANISATION))
    accounts = Accounts(
        organisation["id"],
        SignIn("operator", "Tomás Técnico", "technician@demo.example", new_password()),
        SignIn("admin", "Ana Administradora", "admin@demo.example", new_password()),
    )
    for account in (accounts.technician, accounts.administrator):
        relevo(
            env, "operator", "add", "--organisation", accounts.organisation_id, "--email", account.email,
            "--name", account.name, "--role", account.role, "--password-stdin", given=account.password + "\n",
        )  # fmt: skip
    write_private(kept, asdict(accounts))
    return accounts


def relevo(env: dict[str, str], *arguments: str, given: str = "") -> str:
    """What the `relevo` command prints.  Raises `CalledProcessError` with its complaint in `stderr`."""
    return subprocess.run(
        [RELEVO, *arguments], env=env, cwd=FOLDER, input=given, capture_output=True, text=True, check=True
    ).stdout


def display_answers() -> bool:
    """Whether DISPLAY names an X server that lets us in."""
    if not os.environ.get("DISPLAY"):
        return False
    return subprocess.run(["xset", "q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def new_password() -> str:
    """Three groups that a person can copy by hand."""
    return "-".join("".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(5)) for _ in range(3))


def credentials(status: dict[str, Any]) -> dict[str, Any]:
    """The ID and password to type into the console, None while there are none."""
    return {"id": status.get("id"), "password": status.get("code")}


def announce(facts: dict[str, Any]) -> None:
    """What a newcomer needs to begin."""
    technician, administrator = facts["technician"], facts["administrator"]
    chair = facts["chair"] or "the window “Relevo demo: the customer's desktop”"
    print(
        f"""
  Relevo is running.

  The technician's console    {facts["console"]}
    technician                {technician["email"]}    {technician["password"]}
    administrator             {administrator["email"]}         {administrator["password"]}

  The customer's chair        {chair}
    (their desktop, display {facts["display"]}: accept the terms there, then consent, then disconnect)
""",
        flush=True,
    )
    if facts["chair"]:
        console_port, chair_port = (facts[name].split(":")[2].partition("/")[0] for name in ("broker", "chair"))
        print(
            "  Is your browser on another computer?  There, run this first, then open the same two addresses:\n"
            f"    ssh -L {console_port}:127.0.0.1:{console_port} -L {chair_port}:127.0.0.1:{chair_port} "
            f"{getpass.getuser()}@{socket.gethostname()}\n",
            flush=True,
        )
    print("  Ctrl-C stops everything.  The same facts are in .relevo-demo/demo.json\n", flush=True)


def announce_code(status: dict[str, Any]) -> None:
    """The agent's present ID and password."""
    print(f"  The agent's ID  {status['id']}    password  {status['code']}", flush=True)


def write_private(path: Path, value: dict[str, Any]) -> None:
    """JSON for this user's eyes, whole or not at all."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    new.replace(path)


def say(what: str) -> None:
    """A line of progress."""
    print(f"relevo: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
