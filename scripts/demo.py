"""`make demo`: the whole product on this computer, until Ctrl-C.

A broker with its relay (SQLite in `.relevo-demo/`), the web console that it serves, a customer's desktop of their own
and the customer's program on it.  Everything listens on loopback.  Database and accounts are kept until `make clean`.

The customer has used the program before: they accepted the terms then, so ID and password are on their screen at once.
`make demo DEMO=--new-customer` begins with the terms.
"""

import argparse
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

from client_agent.i18n import system_language
from scripts import desktop as desktops
from scripts import former_visit
from scripts.former_visit import VisitFailed
from scripts.processes import ProcessDied, Processes
from scripts.product import Broker, CommandFailed, Customer, write_private

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("RELEVO_DEMO_FOLDER", ROOT / ".relevo-demo"))
"""Elsewhere for tests, which start the very thing that a newcomer starts."""
FACTS = FOLDER / "demo.json"
PORT, CHAIR_PORT = (0, 0) if "RELEVO_DEMO_FOLDER" in os.environ else (8470, 8471)
STATES = {
    "reaching": "the customer's program is reaching the broker …",
    "terms": "now accept the terms in the customer's chair: the ID and password follow",
    "measuring": "the broker is measuring the customer's line …",
    "consent": "a technician asks: answer in the customer's chair",
    "live": "the session is live",
    "paused": "the line is lost: the session is paused",
    "ended": "the session has ended",
    "failed": "the customer's program cannot go on: it says why in the customer's chair",
    "burns": "wrong passwords were tried: the customer's program warns in the chair before it shows another code",
}
"""What to say of the customer's program; its other states pass by themselves and at once."""


def main() -> int:
    """0 after Ctrl-C; 1 when something could not be started or has died."""
    parser = argparse.ArgumentParser(prog="make demo", description="The whole product on this computer.")
    parser.add_argument("--new-customer", action="store_true", help="a customer who has yet to accept the terms")
    given = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    with only_demo():
        try:
            with Processes(FOLDER / "logs") as processes:
                run(processes, given.new_customer)
        except KeyboardInterrupt:
            say("stopped.  Its log and accounts are kept in .relevo-demo until “make clean”.")
        except (ProcessDied, TimeoutError, CommandFailed, VisitFailed) as failure:
            print(f"relevo: {failure}", file=sys.stderr)
            return 1
        finally:
            FACTS.unlink(missing_ok=True)
    return 0


def run(processes: Processes, new_customer: bool) -> None:
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
    build = broker.build_file(accounts.organisation_id)
    if new_customer:
        former_visit.forget(desktop, build)
    else:
        former_visit.accept_terms(desktop, build, system_language())
    customer = Customer(processes, desktop, build)
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
    if new_customer:
        announce(facts, "and password follow when the customer has accepted the terms, in their chair")
    stay(processes, customer, facts, announced=new_customer)


def stay(processes: Processes, customer: Customer, facts: dict[str, Any], announced: bool) -> None:
    """Until Ctrl-C: tells each new ID and password, opens the customer's program again when it is closed.

    The file of facts appears with the first ID and password; both are null in it while none are on show.
    """
    shown: dict[str, Any] = {}
    written: dict[str, Any] | None = None
    while True:
        processes.check()
        if customer.closed():
            say("the customer closed their program; it opens again")
            customer.open()
        status = customer.status()
        code = {"id": status.get("id"), "password": status.get("code")}
        if code != written and (written or all(code.values())):
            write_private(FACTS, facts | code)
            written = code
            if all(code.values()) and announced:
                print(f"  The agent's ID             {spoken(code)}", flush=True)
            elif all(code.values()):
                announce(facts, spoken(code))
                announced = True
        if status.get("state") != shown.get("state") and (words := STATES.get(str(status.get("state")))):
            say(words)
        shown = status
        time.sleep(0.2)


def spoken(code: dict[str, Any]) -> str:
    """ID and password, grouped as the customer's window groups them."""
    agent_id, password = code["id"], code["password"]
    return f"{agent_id[:3]} {agent_id[3:6]} {agent_id[6:]}   password   {password[:4]}-{password[4:]}"


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


def announce(facts: dict[str, Any], code: str) -> None:
    """What a newcomer needs.  `code`: the agent's ID and password, or what to do to see them."""
    technician, administrator = facts["technician"], facts["administrator"]
    chair = facts["chair"] or "the window “Relevo demo: the customer's desktop”"
    print(
        f"""
  Relevo is running.

  The technician's console   {facts["console"]}
      technician             {technician["email"]}   {technician["password"]}
      administrator          {administrator["email"]}        {administrator["password"]}

  The agent's ID             {code}

  The customer's chair       {chair}
      their desktop, where they read both out, consent, and disconnect   (display {facts["display"]})
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


def say(what: str) -> None:
    """A line of progress."""
    print(f"relevo: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
