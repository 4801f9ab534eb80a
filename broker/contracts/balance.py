"""How many minutes a contract has left: pure, from its ledger.

A block is bought once and used up.  A monthly plan grants its minutes anew each month from its start day, and what is
left lapses (E3).
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from broker.policies.schema import Plan


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `minutes` on the day `on` of the provider's zone."""

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


def balance(plan: Plan, start: date, minutes: int | None, entries: Iterable[Entry], day: date) -> int | None:
    """Minutes left on `day`; None where there is nothing to count."""
    if plan.balance == "none" or minutes is None:
        return None
    if plan.balance == "block":
        return max(0, sum(entry.minutes for entry in entries))
    first, following = month_of(start, day)
    return max(0, minutes + sum(entry.minutes for entry in entries if first <= entry.on < following))


def months_after(start: date, months: int) -> date:
    """The same day so many months later; the month's last day where it lacks that one."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
