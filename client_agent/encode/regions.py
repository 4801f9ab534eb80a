"""Tiles that hang together, and the rectangles around them.  Pure."""

from collections.abc import Iterator

import numpy as np

from client_agent.capture.base import Area
from client_agent.capture.changes import TILE, Grid


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


def clusters(grid: Grid) -> Iterator[Grid]:
    """The groups of true tiles that touch, corners included."""
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
            for r in range(max(0, row - 1), min(rows, row + 2)):
                for c in range(max(0, column - 1), min(columns, column + 2)):
                    if left[r, c]:
                        left[r, c] = False
                        waiting.append((r, c))
        yield found
