"""A case and its bill as JSON, as `relevo rate` reads and prints them.

Closed: unknown and repeated keys, instants without an offset, and numbers where there should be none are errors that
name the field.  Must never let a number become binary floating point.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from broker.policies.hours import EPOCH, ONE_SECOND
from broker.policies.schema import Kind, Policy
from broker.rating import money
from broker.rating.errors import CaseRefused
from broker.rating.model import Bill, Case, Charge, Contract, Event, Work

RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))"
)
FULL_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
YEARS: Final = (1971, 2199)
"""Instants outside are mistakes, and beyond what calendars know."""


def instant(value: object) -> int:
    """An RFC 3339 instant as whole seconds since 1970, fractions dropped.  Raises `ValueError`."""
    read = RFC3339.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if read is None:
        raise ValueError("must be an instant with an offset, such as 2026-03-02T09:00:00+01:00 (RFC 3339)")
    try:
        local = datetime(*(int(part) for part in read.groups()[:6]), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError as wrong:
        raise ValueError(f"is no instant: {wrong}") from wrong
    if not YEARS[0] <= local.year <= YEARS[1]:
        raise ValueError(f"is not in the years {YEARS[0]} to {YEARS[1]}")
    sign, hours, minutes = read.groups()[6:]
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return ((local + offset if sign == "-" else local - offset) - EPOCH) // ONE_SECOND


def day(value: object) -> date:
    """`YYYY-MM-DD` as a date.  Raises `ValueError`."""
    if not isinstance(value, str) or not value.isascii() or not FULL_DATE.fullmatch(value):
        raise ValueError("must be a day such as 2026-03-02")
    return date.fromisoformat(value)


Instant = Annotated[int, BeforeValidator(instant)]
FullDate = Annotated[date, BeforeValidator(day)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Contract(_Part):
    plan: str
    start: FullDate
    end: FullDate
    balance_minutes: Annotated[int, Field(ge=0, le=10**9)] | None = None


class _Work(_Part):
    kind: Kind
    start: Instant
    end: Instant
    pauses: list[Annotated[list[Instant], Field(min_length=2, max_length=2)]] = []
    urgent: bool = False
    accepted: bool = False
    warranty: bool = False
    covered: bool = True
    service: str | None = None
    local: bool = True


class _Event(_Part):
    kind: Literal["no_show", "late_cancel"]
    at: Instant


class _Case(_Part):
    contract: _Contract | None = None
    work: list[_Work] = []
    events: list[_Event] = []


def read_case(text: str | bytes) -> Case:
    """The case that `text` (JSON) describes.  Raises `CaseRefused`, which names the field."""
    try:
        written = json.loads(text, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_number)
        case = _Case.model_validate(written)
    except CaseRefused:
        raise
    except ValidationError as wrong:
        first: Any = wrong.errors(include_url=False)[0]
        raise CaseRefused(".".join(map(str, first["loc"])), _reason(first)) from wrong
    except (ValueError, RecursionError) as wrong:
        raise CaseRefused("case", f"is no JSON text: {wrong}") from wrong
    given = case.contract
    return Case(
        Contract(given.plan, given.start, given.end, given.balance_minutes) if given else None,
        tuple(Work(**(dict(one) | {"pauses": tuple((begin, end) for begin, end in one.pauses)})) for one in case.work),
        tuple(Event(one.kind, one.at) for one in case.events),
    )


def write_bill(bill: Bill, policy: Policy, lang: str = "en") -> dict[str, object]:
    """A bill as JSON's own types; explanations in `lang`."""
    digits = policy.minor_digits

    def charge(one: Charge, work: int | None, event: int | None) -> dict[str, object]:
        return {
            "work": work,
            "event": event,
            "billable_seconds": one.billable_seconds,
            "counted_minutes": str(one.counted_minutes),
            "rounded_minutes": one.rounded_minutes,
            "from_balance_minutes": one.from_balance_minutes,
            "charged_minutes": one.charged_minutes,
            "net": money.text(one.net, digits),
            "explanation": [step.sentence(lang) for step in one.steps],
        }

    return {
        "currency": bill.currency,
        "charges": [
            *(charge(one, at, None) for at, one in enumerate(bill.work)),
            *(charge(one, None, at) for at, one in enumerate(bill.events)),
        ],
        "balance_minutes_after": bill.balance_minutes_after,
        "net": money.text(bill.net, digits),
        "tax": money.text(bill.tax, digits),
        "total": money.text(bill.total, digits),
    }


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        raise CaseRefused(next(name for name in names if names.count(name) > 1), "is given twice")
    return result


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _reason(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is not known here"
    return str(error["msg"]).removeprefix("Value error, ")
