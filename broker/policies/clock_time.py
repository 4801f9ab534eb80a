"""Times of day and days of the week, as policy files write them."""

import re
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
MIDNIGHT_AFTER: Final = 24 * 60


class Day(Enum):
    """A day of the week; the order is the calendar's."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEK: Final = tuple(Day)


def minutes_of(value: Any) -> int:
    """`"09:30"` as minutes of the day, up to 24:00.  Raises `ValueError` for anything else."""
    if isinstance(value, str):
        if value == "24:00":
            return MIDNIGHT_AFTER
        if read := CLOCK.fullmatch(value):
            return int(read[1]) * 60 + int(read[2])
    raise ValueError('must be a time of day such as "09:00", up to "24:00"')


def clock(minutes: int) -> str:
    """Minutes of the day as `"09:30"`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def days_of(value: Any) -> tuple[Day, ...]:
    """`"mon-fri"` or `"sat"` as days.  Raises `ValueError` for anything else."""
    names = {day.value: at for at, day in enumerate(WEEK)}
    if isinstance(value, str):
        first, _, last = value.partition("-")
        if first in names and (last or first) in names and names[first] <= names[last or first]:
            return WEEK[names[first] : names[last or first] + 1]
    raise ValueError('must be a day such as "sat" or days such as "mon-fri"')


def _days_text(days: tuple[Day, ...]) -> str:
    return days[0].value if len(days) == 1 else f"{days[0].value}-{days[-1].value}"


ClockTime = Annotated[
    int, BeforeValidator(minutes_of), PlainSerializer(clock), WithJsonSchema({"type": "string", "title": "time of day"})
]
Days = Annotated[
    tuple[Day, ...],
    BeforeValidator(days_of),
    PlainSerializer(_days_text),
    WithJsonSchema({"type": "string", "title": "days of the week"}),
]
