"""H.264 by x264, through PyAV and FFmpeg, for text that moves: docs/decisions/0052-which-video.md says why so.

Counterpart: `video.py`, which imports this file only when moving pictures are wanted: FFmpeg takes a while to load.
PyAV opens an encoder but does not let one change its rate.  FFmpeg does, at every picture: so we ask it ourselves.
"""

import ctypes
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.codec.context import Flags
from av.video.frame import PictureType

BT709, FULL_RANGE = 1, 2
"""As ISO/IEC 23091-2 numbers them; the range as FFmpeg does."""
SETTINGS = ":".join(
    (
        # Text moves far, in whole pixels, and stays the same: a wide search is worth half the bits, fractions nothing.
        "me=umh:merange=96:subme=0",
        # Both would blur letters, and cost time at both ends.
        "no-deblock=1:8x8dct=0",
        # x264 may go on to 69, where it wipes out most of the picture, and the next ones are long in mending it.
        "qpmax=51",
        # A key picture comes when it is asked for, never for a new window.
        "scenecut=0",
    )
)
_QUALITY_SCALE = 118
"""FFmpeg's FF_QP2LAMBDA: its quality figure over the quantiser."""
_AFTER_HEAD_AND_TABLE = object.__basicsize__ // ctypes.sizeof(ctypes.c_void_p) + 1
"""Words of a PyAV object before its AVCodecContext: Python's, then one of Cython's."""


class X264:
    """One stream.  Its methods raise whatever FFmpeg, PyAV and ctypes do."""

    def __init__(self, width: int, height: int, fps: int, quality: int, bits: int, buffer_bits: int) -> None:
        self._context: Any = av.CodecContext.create("libx264", "w")
        self._set, self._address = _native(self._context)
        self._context.width, self._context.height, self._context.pix_fmt = width, height, "yuv420p"
        self._context.framerate, self._context.time_base = Fraction(fps), Fraction(1, fps)
        self._context.colorspace = self._context.color_primaries = self._context.color_trc = BT709
        self._context.color_range = FULL_RANGE
        self._context.thread_count = 1  # a second one saves no CPU, and slices cost bits
        self._context.flags |= Flags.global_header  # the parameter sets apart from the pictures
        self._context.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": str(quality),
            "maxrate": str(bits),
            "bufsize": str(buffer_bits),
            "g": "1000000000",
            "forced-idr": "1",
            "x264-params": SETTINGS,
        }
        self._context.open()
        self.parameter_sets = _without_banner(self._context.extradata or b"")
        self.quantiser = 0
        self._number = 0

    @property
    def profile(self) -> str:
        """As RFC 6381 writes it: the three bytes after the head of the sequence parameter set."""
        return f"avc1.{self.parameter_sets[5:8].hex().upper()}"

    def limit(self, bits: int, buffer_bits: int) -> None:
        """From the next picture on: bits a second, and of one picture at most."""
        for name, value in ((b"maxrate", bits), (b"bufsize", buffer_bits)):
            if self._set(self._address, name, value, 0) < 0:
                raise ValueError(f"FFmpeg takes no {name.decode()} of {value}")

    def encode(self, frame: av.VideoFrame, key: bool) -> tuple[bytes, bool]:
        """Annex B, and whether it is a key picture."""
        frame.pts = self._number
        frame.pict_type = PictureType.I if key else PictureType.NONE
        packets = self._context.encode(frame)
        if len(packets) != 1:
            raise ValueError(f"{len(packets)} pictures for one")
        packet = packets[0]
        self._number += 1
        if packet.has_sidedata("quality_stats"):
            self.quantiser = int.from_bytes(bytes(packet.get_sidedata("quality_stats"))[:4], "little") // _QUALITY_SCALE
        data = bytes(packet)
        return (self.parameter_sets + _without_banner(data), True) if packet.is_keyframe else (data, False)


def _without_banner(data: bytes) -> bytes:
    """`data`, Annex B, without supplemental information (NAL type 6): x264's name and settings, 700 bytes."""
    units = (unit.rstrip(b"\x00") for unit in data.split(b"\x00\x00\x01"))
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units if unit and unit[0] & 0x1F != 6)


def _native(context: Any) -> tuple[Any, int]:
    """FFmpeg's `av_opt_set_int`, and the address of `context`'s AVCodecContext.

    Every AVCodecContext begins with the address of its class, which FFmpeg tells: so a PyAV that keeps it elsewhere is
    found out before anything is written.
    """
    if sys.platform == "win32":
        folder = Path(av.__file__).parent.parent / "av.libs"
        codec, util = (ctypes.CDLL(str(next(folder.glob(f"{name}-*.dll"), ""))) for name in ("avcodec", "avutil"))
    else:
        codec = util = ctypes.CDLL(av._core.__file__)  # a search there goes on in the libraries that it is linked to
    class_of, set_int = codec.avcodec_get_class, util.av_opt_set_int
    class_of.argtypes, class_of.restype = (), ctypes.c_void_p
    set_int.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int)
    address = (ctypes.c_void_p * (_AFTER_HEAD_AND_TABLE + 1)).from_address(id(context))[_AFTER_HEAD_AND_TABLE]
    if not address or ctypes.c_void_p.from_address(address).value != class_of():
        raise ValueError("This PyAV keeps its encoder elsewhere")
    return set_int, address
