"""Finds what merely moved between two pictures: a scrolled text, a dragged window.  Pure.

Counterpart: the `copy` tile, with which a console moves what it shows already.  A guess is enough here: whoever uses it
compares again and sends what the guess got wrong, so a bad one costs bytes and never a wrong pixel.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from client_agent.capture.base import Area, Pixels

REACH = 160
"""Pixels that something may have gone up or down while it went any way left or right; straight up or down it may have
gone any way."""
PATTERN = 24
"""Pixels of a line that are looked for."""
SAMPLES = 8
AMBIGUOUS = 48
"""Places of one pattern from which on it says nothing."""
LEAST = 4096
"""Pixels that a copy must put right to be worth it."""
WORTH = 0.6
"""Of the changed pixels within the copied rectangle, the share that it must put right at least."""

GOES_ON = 0.7
"""The share of what changed that the motion of before must explain to be taken without looking for another."""
LINES = 5
"""Every fifth line is enough to tell shifts apart."""

_Words = NDArray[np.uint32]
_Mask = NDArray[np.bool_]


class Motion(NamedTuple):
    """`area` shows now what stood (`dx`, `dy`) pixels left of it and above it before."""

    area: Area
    dx: int
    dy: int
    left_over: int = 0
    """Pixels that have to be sent all the same: what it uncovers, and what the copy does not put right or spoils."""


def find_motion(
    before: Pixels, after: Pixels, area: Area, hints: tuple[tuple[int, int], ...] = (), worth: float = WORTH
) -> Motion | None:
    """The motion that explains most of what changed within `area`; None if none does.

    `hints`: the last (dx, dy).  `worth`: the share that it must explain of what changed where it is.
    """
    x, y, w, h = area
    old: _Words = before[y : y + h, x : x + w].view(np.uint32)[..., 0]
    new: _Words = after[y : y + h, x : x + w].view(np.uint32)[..., 0]
    changed = new != old
    if int(changed.sum()) < LEAST:
        return None
    # Where a pixel differs from the one beside it, chance seldom agrees: on a white page it always does.
    telling = changed.copy()
    telling[:, 1:] &= new[:, 1:] != new[:, :-1]
    for dx, dy in hints:
        if _agreement(old, new, telling, dx, dy) < GOES_ON * int(telling[::LINES].sum()):
            continue
        if found := _explained(old, new, changed, dx, dy, worth):
            return _placed(found, x, y)
    candidates = {*hints, *_candidates(old, new, changed)}
    if not candidates:
        return None
    dx, dy = max(candidates, key=lambda shift: _agreement(old, new, telling, *shift))
    found = _explained(old, new, changed, dx, dy, worth)
    return _placed(found, x, y) if found else None


def _placed(found: Motion, x: int, y: int) -> Motion:
    left, top, w, h = found.area
    return found._replace(area=(x + left, y + top, w, h))


def _candidates(old: _Words, new: _Words, changed: _Mask) -> list[tuple[int, int]]:
    """Shifts for which a few telling pieces of the new picture are found in the old one; the best supported first."""
    votes: dict[tuple[int, int], int] = {}
    for row, column in _telling(new, changed):
        pattern = new[row, column : column + PATTERN]
        at = int(np.flatnonzero(pattern[1:] != pattern[:-1])[0]) + 1
        places = _straight(old, pattern, at, row, column) + _around(old, pattern, at, row, column)
        for shift in {(column - left, row - top) for top, left in places} - {(0, 0)}:
            votes[shift] = votes.get(shift, 0) + 1
    ranked = sorted(votes, key=lambda shift: (-votes[shift], abs(shift[0]) + abs(shift[1])))
    return ranked[:8]


def _telling(new: _Words, changed: _Mask) -> list[tuple[int, int]]:
    """Places (row, column) of changed pieces of lines with many edges in them, spread over the picture's height."""
    height, width = new.shape
    if width < PATTERN * 2:
        return []
    found = []
    for part in range(SAMPLES):
        rows = range(height * part // SAMPLES, height * (part + 1) // SAMPLES, 3)
        busiest = max(rows, key=lambda row: int(np.count_nonzero(changed[row])), default=0)
        edges = (new[busiest, 1:] != new[busiest, :-1]) & changed[busiest, 1:]
        sums = np.concatenate(([0], np.cumsum(edges)))
        inside = sums[PATTERN - 1 :] - sums[: -(PATTERN - 1)]
        column = int(inside.argmax())
        if inside[column] >= PATTERN // 4:
            found.append((busiest, column))
    return found


def _straight(old: _Words, pattern: _Words, at: int, row: int, column: int) -> list[tuple[int, int]]:
    """Where the pattern stands in the old picture right above or below, however far."""
    tops = np.flatnonzero(old[:, column + at] == pattern[at])
    tops = tops[(old[tops, column : column + PATTERN] == pattern).all(axis=1)]
    return [(int(top), column) for top in tops] if tops.size <= AMBIGUOUS else []


def _around(old: _Words, pattern: _Words, at: int, row: int, column: int) -> list[tuple[int, int]]:
    """Where it stands at most `REACH` lines above or below."""
    height, width = old.shape
    top, end = max(0, row - REACH), width - PATTERN + 1
    tops, lefts = np.nonzero(old[top : min(height, row + REACH), at : end + at] == pattern[at])
    tops = tops + top
    for index in sorted(range(PATTERN), key=lambda index: -((index - at) * 7 % PATTERN)):
        if not tops.size:
            return []
        same = old[tops, lefts + index] == pattern[index]
        tops, lefts = tops[same], lefts[same]
    places = list(zip(tops.tolist(), lefts.tolist(), strict=True))
    return places if len(places) <= AMBIGUOUS else []


def _agreement(old: _Words, new: _Words, telling: _Mask, dx: int, dy: int) -> int:
    """Telling pixels that a shift explains, in a sample of the lines."""
    height, width = new.shape
    if abs(dx) >= width or abs(dy) >= height:
        return 0
    left, top = max(0, dx), -(-max(0, dy) // LINES) * LINES
    right, bottom = min(width, width + dx), min(height, height + dy)
    same = new[top:bottom:LINES, left:right] == old[top - dy : bottom - dy : LINES, left - dx : right - dx]
    return int(np.count_nonzero(same & telling[top:bottom:LINES, left:right]))


def _explained(old: _Words, new: _Words, changed: _Mask, dx: int, dy: int, least: float) -> Motion | None:
    """The rectangle that a shift puts right, if it is worth it."""
    height, width = new.shape
    left, top = max(0, dx), max(0, dy)
    right, bottom = min(width, width + dx), min(height, height + dy)
    same = new[top:bottom, left:right] == old[top - dy : bottom - dy, left - dx : right - dx]
    differ = changed[top:bottom, left:right]
    worth = (same & differ).astype(np.int8) - 2 * (~same & ~differ).astype(np.int8)
    """Of each pixel: put right 1, spoilt -2."""
    if int(np.count_nonzero(worth == 1)) < LEAST:
        return None
    # Beside what moved the picture stands still, and would only be spoilt: first the columns, then the lines in them.
    start, end = _best_stretch(worth.sum(axis=0, dtype=np.int64))
    first, last = _best_stretch(worth[:, start:end].sum(axis=1, dtype=np.int64))
    start, end = _best_stretch(worth[first:last].sum(axis=0, dtype=np.int64))
    inside = worth[first:last, start:end]
    good = int(np.count_nonzero(inside == 1))
    if good < LEAST or good < least * int(differ[first:last, start:end].sum()) or int(inside.sum()) <= 0:
        return None
    wide, high = end - start, last - first
    uncovered = wide * high - max(0, wide - abs(dx)) * max(0, high - abs(dy))
    left_over = uncovered + int(np.count_nonzero(~same[first:last, start:end]))
    return Motion((left + start, top + first, wide, high), dx, dy, left_over)


def _best_stretch(worth: NDArray[np.int64]) -> tuple[int, int]:
    """The lines, from the first to behind the last, that are worth most together."""
    sums = np.concatenate(([0], np.cumsum(worth)))
    lowest = np.minimum.accumulate(sums)
    end = int((sums - lowest).argmax())
    return int(sums[: end + 1].argmin()), end
