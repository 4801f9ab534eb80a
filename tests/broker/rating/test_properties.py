"""What holds of every bill: more time never costs less, lines add up, balances stay above zero."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.policies import files
from broker.rating import money
from broker.rating.case_json import read_case
from broker.rating.engine import Engine, tax_of
from broker.rating.model import Bill, merged, without
from tests.broker.rating.test_oracle import ENGINES, PLANS

# In these, all kinds of weights, a change of the clocks (Madrid, Los Angeles), a holiday (Madrid), a week's end.
DAYS = ["2026-06-08", "2026-06-12", "2026-10-09", "2026-10-23", "2026-10-30", "2026-12-31"]
SERVICE = {"service": "reinstall"}
quick = settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
spans = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100)).map(lambda p: (p[0], p[0] + p[1])), max_size=8)


def rated(name: str, works: list[dict[str, Any]], balance: int | None, plan: str | None) -> Bill:
    contract = {"plan": plan, "start": "2026-01-01", "end": "2027-12-31", "balance_minutes": balance}
    case = {"contract": contract if plan else None, "work": works}
    return ENGINES[name].rate(read_case(json.dumps(case)))


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, dict[str, Any], datetime, int | None, str | None]:
    """A policy, a work without its end, when it begins, and a contract that serves it."""
    name = draw(st.sampled_from(["quasar", "informapuntcom", "itplusnet", "easi", "remote-utilities"]))
    engine = ENGINES[name]
    day = datetime.fromisoformat(draw(st.sampled_from(DAYS))).replace(tzinfo=engine.policy.zone)
    start = engine.hours.next_opening(int(day.timestamp()))
    assert start is not None
    begin = datetime.fromtimestamp(start, UTC) + timedelta(minutes=draw(st.integers(0, 8 * 60 - 1)))
    kinds = ["session"] if name == "remote-utilities" else ["session", "phone"]
    kind = draw(st.sampled_from([*kinds, "onsite"] if name == "easi" else kinds))
    work: dict[str, Any] = {"kind": kind, "start": begin.isoformat(), "local": draw(st.booleans())}
    work |= {"urgent": True, "accepted": True, "service": "reinstall"}
    needs_plan = name == "remote-utilities"
    plan = draw(st.sampled_from(PLANS[name][:2])) if PLANS[name] and (needs_plan or draw(st.booleans())) else None
    return name, work, begin, draw(st.sampled_from([None, 1, 45, 300])), plan


@quick
@given(situations(), st.integers(1, 40_000), st.integers(0, 20_000))
def test_a_charge_never_falls_when_the_end_moves_later(
    situation: tuple[str, dict[str, Any], datetime, int | None, str | None], length: int, more: int
) -> None:
    """Past the twenty free minutes; up to them a call is free, and beyond it is charged whole."""
    name, work, begin, balance, plan = situation

    def charge(seconds: int) -> tuple[Any, ...]:
        end = (begin + timedelta(seconds=seconds)).isoformat()
        one = rated(name, [{**work, "end": end}], balance, plan).work[0]
        return (
            *(one.billable_seconds, one.counted_minutes, one.rounded_minutes),
            *(one.from_balance_minutes, one.charged_minutes, one.net),
        )

    assert all(before <= after for before, after in zip(charge(length), charge(length + more), strict=True))


@quick
@given(situations(), st.integers(61, 20_000), st.data())
def test_a_work_split_at_a_pause_counts_the_same(
    situation: tuple[str, dict[str, Any], datetime, int | None, str | None], length: int, data: st.DataObject
) -> None:
    """But for minimum, rounding and what is added to each work, and but for where a second part may begin."""
    name, work, begin, _, plan = situation
    work = {**work, "kind": "session", "urgent": False}
    engine = ENGINES[name]
    first = data.draw(st.integers(1, length - 1))
    pause = data.draw(st.integers(0, 3600))
    cut, again = begin + timedelta(seconds=first), begin + timedelta(seconds=first + pause)
    end = (again + timedelta(seconds=length - first)).isoformat()
    if engine.hours.window_at(int(again.timestamp())) is None:
        return
    plan = plan or next(iter(PLANS[name]), None)
    whole = rated(name, [{**work, "end": end, "pauses": [[cut.isoformat(), again.isoformat()]]}], 100_000, plan)
    halves = [{**work, "end": cut.isoformat()}, {**work, "start": again.isoformat(), "end": end}]
    parts = rated(name, halves, 100_000, plan)
    assert sum(part.billable_seconds for part in parts.work) == whole.work[0].billable_seconds == length
    assert sum((part.counted_minutes for part in parts.work), Fraction(0)) == whole.work[0].counted_minutes
    taken = sum(part.rounded_minutes for part in parts.work)
    step = engine.policy.plans[plan].increment_minutes if plan else 1
    assert whole.work[0].rounded_minutes <= taken <= whole.work[0].rounded_minutes + step


@quick
@given(situations(), st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 4000)), min_size=1, max_size=4))
def test_lines_add_up_and_no_balance_goes_below_zero(
    situation: tuple[str, dict[str, Any], datetime, int | None, str | None], lengths: list[tuple[int, int]]
) -> None:
    name, work, begin, balance, _ = situation
    works = []
    for length, gap in lengths:
        end = begin + timedelta(seconds=length)
        works.append({**work, "start": begin.isoformat(), "end": end.isoformat()})
        begin = end + timedelta(seconds=gap)
        if ENGINES[name].hours.window_at(int(begin.timestamp())) is None:
            break
    bill = rated(name, works, balance, next(iter(PLANS[name]), None))
    policy = ENGINES[name].policy
    assert bill.net == sum((charge.net for charge in bill.work), Decimal(0))
    assert bill.tax == tax_of(policy, bill.net)
    assert bill.total == bill.net + bill.tax
    assert all(charge.from_balance_minutes >= 0 and charge.charged_minutes >= 0 for charge in bill.work)
    if not PLANS[name]:
        assert bill.balance_minutes_after is None
    elif balance is not None:
        assert bill.balance_minutes_after is not None
        assert bill.balance_minutes_after >= 0
        assert bill.balance_minutes_after == balance - sum(charge.from_balance_minutes for charge in bill.work)


@quick
@given(spans, st.integers(0, 300), st.integers(0, 300))
def test_time_without_pauses_is_every_second_in_none_of_them(
    pauses: list[tuple[int, int]], start: int, length: int
) -> None:
    inside = [(max(a, start), min(b, start + length)) for a, b in pauses if a < start + length and b > start]
    counted = {second for a, b in without(start, start + length, inside) for second in range(a, b)}
    paused = {second for a, b in inside for second in range(a, b)}
    assert counted == set(range(start, start + length)) - paused
    assert all(earlier[1] < later[0] for earlier, later in zip(merged(inside), merged(inside)[1:], strict=False))


@pytest.mark.parametrize(
    ("amount", "digits", "wanted"),
    [
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(4999, 1_000_000), 2, "0.00"),
        (Fraction(14175, 1000), 2, "14.18"),
        (Fraction(25, 1000), 2, "0.03"),
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(1, 2), 0, "1"),
        (Fraction(3, 2), 0, "2"),
        (Fraction(0), 2, "0.00"),
        (Fraction(10**20) + Fraction(1, 200), 2, "100000000000000000000.01"),
    ],
)
def test_halves_go_up(amount: Fraction, digits: int, wanted: str) -> None:
    assert money.text(money.rounded(amount, digits), digits) == wanted


def test_tax_is_rounded_once_over_all_lines() -> None:
    """Three lines of 67.50 at 21 % are 42.525, so 42.53; rounded one by one they would be 42.54."""
    works = [
        {"kind": "session", "start": f"2026-03-0{day}T10:00:00+01:00", "end": f"2026-03-0{day}T11:10:00+01:00"}
        for day in (2, 3, 4)
    ]
    bill = rated("quasar", works, None, None)
    assert (str(bill.net), str(bill.tax), str(bill.total)) == ("202.50", "42.53", "245.03")


def test_the_tariff_of_the_day_on_which_the_work_begins_holds() -> None:
    text = (files.FOLDER / "quasar.toml").read_text("utf-8")
    dearer = text + '\n[[tariffs]]\nsince = 2026-03-02\nhourly = "60.00"\nminimum_minutes = 60\n'
    engine = Engine(files.parse(dearer, "quasar.toml"))
    nights = [
        {"kind": "session", "start": "2026-03-01T23:59:59+01:00", "end": "2026-03-02T00:30:00+01:00"},
        {"kind": "session", "start": "2026-03-02T00:30:00+01:00", "end": "2026-03-02T00:31:00+01:00"},
    ]
    bill = engine.rate(read_case(json.dumps({"work": nights})))
    assert [str(charge.net) for charge in bill.work] == ["45.00", "60.00"]
