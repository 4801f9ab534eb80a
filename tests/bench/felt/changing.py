"""A line that changes while a session runs: what waits on it, and how soon the agent is at the new rate.

    python -m tests.bench.felt.changing

The whole of `ours.py` on `tests/support/link.py`, which gets another rate while a film or scrolled text goes over it,
and tells how long what the agent sent last waits for the wire.  Rewrites its section of docs/performance.md.
"""

import asyncio
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.felt import ours, stats, workload
from tests.bench.felt.peer import Peer
from tests.bench.sections import write
from tests.bench.tables import table
from tests.support.link import Shape

RTT_MS = 40
PHASES = ((8_000, 6.0), (1_000, 8.0), (8_000, 8.0))
"""kbit/s, seconds."""
WORKS = ("video", "scroll")
LOOK_S = 0.005
SETTLED_S = 2.0
"""Within so much time after a change the agent is to have adapted."""
WANTED_QUEUE_S = 0.06
WARM_S = 3.0


@dataclass(frozen=True, slots=True)
class Look:
    """A moment: seconds since the phase began, seconds of queue, bytes carried since then."""

    at: float
    queue: float
    carried: int


@dataclass(frozen=True, slots=True)
class Phase:
    """What a rate came to: seconds, kbit/s and pictures a second; `first` of the time in which it adapts."""

    work: str
    kbit: int
    worst_first_s: float
    calm_after_s: float
    """From then on half a second long no look found more queue than is wanted."""
    queue_p50_s: float
    queue_p95_s: float
    queue_max_s: float
    up_kbit: float
    seen_per_s: float


async def measured(peer: Peer, work: str) -> list[Phase]:
    """Every phase, one after the other, while it moves."""
    peer.link.reshape(PHASES[0][0])
    moving, times = workload.start(peer.processes, peer.desktop, peer.folder, work)
    try:
        await asyncio.sleep(WARM_S)
        found = []
        for kbit, seconds in PHASES:
            await peer.page.watch_steps(work)
            begin = time.monotonic()
            peer.link.reshape(kbit)
            looks = await _looks(peer, begin, seconds)
            log = await peer.page.stop_steps()
            seen = stats.motion(work, log, workload.times(times).tolist(), begin + SETTLED_S, begin + seconds)
            found.append(_phase(work, kbit, looks, seen.seen_per_s))
        return found
    finally:
        peer.processes.stop(moving)


async def _looks(peer: Peer, begin: float, seconds: float) -> list[Look]:
    looks, before = [], peer.sent()[0]
    while (at := time.monotonic() - begin) < seconds:
        looks.append(Look(at, peer.link.waits(), peer.sent()[0] - before))
        await asyncio.sleep(LOOK_S)
    return looks


def _phase(work: str, kbit: int, looks: list[Look], seen_per_s: float) -> Phase:
    first = [look.queue for look in looks if look.at < SETTLED_S]
    later = [look for look in looks if look.at >= SETTLED_S]
    late = [look.at for look in looks if look.queue > WANTED_QUEUE_S]
    calm, last = 0.0, 0.0
    for at in late:
        if at - last > 0.5:
            break
        calm = last = at
    queues = [look.queue for look in later]
    up_kbit = (later[-1].carried - later[0].carried) / 125 / (later[-1].at - later[0].at)
    return Phase(
        work, kbit, max(first), calm, stats.p50(queues), stats.p95(queues), max(queues), up_kbit, seen_per_s
    )  # fmt: skip


def told(phases: list[Phase]) -> str:
    """The section of the documentation."""
    names = {"video": "a film", "scroll": "text that scrolls"}
    rows = [
        [
            f"{names[one.work]}, {one.kbit:,} kbit/s", f"{1000 * one.worst_first_s:.0f}", f"{one.calm_after_s:.2f}",
            f"{1000 * one.queue_p50_s:.0f} / {1000 * one.queue_p95_s:.0f} / {1000 * one.queue_max_s:.0f}",
            f"{one.up_kbit:,.0f}", f"{one.seen_per_s:.1f}",
        ]
        for one in phases
    ]  # fmt: skip
    head = [
        f"{RTT_MS} ms there and back", f"queue in the first {SETTLED_S:.0f} s, worst ms",
        f"under {1000 * WANTED_QUEUE_S:.0f} ms again after s", "queue then, p50 / p95 / worst ms", "kbit/s then",
        "pictures/s then",
    ]  # fmt: skip
    return (
        "The customer's line (`tests/support/link.py`) gets another rate while the whole product runs over it: "
        "`python -m tests.bench.felt.changing`. Queue: how long what the agent sent last waits for the wire, looked at "
        f"every {1000 * LOOK_S:.0f} ms; what waits when the rate falls waits the longer by as much.\n\n"
        + table(head, rows)
    )


async def main() -> str:
    """Measure and write; the section."""
    phases: list[Phase] = []
    with tempfile.TemporaryDirectory(prefix="relevo-changing-") as folder:
        async with ours.session(Path(folder), Shape(PHASES[0][0], RTT_MS)) as peer:
            for work in WORKS:
                phases += await measured(peer, work)
    text = told(phases)
    write("changing-line", text, {"phases": [asdict(one) for one in phases]})
    return text


if __name__ == "__main__":
    print(asyncio.run(main()))
