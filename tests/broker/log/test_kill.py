"""`kill -9`, fifty times: no acknowledged event is lost, and no session becomes longer than it was."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from broker.clock import SystemClock
from broker.log.projections import SessionState
from broker.log.repository import LogRepository
from broker.sessions.archive import SessionArchive
from broker.sessions.repository import Filter
from protocol.text import b64url
from tests.support.log import ORG, LogWorld, open_world, sqlite

KILLS = 50
Line = dict[str, Any]


class Truth:
    """What really was, from the worker's own reports: when a line can have been open, when it surely was."""

    def __init__(self) -> None:
        self.heads: dict[int, str] = {}
        self.at_most: defaultdict[str, float] = defaultdict(float)
        self.at_least: defaultdict[str, float] = defaultdict(float)
        self._since: dict[str, tuple[float, float]] = {}
        self._heard: dict[str, float] = {}
        self._asked: dict[str, float] = {}

    def take(self, line: Line) -> None:
        """One report."""
        sessions = [one for one in line["session"].split(",") if one]
        if "asked" in line:
            asked: float = line["ms"]
            self._asked = dict.fromkeys(sessions, asked)
            if line["asked"] in ("joined", "resumed"):
                self._open(sessions[0], line["ms"], line["ms"])
            return
        self.heads[line["seq"]] = line["head"]
        for session_id in sessions:
            match line["done"]:
                case "joined" | "resumed":
                    self._open(session_id, self._since[session_id][0], line["ms"])
                case "heartbeat":
                    self._heard[session_id] = self._asked[session_id]
                case "paused" | "ended" if session_id in self._since:
                    self._heard[session_id] = self._asked[session_id]
                    self._close(session_id, line["ms"])

    def killed(self, ms: float) -> None:
        """Everything is over, whatever it was doing."""
        for session_id in list(self._since):
            self._close(session_id, ms)

    def _open(self, session_id: str, earliest: float, latest: float) -> None:
        self._since[session_id] = (earliest, latest)
        self._heard.pop(session_id, None)

    def _close(self, session_id: str, ms: float) -> None:
        earliest, latest = self._since.pop(session_id)
        self.at_most[session_id] += ms - earliest
        self.at_least[session_id] += max(0, self._heard.get(session_id, latest) - latest)


async def test_kill_9_loses_nothing_and_lengthens_nothing(tmp_path: Path) -> None:
    async with open_world(sqlite(tmp_path)):
        pass  # makes the tables
    truth = _work_and_be_killed(tmp_path, random.Random(2026))
    assert len(truth.heads) > KILLS
    async with open_world(sqlite(tmp_path), SystemClock()) as world:
        await _check(world, truth)


def _work_and_be_killed(folder: Path, chance: random.Random) -> Truth:
    truth = Truth()
    command = [sys.executable, "-m", "tests.support.log_worker", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        lines = (json.loads(line) for line in nursery.stdout)
        for kill in range(KILLS):
            nursery.stdin.write(f"{kill}\n")
            _let_it_work_and_kill_it(lines, chance, truth)
        nursery.stdin.close()
    return truth


async def _check(world: LogWorld, truth: Truth) -> None:
    async with world.store.reading() as db:
        kept = {row.seq: b64url(row.head) async for row in LogRepository(db).rows(ORG)}
    assert truth.heads.items() <= kept.items(), "an acknowledged event is lost"
    for opened in await world.sessions.recover():
        await world.sessions.ended(opened.session_id, "no_end_message")
    entries = [entry async for entry in SessionArchive(world.store, world.events).every(Filter(ORG))]
    for view in (entry.view for entry in entries):
        assert view.state is SessionState.ENDED
        # Each stretch may be cut short by less than a millisecond at both ends, where clocks are truncated.
        assert view.connected_ms <= truth.at_most[view.session_id] + view.g
        assert view.connected_ms >= truth.at_least[view.session_id] - view.g
    assert sum(entry.view.connected_ms for entry in entries) > 0
    assert await world.problems() == []


def _let_it_work_and_kill_it(lines: Iterator[Line], chance: random.Random, truth: Truth) -> None:
    ready = next(lines)
    for _ in range(chance.randrange(16)):
        truth.take(next(lines))
    time.sleep(chance.random() / 100)  # anywhere in a step: there is nothing to wait for
    os.kill(ready["ready"], signal.SIGKILL)
    dead = time.monotonic() * 1000
    for line in lines:
        if "dead" in line:
            assert line["dead"] == -signal.SIGKILL
            break
        truth.take(line)
    truth.killed(dead)
