"""The window's pictures, drawn from outlines of 24 × 24 units, so sharp at every scale and in any colour.

Decoration only: whatever a picture says is said in words beside it.
"""

from functools import cache
from io import BytesIO
from typing import Literal

from PIL import Image, UnidentifiedImageError
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

Name = Literal[
    "check", "circle", "shield", "warning", "copy", "eye", "pointer", "pause", "flag",
    "cross", "clock", "save", "refresh", "person", "verified", "wrench", "price", "door",
]  # fmt: skip

_STROKES: dict[Name, str] = {
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "circle": "M12 4a8 8 0 1 0 .01 0z",
    "shield": "M12 3l7.5 3v5.5c0 4.6-3.2 8-7.5 9.5-4.3-1.5-7.5-4.9-7.5-9.5V6z M8.5 12l2.5 2.5 4.5-5",
    "warning": "M12 4L2.8 19.5h18.4z M12 10v4.5 M12 17.2v.1",
    "copy": "M9 9h10.5v11.5H9z M5.5 15H4.5V3.5H15v2",
    "eye": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9.2a2.8 2.8 0 1 0 .01 0z",
    "pointer": "M5.5 3.5l13 8-5.8 1.4L9.8 18.5z M13 13.5l4 6",
    "pause": "M8.5 5.5v13 M15.5 5.5v13",
    "flag": "M5.5 21V4 M5.5 4.5c4-2 8 2 13 0v9c-5 2-9-2-13 0",
    "cross": "M6.5 6.5l11 11 M17.5 6.5l-11 11",
    "clock": "M12 3.5a8.5 8.5 0 1 0 .01 0z M12 7.5V12l3 2",
    "save": "M12 3.5v11 M7.5 10.5L12 15l4.5-4.5 M4.5 16.5v3.5h15v-3.5",
    "refresh": "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9 M19.5 4v5h-5",
    "person": "M12 4a4 4 0 1 0 .01 0z M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6",
    "verified": "M12 3.500a8.5 8.5 0 1 0 .01 0z M8 12.200l2.8 2.8 5.2-5.8",
    "wrench": "M20 6.500a5 5 0 0 1-6.5 6l-7 7-2.5-2.5 7-7a5 5 0 0 1 6-6.500l-3 3 .5 2.5 2.5.5z",
    "price": "M12 3.500a8.5 8.5 0 1 0 .01 0z M15 8.500a4 4 0 1 0 0 7 M7.5 11h5.5 M7.5 13.500h5",
    "door": "M13.5 4H5.500v16h8 M10.5 12h10 M17 8l4 4-4 4",
}

_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f5f6b"/>'
    '<path d="M6 12h14l-4-4M26 20H12l4 4" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" '
    'stroke-linejoin="round"/></svg>'
)
"""Relevo's own mark, the same as the console's."""

LOGO_PIXELS = 2048
"""A logo wider or higher than this is not decoded."""


def outline(name: Name, colour: str) -> str:
    """One picture as SVG text."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<path d="{_STROKES[name]}" fill="none" stroke="{colour}" stroke-width="2" stroke-linecap="round" '
        'stroke-linejoin="round"/></svg>'
    )


@cache
def picture(name: Name, colour: str, size: int, ratio: float) -> QPixmap:
    """A picture of `size` logical pixels for a screen of device pixel ratio `ratio`."""
    return _rendered(outline(name, colour), size, ratio)


@cache
def mark(size: int, ratio: float) -> QPixmap:
    """Relevo's mark."""
    return _rendered(_MARK, size, ratio)


@cache
def icon(name: Name, colour: str, size: int = 20) -> QIcon:
    """For a button; sharp up to 300 %."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(picture(name, colour, size, ratio))
    return made


def program_icon() -> QIcon:
    """For the window's frame and the task bar."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(mark(size, 1.0))
    return made


def logo(data: bytes, height: int, ratio: float) -> QPixmap | None:
    """The provider's picture, `height` logical pixels high and at most four times as wide; None if it is none."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
            if max(opened.size) > LOGO_PIXELS or min(opened.size) < 1:
                return None
            rgba = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    image = QImage(rgba.tobytes(), rgba.width, rgba.height, QImage.Format.Format_RGBA8888).copy()
    within = QSize(round(height * 4 * ratio), round(height * ratio))
    mode = Qt.TransformationMode.SmoothTransformation
    pixmap = QPixmap.fromImage(image.scaled(within, Qt.AspectRatioMode.KeepAspectRatio, mode))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _rendered(svg: str, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
