"""What is measured of one relay, in one round; and several rounds as one."""

import time
from dataclasses import dataclass, field, fields
from statistics import median
from typing import Any

from tests.bench.cores import private_bytes
from tests.bench.relays import load
from tests.bench.relays.relay import Relay

SIZES = (128, 1024, 16 * 1024, 64_000)
"""Bytes of a message.  64,000 stands for 64 KiB: our records end just below."""
MANY = 100
IDLE = 200
"""Pairs that are joined and silent while memory is looked at."""
LATENCY_SIZE, LATENCY_EVERY_US = 1024, 1000
OTHERS, OTHERS_SIZE, OTHERS_EVERY_US = 10, 16 * 1024, 20_000
"""Those beside a stalled reader: so many pairs, their messages, how often each."""
SETTLE_S = 0.3


@dataclass
class Figures:
    """One round of one relay.  Keys of the dictionaries: `1x1024` is one pair with messages of 1,024 bytes."""

    mb_per_s: dict[str, float] = field(default_factory=dict)
    cpu_s_per_gb: dict[str, float] = field(default_factory=dict)
    load_busy: dict[str, float] = field(default_factory=dict)
    """Share of its core that the load needed."""
    idle_kib: float = 0.0
    """Of the relay's memory, for one silent pair: two connections."""
    p50_us: float = 0.0
    p95_us: float = 0.0
    """One way, messages of 1 KiB, one a millisecond."""
    others_p95_us: float = 0.0
    """16 KiB each 20 ms by ten pairs, nobody stalls."""
    beside_stalled_p95_us: float = 0.0
    """The same beside an eleventh whose reader stalls and whose sender sends all it can."""
    stalled_mb: float = 0.0
    """By how much that made the relay grow: 1,000,000 bytes."""
    swallowed_mb: float = 0.0
    """What was taken from that sender, the kernel's buffers included."""


def measure(relay: Relay, core: int, seconds: float) -> Figures:
    """All of one relay that has been started.  `core`: the load's; `seconds`: of each flood.  Raises `BenchFailed`."""
    found = Figures()
    if relay.program is not None:
        found.idle_kib = _idle(relay) / 1024
    relay.pair()
    alone = load.paced(relay, relay.pairs, core, LATENCY_SIZE, max(seconds, 1.0), LATENCY_EVERY_US)
    found.p50_us, found.p95_us = alone.p50_us, alone.p95_us
    if relay.program is not None:
        _stall(relay, core, max(seconds, 1.0), found)
    for count in (1, MANY):
        for size in reversed(SIZES):  # what a relay still holds of small messages keeps it busy for long after
            _close(relay)  # each flood is cut off in the middle of a frame
            for _ in range(count):
                relay.pair()
            flood, name = load.flood(relay, relay.pairs, core, size, seconds), f"{count}x{size}"
            found.mb_per_s[name], found.load_busy[name] = flood.mb_per_s, flood.load_busy
            if relay.program is not None:
                found.cpu_s_per_gb[name] = flood.cpu_s_per_gb
    _close(relay)
    return found


def _idle(relay: Relay) -> float:
    """Bytes for one silent pair, beside what the first few make the program load."""
    for _ in range(10):
        relay.pair()
    before = private_bytes(relay.pid)
    for _ in range(IDLE):
        relay.pair()
    each = (private_bytes(relay.pid) - before) / IDLE
    _close(relay)
    return each


def _stall(relay: Relay, core: int, seconds: float, found: Figures) -> None:
    _close(relay)
    for _ in range(OTHERS):
        relay.pair()
    timing = core, OTHERS_SIZE, seconds, OTHERS_EVERY_US
    found.others_p95_us = load.paced(relay, relay.pairs, *timing).p95_us
    stalled = relay.pair()
    before = private_bytes(relay.pid)
    beside = load.paced(relay, [stalled, *relay.pairs[:OTHERS]], *timing, stalled=1)
    found.stalled_mb = max(0.0, (private_bytes(relay.pid) - before) / 1e6)
    found.beside_stalled_p95_us, found.swallowed_mb = beside.p95_us, beside.swallowed / 1e6


def _close(relay: Relay) -> None:
    relay.close_pairs()
    time.sleep(SETTLE_S)


def middle(rounds: list[Figures]) -> Figures:
    """Each figure's median over the rounds."""
    values: dict[str, Any] = {}
    for one in fields(Figures):
        found = [getattr(each, one.name) for each in rounds]
        if isinstance(found[0], dict):
            values[one.name] = {key: median(each[key] for each in found) for key in found[0]}
        else:
            values[one.name] = median(found)
    return Figures(**values)
