"""The workloads fed to the agent's encoder and pacer over a simulated line: no X server, no browser, no waiting.

    python -m tests.bench.felt.dry --line 256 --work drag --seconds 20

Time is simulated and each part's work takes a fixed share of it, so that a run tells the same figures on any machine:
for work on `client_agent/encode`, and for tests of what it decides.  What only the real parts can tell (X, browser,
processor) `tests.bench.felt` measures.
"""

import argparse
import heapq
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from client_agent.capture.base import Area, Pixels
from client_agent.encode.chooser import ScreenEncoder
from client_agent.encode.pacer import Pacer
from client_agent.screen import EASE, LONGEST_EASE
from protocol import inner, inner_codec
from tests.bench.felt import stats
from tests.bench.felt.line import LINES
from tests.bench.felt.workloads import code, moving, place, text
from tests.client_agent.support.canvas import Canvas
from tests.support.link import HEADERS, SEGMENT, Shape

WORKS = {
    "rest": (None, 1.0),
    "scroll": (moving.scroll, place.SCROLL_RATE),
    "drag": (moving.drag, place.DRAG_RATE),
    "video": (moving.video, place.VIDEO_RATE),
}
LOOK_S, CODE_S, DRAW_S = 0.003, 0.002, 0.006
"""What a look, a message and its drawing in the console take."""
RECORD = 40
"""Bytes around a message: its frame, its record, WebSocket."""
FAST_KBIT = 1_000_000
WARM_S = 1.0


class Desktop:
    """A wall of text with one window over it; says what was damaged."""

    def __init__(self) -> None:
        width, height = place.SIZE
        self.pixels: Pixels = np.full((height, width, 4), 90, np.uint8)
        x, y, w, h = place.WALL
        self.pixels[y : y + h, x : x + w] = text.page(w, h, seed=1)
        self.damage: list[Area] = []
        self.key(0)

    def key(self, pressed: int) -> None:
        """The echo window answers."""
        left, top = place.ECHO[0] + place.ECHO_BLOCK[0], place.ECHO[1] + place.ECHO_BLOCK[1]
        w, h = place.ECHO_BLOCK[2:]
        self.pixels[top : top + h, left : left + w, :3] = place.ECHO_COLOURS[pressed % len(place.ECHO_COLOURS)][::-1]
        self.damage.append((left, top, w, h))


class Surface:
    """A window of the simulated desktop."""

    def __init__(self, desktop: Desktop, at: tuple[int, int], width: int, height: int) -> None:
        self._desktop, self._at = desktop, at
        self.pixels = np.zeros((height, width, 4), np.uint8)
        self._kept = self.pixels
        self._under: Pixels | None = None

    def _area(self) -> Area:
        return *self._at, self.pixels.shape[1], self.pixels.shape[0]

    def _place(self, shown: Pixels) -> None:
        x, y, w, h = self._area()
        if self._under is None:
            self._under = self._desktop.pixels[y : y + h, x : x + w].copy()
        self._desktop.pixels[y : y + h, x : x + w] = shown
        self._desktop.damage.append(self._area())

    def show(self) -> None:
        self._place(self._kept)

    def put(self) -> None:
        self._place(self.pixels)

    def keep_as_background(self) -> None:
        self._kept = self.pixels.copy()

    def move(self, x: int, y: int) -> None:
        if self._under is not None:
            left, top, w, h = self._area()
            self._desktop.pixels[top : top + h, left : left + w] = self._under
            self._desktop.damage.append(self._area())
            self._under = None
        self._at = x, y
        self._place(self._kept)


@dataclass
class Found:
    """What came of a run: seconds, bytes, pictures a second."""

    keys: list[float] = field(default_factory=list)
    """From a key press in the console to its pixel."""
    queues: list[tuple[float, float]] = field(default_factory=list)
    """When each message was sent, and how long it waited behind others."""
    sent: int = 0
    seconds: float = 0.0
    encodings: Counter[str] = field(default_factory=Counter)
    motion: stats.Motion | None = None


class Run:
    """One workload on one line.  `rates`: from when on the line has how many kbit/s."""

    def __init__(self, work: str, shape: Shape, seed: int = 0, rates: Sequence[tuple[float, int]] = ()) -> None:
        self.now = 0.0
        self.shape, self._rates = shape, [(0.0, shape.kbit or FAST_KBIT), *rates]
        self._chance = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._desktop, self._canvas = Desktop(), Canvas()
        self._encoder, self._pacer = ScreenEncoder(), Pacer(lambda: self.now, shape.kbit or 20_000)
        self._encoder.decodes(("h264",))
        program, self._step_s = WORKS[work][0], 1 / WORKS[work][1]
        self._work = work
        self._steps = program(lambda at, w, h: Surface(self._desktop, at, w, h)) if program else None
        self._drawn: list[float] = []
        self._log: list[tuple[float, int, int]] = []
        self._free_at = self._look_from = 0.0
        self._changed = True
        self._pressed, self._pressed_at = 0, 0.0
        self._begin = 0.0
        self.found = Found()
        self.watch: Callable[[str, float, int], None] = lambda what, now, size: None

    def _at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._number), what))

    def go(self, seconds: float) -> Found:
        """Begin with a console that has the whole picture, and let it move for so long."""
        self._settle()
        self._begin = self.now + WARM_S
        end = self._begin + seconds
        if self._steps:
            self._at(self.now, self._step)
        self._at(self._begin, self._press)
        self.found = Found(seconds=seconds)
        self._pump(lambda: self.now >= end)
        if self._steps:
            self.found.motion = stats.motion(self._work, self._log, self._drawn, self._begin, end)
        return self.found

    def _settle(self) -> None:
        self._pump(lambda: self._canvas.rgb.size > 0 and self._canvas.shows(self._desktop.pixels))

    def _pump(self, done: Callable[[], bool]) -> None:
        """As `client_agent.screen`."""
        while not done():
            self.now += 1e-6  # looking takes time too
            while self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()
            line = self._pacer.line()
            due = self._encoder.due_at(self.now) if line.room > 0 else float("inf")
            if self._changed:
                due = min(due, self._look_time())
            if due > self.now:
                due = min(due, self._events[0][0] if self._events else float("inf"))
                self.now = max(self.now, min(due, self.now + 0.1))
                if due > self.now:
                    continue
                while self._events and self._events[0][0] <= self.now:
                    heapq.heappop(self._events)[2]()
            if self._changed and self.now >= self._look_time():
                self._look()
            self._give()

    def _look_time(self) -> float:
        if self._pacer.line().spare <= 0:
            return float("inf")
        damage = tuple(self._desktop.damage)
        return max(self._look_from, self._encoder.look_at(damage, self.now))

    def _look(self) -> None:
        damage, self._desktop.damage, self._changed = tuple(self._desktop.damage), [], False
        self._encoder.look(self._desktop.pixels.copy(), damage, (), self._pacer.line(), self.now)
        self._pass(LOOK_S)
        self._look_from = self.now + min(LONGEST_EASE, EASE * LOOK_S)

    def _pass(self, seconds: float) -> None:
        until = self.now + seconds
        while self._events and self._events[0][0] <= until:
            self.now = max(self.now, self._events[0][0])
            heapq.heappop(self._events)[2]()
        self.now = until

    def _give(self) -> None:
        while (message := self._encoder.next(self._pacer.line(), self.now)) is not None:
            self._pass(CODE_S)
            data = inner_codec.to_bytes(message)
            self._pacer.sent(len(data))
            self._send(message, len(data))
            if self._changed and self.now >= self._look_time():
                return

    def _send(self, message: inner.ScreenSize | inner.Tiles | inner.VideoStart | inner.Video, size: int) -> None:
        on_wire = size + RECORD
        on_wire += HEADERS * -(-on_wire // SEGMENT)
        rate = next(kbit for since, kbit in reversed(self._rates) if since <= self.now - self._begin or not since) * 125
        self.found.queues.append((self.now - self._begin, max(0.0, self._free_at - self.now)))
        self._free_at = max(self._free_at, self.now) + on_wire / rate
        self.found.sent += on_wire
        tiles = message.tiles if isinstance(message, inner.Tiles) else ()
        kinds = Counter[str](tile.encoding for tile in tiles) or Counter([type(message).__name__])
        self.found.encodings.update(kinds)
        self.watch("+".join(f"{count} {kind}" for kind, count in kinds.items()), self.now, size)
        half = self.shape.rtt_ms / 2000
        self._at(self._free_at + half + DRAW_S, lambda: self._draw(message))

    def _draw(self, message: inner.ScreenSize | inner.Tiles | inner.VideoStart | inner.Video) -> None:
        self._canvas.take(message)
        self._at(self.now + self.shape.rtt_ms / 2000, self._acked)
        if self._pressed_at and self._answered():
            self.found.keys.append(self.now - self._pressed_at)
            self._pressed_at = 0.0
            self._at(self.now + self._chance.uniform(0.08, 0.22), self._press)
        if self._steps and self._canvas.rgb.size:
            top, bottom = self._read()
            if not self._log or self._log[-1][1:] != (top, bottom):
                self._log.append((self.now, top, bottom))

    def _acked(self) -> None:
        self._pacer.acked(1, DRAW_S)

    def _step(self) -> None:
        assert self._steps is not None
        next(self._steps)
        self._drawn.append(self.now)
        self._changed = True
        self._at(self.now + self._step_s, self._step)

    def _press(self) -> None:
        self._pressed_at = self.now

        def answered() -> None:
            self._pressed += 1
            self._desktop.key(self._pressed)
            self._changed = True

        self._at(self.now + self.shape.rtt_ms / 2000, answered)

    def _answered(self) -> bool:
        x, y = place.ECHO[0] + place.ECHO_BLOCK[0] + 20, place.ECHO[1] + place.ECHO_BLOCK[1] + 20
        return (
            tuple(self._canvas.rgb[y, x]) == place.ECHO_COLOURS[self._pressed % len(place.ECHO_COLOURS)]
            and bool((self._desktop.pixels[y, x, 2::-1] == self._canvas.rgb[y, x]).all())
            and self._pressed > len(self.found.keys)
        )

    def _read(self) -> tuple[int, int]:
        """As `watch.js` reads: at the top and at the bottom of what moves."""
        if self._work == "drag":
            top = place.DRAG_FROM[1] + 12
            rows = [self._canvas.rgb[top + row] for row in place.DRAG_ROWS]
            return _bar(rows[0]), _bar(rows[1])
        if self._work == "scroll":
            x, y, _, height = place.SCROLL
            half = place.SCROLL_LINE // 2
            ends = y + half, y + height - place.SCROLL_LINE + half
        else:
            x, y, _, height = place.VIDEO
            ends = y + code.BLOCK // 2, y + height - code.BLOCK // 2
        return _number(self._canvas.rgb[ends[0], x:]), _number(self._canvas.rgb[ends[1], x:])


def _bar(row: np.ndarray) -> int:
    for number, colour in enumerate(place.DRAG_COLOURS):
        alike = (np.abs(row[:1440].astype(int) - colour).max(axis=1) < 60).astype(np.int8)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], alike, [0]))))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            if end - begin >= place.DRAG_MARK // 2:
                return int(begin) + 2048 * number
    return -1


def _number(row: np.ndarray) -> int:
    level = row[code.BLOCK // 2 : code.WIDTH : code.BLOCK, 1].astype(int)
    bits = (level[2:] > (level[0] + level[1]) / 2).astype(int)
    if level[0] - level[1] < 80 or bits.sum() % 2:
        return -1
    number = bit = 0
    for gray in bits[: code.BITS]:
        bit ^= int(gray)
        number = number * 2 + bit
    return number


def told(found: Found) -> str:
    """A line for a person."""
    waits = [wait for _, wait in found.queues] or [0.0]
    said = [f"{found.sent / 125 / found.seconds:.0f} kbit/s", f"queue {_both(waits)}, worst {1000 * max(waits):.0f}"]
    if found.keys:
        said.append(f"{len(found.keys)} keys {_both(found.keys)}")
    if found.motion:
        age = 1000 * (found.motion.age_p50_s or 0)
        said.append(f"{found.motion.seen_per_s:.1f} pictures/s, {age:.0f} ms old")
    return ", ".join(said) + f"; {dict(found.encodings)}"


def _both(seconds: list[float]) -> str:
    return f"{1000 * stats.p50(seconds):.0f} / {1000 * stats.p95(seconds):.0f} ms"


def main(words: Sequence[str]) -> None:
    """A cell after the other."""
    parser = argparse.ArgumentParser("python -m tests.bench.felt.dry", description=__doc__)
    parser.add_argument("--line", nargs="+", choices=LINES, default=list(LINES))
    parser.add_argument("--work", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--verbose", action="store_true", help="print every message")
    given = parser.parse_args(words)
    for line in given.line:
        for work in given.work:
            run = Run(work, LINES[line])
            if given.verbose:
                run.watch = lambda what, now, size: print(f"{now:8.3f} {size:6} {what}")
            print(f"{line} {work}: {told(run.go(given.seconds))}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
