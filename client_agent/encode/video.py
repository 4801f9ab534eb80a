"""Moving pictures: one coded picture out for each one in, none larger than what the line carries in a moment.

Counterpart: the console's decoder (WebCodecs); the agent's screen pipeline decides what is a moving picture, and draws
exact tiles over it once it rests.  One thread only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from client_agent.capture.base import Pixels
from client_agent.errors import EncoderUnavailable
from protocol import limits
from protocol.inner import VideoCodec

if TYPE_CHECKING:
    from client_agent.encode.colour import Canvas, Rectangle

SMALLEST_SIDE, LARGEST_SIDE = 32, 4096
"""Coded pixels: every decoder takes these."""
SMALLEST_KBIT, LARGEST_KBIT = 32, 1_000_000
SMALLEST_PICTURE = 512
"""Bytes: a picture in which nothing changed needs some."""
MOMENT = 0.12
"""Seconds: what the line carries in that time, no picture is larger."""
COARSEST = 0.04
"""Bytes that a pixel of new text takes at the coarsest quantiser: measured 0.02, and 0.036 where it is dense."""
QUALITY = 23
"""x264's constant rate factor: where the line would carry more, a moving picture needs to be no better."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture: Annex B, with its parameter sets if it is a key picture."""

    data: bytes
    key: bool
    rows: int
    """Of the place, from its top: these may be drawn, and while they grow must all be; below there is nothing yet."""
    quantiser: int
    """How coarse: 0 exact, up to 30 hardly seen, over 40 text is hard to read, 51 the line does not carry this."""


class VideoEncoder:
    """A stream of pictures of one size.

    `width`, `height`: pixels of the desktop's part, even better multiples of 16; what is sent has `size`: those divided
    by `scale` and rounded up to even (multiples of 2·`scale` are exact).  `kbit`: what the line has for the stream.
    `fps`: pictures a second at most.  `largest`: bytes of one picture at most, None for what `kbit` carries in a
    `MOMENT`.  Raises `EncoderUnavailable`, and `encode` too; the encoder is of no use after that.

    Where a whole new picture does not fit into `largest`, a key picture has only its upper rows; those after it have
    more.  Under 1 Mbit/s much new text at once, such as a turned page, can still take up to twice `largest`.
    """

    def __init__(
        self, codec: VideoCodec, width: int, height: int, kbit: int, fps: int, largest: int | None, scale: int = 1
    ) -> None:
        if codec != "h264":
            raise EncoderUnavailable("codec", codec)
        sides = [-(-side // (2 * scale)) * 2 for side in (width, height)] if scale in (1, 2, 3, 4) else [0]
        if not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in sides) or not 1 <= fps <= 60:
            raise EncoderUnavailable("size", f"{width} x {height} / {scale} at {fps}/s")
        self.codec: VideoCodec = codec
        self.size = sides[0], sides[1]
        self._fps = fps
        self._bits, self._largest_bits = self._limits(kbit, largest)
        self._width, self._height, self._scale = width, height, scale
        self._rows = 0
        self._last_at: float | None = None
        try:
            from client_agent.encode import colour
            from client_agent.encode.x264 import X264
        except ImportError as error:
            raise EncoderUnavailable("library", str(error)) from error
        try:
            self._canvas: Canvas | None = colour.Canvas(width, height, scale)
            self._stream: X264 | None = X264(*self.size, fps, QUALITY, self._bits, self._largest_bits)
        except Exception as error:  # whatever FFmpeg or PyAV has: tiles go on
            raise EncoderUnavailable("open", str(error)) from error
        self.profile = self._stream.profile

    def encode(
        self, pixels: Pixels, dirty: "Sequence[Rectangle] | None", key: bool = False, at: float | None = None
    ) -> Coded:
        """The picture, coded.  `dirty`: what changed since the last call (None: all).

        `at`: when, in seconds of any clock.  With it the stream uses the whole `kbit` where pictures come more slowly
        than `fps`; without, each gets its share of a second at `fps`.
        """
        if self._canvas is None or self._stream is None:
            raise EncoderUnavailable("closed")
        try:
            if key:
                self._rows = 0
                self._canvas.blank()
            self._draw(self._canvas, pixels, dirty)
            if at is not None:
                self._stream.limit(self._pace(at), self._largest_bits)
            data, is_key = self._stream.encode(self._canvas.frame, key)
        except Exception as error:
            self.close()
            raise EncoderUnavailable("encode", str(error)) from error
        return Coded(data, is_key, self._rows, self._stream.quantiser)

    def _draw(self, canvas: "Canvas", pixels: Pixels, dirty: "Sequence[Rectangle] | None") -> None:
        """Renew what changed in the rows that the stream has, and give it as many more as one picture can take."""
        old = self._rows
        if dirty is None:
            dirty = [(0, 0, self._width, old)]
        canvas.draw(pixels, [(x, y, w, min(h, old - y)) for x, y, w, h in dirty])
        if old < self._height:
            more = int(self._largest_bits / 8 / COARSEST / self.size[0]) // 16 * 16 * self._scale
            self._rows = min(self._height, old + max(16 * self._scale, more))
            canvas.draw(pixels, [(0, old, self._width, self._rows - old)])

    def rate(self, kbit: int, largest_bytes: int | None) -> None:
        """From the next picture on, without a key picture.  As `kbit` and `largest` above."""
        if self._stream is None:
            raise EncoderUnavailable("closed")
        self._bits, self._largest_bits = self._limits(kbit, largest_bytes)
        self._stream.limit(self._bits, self._largest_bits)

    def close(self) -> None:
        """Give the memory back.  May be called twice."""
        self._canvas = self._stream = None

    def _limits(self, kbit: int, largest: int | None) -> tuple[int, int]:
        """Bits a second and bits of one picture: x264 takes no buffer that is smaller than a picture's share."""
        bits = min(max(SMALLEST_KBIT, kbit), LARGEST_KBIT) * 1000
        largest = int(bits * MOMENT) // 8 if largest is None else largest
        of_one = 8 * min(max(SMALLEST_PICTURE, largest), limits.VIDEO_PICTURE)
        return min(bits, of_one * self._fps), of_one

    def _pace(self, at: float) -> int:
        """Bits a second for x264, which takes each picture for 1/`fps` long: what the line really carries meanwhile."""
        passed = 1 / self._fps if self._last_at is None else at - self._last_at
        self._last_at = at
        share = min(max(self._bits * passed, self._bits / self._fps / 2), self._largest_bits)
        return int(share * self._fps)
