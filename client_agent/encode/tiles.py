"""One rectangle of pixels as a tile: one colour, exact pixels (zlib or lossless WebP), or JPEG.

Counterpart: `operator_console/web/src/screen`.  Lossless WebP is a third of zlib's size for text and takes some four
times its time: it is for lines that are slower than the processor.
"""

import io
import zlib

import numpy as np
from PIL import Image

from client_agent.capture.base import Area, Pixels
from protocol import inner

DEAR = 0.3
"""From this share of its raw size on, a rectangle is taken for a photo."""
PROBE_LINES = 8
"""Every eighth line is enough to tell a photo from text."""
OVERHEAD = 24
"""Bytes of MessagePack around a tile's data, at most."""
_PHOTO = 4096
"""Pixels that a photo has at least."""


def exact_tile(picture: Pixels, area: Area, enough: float) -> inner.Tile:
    """Bit by bit what the picture shows there.  What takes no more than `enough` bytes by zlib is not made smaller: it
    would cost either end more time than the line needs for the rest."""
    pixels = _cut(picture, area)
    if colour := _one_colour(pixels):
        return _tile(area, "fill", colour)
    image = _image(pixels)
    if enough == float("inf") or price(pixels) <= 2 * enough:
        data = zlib.compress(image.tobytes(), 1)
        if len(data) <= enough:
            return _tile(area, "rgb", data)
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, method=1, quality=75)
    return _tile(area, "webp", out.getvalue())


def photo_tile(picture: Pixels, area: Area, quality: int) -> inner.Tile | None:
    """Nearly what it shows, 4:4:4, as JPEG of `quality` 1–95; None where exact pixels would not cost more."""
    pixels = _cut(picture, area)
    if area[2] * area[3] < _PHOTO or _one_colour(pixels) or not is_dear(pixels):
        return None
    out = io.BytesIO()
    _image(pixels).save(out, "JPEG", quality=quality, subsampling=0)
    return _tile(area, "jpeg", out.getvalue())


def copy_tile(area: Area, x: int, y: int) -> inner.Tile:
    """What the console shows at `x`, `y` now."""
    return _tile(area, "copy", x.to_bytes(2, "big") + y.to_bytes(2, "big"))


def is_dear(pixels: Pixels) -> bool:
    """Whether it looks like a photo: hardly compressible."""
    height, width = pixels.shape[:2]
    return price(pixels) > DEAR * int(height) * int(width) * 3


def price(pixels: Pixels) -> float:
    """Bytes that zlib would make of it, from a sample."""
    sample = pixels[::PROBE_LINES, :, :3]
    size = len(zlib.compress(np.ascontiguousarray(sample).tobytes(), 1))
    return size * int(pixels.shape[0]) / int(sample.shape[0])


def _cut(picture: Pixels, area: Area) -> Pixels:
    x, y, w, h = area
    return np.ascontiguousarray(picture[y : y + h, x : x + w])


def _one_colour(pixels: Pixels) -> bytes | None:
    """R, G, B if it is all of one colour."""
    words = pixels.view(np.uint32)[..., 0]
    colour = words[0, 0]
    if words[-1, -1] != colour or words[-1, 0] != colour or not bool((words == colour).all()):
        return None
    blue, green, red = pixels[0, 0, :3]
    return bytes((int(red), int(green), int(blue)))


def _image(pixels: Pixels) -> Image.Image:
    return Image.frombuffer("RGB", (pixels.shape[1], pixels.shape[0]), pixels, "raw", "BGRX", 0, 1)


def _tile(area: Area, encoding: inner.TileEncoding, data: bytes) -> inner.Tile:
    x, y, w, h = area
    return inner.Tile(x=x, y=y, w=w, h=h, encoding=encoding, data=data)
