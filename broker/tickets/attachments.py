"""How large a screenshot on a ticket may be (I16); `broker.images` decides whether it is a picture at all."""

from typing import Final

from broker.images import checked_image

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_PIXELS: Final = 7680 * 2160
"""Two screens of 3840 × 2160 side by side."""
MOST: Final = 20
"""Attachments of one ticket."""


def checked_screenshot(data: bytes) -> str:
    """The media type of a sound image; takes its time.  Raises `TooLarge` or `Unacceptable`."""
    return checked_image(data, MAX_BYTES, MAX_PIXELS)
