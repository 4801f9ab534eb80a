"""How large an organisation's logo may be; `broker.images` decides whether it is a picture at all."""

from typing import Final

from broker.images import checked_image

MAX_BYTES: Final = 256 * 1024
MAX_PIXELS: Final = 2048 * 2048


def checked_logo(data: bytes) -> str:
    """The media type of a sound image.  Raises `TooLarge` or `Unacceptable`."""
    return checked_image(data, MAX_BYTES, MAX_PIXELS)
