"""The whole comparison: both peers up at once on each line, taking turns, so that a busy moment meets both alike."""

import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.felt import novnc, ours
from tests.bench.felt.change import changes
from tests.bench.felt.line import LINES, ROOT
from tests.bench.felt.measure import WORKS, Budget, cell
from tests.bench.felt.peer import Peer
from tests.support.browser import chromium_path
from tests.support.link import Shape

PEERS: dict[str, Callable[[Path, Shape], AbstractAsyncContextManager[Peer]]] = {
    "ours": ours.session,
    "novnc": novnc.session,
}
CHANGE = "change"
"""The page of text that is replaced at once: a work of its own kind."""
FEWER_ROUNDS = {"256": 1}
"""Lines for which nothing is wanted are not worth the time of more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: each cell `rounds` times, the peers in turn; `FEWER_ROUNDS` on some lines."""

    peers: Sequence[str] = tuple(PEERS)
    lines: Sequence[str] = tuple(LINES)
    works: Sequence[str] = (*WORKS, CHANGE)
    rounds: int = 3
    budget: Budget = field(default_factory=Budget)


async def run(folder: Path, plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """Every observation, JSON-ready."""
    found: dict[str, Any] = {"pictures": [], "cells": [], "changes": []}
    for line in plan.lines:
        async with AsyncExitStack() as open_sessions:
            peers = []
            for name in plan.peers:
                place = folder / f"{name}-{line}"
                place.mkdir(parents=True)
                peer = await open_sessions.enter_async_context(PEERS[name](place, LINES[line]))
                peers.append(peer)
                firsts = peer.first_pictures_s
                found["pictures"] += [{"peer": name, "line": line, "first_picture_s": first} for first in firsts]
                said = ", ".join(f"{first:.2f}" for first in firsts)
                tell(f"{line}: {name} is up, first picture after {said} s")
            for turn in range(min(plan.rounds, FEWER_ROUNDS.get(line, plan.rounds))):
                for work in plan.works:
                    for peer in peers:
                        await _measure(peer, line, work, turn, plan.budget, found, tell)
    return found


async def _measure(
    peer: Peer, line: str, work: str, turn: int, budget: Budget, found: dict[str, Any], tell: Callable[[str], None]
) -> None:
    where = {"line": line, "round": turn, "load": round(os.getloadavg()[0], 1)}
    if work == CHANGE:
        each = await changes(peer, 1)
        found["changes"] += [where | one for one in each]
        said = ", ".join(f"SSIM {one['ssim_1s']:.4f}, {one['wrong_pixels_3s']} wrong after 3 s" for one in each)
    else:
        one = await cell(peer, work, budget, seed=turn)
        found["cells"].append(where | one)
        said = f"key {one['key_p50_ms']:.0f} / {one['key_p95_ms']:.0f} ms, {one['up_kbit']:.0f} kbit/s"
        if "seen_per_s" in one:
            said += f", {one['seen_per_s']:.1f} of {one['drawn_per_s']:.1f} pictures/s"
    tell(f"{line}: {peer.name} {work} {turn + 1}: {said}")


def circumstances() -> dict[str, Any]:
    """When and on what it was measured."""
    model = next((x for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")), "")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "processor": model.partition(":")[2].strip(),
            "kernel": platform.release(),
            "load_before": round(os.getloadavg()[0], 1),
        },
        "versions": {
            "relevo": _said("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
            "python": platform.python_version(),
            "chromium": _said(chromium_path(), "--version"),
            "tigervnc": _package("tigervnc-standalone-server"),
            "websockify": _package("websockify"),
            "novnc": novnc.version(),
        },
    }


def _package(name: str) -> str:
    return _said("dpkg-query", "--show", "--showformat=${Version}", name)


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
