"""`make demo`: the whole product on this computer, until Ctrl-C.

A broker with its relay (SQLite in `.relevo-demo/`), the web console that it serves, a customer's desktop of their own
and the customer's program on it.  Everything listens on loopback.  Database and accounts are kept until `make clean`.
"""

import contextlib
import fcntl
import getpass
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts import desktop as desktops
from scripts.processes import ProcessDied, Processes
from scripts.product import Broker, CommandFailed, Customer, write_private

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("RELEVO_DEMO_FOLDER", ROOT / ".relevo-demo"))
"""Elsewhere for tests, which start the very thing that a newcomer starts."""
PORT, CHAIR_PORT = (0, 0) if "RELEVO_DEMO_FOLDER" in os.environ else (8470, 8471)
STATES = {
    "starting": "the customer's program is starting …",
    "reach": "the customer's program is reaching the broker …",
    "terms": "now accept the terms in the customer's chair: the ID and password follow",
    "measure": "the broker is measuring the customer's line …",
    "code": "an ID and a password are being made …",
    "consent": "a technician asks: answer in the customer's chair",
    "live": "the session is live",
    "paused": "the line is lost: the session is paused",
    "ended": "the session has ended",
}


def main() -> int:
    """0 after Ctrl-C; 1 when something could not be started or has died."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    with only_demo():
        try:
            with Processes(FOLDER / "logs") as processes:
                run(processes)
        except KeyboardInterrupt:
            say("stopped.  Its log and accounts are kept in .relevo-demo until “make clean”.")
        except (ProcessDied, TimeoutError, CommandFailed) as failure:
            print(f"relevo: {failure}", file=sys.stderr)
            return 1
        finally:
            (FOLDER / "demo.json").unlink(missing_ok=True)
    return 0


def run(processes: Processes) -> None:
    """Starts every part in turn, says what a newcomer needs, and stays."""
    say("starting the broker and its relay …")
    broker = Broker(FOLDER, PORT)
    accounts = broker.accounts()
    broker.start(processes)

    say("starting the customer's desktop …")
    window = os.environ.get("DISPLAY") if display_answers() else None
    desktop = desktops.start(processes, FOLDER / "customer", window=window)
    note = desktop.home / "note.txt"
    desktops.open_programs(processes, desktop, note)
    chair = None if window else desktops.show_chair(processes, desktop, CHAIR_PORT)

    say("starting the customer's program …")
    customer = Customer(processes, desktop, broker.build_file(accounts.organisation_id))
    customer.open()
    facts = {
        "console": f"{broker.origin}/console/",
        "broker": broker.origin,
        "chair": chair,
        "display": desktop.display,
        "note": str(note),
        "organisation_id": accounts.organisation_id,
        "technician": asdict(accounts.technician),
        "administrator": asdict(accounts.administrator),
    }
    announce(facts)
    stay(processes, customer, facts)


def stay(processes: Processes, customer: Customer, facts: dict[str, Any]) -> None:
    """Until Ctrl-C: tells each new ID and password, opens the customer's program again when it is closed."""
    shown: dict[str, Any] | None = None
    while True:
        processes.check()
        if customer.closed():
            say("the customer closed their program; it opens again")
            customer.open()
        status = customer.status()
        if status != shown:
            write_private(FOLDER / "demo.json", facts | {"id": None, "password": None} | credentials(status))
            if credentials(status) and credentials(status) != credentials(shown or {}):
                announce_code(status["id"], status["code"])
            elif status.get("state") != (shown or {}).get("state"):
                say(STATES.get(str(status.get("state")), f"the customer's program: {status.get('state')}"))
            shown = status
        time.sleep(0.2)


def credentials(status: dict[str, Any]) -> dict[str, Any]:
    """The ID and password to type into the console; empty while there are none."""
    return {"id": status["id"], "password": status["code"]} if status.get("id") and status.get("code") else {}


@contextlib.contextmanager
def only_demo() -> Iterator[None]:
    """Held while this checkout's demo runs."""
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("relevo: a demo of this checkout is running already; stop it with Ctrl-C first.")
        yield


def display_answers() -> bool:
    """Whether DISPLAY names an X server that lets us in."""
    if not os.environ.get("DISPLAY"):
        return False
    return subprocess.run(["xset", "q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def announce(facts: dict[str, Any]) -> None:
    """What a newcomer needs to begin."""
    technician, administrator = facts["technician"], facts["administrator"]
    chair = facts["chair"] or "the window “Relevo demo: the customer's desktop”"
    print(
        f"""
  Relevo is running.

  The technician's console   {facts["console"]}
      technician             {technician["email"]}   {technician["password"]}
      administrator          {administrator["email"]}        {administrator["password"]}

  The customer's chair       {chair}
      their desktop, where they accept the terms, consent, and disconnect   (display {facts["display"]})
""",
        flush=True,
    )
    if facts["chair"]:
        ports = [facts[name].split(":")[2].partition("/")[0] for name in ("broker", "chair")]
        tunnels = " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports)
        print(
            "  Is your browser on another computer?  Run this there first, then open the same addresses:\n"
            f"      ssh {tunnels} {getpass.getuser()}@{socket.gethostname()}\n",
            flush=True,
        )
    print("  Ctrl-C stops everything.  The same facts are in .relevo-demo/demo.json\n", flush=True)


def announce_code(agent_id: str, password: str) -> None:
    """The ID and password that the customer's window shows now, grouped as it groups them."""
    grouped = " ".join(agent_id[at : at + 3] for at in (0, 3, 6))
    print(f"  The agent's ID   {grouped}   password   {password[:4]}-{password[4:]}", flush=True)


def say(what: str) -> None:
    """A line of progress."""
    print(f"relevo: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
