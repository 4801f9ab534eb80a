"""Runs `load.c`, compiled when it is first needed, on pairs that Python has brought together."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.bench.cores import cpu_seconds, on
from tests.bench.errors import BenchFailed, Missing
from tests.bench.relays.relay import Pair, Relay

SOURCE = Path(__file__).with_name("load.c")
PROGRAM = Path(__file__).resolve().parents[3] / "build" / "bench" / "load"
"""`build/` is not in git."""


@dataclass(frozen=True)
class Flood:
    """As much as went through."""

    mb_per_s: float
    """1,000,000 bytes of payload a second."""
    cpu_s_per_gb: float
    """Of the relay's processes, for 1,000,000,000 bytes of payload."""
    load_busy: float
    """Share of its core that the load needed; near 1 it, and not the relay, was the limit."""


@dataclass(frozen=True)
class Paced:
    """How long messages took, each at its time.  Microseconds."""

    p50_us: float
    p95_us: float
    swallowed: int
    """Bytes that were taken from the senders of stalled pairs."""


@cache
def compiled() -> Path:
    """The program.  Raises `Missing` without a C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Missing("a C compiler for the load (Debian: gcc and libc6-dev)")
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([compiler, "-O2", "-o", PROGRAM, SOURCE], capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"a C compiler that takes {SOURCE.name}:\n{done.stderr}")
    return PROGRAM


def flood(relay: Relay, pairs: Sequence[Pair], core: int, size: int, seconds: float) -> Flood:
    """All pairs at once, messages of `size` bytes.  Raises `BenchFailed`."""
    said, cpu = _run(relay, pairs, core, "flood", size, seconds)
    megabytes = said["megabytes"]
    if not megabytes:
        raise BenchFailed(f"nothing came through {relay.name}")
    return Flood(megabytes / said["seconds"], cpu / (megabytes / 1000), said["own_cpu_s"] / said["seconds"])


def paced(
    relay: Relay, pairs: Sequence[Pair], core: int, size: int, seconds: float, interval_us: int, stalled: int = 0
) -> Paced:
    """A message of `size` bytes per pair every `interval_us`; the first `stalled` pairs send all they can, unread."""
    said, _ = _run(relay, pairs, core, "paced", size, seconds, interval_us, stalled)
    return Paced(*percentiles(said["latencies_us"]), said["swallowed_bytes"])


def percentiles(latencies: Sequence[float]) -> tuple[float, float]:
    """The middle and the 95th of 100.  Raises `BenchFailed` when there are too few to tell."""
    if len(latencies) < 20:
        raise BenchFailed(f"only {len(latencies)} messages came through")
    ranked = quantiles(latencies, n=20)
    return ranked[9], ranked[18]


def _run(
    relay: Relay, pairs: Sequence[Pair], core: int, mode: str, size: int, seconds: float, interval_us: int = 0,
    stalled: int = 0,
) -> tuple[dict[str, Any], float]:  # fmt: skip
    """What the program said, and the CPU seconds of the relay while it measured."""
    numbers = [(pair.sender.fileno(), pair.receiver.fileno()) for pair in pairs]
    framing = relay.framing.value, "bytes" if relay.unwrapped else "frames"
    words = [compiled(), mode, seconds, size, interval_us, *framing, stalled, *(f"{a}:{b}" for a, b in numbers)]
    with on(core):
        process = subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            pass_fds=[number for pair in numbers for number in pair],
        )  # fmt: skip
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            before = _at(process, "begin", relay)
            after = _at(process, "end", relay)
            out, errors = process.stdout.read(), process.stderr.read()
    if process.returncode:
        raise BenchFailed(f"{relay.name}: {errors.strip()}")
    said: dict[str, Any] = json.loads(out)
    return said, after - before


def _at(process: "subprocess.Popen[str]", word: str, relay: Relay) -> float:
    """The relay's CPU seconds when the load says that word."""
    assert process.stdout is not None
    assert process.stderr is not None
    if process.stdout.readline().strip() != word:
        raise BenchFailed(f"{relay.name}: {process.stderr.read().strip()}")
    return cpu_seconds(relay.pid) if relay.program is not None else 0.0
