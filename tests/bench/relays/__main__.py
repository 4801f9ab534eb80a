"""Measures every relay that is here, in rounds so that a noisy minute touches all of them.

    python -m tests.bench.relays [--quick] [NAME ...]

NAME: a part of a relay's name; only those, printed and not written down.  `--quick`: one short round, to see that it
runs, not written down either.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from scripts.processes import ProcessDied, Processes
from tests.bench import sections
from tests.bench.cores import on, two_cores
from tests.bench.errors import BenchFailed, Missing
from tests.bench.machine import described
from tests.bench.relays import report
from tests.bench.relays.measure import Figures, measure, middle
from tests.bench.relays.npm import MeshCentral, NodeWs
from tests.bench.relays.ours import Ours
from tests.bench.relays.proxies import HAProxy, Nginx, Websockify
from tests.bench.relays.relay import Direct, Relay

RELAYS: tuple[type[Relay], ...] = (Direct, Ours, HAProxy, Nginx, NodeWs, MeshCentral, Websockify)
ROUNDS, SECONDS = 3, 1.5
QUICK_ROUNDS, QUICK_SECONDS = 1, 0.5


def run(
    rounds: int, seconds: float, only: list[str], say: Callable[[str], None]
) -> tuple[dict[str, Figures], dict[str, str]]:
    """The figures by relay, and why what is missing is missing."""
    found: dict[str, list[Figures]] = {}
    missing: dict[str, str] = {}
    relay_core, load_core = two_cores()
    for number in range(rounds):
        for make in RELAYS:
            relay = make()
            if relay.name in missing or (only and not any(word.lower() in relay.name.lower() for word in only)):
                continue
            say(f"round {number + 1} of {rounds}: {relay.name}")
            with tempfile.TemporaryDirectory(prefix="relevo-bench-") as name:
                with Processes(Path(name) / "logs") as programs:
                    try:
                        with on(relay_core):
                            relay.start(programs, Path(name))
                        found.setdefault(relay.name, []).append(measure(relay, load_core, seconds))
                    except (Missing, BenchFailed, ProcessDied, OSError) as error:
                        missing[relay.name] = str(error)
                    finally:
                        relay.close_pairs()
    return {name: middle(all_of_it) for name, all_of_it in found.items() if name not in missing}, missing


def figures(rounds: int = ROUNDS, seconds: float = SECONDS, only: list[str] | None = None) -> str:
    """Measures; the section, which is also written down when it is of a whole run."""

    def say(what: str) -> None:
        print(f"relevo: {what} …", flush=True)

    found, missing = run(rounds, seconds, only or [], say)
    where = f"{described()}, {rounds} rounds of {seconds:g} s"
    text = report.section(found, missing, where)
    if not only and rounds == ROUNDS:
        numbers = {name: asdict(one) for name, one in found.items()}
        sections.write("relay", text, {"where": where, "missing": missing, "relays": numbers})
    return text


if __name__ == "__main__":
    words = argparse.ArgumentParser(prog="python -m tests.bench.relays", description=__doc__)
    words.add_argument("--quick", action="store_true", help="one short round")
    words.add_argument("names", nargs="*", help="parts of relays' names: only those")
    given = words.parse_args()
    chosen = (QUICK_ROUNDS, QUICK_SECONDS) if given.quick else (ROUNDS, SECONDS)
    print(figures(*chosen, given.names))
