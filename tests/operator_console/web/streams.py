"""Coded pictures for the web console's tests: a real encoder, set so that each picture comes out as it goes in."""

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from protocol import inner
from protocol.inner import VideoCodec

Colour = tuple[int, int, int]

_ENCODERS: dict[VideoCodec, tuple[str, str, dict[str, str]]] = {
    "h264": ("libx264", "avc1.42E02A", {"preset": "superfast", "tune": "zerolatency", "profile": "baseline"}),
    "vp9": (
        "libvpx-vp9",
        "vp09.00.41.08.01.01.01.01.01",
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    ),
}
PIECE = 60_000
"""Bytes of a message."""


class Stream:
    """An encoder: pictures of one colour, or of any pixels, into messages."""

    def __init__(self, codec: VideoCodec, place: inner.Area, width: int = 0, height: int = 0) -> None:
        name, self.profile, options = _ENCODERS[codec]
        self.codec, self.place = codec, place
        self.width, self.height = width or place.w, height or place.h
        self._frame = 0
        context = av.CodecContext.create(name, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = self.width, self.height, "yuv420p"
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        context.color_range = 2  # full
        context.time_base, context.bit_rate, context.options = Fraction(1, 30), 4_000_000, options
        self._context = context

    @property
    def start(self) -> inner.VideoStart:
        """What comes before the first picture."""
        return inner.VideoStart(
            codec=self.codec, profile=self.profile, place=self.place, width=self.width, height=self.height
        )

    def plain(self, colour: Colour) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Pixels of one colour."""
        return np.full((self.height, self.width, 3), colour, np.uint8)

    def coded(self, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> tuple[bool, bytes]:
        """The next picture: whether it decodes by itself, and its bytes."""
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="JPEG")
        frame.pts = self._frame
        self._frame += 1
        (packet,) = self._context.encode(frame)
        return packet.is_keyframe, bytes(packet)

    def picture(self, colour: Colour, *areas: inner.Area) -> Iterator[inner.Video]:
        """The next picture, of one colour, in as many messages as it takes."""
        yield from self.pieces(*self.coded(self.plain(colour)), *areas)

    def pieces(self, key: bool, data: bytes, *areas: inner.Area, size: int = PIECE) -> Iterator[inner.Video]:
        """A coded picture in pieces of `size` bytes."""
        for at in range(0, len(data), size):
            last = at + size >= len(data)
            yield inner.Video(
                frame=self._frame, key=key, last=last, areas=areas if last else (), data=data[at : at + size]
            )
