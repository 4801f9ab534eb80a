"""Moving pictures: one coded picture out for each one in, none larger than the line carries in a moment.

Counterpart: the console's video decoder (WebCodecs); the agent's screen pipeline says what is a moving picture.  FFmpeg
through PyAV does the work.  PyAV can open an encoder but not change its rate later; FFmpeg can, so `_Context` asks it
itself.  One thread only.
"""

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import PictureType

from client_agent.capture.base import Pixels
from client_agent.encode.colour import Canvas, Rectangle
from client_agent.errors import EncoderUnavailable
from protocol.inner import VideoCodec

SMALLEST_SIDE, LARGEST_SIDE = 16, 4096
"""Pixels; what every decoder takes."""
SMALLEST_KBIT = 32
MOMENT = 0.12
"""Seconds: what the line carries in that time, no picture is larger."""
QUALITY = 23
"""x264's constant rate factor: as good as a moving picture needs to be, when the line would carry more."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture.  H.264: Annex B, parameter sets before a key picture."""

    data: bytes
    key: bool


class VideoEncoder:
    """A stream of `width` × `height` pictures at up to `fps` a second; its coded size is rounded up to even.

    `kbit` is the line's share for it, `largest` the bytes of one picture at most (None: what `kbit` carries in a
    `MOMENT`).  Raises `EncoderUnavailable`, here and in `encode`; the encoder is of no more use then.
    """

    def __init__(self, codec: VideoCodec, width: int, height: int, kbit: int, fps: int, largest: int | None) -> None:
        if codec != "h264":
            raise EncoderUnavailable("codec", codec)
        if not (SMALLEST_SIDE <= width <= LARGEST_SIDE and SMALLEST_SIDE <= height <= LARGEST_SIDE and 1 <= fps <= 60):
            raise EncoderUnavailable("size", f"{width}x{height} at {fps}/s")
        self.codec: VideoCodec = codec
        self._fps, self._number, self._last_key = fps, 0, 0
        self._canvas = Canvas(width, height)
        self.size = self._canvas.frame.width, self._canvas.frame.height
        try:
            self._context: _Context | None = _Context(self.size, fps, *self._limits(kbit, largest))
        except (av.FFmpegError, ValueError, OSError, AttributeError) as error:
            raise EncoderUnavailable("open", str(error)) from error
        sps = self._context.parameter_sets.partition(b"\x00\x00\x01")[2]
        self.profile = f"avc1.{sps[1:4].hex().upper()}"

    def encode(self, pixels: Pixels, dirty: Sequence[Rectangle] | None, key: bool = False) -> Coded:
        """The picture, coded.  `dirty`: what changed since the last call (None: all).  Raises `EncoderUnavailable`."""
        if self._context is None:
            raise EncoderUnavailable("closed")
        try:
            self._canvas.draw(pixels, dirty if self._number else None)
            data, is_key = self._context.encode(self._canvas.frame, self._number, key)
        except (av.FFmpegError, ValueError) as error:
            self.close()
            raise EncoderUnavailable("encode", str(error)) from error
        self._number += 1
        return Coded(data, is_key)

    def rate(self, kbit: int, largest_bytes: int | None) -> None:
        """From the next picture on; no key picture for it."""
        if self._context is not None:
            self._context.limit(*self._limits(kbit, largest_bytes))

    def close(self) -> None:
        """Give the memory back.  May be called twice."""
        self._context = None

    def _limits(self, kbit: int, largest: int | None) -> tuple[int, int]:
        kbit = max(SMALLEST_KBIT, kbit)
        return kbit * 1000, max(kbit * 1000 // self._fps, 8 * largest if largest else int(kbit * 1000 * MOMENT))


class _Context:
    """FFmpeg's encoder, with the two figures that PyAV does not let one change."""

    def __init__(self, size: tuple[int, int], fps: int, bits: int, buffer_bits: int) -> None:
        self._av: Any = av.CodecContext.create("libx264", "w")
        self._set_option, self._address = _native(self._av)
        self._av.width, self._av.height = size
        self._av.pix_fmt = "yuv420p"
        self._av.framerate, self._av.time_base = Fraction(fps), Fraction(1, fps)
        self._av.thread_count = 1
        self._av.colorspace = self._av.color_primaries = 1  # BT.709
        self._av.color_trc, self._av.color_range = 1, 1  # BT.709, limited
        self._av.flags |= av.codec.context.Flags.global_header  # parameter sets apart, and no banner of the encoder
        self._av.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": str(QUALITY),
            "maxrate": str(bits),
            "bufsize": str(buffer_bits),
            "g": "1000000",
            "forced-idr": "1",
            "x264-params": "scenecut=0:rc-lookahead=0",
        }
        self._av.open()
        self.parameter_sets = _without_banner(self._av.extradata or b"")

    def limit(self, bits: int, buffer_bits: int) -> None:
        self._set_option(self._address, b"maxrate", bits, 0)
        self._set_option(self._address, b"bufsize", buffer_bits, 0)

    def encode(self, frame: av.VideoFrame, number: int, key: bool) -> tuple[bytes, bool]:
        frame.pts = number
        frame.pict_type = PictureType.I if key else PictureType.NONE
        packets = self._av.encode(frame)
        if len(packets) != 1:
            raise ValueError(f"{len(packets)} pictures for one")
        is_key = bool(packets[0].is_keyframe)
        data = bytes(packets[0])
        return (self.parameter_sets + _without_banner(data) if is_key else data), is_key


def _without_banner(data: bytes) -> bytes:
    """`data`, Annex B, without its supplemental information (NAL type 6): x264's name and settings, 700 bytes."""
    units = (unit.rstrip(b"\x00") for unit in data.split(b"\x00\x00\x01"))
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units if unit and unit[0] & 0x1F != 6)


def _native(context: Any) -> tuple[Any, int]:
    """FFmpeg's `av_opt_set_int` and the address of `context`'s AVCodecContext.

    The address is the third word of PyAV's object.  That it is one is checked by what every AVCodecContext begins
    with: the address of its class, which FFmpeg tells.
    """
    if sys.platform == "win32":
        codec, util = (ctypes.CDLL(str(next(_dlls().glob(f"{name}-*.dll")))) for name in ("avcodec", "avutil"))
    else:
        codec = util = ctypes.CDLL(av._core.__file__)  # its symbols include those of the libraries that it is linked to
    class_of = codec.avcodec_get_class
    class_of.argtypes, class_of.restype = (), ctypes.c_void_p
    address = (ctypes.c_void_p * 4).from_address(id(context))[3]
    if not address or ctypes.c_void_p.from_address(address).value != class_of():
        raise ValueError("This PyAV keeps its encoder elsewhere")
    set_option = util.av_opt_set_int
    set_option.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int)
    return set_option, address


def _dlls() -> Path:
    return Path(av.__file__).parent.parent / "av.libs"
