"""What the console shows beside what the desktop shows and showed, tile by tile: what differs, is lossy, moves.

Counterparts: `chooser.py` decides from it what is sent, and tells it what was.  Pure but for numpy's memory.  It trusts
nothing but the comparison: whatever was guessed wrong (a motion, an estimate) differs, and is sent.
"""

import numpy as np
from numpy.typing import NDArray

from client_agent.capture.base import Area, Pixels
from client_agent.capture.changes import TILE, Grid, changed_tiles, grid_shape
from client_agent.encode.motion import Motion
from client_agent.encode.regions import touched

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
        self.before: Pixels | None = None
        """The picture of the last look: what has changed since is fresh, whether or not the console ever had it."""
        self.shown: Pixels | None = None
        self.size = (0, 0)
        self._make_grids(0, 0)

    def _make_grids(self, rows: int, columns: int) -> None:
        self.unknown: Grid = np.ones((rows, columns), np.bool_)
        """`shown` holds nothing there yet."""
        self.dirty: Grid = np.ones((rows, columns), np.bool_)
        self.fresh: Grid = np.ones((rows, columns), np.bool_)
        """Changed with the last look, and no motion explains it."""
        self.lossy: Grid = np.zeros((rows, columns), np.bool_)
        self.hot: Grid = np.zeros((rows, columns), np.bool_)
        """A part of a moving picture."""
        self.heat: Figures = np.zeros((rows, columns), np.float32)
        self.price: Figures = np.zeros((rows, columns), np.float32)
        """Bytes that its last exact change came to, or would come to; 0: not known."""
        self.changed_at = np.zeros((rows, columns), np.float64)
        self._stale: Grid = np.zeros((rows, columns), np.bool_)
        """Where `before` is not the picture yet."""
        self._looked_at = 0.0

    def look(self, picture: Pixels, damage: tuple[Area, ...], now: float) -> bool:
        """Take a picture that differs from the last one within `damage` only; whether it begins anew."""
        height, width = picture.shape[:2]
        anew = self.shown is None or self.shown.shape != picture.shape
        if anew:
            self.shown, self.before, self.picture = np.empty_like(picture), picture.copy(), picture
            self.size = (width, height)
            self._make_grids(*grid_shape(width, height))
            self.changed_at[:] = now
            self._looked_at = now
            return True
        self.picture = picture
        self.fresh = self._unlike(self.before, self._touched(damage))
        self._stale = self.fresh.copy()
        self._compare(self.fresh)
        return False

    def count(self, followed: Grid, now: float) -> None:
        """What is fresh has changed now: heat and time, once a look, when its motions are taken out.  What they leave
        over where they are `followed` heats nothing: it is no moving picture."""
        self.heat *= float(np.exp((self._looked_at - now) / HEAT_LIFE))
        self._looked_at = now
        heated = self.fresh & ~followed
        self.heat[heated] = np.minimum(self.heat[heated] + 1, HOTTEST)
        self.changed_at[self.fresh] = now
        self._keep()

    def _keep(self) -> None:
        """The picture is the last one from now on."""
        assert self.picture is not None
        assert self.before is not None
        for row in np.flatnonzero(self._stale.any(axis=1)):
            columns = np.flatnonzero(self._stale[row])
            # No tile between them: it may show already what nothing has said of it yet.
            for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
                part = np.s_[row * TILE : (row + 1) * TILE, run[0] * TILE : (run[-1] + 1) * TILE]
                self.before[part] = self.picture[part]
        self._stale[:] = False

    def _touched(self, damage: tuple[Area, ...]) -> Grid:
        found = np.zeros_like(self.dirty)
        for area in damage:
            found[touched(area)] = True
        return found

    def _unlike(self, other: Pixels | None, tiles: Grid) -> Grid:
        """Those of `tiles` in which the picture is unlike another one."""
        assert self.picture is not None
        assert other is not None
        rows = np.flatnonzero(tiles.any(axis=1))
        if not rows.size:
            return np.zeros_like(tiles)
        return changed_tiles(other, self.picture, int(rows[0]) * TILE, (int(rows[-1]) + 1) * TILE) & tiles

    def _compare(self, tiles: Grid) -> None:
        """Which of them the console does not show as they are."""
        self.dirty[tiles] = (self._unlike(self.shown, tiles) | self.unknown)[tiles]

    def move(self, motion: Motion, now: float) -> None:
        """The console copies: what it shows, and what is lossy of it, moves."""
        assert self.shown is not None
        assert self.before is not None
        (x, y, w, h), dx, dy, _ = motion
        lossy = self.lossy.copy()
        columns = range(x // TILE, -(-(x + w) // TILE))
        for row in range(y // TILE, -(-(y + h) // TILE)):
            for column in columns if lossy.any() else ():
                left, top = max(x, column * TILE) - dx, max(y, row * TILE) - dy
                right, bottom = min(x + w, (column + 1) * TILE) - dx, min(y + h, (row + 1) * TILE) - dy
                source = lossy[top // TILE : -(-bottom // TILE), left // TILE : -(-right // TILE)]
                self.lossy[row, column] |= bool(source.any())
        for pixels in (self.shown, self.before):
            pixels[y : y + h, x : x + w] = pixels[y - dy : y - dy + h, x - dx : x - dx + w].copy()
        copied = self._touched((motion.area,))
        self.changed_at[copied] = now
        self._compare(copied)
        unexplained = self._unlike(self.before, copied)
        self.heat[copied & ~unexplained] *= COOLING
        self.fresh = (self.fresh & ~copied) | unexplained
        self._stale |= copied

    def sent(self, area: Area, lossy: bool) -> None:
        """The console will show the picture in a rectangle of pixels.  A tile of which it is only a part stays unknown,
        or lossy, if it was."""
        assert self.picture is not None
        assert self.shown is not None
        x, y, w, h = area
        self.shown[y : y + h, x : x + w] = self.picture[y : y + h, x : x + w]
        right, bottom = x + w, y + h
        end_column = right // TILE if right < self.size[0] else self.dirty.shape[1]
        end_row = bottom // TILE if bottom < self.size[1] else self.dirty.shape[0]
        whole = np.s_[-(-y // TILE) : end_row, -(-x // TILE) : end_column]
        self.unknown[whole] = self.lossy[whole] = False
        within = touched(area)
        if lossy:
            self.lossy[within] = True
        self.dirty[whole] = False
        if self.dirty[within].any():
            self.dirty[within] &= self._differing(within) | self.unknown[within]

    def _differing(self, tiles: tuple[slice, slice]) -> Grid:
        """Which of a rectangle of tiles differ from what is shown."""
        assert self.picture is not None
        assert self.shown is not None
        differ = self.differs(tuple(slice(part.start * TILE, part.stop * TILE) for part in tiles))
        across = np.logical_or.reduceat(differ, np.arange(0, differ.shape[1], TILE), axis=1)
        found: Grid = np.logical_or.reduceat(across, np.arange(0, differ.shape[0], TILE), axis=0)
        return found

    def differs(self, pixels: tuple[slice, ...]) -> NDArray[np.bool_]:
        """Which pixels of a rectangle (lines, columns) the console shows otherwise."""
        assert self.picture is not None
        assert self.shown is not None
        differ: NDArray[np.bool_] = (
            self.shown[pixels].view(np.uint32)[..., 0] != self.picture[pixels].view(np.uint32)[..., 0]
        )
        return differ

    def rested(self, now: float, seconds: float) -> Grid:
        """Lossy tiles that have been still for so long."""
        return self.lossy & ~self.dirty & (now - self.changed_at >= seconds)

    def knows_around(self, area: Area) -> bool:
        """Whether `shown` holds something everywhere in a rectangle of pixels."""
        return not self.unknown.any() or not (self.unknown & self._touched((area,))).any()
