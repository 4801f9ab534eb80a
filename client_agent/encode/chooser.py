"""The agent's encoder: what goes first, and as what.

    1  what moved       a copy of what the console shows already (`moving.py`)
    2  small changes    exact tiles, at once, ahead of everything
    3  beside motions   what they leave over, exact
    4  moving pictures  what changes all the time and would be dear as tiles: video (`film.py`)
    5  large changes    exact tiles; video first where the line would need more than a second for them
    6  at rest          lossy tiles again, exact

Counterpart: the console draws the messages in their order.  Nothing is ever kept: the model says what is still to go.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from client_agent.capture.base import Area, Pixels
from client_agent.capture.changes import TILE, Grid
from client_agent.encode import tiles
from client_agent.encode.base import Encoder, ScreenMessage, Sending
from client_agent.encode.cutting import SCATTERED, Cutter, cost, halves
from client_agent.encode.film import Film
from client_agent.encode.model import COLD, HOT, HOTTEST, Model
from client_agent.encode.moving import LEAST, Regions
from client_agent.encode.pacer import Line
from client_agent.encode.regions import clusters, grown, touched
from protocol import inner
from protocol.inner import VideoCodec

MESSAGE = 60_000
"""Bytes of tile data in one message at most: it fits `limits.FRAME_PAYLOAD` with its headers."""
CHUNK, LEAST_CHUNK = 0.08, 1_500
"""Seconds of the line that one message may take, and the bytes that it may have on any."""
TOLERANCE = 1.3
"""By so much a tile may be larger than it was estimated before it is cut in two."""
URGENT, LEAST_URGENT, MOST_URGENT = 0.025, 2_500, 32_000
"""A change that takes the line no longer, in seconds, is small; one of few bytes always, one of many never."""
DEAR, MOST = 0.04, 32_000
"""Moving tiles that cost more at every change, in seconds of the line or in bytes, are sent as video."""
PATIENCE, PHOTO = 1.0, 1_500
"""Seconds of the line from which on a large change is shown as video first, where a tile takes so many bytes: text does
not, and video would hardly be sooner there."""
REST = 0.3
"""Seconds without change after which lossy tiles are made exact."""
SLOW, SOON = 2_500_000, 0.01
"""Bytes per second under which bytes are dearer than time, and seconds of such a line that are not."""
MANY, APPRAISE_AGAIN = 8, 0.3
"""Changed tiles whose price is estimated beforehand, at most so often (seconds)."""
HANG_TOGETHER = 2
"""Tiles that changed so near each other are taken for one region."""
_QUALITY, _SLOW_QUALITY = 80, 55


class _Made(NamedTuple):
    """A tile, where it is and whether it is lossy."""

    tile: inner.Tile
    area: Area
    lossy: bool

    @property
    def size(self) -> int:
        return len(self.tile.data) + tiles.OVERHEAD

    @property
    def pixels(self) -> int:
        return self.area[2] * self.area[3]


class ScreenEncoder(Encoder):
    """Made for one session; used from one thread."""

    def __init__(self, film: Film | None = None) -> None:
        self._film_stream = film or Film()
        self._model = Model()
        self._restart()
        self._frame = 0
        self._monitors: tuple[Area, ...] = ()
        self._sending: Sending = "nothing"

    def _restart(self) -> None:
        self._model.shown = self._model.picture = None
        self._appraised_at = float("-inf")
        self._restart_grids()
        self._size_due = False

    def _restart_grids(self) -> None:
        self._size_due = True
        self._film_stream.stop()  # the console's ends with the old size
        self._regions, self._cutter = Regions(), Cutter()
        nothing = np.zeros_like(self._model.dirty)
        self._film, self._followed, self._urgent = nothing.copy(), nothing.copy(), nothing.copy()
        """Tiles that go as video; those in which a motion is followed exactly; those of small changes."""
        self._copies: list[inner.Tile] = []
        self._pieces: list[inner.VideoStart | inner.Video] = []
        self._held: tuple[str, _Made] | None = None
        """A tile that did not fit the last message, and what kind of message that was."""

    def restart(self) -> None:
        self._restart()

    def decodes(self, codecs: tuple[VideoCodec, ...]) -> None:
        self._film_stream.decodes(codecs)
        self._film[:] = False

    @property
    def sending(self) -> Sending:
        return self._sending

    # Looking ---------------------------------------------------------------------------------------------------------

    def look(
        self, picture: Pixels, damage: tuple[Area, ...], monitors: tuple[Area, ...], line: Line, now: float
    ) -> None:
        if monitors != self._monitors:
            self._monitors = monitors
            self._restart()
        self._held = None
        self._frame += 1
        if self._model.look(picture, damage, now):
            self._restart_grids()
        elif not self._pieces:
            self._take_motions_out(line, now)
        self._model.count(self._followed, now)
        self._appraise(line, now)
        self._choose(line, now)

    def _take_motions_out(self, line: Line, now: float) -> None:
        """What the console can copy is not sent."""
        model = self._model
        self._regions.forget(now)
        if int(model.fresh.sum()) < LEAST:
            return
        width, height = model.size
        copied = sum(copy.w * copy.h for copy in self._copies)
        for cluster in clusters(model.fresh, HANG_TOGETHER):
            if copied >= width * height:  # a console takes no message that draws the screen many times
                return
            if int(cluster.sum()) < LEAST:
                continue
            motion = self._regions.around(cluster, now).follow(model, self._film, line, now)
            if motion is not None:
                x, y, w, h = motion.area
                copied += w * h
                self._copies.append(tiles.copy_tile(motion.area, x - motion.dx, y - motion.dy))
                model.move(motion, now)

    def _appraise(self, line: Line, now: float) -> None:
        """Estimate what large changes would cost as exact tiles, a row of tiles at a time."""
        model = self._model
        wanted = model.fresh & ~self._film
        if int(wanted.sum()) < wanted.size // 4:
            wanted &= model.price == 0
        if int(wanted.sum()) < MANY or now < self._appraised_at + APPRAISE_AGAIN:
            return
        assert model.picture is not None
        self._appraised_at = now
        for row in np.flatnonzero(wanted.any(axis=1)):
            columns = np.flatnonzero(wanted[row])
            band = model.picture[row * TILE : (row + 1) * TILE, columns[0] * TILE : (columns[-1] + 1) * TILE]
            cost = tiles.price(band)
            if line.rate < SLOW:
                cost *= 0.4 if cost < tiles.DEAR * band.shape[0] * band.shape[1] * 3 else 0.8
            model.price[row, columns] = max(1.0, cost / (columns[-1] + 1 - columns[0]))

    def _choose(self, line: Line, now: float) -> None:
        """Which tiles are followed, which go as video, and which changes are small."""
        model = self._model
        film, followed = np.zeros_like(model.dirty), self._followed & model.dirty
        for region in self._regions:
            followed &= ~region.tiles
        for region in self._regions:
            if region.followed(line, cost(model, region.tiles & model.dirty), now):
                followed |= region.tiles
        if self._film_stream.able:
            waiting = model.dirty & ~self._film & ~followed
            if cost(model, waiting) > PATIENCE * line.rate:
                model.heat[waiting & (model.price > PHOTO)] = HOTTEST / 2
            model.hot = (model.hot & (model.heat > COLD)) | (model.heat > HOT)
            dear = min(DEAR * line.rate, MOST)
            for cluster in clusters(model.hot):
                goes_on = bool((cluster & self._film).any())
                if not (cluster & followed).any() and cost(model, cluster) > dear * (0.5 if goes_on else 1.0):
                    film |= cluster | (grown(cluster) & model.fresh)  # what moves is not torn at its edge
        film &= ~followed
        self._film, self._followed = film, followed
        self._urgent &= model.dirty & ~film & ~followed
        self._urgent |= self._small(model.fresh & model.dirty & ~film & ~followed, line)

    def _small(self, changed: Grid, line: Line) -> Grid:
        """The small ones of some changes, as many as take the line no longer than one may."""
        found = np.zeros_like(changed)
        left = max(LEAST_URGENT, min(MOST_URGENT, URGENT * line.rate))
        each = clusters(changed) if int(changed.sum()) < SCATTERED else iter([changed])
        for price, _, one in sorted((cost(self._model, one), number, one) for number, one in enumerate(each)):
            left -= price
            if left < 0:
                break
            found |= one
        return found

    def look_at(self, damage: tuple[Area, ...], now: float) -> float:
        due = float("inf")
        for area in damage:
            within = touched(area)
            if self._film.size and self._film[within].all():
                due = min(due, self._film_stream.next_at)
            elif region := next((one for one in self._regions if one.near[within].all()), None):
                due = min(due, region.next_at)
            else:
                return now
        return max(now, due) if damage else now

    def due_at(self, now: float) -> float:
        model = self._model
        if model.picture is None:
            return float("inf")
        if self._size_due or self._copies or self._pieces or (model.dirty & ~self._film).any():
            return now
        due = float("inf")
        if (model.dirty & self._film).any():
            due = self._film_stream.next_at
        if (still := model.lossy & ~model.dirty).any():
            due = min(due, float(model.changed_at[still].min()) + REST)
        return due

    # Giving ----------------------------------------------------------------------------------------------------------

    def next(self, line: Line, now: float) -> ScreenMessage | None:
        model = self._model
        if model.picture is None:
            return None
        if self._size_due:
            self._size_due = False
            width, height = model.size
            monitors = tuple(inner.Area(x=x, y=y, w=w, h=h) for x, y, w, h in self._monitors)
            return inner.ScreenSize(width=width, height=height, monitors=monitors)
        if self._pieces:
            return self._pieces.pop(0)
        if line.spare > 0 and self._urgent.any():
            return self._tile_message("small", self._urgent, line)
        rest = model.dirty & ~self._film
        beside = bool((rest & self._followed).any())
        if self._copies and (line.room <= 0 or not beside):
            copies, self._copies = tuple(self._copies), []
            return self._tiles(copies, "exact")
        if line.room <= 0:
            return None
        if beside:  # with all else that waits, in turn
            return self._tile_message("beside", rest, line)
        moving = model.dirty & self._film
        if now >= self._film_stream.next_at and moving.any():
            self._pieces = self._film_stream.picture(model, moving, line, now)
            if self._pieces:
                self._sending = "video"
                return self._pieces.pop(0)
            self._film[:] = False  # tiles, then
        if (bulk := model.dirty & ~self._film).any():
            return self._tile_message("large", bulk, line)
        if (still := model.rested(now, REST)).any():
            return self._tile_message("still", still, line)
        return None

    def _tiles(self, given: tuple[inner.Tile, ...], what: Sending) -> inner.Tiles:
        self._sending = what
        return inner.Tiles(frame=self._frame, last=not self._model.unknown.any(), tiles=given)

    def _tile_message(self, kind: str, wanted: Grid, line: Line) -> inner.Tiles:
        """The copies that wait, then rectangles of `wanted` until the message is full, of bytes or of the screen's
        pixels; the model is told what went in.  Only a large change may be lossy at first, only what is still goes
        whole."""
        limit = int(min(MESSAGE, max(LEAST_CHUNK, CHUNK * line.rate)))
        room = min(limit, max(LEAST_CHUNK, line.spare))
        given, self._copies = self._copies, []
        width, height = self._model.size
        size, left, lossy = 0, width * height, False
        for made in self._made(kind, wanted, line, limit):
            left -= made.pixels
            if size and (size + made.size > room or left < 0):
                self._held = kind, made
                break
            given.append(made.tile)
            self._sent(made)
            size, lossy = size + made.size, lossy or made.lossy
        self._urgent &= self._model.dirty
        return self._tiles(tuple(given), "photo" if lossy else "exact")

    def _made(self, kind: str, wanted: Grid, line: Line, limit: int) -> Iterator[_Made]:
        """Tiles, the one first that the last such message had no room for.  A rectangle, or a part of one, in which
        nothing is to be sent any more is none."""
        model, still = self._model, kind == "still"
        unsent = model.lossy if still else model.dirty
        wanted = wanted & unsent

        def waits(area: Area) -> bool:
            within = touched(area)
            return bool((wanted[within] & unsent[within]).any())

        (of, held), self._held = self._held or ("", None), None
        if held is not None and of == kind and waits(held.area):
            yield held
        todo: deque[Area] = deque()
        for area in self._cutter.areas(model, wanted, limit, still):
            todo.append(area)
            while todo:
                if not waits(todo[0]):
                    todo.popleft()
                elif waits((made := self._encode(todo, line, kind != "large", limit)).area):
                    yield made

    def _sent(self, made: _Made) -> None:
        within = touched(made.area)
        if not made.lossy:
            self._model.price[within] = max(1.0, made.size / self._model.price[within].size)
        if self._followed[within].any():
            for region in self._regions:
                if region.tiles[within].any():
                    region.sent(made.pixels, made.size)
        self._model.sent(made.area, made.lossy)

    def _encode(self, todo: deque[Area], line: Line, exact: bool, limit: int) -> _Made:
        """The first of those rectangles, or as much of it as fits into a message: the rest comes next."""
        model = self._model
        assert model.picture is not None
        dense = line.rate < SLOW
        enough = SOON * line.rate if dense else float("inf")
        while True:
            area = todo.popleft()
            tile = None
            if not exact and not (dense and self._film_stream.able):
                tile = tiles.photo_tile(model.picture, area, _SLOW_QUALITY if dense else _QUALITY)
            made = _Made(tile or tiles.exact_tile(model.picture, area, enough), area, tile is not None)
            parts = halves(area) if made.size > min(MESSAGE, TOLERANCE * limit) else None
            if parts is None:
                return made
            todo.extendleft(reversed(parts))
