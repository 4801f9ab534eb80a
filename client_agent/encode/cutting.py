"""Which rectangles of pixels the tiles of a message are made of: what changed, in few pieces that each fit.

Counterpart: `chooser.py` codes them one after the other until its message is full.
"""

from collections.abc import Iterator

import numpy as np

from client_agent.capture.base import Area
from client_agent.capture.changes import TILE, Grid
from client_agent.encode.model import Model
from client_agent.encode.regions import box, clusters, cover, pixels

GUESS = 300.0
"""Bytes of a changed tile, until one is known."""
SCATTERED = 150
"""Tiles from which on it is not worth the time to look how they hang together."""


class Cutter:
    """Goes round the screen, from left to right and down: on a slow line nothing that changes all the time keeps what
    is behind it waiting."""

    def __init__(self) -> None:
        self._next = 0
        """The number of the tile that is to go next, counted so."""

    def areas(self, model: Model, wanted: Grid, limit: int, whole: bool) -> Iterator[Area]:
        """Rectangles of pixels of the `wanted` tiles, next first: about `limit` bytes each, or less.

        `whole`: the tiles as they are; else only what differs of them, where what the console shows is known.
        """
        left = wanted.copy()
        groups = list(clusters(left)) if int(left.sum()) <= SCATTERED and not whole else []
        while (waiting := np.flatnonzero(left)).size:
            first = int(waiting[np.searchsorted(waiting, self._next) % waiting.size])
            row, column = divmod(first, left.shape[1])
            group = next((one for one in groups if one[row, column]), None)
            if group is None or cost(model, group) > limit or model.unknown[group].any():
                group = _run(model, left, row, column, limit)
            self._next = first + int(group[row, column:].argmin() or left.shape[1] - column)
            left &= ~group
            yield from self._cut(model, group, whole)

    def _cut(self, model: Model, group: Grid, whole: bool) -> Iterator[Area]:
        place = box(group)
        assert place is not None
        x, y, w, h = pixels(place, model.size)
        if whole or model.unknown[group].any():
            yield x, y, w, h
            return
        column, row, columns, rows = place
        inside = group[row : row + rows, column : column + columns]
        differ = model.differs(np.s_[y : y + h, x : x + w])
        if not inside.all():
            differ &= inside.repeat(TILE, axis=0).repeat(TILE, axis=1)[:h, :w]
        for left, top, width, height in cover(differ):
            yield x + left, y + top, width, height


def cost(model: Model, grid: Grid) -> float:
    """Bytes that these tiles will take, as far as that is known."""
    prices = model.price[grid]
    return float(np.where(prices > 0, prices, GUESS).sum())


def _run(model: Model, left: Grid, row: int, column: int, limit: int) -> Grid:
    """The tiles from there to the right that hang together and should fit into `limit` bytes."""
    columns = int(left[row, column:].argmin() or left.shape[1] - column)
    prices = model.price[row, column : column + columns]
    costs = np.cumsum(np.where(prices > 0, prices, GUESS))
    found = np.zeros_like(left)
    found[row, column : column + min(columns, max(1, int(np.searchsorted(costs, limit))))] = True
    return found


def halves(area: Area) -> tuple[Area, Area] | None:
    """Both parts of a rectangle, each of whole tiles where the rectangle was; None for one within a tile."""
    x, y, w, h = area
    column, row = x // TILE, y // TILE
    columns, rows = -(-(x + w) // TILE) - column, -(-(y + h) // TILE) - row
    if columns > 1:
        cut = (column + columns // 2) * TILE - x
        return (x, y, cut, h), (x + cut, y, w - cut, h)
    if rows > 1:
        cut = (row + rows // 2) * TILE - y
        return (x, y, w, cut), (x, y + cut, w, h - cut)
    return None
