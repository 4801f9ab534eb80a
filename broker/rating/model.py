"""What rating reads and what it gives: plain, frozen values.

Instants are whole seconds since 1970 in UTC, minutes are exact, money is decimal.  `Case` checks itself: one that
exists can be rated.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from broker.policies.schema import Kind
from broker.rating.errors import CaseRefused
from broker.rating.explanation import Step

Span = tuple[int, int]
"""From an instant (in) to another (out)."""


class Basis(StrEnum):
    """Why a work costs what it costs."""

    FREE = "free"
    """By the terms, or under warranty."""
    ALLOWANCE = "allowance"
    """Short and seldom enough to be free."""
    COVERED = "covered"
    """A contract without a balance to count."""
    PLAN = "plan"
    """From a contract's balance."""
    TARIFF = "tariff"
    """No contract, or work outside of it."""
    ORDER = "order"
    """A prepaid one-off service."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A customer's plan: `start` and `end` are days of the provider's zone, both included.

    `balance_minutes` None: no balance to count, its work is covered.  `excess_hourly`: a price that the contract fixes
    for time past its balance (clauses.md, rating 5).
    """

    plan: str
    start: date
    end: date
    balance_minutes: int | None = None
    excess_hourly: Decimal | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise CaseRefused("contract.end", "is before contract.start")
        if self.balance_minutes is not None and self.balance_minutes < 0:
            raise CaseRefused("contract.balance_minutes", "is below zero")


@dataclass(frozen=True, slots=True)
class Work:
    """Time spent for a customer.  `covered`: within the contract's clauses; `local`: on site in the provider's city.

    `prepaid`: the service of a paid order that it is part of, where work needs no order.
    """

    kind: Kind
    start: int
    end: int
    pauses: tuple[Span, ...] = ()
    urgent: bool = False
    accepted: bool = False
    warranty: bool = False
    covered: bool = True
    service: str | None = None
    local: bool = True
    prepaid: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An appointment that came to nothing, at an instant."""

    kind: Literal["no_show", "late_cancel"]
    at: int


@dataclass(frozen=True, slots=True)
class Case:
    """One customer's contract, work and events.  Raises `CaseRefused` for what contradicts itself."""

    contract: Contract | None = None
    work: tuple[Work, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        for at, one in enumerate(self.work):
            if one.end < one.start:
                raise CaseRefused(f"work.{at}.end", "is before its start")
            for which, (begin, end) in enumerate(one.pauses):
                if end < begin:
                    raise CaseRefused(f"work.{at}.pauses.{which}", "ends before it begins")
                if begin < one.start or end > one.end:
                    raise CaseRefused(f"work.{at}.pauses.{which}", "is outside its work")
        lasting = sorted((w.start, w.end, at) for at, w in enumerate(self.work) if w.start < w.end)
        for (_, end, earlier), (start, _, later) in itertools.pairwise(lasting):
            if start < end:
                raise CaseRefused(f"work.{max(earlier, later)}", f"overlaps work.{min(earlier, later)}")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands before a piece of work: what earlier work has used up.

    `free_used`: free entries by the Monday of their week; `orders`: services whose price was charged already.
    """

    balance_minutes: int | None = None
    free_used: Mapping[date, int] = field(default_factory=dict)
    orders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Charge:
    """What rating makes of one work or event."""

    basis: Basis
    billable_seconds: int
    counted_minutes: Fraction
    rounded_minutes: int
    from_balance_minutes: int
    charged_minutes: int
    net: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """All charges of a case, works first, then events, each in the order given."""

    currency: str
    work: tuple[Charge, ...]
    events: tuple[Charge, ...]
    balance_minutes_after: int | None
    net: Decimal
    tax: Decimal
    total: Decimal


def monday(day: date) -> date:
    """The Monday of a day's calendar week."""
    return day - timedelta(days=day.weekday())


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time without touching, overlapping or empty spans, in order."""
    result: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def without(start: int, end: int, pauses: Iterable[Span]) -> list[Span]:
    """The time from `start` to `end` that is in no pause, in order."""
    result: list[Span] = []
    for begin, resume in merged(pauses):
        result.append((start, begin))
        start = resume
    result.append((start, end))
    return [span for span in result if span[0] < span[1]]
