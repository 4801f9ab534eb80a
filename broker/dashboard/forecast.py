"""Until when a balance lasts if it is used as it was lately: pure, exact, and an estimate all the same."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from broker.rating import money

WEEKS: Final = 8
"""So far back is looked for how fast a balance is used; a younger contract since its first day."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """`runs_out`: used up on the day `on`; `lapses`: on that day `lapsing_minutes` are left, and lost."""

    what: Literal["runs_out", "lapses"]
    on: date
    lapsing_minutes: int


def observed(start: date, today: date) -> tuple[date, int]:
    """Since which day use is looked at, and for how many days, today among them."""
    since = max(start, today - timedelta(days=7 * WEEKS - 1))
    return since, (today - since).days + 1


def per_week(used: int, days: int) -> Fraction:
    """Minutes a week, where `used` went in so many days."""
    return Fraction(used * 7, days)


def forecast(left: int, used: int, days: int, today: date, last: date) -> Forecast:
    """From tomorrow each day takes `used / days` of the `left` minutes; after the day `last` they are lost."""
    ahead, rate = (last - today).days, Fraction(max(0, used), days)
    if left <= 0:
        return Forecast("runs_out", today, 0)
    if rate * ahead >= left:
        return Forecast("runs_out", today + timedelta(days=-(-left // rate)), 0)
    return Forecast("lapses", last, int(money.rounded(left - rate * ahead, 0)))
