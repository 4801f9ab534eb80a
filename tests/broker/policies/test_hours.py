"""The support calendar: half-open windows, days of 23 and 25 hours, holidays, and support hours there and back."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.policies import files
from broker.policies.clock_time import Day
from broker.policies.hours import SupportHours
from broker.policies.schema import Holidays, Hours, Window

HOURS = {name: SupportHours.of(files.load(name)) for name in files.shipped()}
ZONES = {name: files.load(name).zone for name in files.shipped()}
EVERY_DAY = tuple(Day)
OFFICE = EVERY_DAY[:5]
quick = settings(max_examples=30, derandomize=True, deadline=None)
instants = st.integers(1_735_689_600, 1_830_297_600)
"""From the beginning of 2025 to that of 2028."""


def at(name: str, local: str, fold: int = 0) -> int:
    """An instant by the provider's wall clock."""
    return int(datetime.fromisoformat(local).replace(tzinfo=ZONES[name], fold=fold).timestamp())


def calendar(zone: str, *windows: Window, holidays: Holidays | None = None) -> SupportHours:
    return SupportHours(Hours(windows=windows, holidays=holidays), ZoneInfo(zone))


def window(opens: str, closes: str, days: str = "mon-sun") -> Window:
    return Window.model_validate({"days": days, "opens": opens, "closes": closes})


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        *(("quasar", "2026-03-29", 23), ("quasar", "2026-10-25", 25), ("quasar", "2026-06-08", 24)),
        *(("remote-utilities", "2026-03-08", 23), ("remote-utilities", "2026-11-01", 25)),
        # Santiago changes at midnight: the lost hour is Sunday's first, the one that comes twice Saturday's last.
        *(("itplusnet", "2026-09-06", 23), ("itplusnet", "2026-04-04", 25), ("itplusnet", "2026-04-05", 24)),
        *(("easi", "2022-04-03", 23), ("easi", "2022-10-30", 25), ("easi", "2026-04-05", 24)),
    ],
)
def test_a_day_has_the_hours_that_it_has(name: str, day: str, hours: int) -> None:
    calendar, first = HOURS[name], date.fromisoformat(day)
    start, end = calendar.midnight(first), calendar.midnight(first + timedelta(days=1))
    pieces = list(calendar.pieces(start, end))
    assert sum(piece.seconds for piece in pieces) == end - start == hours * 3600


def test_an_hour_that_comes_twice_is_served_twice_and_a_lost_one_never() -> None:
    night = calendar("Europe/Madrid", window("02:00", "03:00"))
    for day, hours in ((date(2026, 10, 25), 2), (date(2026, 3, 29), 0), (date(2026, 6, 8), 1)):
        assert night.regular_seconds(night.midnight(day), night.midnight(day + timedelta(days=1))) == hours * 3600


def test_a_window_that_opens_in_a_lost_hour_opens_when_it_is_over() -> None:
    night = calendar("Europe/Madrid", window("02:30", "04:00"))
    day = night.midnight(date(2026, 3, 29))
    served = [piece for piece in night.pieces(day, day + 23 * 3600) if piece.window]
    assert night.local(served[0].start).strftime("%H:%M") == "03:00"
    assert sum(piece.seconds for piece in served) == 3600


def test_half_of_the_hour_that_comes_twice() -> None:
    """From 02:00 to 02:30 is served before and after the change, and closed in between."""
    night = calendar("Europe/Madrid", window("02:00", "02:30"))
    day = night.midnight(date(2026, 10, 25))
    served = [piece for piece in night.pieces(day, day + 25 * 3600) if piece.window]
    assert [(piece.start - day, piece.seconds) for piece in served] == [(7200, 1800), (10_800, 1800)]


@pytest.mark.clause("I9", "R2", "T3", "E4")
@pytest.mark.parametrize(
    ("name", "opens", "closes"),
    [
        ("informapuntcom", "2026-06-08T09:00:00", "2026-06-08T18:00:00"),
        ("remote-utilities", "2026-06-08T08:00:00", "2026-06-08T17:00:00"),
        ("itplusnet", "2026-06-08T09:00:00", "2026-06-08T18:30:00"),
        ("easi", "2026-06-08T09:00:00", "2026-06-09T00:00:00"),
        ("easi", "2026-06-13T09:00:00", "2026-06-15T00:00:00"),
    ],
)
def test_the_opening_instant_is_in_and_the_closing_one_out(name: str, opens: str, closes: str) -> None:
    first, last = at(name, opens), at(name, closes)
    served = [HOURS[name].window_at(instant) is not None for instant in (first - 1, first, last - 1, last)]
    assert served == [False, True, True, False]


@pytest.mark.clause("E4")
@pytest.mark.parametrize(
    ("local", "weight"),
    [
        ("2026-06-08T08:59:59", None),
        ("2026-06-08T09:00:00", "1"),
        ("2026-06-08T17:59:59", "1"),
        ("2026-06-08T18:00:00", "3/2"),
        ("2026-06-08T23:59:59", "3/2"),
        ("2026-06-09T00:00:00", None),
        ("2026-06-13T08:59:59", None),
        ("2026-06-13T09:00:00", "3/2"),
        ("2026-06-14T00:00:00", "3/2"),
        ("2026-06-14T23:59:59", "3/2"),
        ("2026-09-16T00:00:00", "3/2"),  # a holiday on a Wednesday
        ("2026-09-16T12:00:00", "3/2"),
    ],
)
def test_extraordinary_hours_count_more(local: str, weight: str | None) -> None:
    found = HOURS["easi"].window_at(at("easi", local))
    assert (str(found.weight) if found else None) == weight


@pytest.mark.parametrize(
    ("name", "day", "open_"),
    [
        ("informapuntcom", "2026-10-12", False),
        ("informapuntcom", "2026-12-25", False),
        ("informapuntcom", "2026-12-24", True),
        ("remote-utilities", "2026-07-03", False),  # 4 July is a Saturday
        ("remote-utilities", "2026-11-26", False),
        ("remote-utilities", "2027-12-31", False),  # 1 January 2028 is a Saturday
        ("itplusnet", "2026-09-18", False),
        ("itplusnet", "2026-09-17", True),
    ],
)
def test_holidays_are_closed_and_the_days_on_which_they_are_observed(name: str, day: str, open_: bool) -> None:
    assert (HOURS[name].window_at(at(name, f"{day}T12:00:00")) is not None) is open_


def test_a_provider_adds_and_drops_holidays() -> None:
    own = Holidays(country="ES", add=(date(2026, 6, 8),), drop=(date(2026, 10, 12),))
    office = calendar("Europe/Madrid", window("09:00", "18:00", "mon-fri"), holidays=own)
    noon = {
        day: office.window_at(at("quasar", f"{day}T12:00:00")) for day in ("2026-06-08", "2026-10-12", "2026-12-25")
    }
    assert noon["2026-06-08"] is None
    assert noon["2026-10-12"] is not None
    assert noon["2026-12-25"] is None


def test_business_days_leave_out_weekends_and_holidays() -> None:
    assert HOURS["easi"].business_days_after(date(2026, 9, 14), 3) == date(2026, 9, 18)
    assert HOURS["easi"].business_days_after(date(2026, 6, 12), 1) == date(2026, 6, 15)
    assert HOURS["easi"].business_days_after(date(2026, 6, 12), 0) == date(2026, 6, 12)


@pytest.mark.parametrize("name", files.shipped())
@quick
@given(start=instants, seconds=st.integers(1, 400_000))
def test_support_hours_there_and_back(name: str, start: int, seconds: int) -> None:
    hours = HOURS[name]
    end = hours.after(start, seconds)
    assert end is not None
    assert hours.regular_seconds(start, end) == seconds
    assert hours.regular_seconds(start, end - 1) == seconds - 1


@pytest.mark.parametrize("name", files.shipped())
@quick
@given(start=instants, length=st.integers(0, 400_000))
def test_pieces_are_in_order_without_gaps_and_true_at_every_second(name: str, start: int, length: int) -> None:
    hours, end = HOURS[name], start + length
    pieces = list(hours.pieces(start, end))
    edges = [piece.start for piece in pieces] + [end]
    if not length:
        assert pieces == []
        return
    assert edges[0] == start
    assert [piece.end for piece in pieces] == edges[1:]
    for piece in pieces:
        assert piece.seconds > 0
        for instant in {piece.start, (piece.start + piece.end) // 2, piece.end - 1}:
            assert hours.window_at(instant) == piece.window


@pytest.mark.parametrize("name", files.shipped())
@quick
@given(start=instants)
def test_the_next_opening_is_the_first_served_regular_second(name: str, start: int) -> None:
    hours = HOURS[name]
    opening = hours.next_opening(start)
    assert opening is not None
    assert opening >= start
    assert hours.regular_seconds(start, opening) == 0
    assert hours.regular_seconds(opening, opening + 1) == 1
