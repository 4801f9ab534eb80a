"""Measures one broker with more and more agents, and what it does in a second.

    python -m tests.bench.scale [--quick]

`--quick`: few and short, to see that it runs; not written down.  Takes several minutes: a broker measures every
agent's line, eight at a time.
"""

import argparse
import asyncio
import resource
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import httpx2

from scripts.processes import Processes
from scripts.product import Broker
from tests.bench import sections
from tests.bench.control_plane import known, signed_in
from tests.bench.cores import on, two_cores
from tests.bench.machine import described
from tests.bench.scale.measure import Rate, Site, Waiting, growth, rate
from tests.bench.tables import table

LEVELS, WAIT_S, WORK_S = [100, 1_000, 5_000, 10_000], 30.0, 10.0
QUICK_LEVELS, QUICK_S = [100, 150], 3.0
LONGEST_S = 240.0
"""For a level's agents to come; after that there is no further one."""
SPARE_FILES = 500
KIB_EACH = 24
"""Of a waiting agent, its control connection included."""
NAMES = {
    "pairing": "pairings (request → both ends have keys; then refused)",
    "session": "sessions (code → pairing → joined → consent → a record each way → end)",
    "life": "whole lives of agents (connected, registered, measured, one session, gone)",
}


def run(levels: list[int], wait_s: float, work_s: float) -> tuple[list[Waiting], list[Rate]]:
    """The crowd as it grows, and the rates; each on a broker of its own."""
    core, load = two_cores()
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    levels = [level for level in levels if level + SPARE_FILES <= files]
    say(f"{levels} waiting agents")
    with tempfile.TemporaryDirectory(prefix="relevo-bench-") as name, Processes(Path(name) / "logs") as processes:
        waiting = growth(site(Path(name), processes, core, load), levels, wait_s, min(work_s, 5.0), LONGEST_S)
    with tempfile.TemporaryDirectory(prefix="relevo-bench-") as name, Processes(Path(name) / "logs") as processes:
        busy = site(Path(name), processes, core, load)
        rates = []
        for kind in NAMES:
            say(kind)
            rates.append(rate(busy, kind, 2, 4, work_s))
    return waiting, rates


def site(folder: Path, processes: Processes, core: int, load: int) -> Site:
    """A broker on its core."""
    broker = Broker(folder, settings={"LOG_LEVEL": "warning"})
    accounts = broker.accounts()
    with on(core):
        running = broker.start(processes)
    provider = asyncio.run(known(broker, accounts.organisation_id))
    technician, administrator = accounts.technician, accounts.administrator
    token = asyncio.run(signed_in(broker, technician.email, technician.password))
    asyncio.run(take_any_line(broker, asyncio.run(signed_in(broker, administrator.email, administrator.password))))
    return Site(provider, token, running.process.pid, load)


async def take_any_line(broker: Broker, token: str) -> None:
    """Lines are measured as ever, but none is too slow: they all share two cores with whoever measures."""
    async with httpx2.AsyncClient(base_url=broker.origin, headers={"Authorization": f"Bearer {token}"}) as page:
        (await page.patch("/api/v1/organisation", json={"bandwidth_floor_kbit": 0})).raise_for_status()


def section(waiting: Sequence[Waiting], rates: Sequence[Rate], where: str) -> str:
    """Markdown."""
    crowd = table(
        ["waiting agents", "KiB each", "… of the last to come", "CPU s a minute", "a pairing, p50 ms", "its CPU ms"],
        [
            [
                f"{one.agents:,}", f"{one.kib_each:.1f}", f"{one.kib_more:.1f}", f"{one.cpu_s_per_minute:.1f}",
                f"{one.pairing_ms:.0f}", f"{one.pairing_cpu_ms:.1f}",
            ]
            for one in waiting
        ],
    )  # fmt: skip
    work = table(
        ["eight at once", "a second", "p50 ms", "p95 ms", "broker's CPU ms each", "broker's core busy"],
        [
            [
                NAMES[one.kind], f"{one.per_s:.0f}", f"{one.p50_ms:.0f}", f"{one.p95_ms:.0f}", f"{one.cpu_ms:.1f}",
                f"{one.busy:.0%}",
            ]
            for one in rates
        ],
    )  # fmt: skip
    head = (
        f"{where}. One broker process with its relay inside on one core, everyone else on the other; real sockets, and "
        "both ends reduced to the protocol. Memory is what the broker shares with no other process, its control "
        "connections and the codes on the screens included; the kernel's socket buffers are not."
    )
    return f"{head}\n\n{crowd}\n\n{wanted(waiting)}\n\n{work}"


def wanted(waiting: Sequence[Waiting]) -> str:
    """What was asked of the largest crowd."""
    most = waiting[-1]
    verdict = "yes" if most.kib_each <= KIB_EACH else "no"
    return f"Wanted: at most {KIB_EACH} KiB each; with {most.agents:,} agents {most.kib_each:.1f}: **{verdict}**."


def say(what: str) -> None:
    """A line of progress."""
    print(f"relevo: {what} …", flush=True)


def figures(quick: bool = False) -> str:
    """Measures; the section, which is written down unless it was quick."""
    waiting, rates = run(QUICK_LEVELS, QUICK_S, QUICK_S) if quick else run(LEVELS, WAIT_S, WORK_S)
    where = described()
    text = section(waiting, rates, where)
    if not quick:
        numbers = {"waiting": [asdict(one) for one in waiting], "rates": [asdict(one) for one in rates]}
        sections.write("scale", text, {"where": where, **numbers})
    return text


if __name__ == "__main__":
    words = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    words.add_argument("--quick", action="store_true", help="few and short")
    print(figures(words.parse_args().quick))
