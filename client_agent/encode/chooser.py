"""The agent's encoder: what goes first, and as what.

    1  what moved       a copy of what the console shows already (`motion.py`)
    2  small changes    exact tiles, at once, ahead of everything
    3  moving pictures  what changes all the time and would be dear as tiles: video (`film.py`)
    4  large changes    exact tiles; video first where the line would need more than a second for them
    5  at rest          lossy tiles again, exact

Counterpart: the console draws the messages in their order.  Nothing is ever kept: the model says what is still to go.
"""

from collections import deque

import numpy as np

from client_agent.capture.base import Area, Pixels
from client_agent.capture.changes import TILE, Grid, bounds, rectangles
from client_agent.encode import tiles
from client_agent.encode.base import Encoder, ScreenMessage, Sending
from client_agent.encode.film import Film
from client_agent.encode.model import COLD, HOT, HOTTEST, Model
from client_agent.encode.motion import WORTH, find_motion
from client_agent.encode.pacer import Line
from client_agent.encode.regions import box, clusters, pixels
from protocol import inner
from protocol.inner import VideoCodec

MESSAGE = 60_000
"""Bytes of tile data in one message at most: it fits `limits.FRAME_PAYLOAD` with its headers."""
CHUNK, LEAST_CHUNK = 0.08, 1_500
"""Seconds of the line that one message may take, and the bytes that it may have on any."""
SPARSE = 5
"""A rectangle with so many times as many pixels as have changed in it is cut in two: it has a hole."""
TOLERANCE = 1.3
"""By so much a tile may be larger than it was estimated before it is cut in two."""
URGENT, LEAST_URGENT, MOST_URGENT = 0.025, 2_500, 32_000
"""A change that takes the line no longer, in seconds, is small; one of few bytes always, one of many never."""
DEAR, MOST = 0.04, 32_000
"""Moving tiles that cost more at every change, in seconds of the line or in bytes, are sent as video."""
PATIENCE = 1.0
"""Seconds of the line from which on a large change is shown as video first."""
REST = 0.3
"""Seconds without change after which lossy tiles are made exact."""
SLOW = 2_500_000
"""Bytes per second under which bytes are dearer than time."""
GUESS = 300.0
"""Bytes of a changed tile, until one is known."""
MANY, APPRAISE_AGAIN = 8, 0.3
"""Changed tiles whose price is estimated beforehand, at most so often (seconds)."""
MOVED = 8
"""Changed tiles from which on it pays to look for a motion."""
SEARCH_AGAIN = 0.3
"""Seconds after which a motion is looked for again, at most, however often there was none."""
FILM_WORTH = 0.9
"""The share of what changed that a motion must explain to be taken for one where there is a moving picture."""
MOTION_MEMORY, AFFORDABLE = 0.6, 0.95
"""Seconds over which it is counted what motions leave over, and the share of the line that this may take."""
_QUALITY, _SLOW_QUALITY = 80, 55


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
        self._film: Grid = np.zeros((0, 0), np.bool_)
        """Tiles that go as video."""
        self._urgent: Grid = np.zeros((0, 0), np.bool_)
        self._size_due = False
        self._copies: list[inner.Tile] = []
        self._pieces: list[inner.VideoStart | inner.Video] = []
        self._held: tuple[inner.Tile, Area, bool] | None = None
        """A tile that did not fit the last message, with its place and whether it is lossy."""
        self._hints: tuple[tuple[int, int], ...] = ()
        self._motion_misses, self._motion_at = 0, 0.0
        self._moving: Grid = np.zeros((0, 0), np.bool_)
        """Tiles in and around what the console copied last."""
        self._moved_at = float("-inf")
        self._left_over: deque[tuple[float, float]] = deque()
        """When something was sent that a motion did not explain, and its bytes."""
        self._appraised_at = float("-inf")
        self._first_row = 0
        self._film_stream.stop()

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
        model = self._model
        if model.look(picture, damage, now):
            self._restart_grids()
        elif model.fresh.any():
            self._take_motion_out(now)
        model.count(now)
        self._appraise(line, now)
        self._choose(line, now)

    def _restart_grids(self) -> None:
        self._size_due = True
        self._film, self._urgent = np.zeros_like(self._model.dirty), np.zeros_like(self._model.dirty)
        self._copies, self._pieces, self._first_row = [], [], 0
        self._moving, self._moved_at, self._hints = np.zeros_like(self._model.dirty), float("-inf"), ()
        self._film_stream.stop()  # the console's ends with the old size

    def _take_motion_out(self, now: float) -> None:
        """What the console can copy is not sent; a search that fails is not repeated at once."""
        model = self._model
        sought = model.fresh
        if now < self._motion_at or int(sought.sum()) < MOVED or self._pieces:
            return
        around = box(sought)
        assert around is not None
        area = pixels(around, model.size)
        if not model.knows_around(area):
            return
        assert model.shown is not None
        assert model.picture is not None
        is_film = int((sought & self._film).sum()) * 2 > int(sought.sum())
        motion = find_motion(model.shown, model.picture, area, self._hints, FILM_WORTH if is_film else WORTH)
        if motion is None:
            self._motion_misses += 1
            self._motion_at = now + min(SEARCH_AGAIN, 0.02 * 2**self._motion_misses)
            return
        self._motion_misses, self._motion_at = 0, 0.0
        self._hints = ((motion.dx, motion.dy),)
        x, y, _, _ = motion.area
        self._copies.append(tiles.copy_tile(motion.area, x - motion.dx, y - motion.dy))
        model.move(motion, now)
        self._moving, self._moved_at = sought, now

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

    def _cost(self, grid: Grid) -> float:
        prices = self._model.price[grid]
        return float(np.where(prices > 0, prices, GUESS).sum())

    def _follows(self, line: Line, now: float) -> bool:
        """Whether something is moving whose new parts the line carries exactly."""
        while self._left_over and self._left_over[0][0] < now - MOTION_MEMORY:
            self._left_over.popleft()
        left_over = sum(cost for _, cost in self._left_over)
        return now - self._moved_at < MOTION_MEMORY / 2 and left_over < AFFORDABLE * line.rate * MOTION_MEMORY

    def _choose(self, line: Line, now: float) -> None:
        """Which tiles go as video, and which changes are small."""
        model, film = self._model, np.zeros_like(self._model.dirty)
        if self._film_stream.able:
            waiting = model.dirty & ~self._film
            if self._cost(waiting) > PATIENCE * line.rate:
                model.heat[waiting] = HOTTEST / 2
            model.hot = (model.hot & (model.heat > COLD)) | (model.heat > HOT)
            dear = min(DEAR * line.rate, MOST)
            follows = self._follows(line, now)
            for cluster in clusters(model.hot):
                if follows and (cluster & self._moving).any():
                    continue
                goes_on = bool((cluster & self._film).any())
                if self._cost(cluster) > dear * (0.5 if goes_on else 1.0):
                    film |= cluster
        self._film = film
        self._urgent &= model.dirty & ~film
        small = model.fresh & ~film
        if self._cost(small) <= max(LEAST_URGENT, min(MOST_URGENT, URGENT * line.rate)):
            self._urgent |= small

    def look_at(self, damage: tuple[Area, ...], now: float) -> float:
        if not self._film.any():
            return now
        for x, y, w, h in damage:
            if not self._film[y // TILE : -(-(y + h) // TILE), x // TILE : -(-(x + w) // TILE)].all():
                return now
        return max(now, self._film_stream.next_at)

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
        if self._copies:
            copies, self._copies = tuple(self._copies), []
            return self._tiles(copies, "exact")
        if self._pieces:
            return self._pieces.pop(0)
        if line.spare > 0 and self._urgent.any():
            return self._tile_message(self._urgent, line, now, exact=True)
        if line.room <= 0:
            return None
        moving = model.dirty & self._film
        if now >= self._film_stream.next_at and moving.any():
            self._pieces = self._film_stream.picture(model, moving, line, now)
            if self._pieces:
                self._sending = "video"
                return self._pieces.pop(0)
            self._film[:] = False  # tiles, then
        if (bulk := model.dirty & ~self._film).any():
            return self._tile_message(bulk, line, now, exact=False)
        if (still := model.rested(now, REST)).any():
            return self._tile_message(still, line, now, exact=True)
        return None

    def _tiles(self, given: tuple[inner.Tile, ...], what: Sending) -> inner.Tiles:
        self._sending = what
        return inner.Tiles(frame=self._frame, last=not self._model.unknown.any(), tiles=given)

    def _tile_message(self, wanted: Grid, line: Line, now: float, exact: bool) -> inner.Tiles | None:
        """Rectangles of `wanted` until the message is full; the model is told what went in."""
        limit = int(min(MESSAGE, max(LEAST_CHUNK, CHUNK * line.rate)))
        given: list[inner.Tile] = []
        left, size, lossy = wanted.copy(), 0, False
        while True:
            if self._held is None and (place := self._place(left, limit)):
                self._held = self._encode(place, line, exact, limit)
            if self._held is None:
                break
            tile, place, photo = self._held
            cost = len(tile.data) + tiles.OVERHEAD
            if given and size + cost > limit:
                break
            self._held = None
            given.append(tile)
            size, lossy = size + cost, lossy or photo
            column, row, columns, rows = place
            within = np.s_[row : row + rows, column : column + columns]
            if not photo:
                self._model.price[within] = max(1.0, cost / (rows * columns))
            if now - self._moved_at < MOTION_MEMORY and self._moving[within].any():
                self._left_over.append((now, cost))
            self._model.sent(place, photo)
            left[within] = self._urgent[within] = False
        return self._tiles(tuple(given), "photo" if lossy else "exact") if given else None

    def _place(self, left: Grid, limit: int) -> Area | None:
        """The next rectangle of tiles (column, row, columns, rows) that should fit into `limit` bytes, going round the
        screen: a slow line never starves its lower half."""
        rows = np.flatnonzero(left.any(axis=1))
        if not rows.size:
            return None
        later = rows[rows >= self._first_row]
        row = int(later[0] if later.size else rows[0])
        self._first_row = row
        _, column, _, columns = next(rectangles(left[row : row + 1], left.shape[1], 1))
        prices = self._model.price[row, column : column + columns]
        costs = np.cumsum(np.where(prices > 0, prices, GUESS))
        fitting = max(1, int(np.searchsorted(costs, limit)))
        return column, row, min(columns, fitting), 1

    def _encode(self, place: Area, line: Line, exact: bool, limit: int) -> tuple[inner.Tile, Area, bool]:
        """One rectangle as a tile that fits a message; only what differs of it, where that is known."""
        model = self._model
        assert model.picture is not None
        assert model.shown is not None
        column, row, columns, rows = place
        area, within = pixels(place, model.size), np.s_[row : row + rows, column : column + columns]
        if not model.lossy[within].any() and not model.unknown[within].any():
            area, pixels_changed = bounds(model.shown, model.picture, area) or (area, area[2] * area[3])
            if columns > 1 and pixels_changed * SPARSE < area[2] * area[3]:
                return self._encode((column, row, columns // 2, rows), line, exact, limit)
        dense = line.rate < SLOW
        tile = None
        if not exact and not (dense and self._film_stream.able):
            tile = tiles.photo_tile(model.picture, area, _SLOW_QUALITY if dense else _QUALITY)
        photo = tile is not None
        tile = tile or tiles.exact_tile(model.picture, area, dense)
        if len(tile.data) + tiles.OVERHEAD > min(MESSAGE, TOLERANCE * limit) and columns > 1:
            return self._encode((column, row, columns // 2, rows), line, exact, limit)
        return tile, place, photo
