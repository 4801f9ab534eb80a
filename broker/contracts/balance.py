"""How many minutes a contract has left: pure, from its ledger.

A block is bought once and used up; what is left at its end lapses (I2, E2).  A monthly plan grants its minutes anew
each month from its start day, and what is left of a month lapses (E3).  Work is rated by what was left when it began,
so what lapsed afterwards takes nothing from it.
"""

import calendar
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from broker.policies.hours import ONE_DAY
from broker.policies.schema import Plan


@dataclass(frozen=True, slots=True)
class Entry:
    """One change but a lapse: `minutes` on the day `on` of the provider's zone."""

    on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Lapse:
    """`minutes` that nobody has any more from the day `on` of the provider's zone."""

    on: date
    minutes: int


def month_of(start: date, day: date) -> tuple[date, date]:
    """The month of a monthly plan in which `day` lies: its first day, and the first of the next.

    Counted from `start`; where a month lacks that day, its last day stands in.
    """
    months = (day.year - start.year) * 12 + day.month - start.month
    if day < months_after(start, months):
        months -= 1
    return months_after(start, months), months_after(start, months + 1)


def balance(plan: Plan, start: date, end: date, minutes: int | None, entries: Iterable[Entry], day: date) -> int | None:
    """Minutes left on `day`; None where there is nothing to count."""
    if plan.balance == "none" or minutes is None:
        return None
    if day > end:
        return 0
    if plan.balance == "block":
        return max(0, sum(entry.minutes for entry in entries))
    first, following = month_of(start, day)
    return max(0, minutes + sum(entry.minutes for entry in entries if first <= entry.on < following))


def lapses(
    plan: Plan, start: date, end: date, minutes: int | None, entries: Sequence[Entry], today: date
) -> list[Lapse]:
    """What has lapsed of each time that is over by `today`, none of it included."""
    if plan.balance == "none" or minutes is None:
        return []
    if plan.balance == "block":
        left = max(0, sum(entry.minutes for entry in entries))
        return [Lapse(end + ONE_DAY, left)] if today > end else []
    found = []
    for first, following in _months(start, end):
        over = min(following, end + ONE_DAY)
        if over > today:
            break
        left = minutes + sum(entry.minutes for entry in entries if first <= entry.on < following)
        found.append(Lapse(over, max(0, left)))
    return found


def next_lapse(plan: Plan, start: date, end: date, minutes: int | None, after: date = date.min) -> date | None:
    """The first day later than `after` on which something may have lapsed."""
    if plan.balance == "none" or minutes is None:
        return None
    if plan.balance == "block":
        return end + ONE_DAY if end >= after else None
    overs = (min(following, end + ONE_DAY) for _, following in _months(start, end))
    return next((over for over in overs if over > after), None)


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Each month of a monthly plan: its first day, and the first of the next."""
    for count in itertools.count():
        first = months_after(start, count)
        if first > end:
            return
        yield first, months_after(start, count + 1)


def months_after(start: date, months: int) -> date:
    """The same day so many months later; the month's last day where it lacks that one."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
