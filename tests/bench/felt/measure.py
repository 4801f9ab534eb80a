"""One cell of the comparison: a peer, a line and what happens on the desktop meanwhile."""

import asyncio
import random
import time
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.felt import cpu, stats, workload
from tests.bench.felt.page import Press
from tests.bench.felt.peer import Peer

WORKS = ("rest", "scroll", "drag", "video")
WARM_S = 1.0
"""Seconds that what moves has moved before anything counts."""
PRESS_LIMIT_S = 8.0
KEYS = "asdfghjkl"
QUIET_KBIT, QUIET_S, QUIET_LIMIT_S = 160, 0.6, 20.0
"""A cell begins when the customer has sent less than so much for so long: what came before is sent to its end."""
STILL_S = 2.6
"""The same before what needs a desktop at rest: TigerVNC begins to make lossy parts exact after two seconds."""
GAP_S = (0.08, 0.22)
"""Seconds between an answer and the next key: a person types so fast, and no rhythm meets a frame's."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a cell takes: so many keys, in at least `least_s` seconds, unless `most_s` are over before."""

    keys: int = 50
    least_s: float = 4.0
    most_s: float = 30.0


async def cell(peer: Peer, work: str, budget: Budget, seed: int = 0) -> dict[str, Any]:
    """Its figures, JSON-ready: ms, kbit/s, pictures a second, seconds of processor per second."""
    await quiet(peer, STILL_S if work == "rest" else QUIET_S)
    moving, times = workload.start(peer.processes, peer.desktop, peer.folder, work) if work != "rest" else (None, None)
    try:
        await asyncio.sleep(WARM_S)
        if moving:
            await peer.page.watch_steps(work)
        used, sent, begin = await _cpu(peer), peer.sent(), time.monotonic()
        presses = await _type(peer, budget, begin, seed)
        end = time.monotonic()
        sent_after, used_after = peer.sent(), await _cpu(peer)
        log = await peer.page.stop_steps() if moving else []
    finally:
        if moving:
            peer.processes.stop(moving)
    length = end - begin
    seen = stats.motion(work, log, workload.times(times).tolist(), begin, end) if times else None
    return {
        "peer": peer.name,
        "work": work,
        "keys": len(presses),
        "unseen": sum(not press.seen for press in presses),
        **_milliseconds("key", [press.heard_to_canvas for press in presses]),
        **_milliseconds("key_to_frame", [press.heard_to_frame for press in presses]),
        **_milliseconds("key_from_chromium", [press.had_to_canvas for press in presses]),
        "up_kbit": (sent_after[0] - sent[0]) / 125 / length,
        "down_kbit": (sent_after[1] - sent[1]) / 125 / length,
        "seconds": length,
        "cpu": {name: (used_after[name] - before) / length for name, before in used.items()},
        **(asdict(seen) if seen else {}),
    }


def _milliseconds(what: str, seconds: list[float]) -> dict[str, float]:
    return {f"{what}_p50_ms": 1000 * stats.p50(seconds), f"{what}_p95_ms": 1000 * stats.p95(seconds)}


async def quiet(peer: Peer, seconds: float) -> None:
    """Returns when the line has been for so long, or after a while that it is not."""
    until = time.monotonic() + QUIET_LIMIT_S
    before = peer.sent()[0]
    while time.monotonic() < until:
        await asyncio.sleep(seconds)
        if peer.sent()[0] - before < QUIET_KBIT * 125 * seconds:
            return
        before = peer.sent()[0]


async def _type(peer: Peer, budget: Budget, begin: float, seed: int) -> list[Press]:
    chance = random.Random(seed)
    presses: list[Press] = []
    while time.monotonic() < begin + budget.most_s:
        if len(presses) >= budget.keys and time.monotonic() >= begin + budget.least_s:
            break
        if len(presses) < budget.keys:
            presses.append(await peer.page.press(chance.choice(KEYS), PRESS_LIMIT_S))
        await asyncio.sleep(chance.uniform(*GAP_S))
    return presses


async def _cpu(peer: Peer) -> dict[str, float]:
    return cpu.seconds(peer.groups) | {"Chromium": await peer.page.cpu_s()}
