"""Tiles that hang together, and the rectangles around them and around pixels.  Pure."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from client_agent.capture.base import Area
from client_agent.capture.changes import TILE, Grid

LEAST_SAVED, SHARE_SAVED = 512, 0.25
"""A rectangle is cut in two where that saves so many pixels, and such a share of it."""
SPARSE = 5
"""One with so many times as many pixels as there are true ones in it is cut anyway: it has a hole."""

Mask = NDArray[np.bool_]
"""One truth value a pixel: lines × columns."""


def box(grid: Grid) -> Area | None:
    """The smallest rectangle of tiles (column, row, columns, rows) around the true ones; None if there is none."""
    rows, columns = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    if not rows.size:
        return None
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


def pixels(tiles: Area, size: tuple[int, int]) -> Area:
    """A rectangle of tiles in pixels, cut to the screen of `size`."""
    column, row, columns, rows = tiles
    x, y = column * TILE, row * TILE
    return x, y, min(columns * TILE, size[0] - x), min(rows * TILE, size[1] - y)


def touched(area: Area) -> tuple[slice, slice]:
    """The tiles that a rectangle of pixels touches."""
    x, y, w, h = area
    return np.s_[y // TILE : -(-(y + h) // TILE), x // TILE : -(-(x + w) // TILE)]


def clusters(grid: Grid, reach: int = 1) -> Iterator[Grid]:
    """The groups of true tiles that are at most `reach` tiles apart; with 1 they touch, corners included."""
    left = grid.copy()
    rows, columns = left.shape
    while left.any():
        start = int(left.argmax())
        found = np.zeros_like(left)
        waiting = [divmod(start, columns)]
        left[waiting[0]] = False
        while waiting:
            row, column = waiting.pop()
            found[row, column] = True
            for r in range(max(0, row - reach), min(rows, row + reach + 1)):
                for c in range(max(0, column - reach), min(columns, column + reach + 1)):
                    if left[r, c]:
                        left[r, c] = False
                        waiting.append((r, c))
        yield found


def grown(grid: Grid) -> Grid:
    """With the tiles beside its true ones, corners included."""
    wide = grid.copy()
    wide[:, 1:] |= grid[:, :-1]
    wide[:, :-1] |= grid[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall


def cover(mask: Mask) -> Iterator[Area]:
    """Few rectangles (x, y, width, height) that hold every true pixel and not too many others."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return
    x, y = int(columns[0]), int(rows[0])
    w, h = int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y
    inside = mask[y : y + h, x : x + w]
    across, along = _best_cut(inside), _best_cut(inside.T)
    saved, at = max(across, along)
    by_rows = across >= along
    if saved < max(LEAST_SAVED, SHARE_SAVED * w * h):
        if int(np.count_nonzero(inside)) * SPARSE >= w * h or w * h < SPARSE * LEAST_SAVED:
            yield x, y, w, h
            return
        by_rows = h > w
        at = max(w, h) // 2
    parts = ((0, inside[:at]), (at, inside[at:])) if by_rows else ((0, inside[:, :at]), (at, inside[:, at:]))
    for begin, part in parts:
        for left, top, width, height in cover(part):
            yield x + left + (0 if by_rows else begin), y + top + (begin if by_rows else 0), width, height


_Numbers = NDArray[np.int64]


def _best_cut(mask: Mask) -> tuple[int, int]:
    """Between which lines to cut so that the rectangles around both parts are smallest: pixels saved, and the first
    line of the second part."""
    height, width = mask.shape
    if height < 2:
        return 0, 0
    some: Mask = np.any(mask, axis=1)
    first: _Numbers = np.where(some, mask.argmax(axis=1), width)
    behind: _Numbers = np.where(some, width - mask[:, ::-1].argmax(axis=1), 0)
    lines = np.arange(1, height + 1)
    upper = np.maximum.accumulate(np.where(some, lines, 0)) * _widths(first, behind)
    lower = np.maximum.accumulate(np.where(np.flip(some), lines, 0)) * _widths(np.flip(first), np.flip(behind))
    areas = upper[:-1] + lower[::-1][1:]
    at = int(areas.argmin())
    return width * height - int(areas[at]), at + 1


def _widths(first: _Numbers, behind: _Numbers) -> _Numbers:
    """Of all lines up to each: from the first true pixel to behind the last."""
    widths: _Numbers = np.maximum(0, np.maximum.accumulate(behind) - np.minimum.accumulate(first))
    return widths
