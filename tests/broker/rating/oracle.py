"""What a case must cost, worked out a second time: slowly, step by step, minute by minute.

Counterpart: `broker/rating/`, which the fuzz test compares with this. Written from the clauses alone, never from the
engine; the terms are constants here, and only the example prices, which the clauses leave to the provider, are read
from the policy files. It must never import `broker`.
"""

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays

POLICIES = Path(__file__).resolve().parents[3] / "broker" / "policies"
UTC = ZoneInfo("UTC")
SHORT = {"email", "chat", "phone"}
OFFICE = range(5)
ZERO = Fraction(0)


class BadInput(Exception):
    """The case is not one that can be rated."""


class Refused(Exception):
    """At least one work or event is refused: (kind of item, its index, clauses that each forbid it)."""

    def __init__(self, reasons: list[tuple[str, int, set[str]]]) -> None:
        super().__init__(str(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Provider:
    zone: str
    country: str
    currency: str
    tax: int
    plans: dict[str, int]
    """Name of each plan and the fraction of minutes in which its balance is used."""
    hours_clause: str = ""
    minimum: int = 0
    increment: int = 1
    digits: int = 2


LICENCES = dict.fromkeys(("SITE", "PRO", "PLUS", "STARTER", "FREE", "TRIAL", "RESELLER"), 1)
PROVIDERS = {
    "quasar": Provider("Europe/Madrid", "ES", "EUR", 21, {"maintenance": 1}, minimum=60, increment=30),
    "informapuntcom": Provider("Europe/Madrid", "ES", "EUR", 21, {"support": 1}, "I9"),
    "remote-utilities": Provider("America/Los_Angeles", "US", "USD", 0, LICENCES, "R2"),
    "itplusnet": Provider("America/Santiago", "CL", "CLP", 19, {}, "T3", digits=0),
    "easi": Provider("America/Mexico_City", "MX", "MXN", 16, {"poliza": 10, "iguala": 1}, "E4", 30, 30),
}


@cache
def policy_file(name: str) -> dict[str, Any]:
    return tomllib.loads((POLICIES / f"{name}.toml").read_text("utf-8"))


def hourly_price(name: str) -> Fraction:
    return Fraction(45) if name == "quasar" else Fraction(policy_file(name)["tariffs"][0]["hourly"])


def service_price(service: str | None) -> Fraction | None:
    services = policy_file("itplusnet")["orders"]["services"]
    return Fraction(services[service]["price"]["net"]) if service in services else None


@cache
def closed(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def weight_at(name: str, instant: datetime) -> Fraction | None:
    """The weight of the minute that begins at `instant`, or None where the provider does not serve."""
    provider = PROVIDERS[name]
    local = instant.astimezone(ZoneInfo(provider.zone))
    minute = local.hour * 60 + local.minute
    day = 6 if local.date() in closed(provider.country, local.year) else local.weekday()
    plain, extra = Fraction(1), Fraction(3, 2)
    match name:
        case "quasar":
            return plain
        case "informapuntcom":
            return plain if day in OFFICE and 540 <= minute < 1080 else None
        case "remote-utilities":
            return plain if day in OFFICE and 480 <= minute < 1020 else None
        case "itplusnet":
            return plain if day in OFFICE and 540 <= minute < 1110 else None
        case _:
            if day == 6 or (day == 5 and minute >= 540) or (day in OFFICE and minute >= 1080):
                return extra
            return plain if day in OFFICE and minute >= 540 else None


@dataclass
class Work:
    index: int
    kind: str
    start: datetime
    end: datetime
    pauses: list[tuple[datetime, datetime]]
    flags: Mapping[str, bool]
    service: str | None

    def minutes(self) -> Iterator[tuple[datetime, int]]:
        """The work cut at every whole minute and at both ends of every pause, pauses included: begin and seconds."""
        edges = sorted({self.start, self.end, *(edge for pause in self.pauses for edge in pause)})
        for start, end in itertools.pairwise(edges):
            while start < end:
                stop = min(end, start.replace(second=0) + timedelta(minutes=1))
                yield start, int((stop - start).total_seconds())
                start = stop

    def paused(self, instant: datetime) -> bool:
        return any(start <= instant < end for start, end in self.pauses)

    @property
    def seconds(self) -> int:
        """Step 1."""
        return sum(length for start, length in self.minutes() if not self.paused(start))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper()).astimezone(UTC).replace(microsecond=0)


def read_works(case: Mapping[str, Any]) -> list[Work]:
    works = []
    for index, item in enumerate(case.get("work", [])):
        start, end = instant(item["start"]), instant(item["end"])
        pauses = [(instant(a), instant(b)) for a, b in item.get("pauses", [])]
        if start > end or any(not start <= a <= b <= end for a, b in pauses):
            raise BadInput
        flags = {key: item.get(key, False) for key in ("urgent", "accepted", "warranty")}
        flags |= {key: item.get(key, True) for key in ("covered", "local")}
        works.append(Work(index, item["kind"], start, end, pauses, flags, item.get("service")))
    lasting = sorted((work.start, work.end) for work in works if work.start < work.end)
    if any(later < end for (_, end), (later, _) in itertools.pairwise(lasting)):
        raise BadInput
    return works


def up_to(minutes: Fraction, increment: int) -> int:
    return -(-minutes // increment) * increment


def half_up(amount: Fraction, digits: int) -> Decimal:
    return Decimal((amount * 10**digits * 2 + 1) // 2).scaleb(-digits)


@dataclass
class Bill:
    """One case on its way through the steps; the balance and the allowances are used in order of start."""

    name: str
    case: Mapping[str, Any]
    balance: int | None = None
    free_used: dict[tuple[int, int], int] = field(default_factory=dict)
    ordered: set[str | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.provider = PROVIDERS[self.name]
        self.contract = self.case.get("contract")
        if self.contract is not None:
            self.balance = self.contract.get("balance_minutes")
            self.first, self.last = (date.fromisoformat(self.contract[key]) for key in ("start", "end"))
            negative = self.balance is not None and self.balance < 0
            if self.contract["plan"] not in self.provider.plans or self.first > self.last or negative:
                raise BadInput

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.provider.zone)).date()

    def plan_at(self, moment: datetime) -> str | None:
        """Step 0: the plan in force, if any."""
        if self.contract is None or self.balance == 0 or not self.first <= self.local_date(moment) <= self.last:
            return None
        return str(self.contract["plan"])

    def refusals(self, work: Work, plan: str | None) -> set[str]:
        """Why the terms refuse a work; one in which the sides never met is only logged (step 10)."""
        if not work.seconds:
            return set()
        reasons = {self.provider.hours_clause} if weight_at(self.name, work.start) is None else set()
        if self.name == "informapuntcom":
            if plan is None and not (work.flags["urgent"] and work.flags["accepted"]):
                reasons.add("I8")
            if work.kind == "onsite":
                reasons.add("I17")
        if self.name == "remote-utilities" and (plan is None or (plan in ("FREE", "TRIAL") and work.kind == "session")):
            reasons.add("R4")
        if self.name == "itplusnet":
            if work.service is None:
                reasons.add("T1")
            elif service_price(work.service) is None:
                reasons.add("T6")
            elif not work.flags["local"] and (work.kind == "onsite" or work.service == "reinstall_at_home"):
                reasons.add("T7")
        return reasons

    def weighted(self, work: Work) -> Fraction:
        """Step 2: minutes by their weight; unserved time keeps the weight of the served time before it."""
        total, weight = ZERO, None
        for start, length in work.minutes():
            weight = weight_at(self.name, start) or weight
            assert weight is not None
            if not work.paused(start):
                total += weight * length
        return total / 60

    def is_free(self, work: Work, seconds: int) -> bool:
        """Step 8 and the other free work; uses up one of the week's three."""
        if self.name == "remote-utilities" or work.flags["warranty"]:
            return True
        if self.name != "easi" or work.kind not in SHORT or seconds > 1200:
            return False
        year, week, _ = self.local_date(work.start).isocalendar()
        used = self.free_used.get((year, week), 0)
        if used < 3:
            self.free_used[year, week] = used + 1
        return used < 3

    def taken(self, seconds: int, counted: Fraction, rounded: int) -> dict[str, Any]:
        """Step 5."""
        before = self.balance or 0
        self.balance = max(0, before - rounded)
        taken = before - self.balance
        return self.line(seconds, counted, rounded, taken, rounded - taken)

    def line(
        self, seconds: int, counted: Fraction, rounded: int, taken: int = 0, charged: int = 0, fixed: Fraction = ZERO
    ) -> dict[str, Any]:
        net = fixed + hourly_price(self.name) * charged / 60 if charged else fixed
        return {
            "billable_seconds": seconds,
            "counted_minutes": str(counted),
            "rounded_minutes": rounded,
            "from_balance_minutes": taken,
            "charged_minutes": charged,
            "net": str(half_up(net, self.provider.digits)),
        }

    def rate_work(self, work: Work, plan: str | None) -> dict[str, Any]:
        if (seconds := work.seconds) == 0:
            return self.line(0, ZERO, 0)
        counted = self.weighted(work)
        covered = plan is not None and work.flags["covered"]
        takes = covered and self.balance is not None
        free = self.is_free(work, seconds)
        if self.name == "easi" and work.kind == "onsite":
            counted = max(counted, Fraction(120 if work.flags["local"] else 240))
            counted *= Fraction(4, 3) if takes and not free else 1
        if self.name == "itplusnet" and not free:
            price = ZERO if work.service in self.ordered else service_price(work.service)
            self.ordered.add(work.service)
            return self.line(seconds, counted, up_to(counted, 1), fixed=price or ZERO)
        if free or (covered and not takes):
            return self.line(seconds, counted, up_to(counted, 1))
        if self.name == "easi":
            counted += counted / 10
        if self.name == "informapuntcom" and takes and work.flags["urgent"]:
            counted += 30
        if takes and plan:
            return self.taken(seconds, counted, up_to(counted, self.provider.plans[plan]))
        rounded = up_to(max(counted, Fraction(self.provider.minimum)), self.provider.increment)
        return self.line(seconds, counted, rounded, charged=rounded)

    def rate(self) -> dict[str, Any]:
        works = read_works(self.case)
        moments: list[tuple[datetime, int, int]] = [(work.start, 0, work.index) for work in works]
        moments += [(instant(event["at"]), 1, index) for index, event in enumerate(self.case.get("events", []))]
        lines: dict[tuple[int, int], dict[str, Any]] = {}
        refused: list[tuple[str, int, set[str]]] = []
        for moment, is_event, index in sorted(moments):
            plan = self.plan_at(moment)
            if is_event and self.name != "informapuntcom":
                lines[1, index] = self.line(0, ZERO, 0)
            elif is_event and plan is None:
                refused.append(("event", index, {"I11", "I12"}))
            elif is_event and self.balance is None:
                lines[1, index] = self.line(0, Fraction(30), 30)
            elif is_event:
                lines[1, index] = self.taken(0, Fraction(30), 30)
            elif reasons := self.refusals(works[index], plan):
                refused.append(("work", index, reasons))
            else:
                lines[0, index] = self.rate_work(works[index], plan)
        if refused:
            raise Refused(refused)
        charges = [lines[key] for key in sorted(lines)]
        net = sum((Fraction(line["net"]) for line in charges), ZERO)
        digits = self.provider.digits
        tax = half_up(net * self.provider.tax / 100, digits)
        return {"currency": self.provider.currency, "charges": charges, "balance_minutes_after": self.balance} | {
            "net": str(half_up(net, digits)),
            "tax": str(tax),
            "total": str(half_up(net, digits) + tax),
        }


def expected(name: str, case: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of `case` under the policy `name`, without explanations; raises `BadInput` or `Refused`."""
    return Bill(name, case).rate()
