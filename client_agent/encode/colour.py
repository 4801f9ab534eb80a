"""The desktop's colours as a video encoder takes them: BGRX to Y'CbCr 4:2:0, BT.709, full range (docs/decisions/0052).

Counterpart: `video.py` has the stream say which colours these are; `Canvas` keeps the picture between two codings, so
that only what changed is converted (a whole 1920×1080 takes 4 ms of CPU).
"""

from collections.abc import Iterable
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from client_agent.capture.base import Pixels

Rectangle = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
_EXACT_SMALLER = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
"""FAST_BILINEAR would blur text, and without ACCURATE_RND white is a little green."""
_REACH = 2
"""Coded pixels: how far a pixel's colour reaches beyond the even place where it stands, and draws from.  Even."""


class Canvas:
    """The picture that the encoder sees: each side of the desktop's part divided by `scale`, rounded up to even."""

    def __init__(self, width: int, height: int, scale: int = 1) -> None:
        self._width, self._height, self._scale = width, height, scale
        coded = [-(-side // (2 * scale)) * 2 for side in (width, height)]
        self.frame = av.VideoFrame(coded[0], coded[1], "yuv420p")
        self._planes = [_plane(self.frame, index) for index in range(3)]
        self._reformatter = VideoReformatter()
        self.blank()

    def blank(self) -> None:
        """Grey all over: it costs the encoder nothing."""
        for plane in self._planes:
            plane[:] = 128

    def draw(self, pixels: Pixels, dirty: Iterable[Rectangle]) -> None:
        """Take over `dirty` of `pixels`.  Raises `ValueError` if they have not this canvas's size."""
        if pixels.shape != (self._height, self._width, 4):
            raise ValueError(f"A picture of {pixels.shape} is not {self._width} x {self._height}")
        grain = 2 * self._scale
        for x, y, w, h in dirty:
            x, y, right, bottom = max(0, x), max(0, y), min(self._width, x + w), min(self._height, y + h)
            if x < right and y < bottom:
                self._convert(
                    pixels,
                    max(0, x // grain * 2 - _REACH),
                    max(0, y // grain * 2 - _REACH),
                    min(self.frame.width, -(-right // grain) * 2 + _REACH),
                    min(self.frame.height, -(-bottom // grain) * 2 + _REACH),
                )

    def _convert(self, pixels: Pixels, left: int, top: int, right: int, bottom: int) -> None:
        """Renew a rectangle, in even coded pixels."""
        x0, x1 = max(0, left - _REACH), min(self.frame.width, right + _REACH)
        y0, y1 = max(0, top - _REACH), min(self.frame.height, bottom + _REACH)
        scale = self._scale
        part = pixels[y0 * scale : y1 * scale, x0 * scale : x1 * scale]
        missing = (y1 - y0) * scale - part.shape[0], (x1 - x0) * scale - part.shape[1]
        if any(missing):
            part = np.pad(part, ((0, missing[0]), (0, missing[1]), (0, 0)), "edge")
        new = self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(part, "bgra"),
            width=x1 - x0,
            height=y1 - y0,
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT if scale == 1 else _EXACT_SMALLER,
            threads=1,
        )
        for index, plane in enumerate(self._planes):
            half = 2 if index else 1
            inside = _plane(new, index)[(top - y0) // half :, (left - x0) // half :]
            target = plane[top // half : bottom // half, left // half : right // half]
            target[:] = inside[: target.shape[0], : target.shape[1]]


def _plane(frame: av.VideoFrame, index: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    buffer: Any = plane  # its stub does not say that it is a buffer
    return np.frombuffer(buffer, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
