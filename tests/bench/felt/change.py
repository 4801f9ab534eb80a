"""A new page of text in place of the old: how good its picture is after a second, whether it is exact after three."""

import asyncio
import signal
from typing import Any

import numpy as np

from tests.bench.felt import quality, workload
from tests.bench.felt.measure import STILL_S, quiet
from tests.bench.felt.peer import Peer
from tests.bench.felt.truth import desktop_pixels
from tests.bench.felt.workloads import place

LOOKS_S = (1.0, 3.0)


async def changes(peer: Peer, count: int) -> list[dict[str, Any]]:
    """So many changes, each after the picture of the one before is complete."""
    running, times = workload.start(peer.processes, peer.desktop, peer.folder, "page")
    found = []
    try:
        for step in range(1, count + 1):
            await quiet(peer, STILL_S)
            sent = peer.sent()[0]
            running.process.send_signal(signal.SIGUSR1)
            while len(workload.times(times)) <= step:  # noqa: ASYNC110 - another process's file
                await asyncio.sleep(0.005)
            changed = workload.times(times)[step]
            looks = [peer.page.keep_at(f"{look}", place.WALL, changed + look) for look in LOOKS_S]
            taken = await asyncio.gather(*looks)
            found.append(
                {"peer": peer.name, "kbytes": (peer.sent()[0] - sent) / 1000}
                | await _like_the_desktop(peer)
                | {
                    f"late_ms_at_{look:.0f}s": 1000 * (at - changed - look)
                    for look, at in zip(LOOKS_S, taken, strict=True)
                }
            )
    finally:
        peer.processes.stop(running)
    return found


async def _like_the_desktop(peer: Peer) -> dict[str, Any]:
    x, y, width, height = place.WALL
    true = desktop_pixels(peer.desktop.display)[y : y + height, x : x + width, 2::-1]
    figures: dict[str, Any] = {}
    for look in LOOKS_S:
        seen = await peer.page.kept(f"{look}")
        wrong = int(np.count_nonzero((seen != true).any(axis=2)))
        figures[f"ssim_{look:.0f}s"] = quality.ssim(quality.luma(seen), quality.luma(true))
        figures[f"wrong_pixels_{look:.0f}s"] = wrong
    return figures
