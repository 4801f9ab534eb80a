"""How much picture may be on its way: what the line carries in its own time, and some 40 ms of queue.

Counterpart: the console acknowledges each screen message when it is drawn.  From these the pacer learns the line's rate
(bytes delivered while something was always on its way, as BBR does), its shortest delay, and how long what is sent now
waits behind what went before; the window follows the queue, so that a slow line gets fewer pictures, not older ones.
Safe from any thread; `room_again` is called in the thread that acknowledges.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

SMALLEST, BEGINNING, LARGEST = 3 * 1024, 24 * 1024, 2 * 1024 * 1024
"""Bytes in flight: the window's bounds, and where it begins at most: what was measured before may not hold any more."""
QUEUE = 0.04
"""Seconds of queue that are aimed at."""
LATE = 0.06
"""Seconds of queue from which on less is sent."""
AT_ONCE = 0.25
"""Of the window, the share that a change of a few pixels may go beyond it."""
MEMORY = 0.8
"""Seconds for which the best rate is believed."""
PATIENCE = 5.0
"""Seconds after which a shortest way that no message has confirmed is looked for anew, on a line without a queue."""
LOOKS = 3
"""Messages that this takes."""
STALL = 0.5
"""Seconds that a round counts for at most: a line that stood still for long is not slow for as long again."""
BUSY = 0.15
"""Seconds that a console may need for what it got before it gets no more at a time."""
SMALL, JITTER = 100, 0.004
"""Messages of so few bytes tell the way alone; by so many seconds one may be quicker than another without a reason."""
HASTE = 1.25
"""By so much a message that came sooner than the believed rate allows raises that, once a round."""
DOUBT, MOST_DOUBT = 0.5, 32.0
"""Seconds for which no haste counts after one that ended in a queue: at first, and at most.  Each such end doubles
them; a haste that was right for four times as long makes them few again."""
_GROW, _STEP, _SHRINK, _SLOWEST = 0.25, 200, 0.25, 4_000.0


class Line(NamedTuple):
    """What an encoder has to know of the line."""

    rate: float
    """Bytes per second."""
    room: int
    """Bytes of picture that may go now; negative for what is on its way beyond the window."""
    spare: int
    """Bytes that a change of a few pixels may have."""


class _Sent(NamedTuple):
    size: int
    at: float
    delivered: int
    delivered_at: float
    filled: bool
    """Whether it was sent because there was room again: then its delivery tells the line's rate."""


@dataclass
class _Look:
    """The line is let run empty, to see what its shortest way is now."""

    since: float
    quickest: tuple[float, int] = (float("inf"), 0)
    seen: int = 0


class Pacer:
    """`clock` is monotonic seconds; `up_kbit` is what the broker measured of this line."""

    def __init__(
        self, clock: Callable[[], float], up_kbit: int = 8_000, room_again: Callable[[], None] = lambda: None
    ) -> None:
        self._clock, self._room_again = clock, room_again
        self._lock = threading.Lock()
        self.rate = max(_SLOWEST, up_kbit * 125.0)
        self.window = min(BEGINNING, self._fitting(0.1))
        self._flying: deque[_Sent] = deque()
        self.in_flight = 0
        self._forget()

    def _forget(self) -> None:
        self._quickest = float("inf"), 0
        """Seconds there and back, and bytes, of the message that had the shortest way."""
        self._swiftest = float("inf")
        """Seconds there and back of the small message that had the shortest way."""
        self._delivered, self._delivered_at = 0, self._clock()
        self._rates: deque[tuple[float, float]] = deque()
        self._queues: deque[float] = deque(maxlen=3)
        self._calm_until = 0.0
        self._was_late = self._waiting = False
        self._longer_since: float | None = None
        """Since when no message has had the shortest way, or nearly."""
        self._look: _Look | None = None
        self._no_haste_until, self._raised_at, self._doubt = 0.0, float("-inf"), DOUBT

    def line(self) -> Line:
        """What may go now."""
        with self._lock:
            room = self.window - self.in_flight
            self._waiting = room <= 0
            return Line(self.rate, room, room + int(self.window * AT_ONCE))

    def sent(self, size: int) -> None:
        """A message of `size` bytes was handed over."""
        with self._lock:
            now = self._clock()
            since = self._delivered_at if self._flying else now
            filled = self.in_flight + 2 * size >= self.window
            self._flying.append(_Sent(size, now, self._delivered, since, filled))
            self.in_flight += size

    def acked(self, count: int, took: float = 0.0) -> None:
        """The console has drawn the `count` oldest messages on their way, the last one `took` seconds after it came."""
        with self._lock:
            now, last = self._clock(), None
            full = self.in_flight * 2 > self.window
            for _ in range(min(count, len(self._flying))):
                last = self._flying.popleft()
                self.in_flight -= last.size
                self._delivered += last.size
            if last is not None:
                self._delivered_at = now
                self._learn(now, last, full, took)
            wake = self._waiting and self.in_flight < self.window + self.window * AT_ONCE
        if wake:
            self._room_again()

    def taken_back(self, count: int) -> None:
        """The `count` newest messages were never sent."""
        with self._lock:
            for _ in range(min(count, len(self._flying))):
                self.in_flight -= self._flying.pop().size
        self._room_again()

    def _learn(self, now: float, last: _Sent, full: bool, took: float) -> None:
        """From one message; `took`: the console's own time with it."""
        whole = max(0.0, now - last.at - took)
        way = self._way(whole, last.size)
        if way <= self._way(*self._quickest) + QUEUE / 4:
            self._longer_since = None
        elif self._longer_since is None:
            self._longer_since = now
        if way <= self._way(*self._quickest):
            self._quickest = whole, last.size
        if last.size <= SMALL:
            self._swiftest = min(self._swiftest, whole)
        self._queues.append(way - self._way(*self._quickest))
        queued = min(self._queues)  # a busy computer makes one late, a full line all of them
        self._learn_rate(now, last, whole, queued)
        if self._look is not None:
            self._look_for_the_way(self._look, now, last, whole)
        elif self._longer_since is not None and now - self._longer_since > PATIENCE:
            self._look, self.window = _Look(now), SMALLEST
        else:
            self._learn_window(now, whole, queued, full and took < BUSY)

    def _learn_window(self, now: float, whole: float, queued: float, wanted: bool) -> None:
        """`wanted`: whether more would be sent if it might."""
        if queued > LATE:
            self._was_late = True
            if now >= self._calm_until:
                self.window = min(self.window, self._fitting(self._way(*self._quickest) + QUEUE / 2))
                self._calm_until = now + min(whole, STALL)  # what is on its way will still come late: one cut a round
        elif queued < QUEUE / 2 and wanted and now >= self._calm_until:
            self.window = min(self.window + self._step() + _STEP, self._fitting(self._quickest[0] + LATE))
            self._calm_until = now + min(whole, STALL)

    def _look_for_the_way(self, look: _Look, now: float, last: _Sent, whole: float) -> None:
        """A way that has become longer looks like a queue that never ends, and the rate like a lower one."""
        if last.at < look.since:
            return
        look.seen += 1
        look.quickest = min(look.quickest, (whole, last.size))
        if look.seen < LOOKS:
            return
        if self._way(*look.quickest) > self._way(*self._quickest) + QUEUE / 4:
            self._quickest, self._swiftest, self._was_late = look.quickest, float("inf"), False
            self._doubt, self._no_haste_until = DOUBT, now
        self.window = self._fitting(self._way(*self._quickest) + QUEUE / 2)
        self._look = self._longer_since = None
        self._queues.clear()

    def _learn_rate(self, now: float, last: _Sent, whole: float, queued: float) -> None:
        """What was delivered while the message was on its way: a lower rate counts only while the line is full.  What
        leaves a line half empty proves no higher one that way; how soon it came does."""
        rate = (self._delivered - last.delivered) / max(1e-3, now - last.delivered_at)
        if (hasty := self._at_least(last.size, whole)) > max(rate, self.rate) and now >= self._no_haste_until:
            rate = min(hasty, self.rate * HASTE)
            if now - self._raised_at > 4 * self._doubt:
                self._doubt = DOUBT
            self._raised_at, self._no_haste_until = now, now + min(whole, STALL)
        if rate <= self.rate and queued <= LATE and (queued < QUEUE / 4 or not last.filled):
            return
        if queued > LATE and now >= self._calm_until:
            self._rates.clear()
            rate = max(rate, self.rate * _SHRINK)
            self._doubt_haste(now)
        self._rates.append((now, rate))
        while self._rates[0][0] < now - MEMORY:
            self._rates.popleft()
        self.rate = max(_SLOWEST, max(rate for _, rate in self._rates))

    def _doubt_haste(self, now: float) -> None:
        """A line that takes a little in at once and much not (a token bucket) is not as fast as its haste."""
        if now - self._raised_at < PATIENCE:
            self._doubt = min(MOST_DOUBT, 2 * self._doubt)
            self._no_haste_until, self._raised_at = now + self._doubt, now + self._doubt - PATIENCE

    def _at_least(self, size: int, whole: float) -> float:
        """The rate of a line that took a message in so soon; 0 while its way is not known."""
        return size / (max(0.0, whole - self._swiftest) + JITTER) if self._swiftest < float("inf") else 0.0

    def _step(self) -> int:
        """By how much the window grows in a round: quickly to what the line is known to carry, slowly beyond."""
        if not self._was_late or self.window < self._fitting(self._way(*self._quickest)):
            return self.window
        return int(min(self.window * _GROW, self.rate * QUEUE / 2))

    def _way(self, whole: float, size: int) -> float:
        """Seconds of the way alone: without those in which the line was taking in the message itself."""
        return whole - min(size / self.rate, whole / 2)

    def _fitting(self, seconds: float) -> int:
        return int(max(SMALLEST, min(LARGEST, self.rate * seconds)))

    def reset(self) -> None:
        """The line is new: what was on its way is lost."""
        with self._lock:
            self._flying.clear()
            self.in_flight = 0
            self._forget()
        self._room_again()
