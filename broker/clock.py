"""Time as a parameter: the one place where the broker reads the machine's clocks."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the services ask for the time."""

    def utc(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for durations within one boot."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def utc(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def rfc3339(moment: datetime) -> str:
    """`2026-11-22T15:49:55.123456Z`: the only form in which a time leaves the broker.  `moment` is aware."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
