"""One region of the screen that moves: its motion, what that leaves over, and whether the line can follow it exactly.

    what is fresh → `Regions.around` → `Moving.follow` (its motion, once a look) → `Moving.followed` (exact, or video)

Counterpart: `chooser.py` has the console copy what moved and sends what is left over; what cannot be followed and goes
on changing becomes a film.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from client_agent.capture.changes import TILE, Grid
from client_agent.encode.model import Model
from client_agent.encode.motion import WORTH, Motion, find_motion
from client_agent.encode.pacer import Line
from client_agent.encode.regions import box, grown, pixels

LEAST = 8
"""Changed tiles from which on it pays to look for a motion."""
SEARCH_AGAIN = 0.3
"""Seconds after which a motion is looked for again, at most, however often there was none."""
FILM_WORTH = 0.9
"""The share of what changed that a motion must explain to be taken for one in a moving picture."""
MEMORY = 0.6
"""Seconds over which it is counted what the motions leave over; after half of them without one, it moves no more."""
AFFORDABLE = 0.8
"""The share of the line that this may take."""
MOST = 32_000
"""Bytes that one motion may leave over: more is no motion worth following, even on a fast line."""
BACKLOG, LITTLE = 3.0, 0.4
"""Seconds of the line that may be waiting in a region that is followed; and that may where the motions leave over more
than the line carries: what a window uncovers is soon behind it and can come later, what scrolls in stays."""
FIRST_DENSITY, FIRST_PIXELS, LASTING = 0.08, 10_000, 60_000
"""Bytes of a pixel that is left over, before any was sent (dense text as WebP), as if for so many pixels; and after how
many more a figure is forgotten."""
LOOKS, SLOW = 12, 75_000
"""On a line of fewer bytes a second what is followed is looked at so many times a second: each look has its price."""


class Moving:
    """`tiles`: where it changed at the last look; of a motion, from where it came to where it is."""

    def __init__(self, tiles: Grid, now: float) -> None:
        self.seen(tiles, now)
        self.next_at = now
        """When it should be looked at again at the earliest, if it is followed; monotonic."""
        self._shifts: tuple[tuple[int, int], ...] = ()
        """The last one, left to right and down."""
        self._moved_at = float("-inf")
        self._misses, self._search_at = 0, now
        self._left_over: deque[tuple[float, int]] = deque()
        """When a motion left something over, and how many pixels."""
        self._sent: tuple[float, float] = FIRST_PIXELS, FIRST_PIXELS * FIRST_DENSITY
        """What was left over and sent: pixels, bytes; the older, the less they count."""

    def seen(self, tiles: Grid, now: float) -> None:
        """It changed there."""
        self.tiles, self.changed_at = tiles, now
        self.near = grown(tiles)
        """It goes on in these."""

    def join(self, other: "Moving") -> None:
        """They have become one."""
        if other._moved_at > self._moved_at:
            self._shifts, self._moved_at = other._shifts, other._moved_at
        self._left_over = deque(sorted([*self._left_over, *other._left_over]))
        self._sent = self._sent[0] + other._sent[0], self._sent[1] + other._sent[1]

    def follow(self, model: Model, film: Grid, line: Line, now: float) -> Motion | None:
        """What the console can copy of it; a search that fails is not repeated at once.  `film`: what goes as video."""
        fresh = self.tiles & model.fresh
        around = box(fresh)
        if around is None or now < self._search_at or int(fresh.sum()) < LEAST:
            return None
        area = pixels(around, model.size)
        if not model.knows_around(area):
            return None
        assert model.before is not None
        assert model.picture is not None
        worth = FILM_WORTH if int((fresh & film).sum()) * 2 > int(fresh.sum()) else WORTH
        self.next_at = now + 1 / LOOKS if line.rate < SLOW else now
        motion = find_motion(model.before, model.picture, area, self._shifts, worth)
        if motion is None:
            self._misses += 1
            self._search_at = now + min(SEARCH_AGAIN, 0.02 * 2**self._misses)
            return None
        self._misses, self._search_at = 0, now
        self._shifts, self._moved_at = ((motion.dx, motion.dy),), now
        self._left_over.append((now, motion.left_over))
        x, y, w, h = motion.area
        left, top = min(x, x - motion.dx) // TILE, min(y, y - motion.dy) // TILE
        right, bottom = max(x, x - motion.dx) + w, max(y, y - motion.dy) + h
        passed = np.zeros_like(self.tiles)
        passed[top : -(-bottom // TILE), left : -(-right // TILE)] = True
        self.tiles = self.tiles & passed
        return motion

    def sent(self, count: int, size: int) -> None:
        """So many pixels that were left over took so many bytes."""
        pixels_before, bytes_before = (figure * (1 - min(1.0, count / LASTING)) for figure in self._sent)
        self._sent = pixels_before + count, bytes_before + size

    def followed(self, line: Line, waiting: float, now: float) -> bool:
        """Whether it moves, and the line carries exactly what the motions leave over.  `waiting`: bytes of that which
        have not gone yet."""
        while self._left_over and self._left_over[0][0] < now - MEMORY:
            self._left_over.popleft()
        if now - self._moved_at > MEMORY / 2 or waiting > BACKLOG * line.rate:
            return False
        density = self._sent[1] / self._sent[0]
        wanted = [count * density for _, count in self._left_over]
        if wanted[-1] > MOST:
            return False
        often = sum(wanted) - max(wanted)  # one leap is no habit
        return often < AFFORDABLE * line.rate * MEMORY or waiting < LITTLE * line.rate


class Regions:
    """All that moves."""

    def __init__(self) -> None:
        self._all: list[Moving] = []

    def __iter__(self) -> Iterator[Moving]:
        return iter(self._all)

    def around(self, tiles: Grid, now: float) -> Moving:
        """The region that goes on in these tiles, or a new one."""
        known = [one for one in self._all if (one.near & tiles).any()]
        if not known:
            self._all.append(Moving(tiles, now))
            return self._all[-1]
        for other in known[1:]:
            known[0].join(other)
            self._all.remove(other)
        known[0].seen(tiles, now)
        return known[0]

    def forget(self, now: float) -> None:
        """Those that have come to rest."""
        self._all = [one for one in self._all if now - one.changed_at < MEMORY]
