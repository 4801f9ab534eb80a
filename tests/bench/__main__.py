"""Runs every measurement, one after the other, and prints the table for README, then that of decision 0052.

    python -m tests.bench [without-program] [without-relays] [without-scale] [without-felt]

`without-program` leaves out the one-file program, which takes a minute to build.  The other three take a quarter of an
hour each, can be run by themselves and rewrite their parts of docs/performance.md: our relay beside others
(`tests.bench.relays`), one broker with thousands of agents (`tests.bench.scale`), and how a session feels beside
another product's (`tests.bench.felt`).
"""

import asyncio
import os
import platform
import sys
import tempfile
from pathlib import Path

from scripts.processes import Processes
from scripts.product import Broker
from tests.bench import at_rest, control_plane, encoders, ends, rating, sealing, within_agent
from tests.bench.felt import __main__ as felt
from tests.bench.felt import changing
from tests.bench.figures import table
from tests.bench.relays import __main__ as relays
from tests.bench.scale import __main__ as scale


async def main(folder: Path, with_program: bool) -> str:
    """The table."""
    say("rating")
    rows = list(rating.figures().items())
    say("the broker")
    rows += (await control_plane.figures()).items()
    say("sealing")
    rows += sealing.figures()
    with Processes(folder / "logs") as processes:
        broker = Broker(folder)
        accounts = broker.accounts()
        broker.start(processes)
        say("the ends")
        rows += await ends.pairing(processes, broker, accounts, folder)
        say("the customer's program at rest")
        rows += await at_rest.figures(processes, broker, accounts, folder)
        say("a key's answer within the agent")
        rows += within_agent.figures(processes, folder)
        if with_program:
            say("the one-file program (building it takes a minute)")
            rows += await ends.program(processes, broker, accounts, folder)
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, all parts on one computer:\n\n{table(rows)}"


def say(what: str) -> None:
    """A line of progress, apart from the table."""
    print(f"relevo: measuring {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="relevo-bench-") as name:
        print(asyncio.run(main(Path(name), "without-program" not in sys.argv[1:])))
    say("moving pictures")
    print("\n".join(encoders.rows()))
    if "without-relays" not in sys.argv[1:]:
        print(relays.figures())
    if "without-scale" not in sys.argv[1:]:
        print(scale.figures())
    if "without-felt" not in sys.argv[1:]:
        asyncio.run(felt.main(felt.arguments([])))
        print(asyncio.run(changing.main()))
