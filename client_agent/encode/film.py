"""The one stream of moving pictures: where it is on the screen, what goes into it, and its pieces as messages.

Counterparts: `chooser.py` says which tiles move; `video.py` codes them; the console decodes them with WebCodecs.  A
stream stays where it is as long as what moves lies within it: every new one costs a key picture.
"""

import logging
from collections import deque
from collections.abc import Callable

from client_agent.capture.base import Area
from client_agent.capture.changes import TILE, Grid, bounds, rectangles
from client_agent.encode.model import Model
from client_agent.encode.pacer import Line
from client_agent.encode.regions import box, pixels
from client_agent.encode.video import LARGEST_SIDE, SMALLEST_SIDE, VideoEncoder
from client_agent.errors import EncoderUnavailable
from protocol import inner
from protocol.inner import VideoCodec

log = logging.getLogger(__name__)

SHARE = 0.75
"""Of the line's rate: the rest is for what must be exact."""
MOMENT = 0.08
"""Seconds of the line that no coded picture may take."""
BEST_KBIT, LARGEST = 24_000, 400_000
"""More than that makes no better picture: kbit/s, bytes of one."""
PIECE = 60_000
ROOMY = 4
"""A stream so many times as large as what moves in it, for so long (`STAY` seconds), is made smaller."""
STAY = 2.0
RESTLESS = 3
"""Streams begun within `STAY` from which on the next takes the whole screen."""
AREAS = 200
"""Rectangles that one picture names at most."""

Made = Callable[[VideoCodec, int, int, int, int, int | None], VideoEncoder]


def pace(line: Line) -> int:
    """Pictures a second that suit the line: on a slow one fewer, that can be looked at."""
    kbit = line.rate / 125
    return 10 if kbit < 600 else 18 if kbit < 2_500 else 30


class Film:
    """Nothing here waits.  `make`: an encoder, as `VideoEncoder`'s constructor."""

    def __init__(self, make: Made = VideoEncoder) -> None:
        self._make = make
        self._codecs: tuple[VideoCodec, ...] = ()
        self._encoder: VideoEncoder | None = None
        self._place: Area | None = None
        """In tiles: column, row, columns, rows."""
        self._starts: deque[float] = deque(maxlen=RESTLESS)
        self._snug_at = 0.0
        self._next_at = 0.0
        self._frame = 0

    def decodes(self, codecs: tuple[VideoCodec, ...]) -> None:
        """What the console can draw, the best first."""
        self._codecs = codecs
        self.stop()

    @property
    def able(self) -> bool:
        """Whether moving pictures can be sent."""
        return bool(self._codecs)

    @property
    def next_at(self) -> float:
        """When the next picture may be sent at the earliest, monotonic."""
        return self._next_at

    def stop(self) -> None:
        """The stream is over: the next picture begins another."""
        if self._encoder is not None:
            self._encoder.close()
        self._encoder = self._place = None

    def picture(self, model: Model, moving: Grid, line: Line, now: float) -> list[inner.VideoStart | inner.Video]:
        """The tiles `moving` of the model's picture, coded; the model is told.  Empty where it cannot be done."""
        assert model.picture is not None
        around = box(moving)
        if around is None:
            return []
        fps = pace(line)
        kbit = min(BEST_KBIT, int(line.rate * SHARE / 125))
        largest = min(LARGEST, int(line.rate * MOMENT))
        messages: list[inner.VideoStart | inner.Video] = []
        try:
            if not self._fits(around, now):
                place = self._room_for(around, model.size, now)
                if place is None:
                    return []
                messages.append(self._begin(place, model.size, kbit, fps, largest, now))
            assert self._encoder is not None
            assert self._place is not None
            self._encoder.rate(kbit, largest)
            areas = self._areas(model, moving)
            x, y, w, h = pixels(self._place, model.size)
            dirty = None if messages else [(left - x, top - y, across, down) for left, top, across, down in areas]
            coded = self._encoder.encode(model.picture[y : y + h, x : x + w], dirty, at=now)
        except EncoderUnavailable as failure:
            self._give_up(failure)
            return []
        if coded.rows < h:  # it begins with its upper lines; the others are still to come
            moving = moving.copy()
            moving[(y + coded.rows) // TILE :] = False
            areas = [cut for area in areas if (cut := _above(area, (y + coded.rows) // TILE * TILE))]
        for row, column, rows, columns in rectangles(moving, moving.shape[1], moving.shape[0]):
            model.sent(pixels((column, row, columns, rows), model.size), lossy=True)
        self._next_at = max(self._next_at + 1 / fps, now + 0.5 / fps)
        self._frame += 1
        return messages + self._pieces(coded.data, coded.key, areas)

    def _give_up(self, failure: EncoderUnavailable) -> None:
        """That codec is no more; tiles show everything, if more slowly."""
        codec = self._encoder.codec if self._encoder else self._codecs[0]
        log.warning("%s", failure)
        self._codecs = tuple(one for one in self._codecs if one != codec)
        self.stop()

    def _fits(self, around: Area, now: float) -> bool:
        """Whether the stream that there is can go on."""
        if self._encoder is None or self._place is None or not _within(around, self._place):
            return False
        if self._place[2] * self._place[3] <= ROOMY * around[2] * around[3]:
            self._snug_at = now
        return now - self._snug_at <= STAY

    def _room_for(self, around: Area, size: tuple[int, int], now: float) -> Area | None:
        """Where the next stream is, in tiles: with some room, if it moves about, and as no decoder minds; None where
        tiles have to do."""
        found = [_wide(around, size)]
        if self._starts and len(self._starts) == RESTLESS and now - self._starts[0] < STAY:
            found.insert(0, (0, 0, -(-size[0] // TILE), -(-size[1] // TILE)))
        elif self._place is not None and now - self._snug_at <= STAY:
            found.insert(0, _union(found[0], self._place))
        for place in found:
            _, _, width, height = pixels(place, size)
            if min(width, height) >= SMALLEST_SIDE and max(width, height) <= LARGEST_SIDE:
                return place
        return None

    def _begin(
        self, around: Area, size: tuple[int, int], kbit: int, fps: int, largest: int, now: float
    ) -> inner.VideoStart:
        self.stop()
        place = pixels(around, size)
        self._encoder = self._make(self._codecs[0], place[2], place[3], kbit, fps, largest)
        self._place = around
        self._snug_at = now
        self._starts.append(now)
        width, height = self._encoder.size
        return inner.VideoStart(
            codec=self._encoder.codec, profile=self._encoder.profile, place=_area(place), width=width, height=height
        )

    def _areas(self, model: Model, moving: Grid) -> list[Area]:
        """What the console draws of the picture: no more than what changed, so that what is exact beside it stays."""
        assert model.picture is not None
        assert model.shown is not None
        found: list[Area] = []
        for row, column, rows, columns in rectangles(moving, moving.shape[1], moving.shape[0]):
            area = pixels((column, row, columns, rows), model.size)
            if not model.knows_around(area) or model.lossy[row : row + rows, column : column + columns].all():
                found.append(area)
            elif within := bounds(model.shown, model.picture, area):
                found.append(within[0])
        if len(found) <= AREAS:
            return found
        whole = box(moving)
        assert whole is not None
        return [pixels(whole, model.size)]

    def _pieces(self, data: bytes, key: bool, areas: list[Area]) -> list[inner.VideoStart | inner.Video]:
        cuts = list(range(0, len(data), PIECE)) or [0]
        return [
            inner.Video(
                frame=self._frame, key=key, last=at == cuts[-1], data=data[at : at + PIECE],
                areas=tuple(map(_area, areas)) if at == cuts[-1] else (),
            )
            for at in cuts
        ]  # fmt: skip


def _area(area: Area) -> inner.Area:
    x, y, w, h = area
    return inner.Area(x=x, y=y, w=w, h=h)


def _above(area: Area, line: int) -> Area | None:
    """The part of a rectangle above a line of pixels."""
    x, y, w, h = area
    return (x, y, w, min(h, line - y)) if line > y else None


def _wide(around: Area, size: tuple[int, int]) -> Area:
    """With a tile more to the left or above, where the screen's edge leaves less than a decoder takes."""
    column, row, columns, rows = around
    _, _, width, height = pixels(around, size)
    left, up = int(width < SMALLEST_SIDE and column > 0), int(height < SMALLEST_SIDE and row > 0)
    return column - left, row - up, columns + left, rows + up


def _within(one: Area, other: Area) -> bool:
    (x, y, w, h), (left, top, columns, rows) = one, other
    return x >= left and y >= top and x + w <= left + columns and y + h <= top + rows


def _union(one: Area, other: Area) -> Area:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return left, top, right - left, bottom - top
