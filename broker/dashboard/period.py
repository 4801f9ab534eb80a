"""The days that figures are for, in the provider's zone: pure.  Counterpart: `service.py`, which knows the zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ONE_DAY: Final = timedelta(days=1)
LONGEST_DAYS: Final = 366
USUAL_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Span:
    """One local day, from its first instant (in) to the next day's (out): 23 or 25 hours where the clocks change."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From the day `first` to the day `last`, both in.  Raises `ValueError` for one that is reversed or too long."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        if (self.last - self.first).days >= LONGEST_DAYS:
            raise ValueError("the period is too long")

    @property
    def start(self) -> datetime:
        """The first instant."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return midnight(self.last + ONE_DAY, self.zone)

    def days(self) -> list[Span]:
        """Every day in order, none left out."""
        count = (self.last - self.first).days + 1
        edges = [midnight(self.first + n * ONE_DAY, self.zone) for n in range(count + 1)]
        return [Span(self.first + n * ONE_DAY, edges[n], edges[n + 1]) for n in range(count)]


def period(first: date | None, last: date | None, now: datetime, zone: ZoneInfo) -> Period:
    """What is asked for; without a last day until today, without a first one the usual number of days."""
    last = last or max(now.astimezone(zone).date(), first or date.min)
    return Period(first or last - (USUAL_DAYS - 1) * ONE_DAY, last, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
