"""A canvas that draws screen messages as a console does, and checks what a console relies on."""

import io
import zlib

import av
import numpy as np
from PIL import Image

from client_agent.capture.base import ANYWHERE, Area, Pixels
from client_agent.encode.base import Encoder, ScreenMessage
from client_agent.encode.pacer import Line
from protocol import inner, inner_codec, limits

FAST = Line(rate=20e6, room=10**9, spare=10**9)
SLOW = Line(rate=128_000, room=10**9, spare=10**9)


class Canvas:
    """`rgb`: height × width × 3."""

    def __init__(self) -> None:
        self.rgb = np.zeros((0, 0, 3), np.uint8)
        self.encodings: list[str] = []
        """Of each tile, or `video` for a coded picture, in order."""
        self.monitors: tuple[inner.Area, ...] = ()
        self.sizes: list[int] = []
        """Bytes of each message."""
        self.whole = False
        self._stream: inner.VideoStart | None = None
        self._decoder: av.VideoCodecContext | None = None
        self._coded = b""

    def take(self, message: ScreenMessage) -> None:
        self.sizes.append(len(inner_codec.to_bytes(message)))
        assert self.sizes[-1] <= limits.FRAME_PAYLOAD
        match message:
            case inner.ScreenSize():
                self.rgb = np.zeros((message.height, message.width, 3), np.uint8)
                self.monitors, self.whole = message.monitors, False
                self._stream = None  # it ends with the size that it was begun for
            case inner.Tiles():
                assert message.tiles
                sent = sum(tile.w * tile.h for tile in message.tiles if tile.encoding not in ("fill", "copy"))
                assert sent <= self.rgb.shape[0] * self.rgb.shape[1], "a console takes no more pixels than the screen's"
                for tile in message.tiles:
                    self._draw(tile)
                self.whole = self.whole or message.last
            case inner.VideoStart():
                self._stream = message
                self._decoder = av.CodecContext.create({"h264": "h264", "vp9": "vp9"}[message.codec], "r")  # type: ignore[assignment]
            case inner.Video():
                self._coded += message.data
                if message.last:
                    self._show(message)

    def _draw(self, tile: inner.Tile) -> None:
        self.encodings.append(tile.encoding)
        assert tile.x + tile.w <= self.rgb.shape[1]
        assert tile.y + tile.h <= self.rgb.shape[0]
        self.rgb[tile.y : tile.y + tile.h, tile.x : tile.x + tile.w] = self._pixels_of(tile)

    def _pixels_of(self, tile: inner.Tile) -> np.ndarray:
        match tile.encoding:
            case "fill":
                return np.frombuffer(tile.data, np.uint8)
            case "rgb":
                return np.frombuffer(zlib.decompress(tile.data), np.uint8).reshape(tile.h, tile.w, 3)
            case "copy":
                x, y = int.from_bytes(tile.data[:2], "big"), int.from_bytes(tile.data[2:], "big")
                return self.rgb[y : y + tile.h, x : x + tile.w].copy()
            case _:
                return np.asarray(Image.open(io.BytesIO(tile.data)).convert("RGB"))

    def _show(self, message: inner.Video) -> None:
        assert self._stream is not None
        assert self._decoder is not None
        self.encodings.append("video")
        decoded = self._decoder.decode(av.Packet(self._coded)) or self._decoder.decode(None)
        self._coded = b""
        picture = decoded[0].to_ndarray(format="rgb24")
        place = self._stream.place
        for area in message.areas:
            assert place.x <= area.x
            assert place.y <= area.y
            assert area.x + area.w <= min(place.x + place.w, self.rgb.shape[1])
            assert area.y + area.h <= min(place.y + place.h, self.rgb.shape[0])
            left, top = area.x - place.x, area.y - place.y
            self.rgb[area.y : area.y + area.h, area.x : area.x + area.w] = picture[
                top : top + area.h, left : left + area.w
            ]

    def shows(self, picture: Pixels) -> bool:
        """Bit by bit."""
        return np.array_equal(self.rgb, picture[..., 2::-1])

    def distance(self, picture: Pixels) -> float:
        """Mean difference of a colour, 0 to 255."""
        return float(np.abs(self.rgb.astype(int) - picture[..., 2::-1]).mean())


def show(
    encoder: Encoder, canvas: Canvas, picture: Pixels, now: float = 0.0, line: Line = FAST,
    damage: tuple[Area, ...] = ANYWHERE, monitors: tuple[Area, ...] = (),
) -> None:  # fmt: skip
    """Look, and draw all that comes of it."""
    encoder.look(picture, damage, monitors, line, now)
    drain(encoder, canvas, now, line)


def drain(encoder: Encoder, canvas: Canvas, now: float, line: Line = FAST) -> None:
    """Draw all that is to go now."""
    while (message := encoder.next(line, now)) is not None:
        canvas.take(message)
