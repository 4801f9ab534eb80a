"""How much picture may be on its way: what the line carries in its own time, and some 40 ms of queue.

Counterpart: the console acknowledges each screen message when it is drawn.  From these the pacer learns the line's rate
(bytes delivered while something was always on its way, as BBR does), its shortest delay, and how long what is sent now
waits behind what went before; the window follows the queue, so that a slow line gets fewer pictures, not older ones.
Safe from any thread; `room_again` is called in the thread that acknowledges.
"""

import threading
from collections import deque
from collections.abc import Callable
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
PATIENCE = 2.0
"""Seconds of lateness at the smallest window after which the line's shortest delay is learned anew: it has changed."""
BUSY = 0.15
"""Seconds that a console may need for what it got before it gets no more at a time."""
SMALL, JITTER = 300, 0.004
"""Messages of so few bytes tell the way alone; by so many seconds one may be quicker than another without a reason."""
HASTE = 1.25
"""By so much a message that came sooner than the believed rate allows raises that, once a round."""
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
        self._calm_until = self._raised_until = 0.0
        self._was_late = self._waiting = False
        self._late_since: float | None = None
        self._least_late = self._quickest

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
        if self._way(whole, last.size) <= self._way(*self._quickest):
            self._quickest = whole, last.size
        if last.size <= SMALL:
            self._swiftest = min(self._swiftest, self._way(whole, last.size))
        self._queues.append(self._way(whole, last.size) - self._way(*self._quickest))
        queued = min(self._queues)  # a busy computer makes one late, a full line all of them
        self._learn_rate(now, last, whole, queued)
        if queued > LATE:
            self._was_late = True
            self._wait_out(now, whole, last.size)
            if now >= self._calm_until:
                self.window = min(self.window, self._fitting(self._way(*self._quickest) + QUEUE / 2))
                self._calm_until = now + whole  # what is on its way now will still come late: one cut a round
            return
        self._late_since = None
        if queued < QUEUE / 2 and full and took < BUSY and now >= self._calm_until:
            self.window = min(self.window + self._step() + _STEP, self._fitting(self._quickest[0] + LATE))
            self._calm_until = now + whole

    def _learn_rate(self, now: float, last: _Sent, whole: float, queued: float) -> None:
        """What was delivered while the message was on its way: a lower rate counts only while the line is full.  What
        leaves a line half empty proves no higher one that way; how soon it came does."""
        rate = (self._delivered - last.delivered) / max(1e-3, now - last.delivered_at)
        if (hasty := self._at_least(last.size, whole)) > max(rate, self.rate) and now >= self._raised_until:
            rate = max(rate, min(hasty, self.rate * HASTE))
            self._raised_until = now + whole
        if rate <= self.rate and queued <= LATE and (queued < QUEUE / 4 or not last.filled):
            return
        if queued > LATE and now >= self._calm_until:
            self._rates.clear()
            rate = max(rate, self.rate * _SHRINK)
        self._rates.append((now, rate))
        while self._rates[0][0] < now - MEMORY:
            self._rates.popleft()
        self.rate = max(_SLOWEST, max(rate for _, rate in self._rates))

    def _at_least(self, size: int, whole: float) -> float:
        """The rate of a line that took a message in so soon; 0 while its way is not known."""
        return size / (whole - self._swiftest + JITTER) if self._swiftest < whole else 0.0

    def _step(self) -> int:
        """By how much the window grows in a round: quickly to what the line is known to carry, slowly beyond."""
        if not self._was_late or self.window < self._fitting(self._way(*self._quickest)):
            return self.window
        return int(min(self.window * _GROW, self.rate * QUEUE / 2))

    def _way(self, whole: float, size: int) -> float:
        """Seconds of the way alone: without those in which the line was taking in the message itself."""
        return whole - min(size / self.rate, whole / 2)

    def _wait_out(self, now: float, whole: float, size: int) -> None:
        """A line whose way has become longer is late for ever at any window: believe it in the end."""
        if self._late_since is None:
            self._late_since, self._least_late = now, (whole, size)
        if self._way(whole, size) < self._way(*self._least_late):
            self._least_late = whole, size
        if self.window <= 2 * SMALLEST and now - self._late_since > PATIENCE:
            self._quickest, self._late_since, self._was_late = self._least_late, None, False
            self._swiftest = self._way(*self._least_late)

    def _fitting(self, seconds: float) -> int:
        return int(max(SMALLEST, min(LARGEST, self.rate * seconds)))

    def reset(self) -> None:
        """The line is new: what was on its way is lost."""
        with self._lock:
            self._flying.clear()
            self.in_flight = 0
            self._forget()
        self._room_again()
