"""A timer that a test turns by hand: nothing happens in the broker by itself, and no test waits for real time."""

import asyncio
import heapq
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from tests.support.patience import PATIENCE

T = TypeVar("T")


class HandTimer:
    """Counterpart of `broker.timing.SystemTimer`."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._order = count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._arrived = asyncio.Condition()

    def now(self) -> float:
        return self._now

    async def until(self, at: float) -> None:
        if at <= self._now:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (at, next(self._order), woken))
        async with self._arrived:
            self._arrived.notify_all()
        await woken

    async def somebody_waits_until(self, at: float) -> None:
        """Return when somebody waits for exactly that moment."""
        async with asyncio.timeout(PATIENCE), self._arrived:
            await self._arrived.wait_for(lambda: any(due == at and not w.done() for due, _, w in self._waiting))

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking everyone at their moment, and let them act."""
        target = self._now + seconds
        while self._waiting and self._waiting[0][0] <= target:
            self._now, _, woken = heapq.heappop(self._waiting)
            if not woken.done():
                woken.set_result(None)
                for _ in range(5):
                    await asyncio.sleep(0)
        self._now = target

    async def turn_until(self, happening: Coroutine[Any, Any, T], seconds: float) -> T:
        """Let `seconds` pass, again for whoever was not waiting for the clock yet, until `happening` has come."""
        waiting = asyncio.create_task(happening)
        while not waiting.done():
            await self.advance(seconds)
            await asyncio.wait([waiting], timeout=0.1)
        return waiting.result()

    def stand_still(self, seconds: float) -> None:
        """Time that passes while nobody acts: a stopped process, a machine that sleeps."""
        self._now += seconds


class TimerClock:
    """Counterpart of `broker.clock.SystemClock`: the log's clocks, which go with a `HandTimer`."""

    def __init__(self, timer: HandTimer) -> None:
        self._timer = timer

    def utc(self) -> datetime:
        return datetime(2026, 11, 22, 12, 0, tzinfo=UTC) + timedelta(seconds=self._timer.now())

    def monotonic(self) -> float:
        return self._timer.now()


class AheadClock:
    """Monotonic time that goes on by itself, and that a test turns further."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def turn(self, seconds: float) -> None:
        self._ahead += seconds
