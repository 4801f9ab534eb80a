"""How long a balance lasts: exact, and never beyond its last day."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.dashboard.forecast import Forecast, forecast, observed, per_week
from broker.dashboard.period import Period

TODAY = date(2026, 11, 22)


def last(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("left", "used", "days", "ahead", "expected"),
    [
        (100, 70, 7, 30, Forecast("runs_out", last(10), 0)),
        (101, 70, 7, 30, Forecast("runs_out", last(11), 0)),
        (100, 70, 7, 10, Forecast("runs_out", last(10), 0)),
        (100, 70, 7, 9, Forecast("lapses", last(9), 10)),
        (100, 0, 56, 9, Forecast("lapses", last(9), 100)),
        (0, 70, 7, 9, Forecast("runs_out", TODAY, 0)),
        (5, 1, 3, 0, Forecast("lapses", TODAY, 5)),
    ],
)
def test_what_is_left_runs_out_or_lapses(left: int, used: int, days: int, ahead: int, expected: Forecast) -> None:
    assert forecast(left, used, days, TODAY, last(ahead)) == expected


@given(left=st.integers(0, 10**6), used=st.integers(-100, 10**6), days=st.integers(1, 56), ahead=st.integers(0, 3_650))
def test_a_balance_never_lasts_beyond_its_last_day_and_no_minute_is_made_up(
    left: int, used: int, days: int, ahead: int
) -> None:
    found = forecast(left, used, days, TODAY, last(ahead))
    assert TODAY <= found.on <= last(ahead)
    assert 0 <= found.lapsing_minutes <= left
    if found.what == "runs_out":
        taken = Fraction(max(0, used), days) * (found.on - TODAY).days
        assert found.lapsing_minutes == 0
        assert taken >= left


def test_use_is_looked_at_for_eight_weeks_or_since_the_contract_began() -> None:
    assert observed(date(2020, 1, 1), TODAY) == (date(2026, 9, 28), 56)
    assert observed(date(2026, 11, 16), TODAY) == (date(2026, 11, 16), 7)
    assert per_week(30, 7) == 30


def test_days_have_23_and_25_hours_where_the_clocks_change() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    spring = Period(date(2026, 3, 28), date(2026, 3, 30), madrid).days()
    assert [(span.end - span.start).total_seconds() / 3600 for span in spring] == [24, 23, 24]
    santiago = Period(date(2026, 9, 5), date(2026, 9, 7), ZoneInfo("America/Santiago"))
    days = santiago.days()
    assert [(span.end - span.start).total_seconds() / 3600 for span in days] == [24, 23, 24], "midnight is left out"
    assert (days[0].start, days[-1].end) == (santiago.start, santiago.end)
    autumn = Period(date(2026, 10, 25), date(2026, 10, 25), madrid)
    assert autumn.end - autumn.start == timedelta(hours=25)
    assert isinstance(autumn.start, datetime)
