"""The customer's screen as the console sees it: tiles put together to one picture.

Counterpart: `client_agent/encode/`; the browser's is `web/src/screen/`.  What cannot be a tile of this screen raises
`IntegrityError`: it came through the sealed channel, so the other end is broken.
"""

import io
import math
import zlib
from struct import Struct

from PIL import Image, UnidentifiedImageError

from protocol.errors import IntegrityError
from protocol.inner import ScreenSize, Tile, Tiles

_PLACE = Struct(">HH")
PLAIN = ("fill", "copy")
"""Encodings that take no memory of their own."""


MOST_TIMES = 4
"""The tiles of one message cover no more screens than so many."""


class Picture:
    """The screen now.  `image` is RGB; `whole` once a picture has come to its end."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (1, 1))
        self.frame = 0
        self.whole = False

    def resize(self, size: ScreenSize) -> None:
        """A desktop of another size: what was drawn is void."""
        self.image = Image.new("RGB", (size.width, size.height))
        self.whole = False

    def draw(self, message: Tiles) -> None:
        """Put the tiles where they belong, in their order."""
        area = math.prod(self.image.size)
        sent = sum(tile.w * tile.h for tile in message.tiles if tile.encoding not in PLAIN)
        if sent > area or sum(tile.w * tile.h for tile in message.tiles) > MOST_TIMES * area:
            raise IntegrityError("A picture has more pixels than the screen")
        for tile in message.tiles:
            if tile.x + tile.w > self.image.width or tile.y + tile.h > self.image.height:
                raise IntegrityError("A tile lies outside the screen")
            self.image.paste(self._pixels(tile), (tile.x, tile.y, tile.x + tile.w, tile.y + tile.h))
        self.frame = message.frame
        self.whole = self.whole or message.last

    def _pixels(self, tile: Tile) -> Image.Image | tuple[int, ...]:
        match tile.encoding:
            case "fill":
                if len(tile.data) != 3:
                    raise IntegrityError("A fill is not one colour")
                return tuple(tile.data)
            case "copy":
                return self._shown(tile)
            case "rgb":
                return Image.frombytes("RGB", (tile.w, tile.h), _inflate(tile.data, tile.w * tile.h * 3))
            case "jpeg" | "webp":
                return _file(tile)

    def _shown(self, tile: Tile) -> Image.Image:
        """What the picture holds where a copy comes from."""
        if len(tile.data) != _PLACE.size:
            raise IntegrityError("A copy does not say from where")
        x, y = _PLACE.unpack(tile.data)
        if x + tile.w > self.image.width or y + tile.h > self.image.height:
            raise IntegrityError("A copy comes from outside the screen")
        return self.image.crop((x, y, x + tile.w, y + tile.h))


def _inflate(data: bytes, size: int) -> bytes:
    """Exactly `size` bytes, however much the stream would like to give."""
    stream = zlib.decompressobj()
    try:
        pixels = stream.decompress(data, size)
    except zlib.error:
        raise IntegrityError("A tile does not unpack") from None
    if len(pixels) != size:
        raise IntegrityError("A tile is shorter than its rectangle")
    return pixels


def _file(tile: Tile) -> Image.Image:
    """Nothing is decoded before its header has shown the rectangle's size."""
    try:
        with Image.open(io.BytesIO(tile.data), formats=[tile.encoding.upper()]) as found:
            if found.size != (tile.w, tile.h):
                raise IntegrityError("A tile is not of its rectangle's size")
            return found.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        raise IntegrityError("A tile is not the picture that it says") from None
