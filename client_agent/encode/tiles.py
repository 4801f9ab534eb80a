"""Changed tiles: each rectangle as a fill, as exact pixels (zlib), or as JPEG where exact pixels would be dear.

Counterpart: `operator_console/web/src/screen`.  Text and windows stay exact; only photo-like parts are lossy, and those
are replaced by exact ones when the picture rests.
"""

import io
import zlib

import numpy as np
from PIL import Image

from client_agent.capture.base import Pixels
from client_agent.capture.changes import TILE, Grid, changed_tiles, grid_shape, rectangles
from client_agent.encode.base import Encoder, ScreenMessage
from protocol import inner

MESSAGE = 60_000
"""Bytes of tile data in one message at most: it fits `limits.FRAME_PAYLOAD` with its headers."""
RUN = 30
"""Columns of tiles that make one rectangle at most: 1920 pixels, one inflate in the browser instead of thirty."""
JPEG_QUALITY = 80
DEAR = 0.3
"""From this share of its raw size on, a rectangle is taken for a photo and goes out lossy."""
PROBE_LINES = 8
"""Every eighth line is enough to tell a photo from text."""
_TILE_OVERHEAD = 24
"""Bytes of MessagePack around a tile's data, at most."""


class TileEncoder(Encoder):
    """Keeps `_shown`: what the console has drawn once it has handled all that was given."""

    def __init__(self) -> None:
        self._picture: Pixels | None = None
        self._shown: Pixels | None = None
        self._dirty: Grid = np.zeros((0, 0), np.bool_)
        self._lossy: Grid = np.zeros((0, 0), np.bool_)
        self._whole = False
        self._size_due = False
        self._first_row = 0
        self._frame = 0
        self._held: list[tuple[inner.Tile, tuple[int, int, int, int], bool]] = []

    def restart(self) -> None:
        self._shown = None

    def look(self, picture: Pixels) -> None:
        self._picture = picture
        self._held.clear()
        self._frame += 1
        shape = picture.shape
        if self._shown is None or self._shown.shape != shape:
            self._shown = np.empty_like(picture)
            rows, columns = grid_shape(shape[1], shape[0])
            self._dirty = np.ones((rows, columns), np.bool_)
            self._lossy = np.zeros((rows, columns), np.bool_)
            self._size_due = self._whole = True
            self._first_row = 0
        elif self._whole:
            # Tiles never sent stay dirty: `_shown` holds nothing for them to be compared with.
            self._dirty |= changed_tiles(self._shown, picture)
        else:
            self._dirty = changed_tiles(self._shown, picture)

    def next(self) -> ScreenMessage | None:
        if self._picture is None:
            return None
        if self._size_due:
            self._size_due = False
            return inner.ScreenSize(width=self._picture.shape[1], height=self._picture.shape[0])
        if not self._dirty.any():
            self._whole = False
            return None
        tiles = self._fill_message(self._dirty, exact=False)
        last = not self._dirty.any()
        return inner.Tiles(frame=self._frame, last=last, tiles=tuple(tiles))

    def refine(self) -> ScreenMessage | None:
        if self._picture is None or self._dirty.any() or not self._lossy.any():
            return None
        self._held.clear()
        self._frame += 1
        tiles = self._fill_message(self._lossy, exact=True)
        return inner.Tiles(frame=self._frame, last=True, tiles=tuple(tiles))

    def _fill_message(self, wanted: Grid, exact: bool) -> list[inner.Tile]:
        """Encode rectangles of `wanted` until the message is full; clear what went in."""
        tiles: list[inner.Tile] = []
        size = 0
        while True:
            if not self._held:
                rectangle = self._next_rectangle(wanted)
                if rectangle is None:
                    return tiles
                self._held = self._encode(rectangle, exact)
            tile, place, lossy = self._held[0]
            cost = len(tile.data) + _TILE_OVERHEAD
            if tiles and size + cost > MESSAGE:
                return tiles
            self._held.pop(0)
            tiles.append(tile)
            size += cost
            self._mark_shown(place, lossy)
            row, column, rows, columns = place
            wanted[row : row + rows, column : column + columns] = False

    def _next_rectangle(self, wanted: Grid) -> tuple[int, int, int, int] | None:
        """The next dirty run, going round the screen: a slow line never starves its lower half."""
        rows = np.flatnonzero(wanted.any(axis=1))
        if not rows.size:
            return None
        later = rows[rows >= self._first_row]
        row = int(later[0] if later.size else rows[0])
        self._first_row = row
        found = next(rectangles(wanted[row : row + 1], RUN, 1))
        return row, found[1], 1, found[3]

    def _mark_shown(self, place: tuple[int, int, int, int], lossy: bool) -> None:
        assert self._picture is not None
        assert self._shown is not None
        row, column, rows, columns = place
        y, x = row * TILE, column * TILE
        area = np.s_[y : y + rows * TILE, x : x + columns * TILE]
        self._shown[area] = self._picture[area]
        self._lossy[row : row + rows, column : column + columns] = lossy

    def _encode(
        self, place: tuple[int, int, int, int], exact: bool
    ) -> list[tuple[inner.Tile, tuple[int, int, int, int], bool]]:
        """One rectangle as tiles that each fit a message: split in halves where it is too large."""
        assert self._picture is not None
        row, column, rows, columns = place
        y, x = row * TILE, column * TILE
        pixels = np.ascontiguousarray(self._picture[y : y + rows * TILE, x : x + columns * TILE])
        encoding, data = _encode_pixels(pixels, exact)
        height, width = pixels.shape[:2]
        if len(data) + _TILE_OVERHEAD > MESSAGE and columns > 1:
            half = columns // 2
            left = (row, column, rows, half)
            right = (row, column + half, rows, columns - half)
            return self._encode(left, exact) + self._encode(right, exact)
        tile = inner.Tile(x=x, y=y, w=width, h=height, encoding=encoding, data=data)
        return [(tile, place, encoding == "jpeg")]


def _encode_pixels(pixels: Pixels, exact: bool) -> tuple[inner.TileEncoding, bytes]:
    words = pixels.view(np.uint32)[..., 0]
    colour = words[0, 0]
    if words[-1, -1] == colour and words[-1, 0] == colour and bool((words == colour).all()):
        blue, green, red = pixels[0, 0, :3]
        return "fill", bytes((int(red), int(green), int(blue)))
    height, width = words.shape
    if not exact and _is_dear(pixels):
        out = io.BytesIO()
        _image(pixels, width, height).save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return "jpeg", out.getvalue()
    return "rgb", zlib.compress(_image(pixels, width, height).tobytes(), 1)


def _is_dear(pixels: Pixels) -> bool:
    sample = np.ascontiguousarray(pixels[::PROBE_LINES, :, :3]).tobytes()
    return len(zlib.compress(sample, 1)) > DEAR * len(sample)


def _image(pixels: Pixels, width: int, height: int) -> Image.Image:
    return Image.frombuffer("RGB", (width, height), pixels, "raw", "BGRX", 0, 1)
