"""What the console shows beside what the desktop shows, tile by tile: what differs, what is lossy, what moves.

Counterparts: `chooser.py` decides from it what is sent, and tells it what was.  Pure but for numpy's memory.  It trusts
nothing but the comparison: whatever was guessed wrong (a motion, an estimate) differs, and is sent.
"""

import numpy as np
from numpy.typing import NDArray

from client_agent.capture.base import Area, Pixels
from client_agent.capture.changes import TILE, Grid, changed_tiles, grid_shape
from client_agent.encode.motion import Motion

HEAT_LIFE = 0.5
"""Seconds in which a tile's heat falls to 1/e; each change adds 1."""
HOT, COLD, HOTTEST = 3.0, 1.2, 8.0
"""Six changes a second heat a tile to `HOT`; below `COLD` it is no moving picture any more."""

COOLING = 0.5
"""What is left of the heat of a tile that a motion explained."""

Figures = NDArray[np.float32]


class Model:
    """One figure a tile in each grid, rows × columns."""

    def __init__(self) -> None:
        self.picture: Pixels | None = None
        self.shown: Pixels | None = None
        self.size = (0, 0)
        self._make_grids(0, 0)

    def _make_grids(self, rows: int, columns: int) -> None:
        self.unknown: Grid = np.ones((rows, columns), np.bool_)
        """`shown` holds nothing there yet."""
        self.dirty: Grid = np.ones((rows, columns), np.bool_)
        self.fresh: Grid = np.ones((rows, columns), np.bool_)
        """Changed with the last look."""
        self.lossy: Grid = np.zeros((rows, columns), np.bool_)
        self.hot: Grid = np.zeros((rows, columns), np.bool_)
        """A part of a moving picture."""
        self.heat: Figures = np.zeros((rows, columns), np.float32)
        self.price: Figures = np.zeros((rows, columns), np.float32)
        """Bytes that its last exact change came to, or would come to; 0: not known."""
        self.changed_at = np.zeros((rows, columns), np.float64)
        self._looked_at = 0.0

    def look(self, picture: Pixels, damage: tuple[Area, ...], now: float) -> bool:
        """Take a picture that differs from the last one within `damage` only; whether it begins anew."""
        height, width = picture.shape[:2]
        self.picture = picture
        anew = self.shown is None or self.shown.shape != picture.shape
        if anew:
            self.shown = np.empty_like(picture)
            self.size = (width, height)
            self._make_grids(*grid_shape(width, height))
            self.changed_at[:] = now
            self._looked_at = now
            return True
        touched = self._touched(damage)
        rows = np.flatnonzero(touched.any(axis=1))
        if rows.size:
            self._compare(int(rows[0]), int(rows[-1]) + 1)
        self.fresh = self.dirty & touched
        return False

    def count(self, now: float) -> None:
        """What is fresh has changed now: heat and time, once a look, when its motions are taken out."""
        self.heat *= float(np.exp((self._looked_at - now) / HEAT_LIFE))
        self._looked_at = now
        self.heat[self.fresh] = np.minimum(self.heat[self.fresh] + 1, HOTTEST)
        self.changed_at[self.fresh] = now

    def _touched(self, damage: tuple[Area, ...]) -> Grid:
        touched = np.zeros_like(self.dirty)
        for x, y, w, h in damage:
            touched[y // TILE : -(-(y + h) // TILE), x // TILE : -(-(x + w) // TILE)] = True
        return touched

    def _compare(self, first: int, end: int) -> None:
        """Rows of tiles `first` to before `end`."""
        assert self.picture is not None
        assert self.shown is not None
        changed = changed_tiles(self.shown, self.picture, first * TILE, end * TILE)
        self.dirty[first:end] = changed[first:end] | self.unknown[first:end]

    def move(self, motion: Motion, now: float) -> None:
        """The console copies: what it shows, and what is lossy of it, moves."""
        assert self.shown is not None
        (x, y, w, h), dx, dy = motion
        moved = self.shown[y - dy : y - dy + h, x - dx : x - dx + w].copy()
        lossy = self.lossy.copy()
        columns = range(x // TILE, -(-(x + w) // TILE))
        for row in range(y // TILE, -(-(y + h) // TILE)):
            for column in columns if lossy.any() else ():
                left, top = max(x, column * TILE) - dx, max(y, row * TILE) - dy
                right, bottom = min(x + w, (column + 1) * TILE) - dx, min(y + h, (row + 1) * TILE) - dy
                source = lossy[top // TILE : -(-bottom // TILE), left // TILE : -(-right // TILE)]
                self.lossy[row, column] |= bool(source.any())
        self.shown[y : y + h, x : x + w] = moved
        first, end = y // TILE, -(-(y + h) // TILE)
        copied = self._touched((motion.area,))
        self.changed_at[copied] = now
        self._compare(first, end)
        self.heat[copied & ~self.dirty] *= COOLING
        self.fresh[first:end] = self.dirty[first:end] & (self.fresh | copied)[first:end]

    def sent(self, area: Area, lossy: bool) -> None:
        """The console will show the picture there; `area` in tiles: column, row, columns, rows."""
        assert self.picture is not None
        assert self.shown is not None
        column, row, columns, rows = area
        pixels = np.s_[row * TILE : (row + rows) * TILE, column * TILE : (column + columns) * TILE]
        self.shown[pixels] = self.picture[pixels]
        tiles = np.s_[row : row + rows, column : column + columns]
        self.lossy[tiles] = lossy
        self.dirty[tiles] = self.unknown[tiles] = False

    def rested(self, now: float, seconds: float) -> Grid:
        """Lossy tiles that have been still for so long."""
        return self.lossy & ~self.dirty & (now - self.changed_at >= seconds)

    def knows_around(self, area: Area) -> bool:
        """Whether `shown` holds something everywhere in a rectangle of pixels."""
        return not self.unknown.any() or not (self.unknown & self._touched((area,))).any()
