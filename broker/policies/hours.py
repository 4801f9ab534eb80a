"""The support calendar: which instants are served, what an hour counts, how long until a target.

Instants are whole seconds since 1970 in UTC.  A local day is cut wherever a window opens or closes and where the
clocks change, and every piece is judged by the wall clock at its beginning: so a day has 23 or 25 hours where it has,
and an hour that comes twice is served twice.  A holiday counts as a Sunday.  Must never read the clock.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from broker.policies.clock_time import WEEK
from broker.policies.schema import Hours, Policy, Window

HORIZON_DAYS = 3 * 366
"""How far ahead an opening is looked for."""
ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """From `start` (in) until `end` (out), all in one window; None: not served."""

    start: int
    end: int
    window: Window | None

    @property
    def seconds(self) -> int:
        """Its length."""
        return self.end - self.start


class SupportHours:
    """One policy's calendar; keeps the days it has worked out."""

    def __init__(self, hours: Hours, zone: ZoneInfo) -> None:
        self._hours, self._zone = hours, zone
        self._edges = sorted({0, *(w.opens for w in hours.windows), *(w.closes for w in hours.windows)})
        self._days: dict[date, tuple[Piece, ...]] = {}
        self._public = holidays.country_holidays(hours.holidays.country) if hours.holidays else None

    @classmethod
    def of(cls, policy: Policy) -> "SupportHours":
        """The calendar of a policy."""
        return cls(policy.hours, policy.zone)

    def local(self, instant: int) -> datetime:
        """The provider's wall clock at `instant`."""
        return datetime.fromtimestamp(instant, self._zone)

    def is_holiday(self, day: date) -> bool:
        """Whether the day counts as a Sunday without being one."""
        rule = self._hours.holidays
        if rule is None or self._public is None or day in rule.drop:
            return False
        return day in rule.add or day in self._public

    def window_at(self, instant: int) -> Window | None:
        """The served window in which `instant` lies: its opening is in, its closing out."""
        local = self.local(instant)
        weekday = WEEK[6] if self.is_holiday(local.date()) else WEEK[local.weekday()]
        minute = local.hour * 60 + local.minute
        return next((w for w in self._hours.windows if weekday in w.days and w.opens <= minute < w.closes), None)

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """The time from `start` to `end`, cut along the windows, in order and without gaps."""
        day, last = self.local(start).date(), self.local(end).date()
        while day <= last:
            for piece in self._pieces_of(day):
                first, stop = max(piece.start, start), min(piece.end, end)
                if first < stop:
                    yield Piece(first, stop, piece.window)
            day += ONE_DAY

    def regular_seconds(self, start: int, end: int) -> int:
        """Regular support hours between two instants, in seconds."""
        return sum(piece.seconds for piece in self.pieces(start, end) if _regular(piece))

    def after(self, start: int, seconds: int) -> int | None:
        """When `seconds` of regular support hours have passed since `start`; None if not within the horizon."""
        left = seconds
        for piece in self._regular_from(start):
            if left <= piece.seconds:
                return piece.start + left
            left -= piece.seconds
        return None

    def next_opening(self, instant: int) -> int | None:
        """`instant` itself in regular hours, else when they begin again; None if not within the horizon."""
        return next((piece.start for piece in self._regular_from(instant)), None)

    def business_days_after(self, day: date, count: int) -> date:
        """The last of the `count` working days that follow `day`: Monday to Friday without holidays."""
        while count:
            day += ONE_DAY
            count -= day.weekday() < 5 and not self.is_holiday(day)
        return day

    def midnight(self, day: date) -> int:
        """The first instant of a local day."""
        return self._instant(day, 0, fold=0)

    def _regular_from(self, start: int) -> Iterator[Piece]:
        return (piece for piece in self.pieces(start, start + HORIZON_DAYS * 86_400) if _regular(piece))

    def _pieces_of(self, day: date) -> tuple[Piece, ...]:
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(self._cut(day))
        return known

    def _cut(self, day: date) -> Iterator[Piece]:
        first, end = self.midnight(day), self.midnight(day + ONE_DAY)
        marks = {self._instant(day, edge, fold) for edge in self._edges for fold in (0, 1)}
        cuts = sorted({first, end, *(mark for mark in marks if first < mark < end)})
        for start, stop in itertools.pairwise(cuts):
            change = self._clock_change(start, stop)
            for a, b in ((start, change), (change, stop)):
                if a < b:
                    yield Piece(a, b, self.window_at(a))

    def _instant(self, day: date, minute: int, fold: int) -> int:
        local = datetime.combine(day, time()) + timedelta(minutes=minute)
        return (local.replace(tzinfo=self._zone, fold=fold) - EPOCH) // ONE_SECOND

    def _clock_change(self, start: int, stop: int) -> int:
        """The first instant after `start` with another offset from UTC; `stop` when there is none."""
        before = self.local(start).utcoffset()
        if self.local(stop - 1).utcoffset() == before:
            return stop
        low, high = start, stop - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self.local(middle).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high


def _regular(piece: Piece) -> bool:
    return piece.window is not None and not piece.window.extraordinary
