"""How many bytes of picture may be on their way: enough for the line, never more than about a fifth of a second of it.

Counterpart: the console acknowledges each screen message when it is drawn.  The window grows while acks come promptly
and shrinks when they are late, as TCP Vegas does by delay: a slow line gets fewer pictures, not older ones.
Safe from any thread.
"""

import threading
from collections import deque
from collections.abc import Callable

SMALLEST = 32 * 1024
LARGEST = 2 * 1024 * 1024
"""Bytes in flight: the bounds of the window."""
LATE = 0.2
"""Seconds of queueing at which the window shrinks."""
PROMPT = 0.1
"""Seconds of queueing under which it grows."""
_SHRINK = 0.7


class Pacer:
    """`clock` is monotonic; `up_kbit` is what the broker measured of this line."""

    def __init__(self, clock: Callable[[], float], up_kbit: int = 8_000) -> None:
        self._clock = clock
        self.window = max(SMALLEST, min(LARGEST // 4, up_kbit * 125 // 4))
        self._flying: deque[tuple[int, float]] = deque()
        self.in_flight = 0
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._base = float("inf")
        self._calm_until = 0.0

    def sent(self, size: int) -> None:
        """A message of `size` bytes was handed over."""
        with self._lock:
            self._flying.append((size, self._clock()))
            self.in_flight += size

    def acked(self, count: int) -> None:
        """The console has drawn the `count` oldest messages on their way."""
        with self._lock:
            now = self._clock()
            was_full = self.in_flight >= self.window
            size, at = 0, now
            for _ in range(min(count, len(self._flying))):
                one, at = self._flying.popleft()
                size += one
            self.in_flight -= size
            if size:
                self._learn(now, now - at, size, was_full)
            self._room.notify_all()

    def taken_back(self, count: int) -> None:
        """The `count` newest messages were never sent."""
        with self._lock:
            for _ in range(min(count, len(self._flying))):
                self.in_flight -= self._flying.pop()[0]
            self._room.notify_all()

    def _learn(self, now: float, delay: float, size: int, was_full: bool) -> None:
        self._base = min(self._base, delay)  # never forgotten on one line: a full queue would pass for its nature
        queued = delay - self._base
        if queued > LATE and now >= self._calm_until:
            self.window = max(SMALLEST, int(self.window * _SHRINK))
            self._calm_until = now + delay
        elif queued < PROMPT and was_full:
            self.window = min(LARGEST, self.window + size)

    def wait(self, timeout: float) -> bool:
        """Block until something more may be sent, at most `timeout` seconds; whether it may."""
        with self._lock:
            return self._room.wait_for(lambda: self.in_flight < self.window, timeout)

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self._flying

    def reset(self) -> None:
        """The line is new: what was on its way is lost."""
        with self._lock:
            self._flying.clear()
            self.in_flight = 0
            self._base = float("inf")
            self._room.notify_all()
