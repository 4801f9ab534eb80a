"""The bandwidth gate (Q10, pairing rule 9): the broker measures an agent's line before it issues credentials.

Pure: messages and times in, messages out; the agent's connection performs.  Random, incompressible chunks go down
(the agent acknowledges each) and then up (the broker does); the broker's clock alone counts, and no figure of the
agent's.

How a rate is found.  A shaper lets a burst through at full speed and then holds the rate, so what arrives in the
first 300 ms is left out, and the rest of at least `SPAN` is measured.  A line so fast that all `limits.PROBE_TOTAL`
bytes arrive before that is credited with them less `BURST`, which is more than a shaper lets through.

Bytes are counted as the line carries them: with the headers of WebSocket, TCP, IP and Ethernet.  Tolerance: a line is
accepted from 92 % of the floor (`TOLERANCE`), for the headers are an estimate and other traffic shares the line.
A lying agent fools only its own customer.
"""

from collections.abc import Callable
from enum import Enum
from math import ceil
from statistics import linear_regression
from typing import Final, NamedTuple

from protocol import control, limits
from protocol.codec import to_text
from protocol.errors import BadTransition
from protocol.text import b64url

CHUNK: Final = 6 * 1024
"""Random bytes in a chunk: 8 KiB of text, small enough to give a slow line several acknowledgements a second."""
WINDOWS: Final = (4, 16)
"""Fewest and most chunks under way at once; between them, what four times the floor keeps under way for a round trip.
Fewer could not fill the line; more would overflow the queue of a slow one."""
SPAN: Final = 2.0
"""Seconds measured after the warm-up."""
PATIENCE: Final = 8.0
"""Seconds after which a direction is judged by what has come."""
BURST: Final = 256 * 1024
"""Bytes; no shaper is taken to let more than this through at once."""
ROUND_TRIPS: Final = 3
TOLERANCE: Final = 0.08

_SEGMENT, _SEGMENT_HEADERS = 1448, 66
_FRAME_HEADER = 8
_WIRE_CHUNK = len(to_text(control.Probe(seq=10**6, data=b64url(bytes(CHUNK)))))
_CHUNKS: Final = limits.PROBE_TOTAL // _WIRE_CHUNK
"""Chunks in each direction, so that their text stays within the total."""


def on_the_wire(text_bytes: int) -> float:
    """Bytes that a message of `text_bytes` takes on an Ethernet line."""
    framed = text_bytes + _FRAME_HEADER
    return framed + framed / _SEGMENT * _SEGMENT_HEADERS


def enough(kbit: int, floor_kbit: int) -> bool:
    """Whether a measured rate reaches the floor, within the tolerance."""
    return kbit >= floor_kbit * (1 - TOLERANCE)


class Figures(NamedTuple):
    """What was measured, in kbit/s and ms."""

    down_kbit: int
    up_kbit: int
    rtt_ms: int

    def result(self, floor_kbit: int) -> control.ProbeResult:
        """What the agent is told."""
        ok = enough(self.down_kbit, floor_kbit) and enough(self.up_kbit, floor_kbit)
        return control.ProbeResult(
            down_kbit=self.down_kbit, up_kbit=self.up_kbit, rtt_ms=self.rtt_ms, floor_kbit=floor_kbit, ok=ok
        )


class Meter:
    """The rate of one direction, from when how many bytes had arrived.  `opened`: when they were asked for.

    The steady part's rate is the slope of the line through its samples (least squares), so that a few that were looked
    at late, in a crowd, count for little.
    """

    def __init__(self, opened: float) -> None:
        self._opened = opened
        self._bytes = 0.0
        self._first: float | None = None
        self._last = opened
        self._steady: list[tuple[float, float]] = []
        """Seconds since `opened`, bytes by then."""

    def arrived(self, wire_bytes: float, now: float) -> None:
        """`wire_bytes` more have arrived.  The warm-up begins with the first: what asked for it may have queued."""
        self._bytes += wire_bytes
        self._last = now
        if self._first is None:
            self._first = now
        if now - self._first >= limits.PROBE_WARM_UP:
            self._steady.append((now - self._opened, self._bytes))

    @property
    def settled(self) -> bool:
        """Enough has been seen."""
        return self._spans(SPAN)

    def kbit(self, now: float) -> int:
        """The rate in kbit/s: of the steady part when there is one, else of everything; never less than everything less
        a burst comes to, for a computer that was busy for a moment makes no line slow."""
        least = 0
        if self._first is not None and self._bytes > BURST:
            least = _kbit(self._bytes - BURST, self._last - self._first)
        if self._spans(0.1):
            at, had = zip(*self._steady, strict=True)
            return max(least, int(linear_regression(at, had).slope * 8 / 1000))
        if not self._steady and least:
            return least
        return _kbit(self._bytes, now - self._opened)

    def _spans(self, seconds: float) -> bool:
        return len(self._steady) >= 5 and self._steady[-1][0] - self._steady[0][0] >= seconds


def _kbit(wire_bytes: float, seconds: float) -> int:
    return int(wire_bytes * 8 / max(seconds, 1e-3) / 1000)


class Phase(Enum):
    """Where a measurement stands."""

    ROUND_TRIP = "measuring the round trip"
    DOWN = "measuring down"
    UP = "measuring up"
    DONE = "done"


class Measurement:
    """One measurement of one line.  `floor_kbit`: what it has to reach; `random(n)` gives n random bytes."""

    def __init__(self, floor_kbit: int, random: Callable[[int], bytes]) -> None:
        self._floor_kbit, self._random = floor_kbit, random
        self._phase = Phase.ROUND_TRIP
        self._seq = 0
        self._sent_at = 0.0
        self._rtt = PATIENCE
        self._first_chunk = 0
        self._meter = Meter(0.0)
        self._counted = 0
        self._down = 0
        self.deadline = 0.0
        """When to call `expired`, in the times that are passed in."""
        self.figures: Figures | None = None

    def begin(self, now: float) -> list[control.Message]:
        """The first message to send."""
        self.deadline = now + PATIENCE
        return [self._ping(now)]

    def acked(self, ack: control.ProbeAck, now: float) -> list[control.Message]:
        """The agent has a chunk.  Raises `BadTransition` for one that was never sent."""
        if ack.seq >= self._seq:
            raise BadTransition("A measurement", self._phase.value, "an acknowledgement of what was not sent")
        if self._phase is Phase.ROUND_TRIP and ack.seq == self._seq - 1:
            self._rtt = min(self._rtt, now - self._sent_at)
            return [self._ping(now)] if self._seq < ROUND_TRIPS else self._start_down(now)
        if self._phase is not Phase.DOWN or ack.seq != self._first_chunk + self._counted:
            return []  # one that was still under way when its phase ended
        self._counted += 1
        self._meter.arrived(on_the_wire(_WIRE_CHUNK), now)
        if self._meter.settled or self._counted == _CHUNKS:
            return self._start_up(now)
        return [self._chunk()] if self._seq - self._first_chunk < _CHUNKS else []

    def received(self, probe: control.Probe, now: float) -> list[control.Message]:
        """A chunk of the agent's has come."""
        if self._phase is not Phase.UP:
            return []
        self._counted += 1
        self._meter.arrived(on_the_wire(len(to_text(probe))), now)
        if self._meter.settled or self._counted == _CHUNKS:
            self._finish(self._meter.kbit(now))
            return []
        return [control.ProbeAck(seq=probe.seq)]

    def expired(self, now: float) -> list[control.Message]:
        """The deadline has come: judge the direction by what there is."""
        if self._phase is Phase.DOWN:
            return self._start_up(now)
        if self._phase is Phase.UP:
            self._finish(self._meter.kbit(now))
        elif self._phase is Phase.ROUND_TRIP:
            self._finish(0)
        return []

    def _ping(self, now: float) -> control.Message:
        self._sent_at = now
        return self._probe(0)

    def _chunk(self) -> control.Message:
        return self._probe(CHUNK)

    def _probe(self, size: int) -> control.Message:
        seq, self._seq = self._seq, self._seq + 1
        return control.Probe(seq=seq, data=b64url(self._random(size)))

    def _start_down(self, now: float) -> list[control.Message]:
        self._enter(Phase.DOWN, now)
        self._first_chunk = self._seq
        return [self._chunk() for _ in range(self._window())]

    def _start_up(self, now: float) -> list[control.Message]:
        self._down = self._meter.kbit(now)
        self._enter(Phase.UP, now)
        return [control.ProbeUpload(total_bytes=_CHUNKS * CHUNK, chunk_bytes=CHUNK, window=self._window())]

    def _window(self) -> int:
        fewest, most = WINDOWS
        under_way = 4 * self._floor_kbit * 125 * self._rtt
        return min(most, max(fewest, ceil(under_way / _WIRE_CHUNK)))

    def _enter(self, phase: Phase, now: float) -> None:
        self._phase, self._counted = phase, 0
        self._meter = Meter(now)
        self.deadline = now + PATIENCE

    def _finish(self, up: int) -> None:
        self._phase, self._meter = Phase.DONE, Meter(0.0)  # an agent waits for days: its samples need not
        self.figures = Figures(self._down, up, max(0, round(self._rtt * 1000)))
