"""The desktop's colours as a video encoder takes them: BGRX to YCbCr 4:2:0, BT.709, limited range.

Counterpart: `video.py` has the stream say which colours these are; `Canvas` keeps the picture between two codings, so
that only what changed is converted (a whole 1920×1080 takes 3 ms).
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

_MARGIN = 2
"""Pixels around a rectangle that are converted with it: the chroma of its edges depends on them.  Even."""


class Canvas:
    """The picture that the encoder sees, `width` × `height` rounded up to even."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.frame = av.VideoFrame(width + width % 2, height + height % 2, "yuv420p")
        self._planes = [_plane(self.frame, index) for index in range(3)]
        self._reformatter = VideoReformatter()

    def draw(self, pixels: Pixels, dirty: Iterable[Rectangle] | None) -> None:
        """Take over `dirty` (None: everything) of `pixels`.  Raises `ValueError` at another size."""
        if pixels.shape != (self.height, self.width, 4):
            raise ValueError(f"A picture of {pixels.shape} is not {self.width} x {self.height}")
        for x, y, w, h in dirty if dirty is not None else [(0, 0, self.width, self.height)]:
            left, right = max(0, x) & ~1, min(self.width, x + w)
            top, bottom = max(0, y) & ~1, min(self.height, y + h)
            if left < right and top < bottom:
                self._convert(pixels, left, top, right, bottom)

    def _convert(self, pixels: Pixels, left: int, top: int, right: int, bottom: int) -> None:
        x, y = max(0, left - _MARGIN), max(0, top - _MARGIN)
        part = pixels[y : bottom + _MARGIN, x : right + _MARGIN]
        odd = part.shape[0] % 2, part.shape[1] % 2
        if any(odd):
            part = np.pad(part, ((0, odd[0]), (0, odd[1]), (0, 0)), "edge")
        converted = self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(part, "bgra"),
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR,
            threads=1,
        )
        right, bottom = right + right % 2, bottom + bottom % 2
        for index, plane in enumerate(self._planes):
            half = 2 if index else 1
            new = _plane(converted, index)
            inside = np.s_[
                (top - y) // half : (bottom - y) // half,
                (left - x) // half : (right - x) // half,
            ]
            plane[top // half : bottom // half, left // half : right // half] = new[inside]


def _plane(frame: av.VideoFrame, index: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    buffer: Any = plane  # its stub does not say that it is a buffer
    return np.frombuffer(buffer, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
