"""How many minutes a contract has left."""

from datetime import date

import pytest

from broker.contracts.balance import Entry, Lapse, balance, lapses, month_of, months_after, next_lapse
from broker.policies import files

EASI = files.load("easi").plans
START = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("day", "first", "following"),
    [
        (date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 27), date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 3, 30), date(2026, 2, 28), date(2026, 3, 31)),
        (date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 28)),
    ],
)
def test_a_month_of_a_plan_runs_from_its_start_day(day: date, first: date, following: date) -> None:
    assert month_of(START, day) == (first, following)


def test_six_months_from_the_last_day_of_august_end_in_february() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)


@pytest.mark.clause("E3")
def test_a_subscription_grants_its_minutes_each_month_and_the_rest_lapses() -> None:
    entries = [Entry(date(2026, 2, 3), -200), Entry(date(2026, 3, 1), -30)]
    iguala = EASI["iguala"]
    start, end = date(2026, 2, 1), date(2026, 7, 31)
    assert balance(iguala, start, end, 240, entries, date(2026, 2, 10)) == 40
    assert balance(iguala, start, end, 240, entries, date(2026, 3, 2)) == 210
    assert balance(iguala, start, end, 240, entries, date(2026, 4, 1)) == 240
    assert balance(iguala, start, end, 240, entries, date(2026, 8, 1)) == 0
    over = lapses(iguala, start, end, 240, entries, date(2026, 4, 1))
    assert over == [Lapse(date(2026, 3, 1), 40), Lapse(date(2026, 4, 1), 210)]
    assert len(lapses(iguala, start, end, 240, entries, date(2027, 1, 1))) == 6
    assert next_lapse(iguala, start, end, 240, date(2026, 4, 1)) == date(2026, 5, 1)
    assert next_lapse(iguala, start, end, 240, date(2026, 8, 1)) is None


def test_the_last_month_of_a_subscription_that_ends_early_lapses_at_its_end() -> None:
    over = lapses(EASI["iguala"], START, date(2026, 3, 10), 240, [], date(2026, 3, 11))
    assert [one.on for one in over] == [date(2026, 2, 28), date(2026, 3, 11)]


@pytest.mark.clause("E2")
def test_a_block_is_used_up_over_its_whole_time() -> None:
    entries = [Entry(date(2026, 2, 1), 300), Entry(date(2026, 2, 3), -200), Entry(date(2026, 3, 1), -30)]
    start, end = date(2026, 2, 1), date(2026, 7, 31)
    assert balance(EASI["poliza"], start, end, 300, entries, date(2026, 4, 1)) == 70
    assert lapses(EASI["poliza"], start, end, 300, entries, end) == []
    assert lapses(EASI["poliza"], start, end, 300, entries, date(2026, 8, 1)) == [Lapse(date(2026, 8, 1), 70)]
    assert next_lapse(EASI["poliza"], start, end, 300) == date(2026, 8, 1)


def test_a_plan_without_minutes_has_nothing_to_count() -> None:
    assert balance(files.load("quasar").plans["maintenance"], START, START, None, [], START) is None
