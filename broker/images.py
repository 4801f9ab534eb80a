"""Decides whether bytes are a picture that we keep and show: an organisation's logo, a screenshot on a ticket (I16).

What it is decides its content, whatever the sender called it.  Must never trust a name or a declared type.
"""

import io
from typing import Final

from PIL import Image, UnidentifiedImageError

from broker.errors import TooLarge, Unacceptable
from broker.i18n import N_

MEDIA_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SHOWN_ALONE: Final = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""Headers under which such a picture is served: as an image and nothing else."""


def checked_image(data: bytes, max_bytes: int, max_pixels: int) -> str:
    """The media type of a sound image.  Raises `TooLarge` or `Unacceptable`."""
    if len(data) > max_bytes:
        raise TooLarge(N_("The image is larger than {kib} KiB."), kib=max_bytes // 1024)
    wrong = Unacceptable(N_("That is not a PNG, JPEG or WebP image that can be shown."))
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
            kind, (width, height) = image.format or "", image.size
            if not 0 < width * height <= max_pixels:
                raise wrong
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise wrong from None
    return MEDIA_TYPES[kind]
