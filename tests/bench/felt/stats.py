"""What a cell's raw observations come to.  Pure; seconds of one clock throughout."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.felt.workloads import code, place

_TICK_S = 0.005
_SLACK_S = 0.005
"""The two clocks, the page's and the desktop's, agree to less than this."""

Seen = tuple[float, int, int]
"""When the canvas changed, and what was read at the top and at the bottom of what moves; -1: nothing legible."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Whole pictures a second as seen and as drawn; how old the picture was, in seconds, over the time that passed."""

    seen_per_s: float
    drawn_per_s: float
    age_p50_s: float | None
    age_p95_s: float | None


def p50(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile; of few values the largest."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def motion(workload: str, log: Sequence[Seen], drawn: Sequence[float], begin: float, end: float) -> Motion:
    """`drawn`: when each step was on the desktop.  A picture is seen when its top and its bottom are of that step."""
    drawn = list(drawn)
    shown: list[tuple[float, int]] = []
    newest = -1
    for at, top, bottom in log:
        latest = bisect_right(drawn, at + _SLACK_S) - 1
        steps = [_step(workload, value, end_of, latest) for end_of, value in enumerate((top, bottom))]
        if None in steps or (whole := min(step for step in steps if step is not None)) <= newest:
            continue
        newest = whole
        shown.append((at, whole))
    length = end - begin
    drawn_count = bisect_right(drawn, end) - bisect_right(drawn, begin)
    ages = _ages(shown, drawn, begin, end)
    return Motion(
        sum(begin < at <= end for at, _ in shown) / length,
        drawn_count / length,
        p50(ages) if ages else None,
        p95(ages) if ages else None,
    )


def _ages(shown: Sequence[tuple[float, int]], drawn: Sequence[float], begin: float, end: float) -> list[float]:
    """At evenly spaced moments: how long ago what is seen was drawn."""
    moments = [at for at, _ in shown]
    ages = []
    tick = begin
    while tick < end:
        if (place_in := bisect_right(moments, tick)) > 0:
            ages.append(max(0.0, tick - drawn[shown[place_in - 1][1]]))
        tick += _TICK_S
    return ages


def _step(workload: str, value: int, at_bottom: int, latest: int) -> int | None:
    """The step that was read; None when it is none, or one that is yet to be drawn."""
    if value < 0:
        return None
    if workload == "drag":
        colour, x = divmod(value, 2048)
        along = round((x - place.DRAG_FROM[0]) / place.DRAG_STEP)
        if not 0 <= along < place.DRAG_STEPS:
            return None
        # A round of the colours is over before anything so old could be seen: the latest step that fits is it.
        turn = place.DRAG_STEPS * len(place.DRAG_COLOURS)
        step = colour * place.DRAG_STEPS + along
        return step + (latest - step) // turn * turn if step <= latest else None
    lines = place.SCROLL[3] // place.SCROLL_LINE - 1 if workload == "scroll" and at_bottom else 0
    step = value - lines
    return step if 0 <= step <= latest and value < 1 << code.BITS else None
