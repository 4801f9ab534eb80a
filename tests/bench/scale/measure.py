"""What is measured of one broker: a crowd that grows, and work that others do beside it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from statistics import median, quantiles

from tests.bench.cores import cpu_seconds, on, private_bytes
from tests.bench.errors import BenchFailed
from tests.support.peer import Provider

SETTLE_S = 2.0
FIRST = 50
"""Agents that are there before memory is looked at: what they make the broker load is shared by all."""


@dataclass(frozen=True)
class Site:
    """A broker that runs, and the core for those who use it.  `token`: a technician's."""

    provider: Provider
    token: str
    pid: int
    core: int


@dataclass(frozen=True)
class Waiting:
    """So many agents, each with a code on its screen, its control connection open."""

    agents: int
    kib_each: float
    """Memory of the broker above what it had with the first few, for each that came after."""
    kib_more: float
    """The same for those that came since the level before."""
    cpu_s_per_minute: float
    """While all of them wait."""
    pairing_ms: float
    """One pairing beside them: the technician's request → both ends have keys, p50."""
    pairing_cpu_ms: float
    """Of the broker."""
    came_s: float
    """Until the new ones of this level were there."""


@dataclass(frozen=True)
class Rate:
    """Several at once, as fast as they go."""

    kind: str
    per_s: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    """Of the broker, for one."""
    busy: float
    """Share of its core that the broker used; well under 1 those who used it were the limit."""


class Crowd:
    """Agents that wait, in a process of their own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def grow(self, agents: int) -> None:
        """Return when so many are there."""
        if _ask(self._process, agents) != str(agents):
            raise BenchFailed(f"{agents} agents did not come")


@contextmanager
def crowd(site: Site) -> Iterator[Crowd]:
    """Empty at first."""
    with _process(site.core, "crowd", json.dumps(asdict(site.provider))) as process:
        yield Crowd(process)


def growth(site: Site, levels: list[int], wait_s: float, pair_s: float, longest_s: float) -> list[Waiting]:
    """One level after the other, as long as none takes over `longest_s` to come."""
    found: list[Waiting] = []
    with crowd(site) as agents, _lives(site, "pairing", 1, 1) as (technician,):
        _work([technician], 1.0)  # what the first of all makes the broker load belongs to none of them
        agents.grow(FIRST)
        time.sleep(SETTLE_S)
        first = before = private_bytes(site.pid)
        had = FIRST
        for level in levels:
            began = time.monotonic()
            agents.grow(level)
            came = time.monotonic() - began
            time.sleep(SETTLE_S)
            now, used = private_bytes(site.pid), cpu_seconds(site.pid)
            time.sleep(wait_s)
            waiting = (cpu_seconds(site.pid) - used) / wait_s * 60
            used = cpu_seconds(site.pid)
            took, _ = _work([technician], pair_s)
            cost = (cpu_seconds(site.pid) - used) / len(took)
            each, more = (now - first) / (level - FIRST) / 1024, (now - before) / (level - had) / 1024
            found.append(Waiting(level, each, more, waiting, median(took) * 1e3, cost * 1e3, came))
            had, before = level, private_bytes(site.pid)
            if came > longest_s:
                break
    return found


def rate(site: Site, kind: str, processes: int, workers: int, seconds: float) -> Rate:
    """`workers` in each of `processes` do that for so long."""
    with _lives(site, kind, processes, workers) as busy:
        _work(busy, min(2.0, seconds))
        used, began = cpu_seconds(site.pid), time.monotonic()
        took, per_s = _work(busy, seconds)
        cpu, all_of_it = cpu_seconds(site.pid) - used, time.monotonic() - began
    if len(took) < 2:
        raise BenchFailed(f"only {len(took)} of “{kind}” in {seconds} s")
    ranked = quantiles(took, n=20)
    return Rate(kind, per_s, ranked[9] * 1e3, ranked[18] * 1e3, cpu / len(took) * 1e3, cpu / all_of_it)


@contextmanager
def _lives(site: Site, kind: str, processes: int, workers: int) -> Iterator[list["subprocess.Popen[str]"]]:
    provider = json.dumps(asdict(site.provider))
    with ExitStack() as all_of_them:
        running = [
            all_of_them.enter_context(
                _process(site.core, "lives", provider, site.token, kind, str(workers), str(10 + KINDS[kind] + number))
            )
            for number in range(processes)
        ]
        for one in running:
            if _heard(one) != "ready":
                raise BenchFailed(f"those of “{kind}” did not come")
        yield running


KINDS = {"pairing": 0, "session": 30, "life": 60}
"""What the bench has others do, and the first group of addresses that they come from."""


def _work(busy: list["subprocess.Popen[str]"], seconds: float) -> tuple[list[float], float]:
    """How long each took, and how many there were in a second."""
    for one in busy:
        _say(one, seconds)
    said = [json.loads(_heard(one)) for one in busy]
    took: list[float] = [each for one in said for each in one["took"]]
    return took, sum(len(one["took"]) / one["seconds"] for one in said)


@contextmanager
def _process(core: int, module: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    with on(core):
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.scale.{module}", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _ask(process: "subprocess.Popen[str]", what: object) -> str:
    _say(process, what)
    return _heard(process)


def _say(process: "subprocess.Popen[str]", what: object) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{what}\n")
    process.stdin.flush()


def _heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    if not (line := process.stdout.readline()):
        raise BenchFailed("a process of the load has ended; its own words are above")
    return line.strip()
