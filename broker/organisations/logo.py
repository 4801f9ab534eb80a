"""Decides whether bytes are an image that we show as an organisation's logo."""

import io
from typing import Final

from PIL import Image, UnidentifiedImageError

from broker.errors import TooLarge, Unacceptable
from broker.i18n import N_

MAX_BYTES: Final = 256 * 1024
MAX_PIXELS: Final = 2048 * 2048
MEDIA_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def checked_logo(data: bytes) -> str:
    """The media type of a sound image, whatever the sender called it.  Raises `TooLarge` or `Unacceptable`."""
    if len(data) > MAX_BYTES:
        raise TooLarge(N_("The image is larger than {kib} KiB."), kib=MAX_BYTES // 1024)
    wrong = Unacceptable(N_("That is not a PNG, JPEG or WebP image that can be shown."))
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
            kind, (width, height) = image.format or "", image.size
            if not 0 < width * height <= MAX_PIXELS:
                raise wrong
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise wrong from None
    return MEDIA_TYPES[kind]
