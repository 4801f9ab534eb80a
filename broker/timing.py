"""Monotonic seconds, and waiting for a moment of theirs: what every deadline of the broker is set by.

Counterpart: `broker.clock`, which tells the time for the log.  Tests hand in a timer that they turn by hand.
"""

import asyncio
import time
from typing import Protocol


class Timer(Protocol):
    """A monotonic clock that can be waited for."""

    def now(self) -> float:
        """Seconds since some fixed moment, never going back."""
        ...

    async def until(self, at: float) -> None:
        """Return as soon as `now()` is `at`, to the resolution of the clock."""
        ...


class SystemTimer:
    """The computer's own."""

    def now(self) -> float:
        return time.monotonic()

    async def until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.monotonic()))
