"""Pages of text, drawn once: the same on every desktop, from one seed."""

import random
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.bench.felt.workloads.window import type_pixels

_TEXT = (
    "the customer computer window session picture relay broker agent technician support remote line keyboard screen "
    "password consent price minute open close file save print network update install error message settings account "
    "invoice order number 2026 108.50 address system driver memory disk folder search reply forward delete select"
)
_WORDS = _TEXT.split()
_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans Mono."""
    return ImageFont.truetype(_FONT, size)


def lines(count: int, width: int, height: int, seed: int, left: int = 8, size: int = 14) -> list[type_pixels]:
    """`count` lines of text as BGRX pictures of that width and height, black on white, now and then one in colour."""
    chance = random.Random(seed)
    columns = int((width - left - 8) / font(size).getlength("m"))
    drawn = []
    for _ in range(count):
        picture = Image.new("RGB", (width, height), "white")
        ink = chance.choices(("#1b1b1b", "#0b3d91", "#7a1f1f"), (8, 1, 1))[0]
        words, length = "", chance.randint(columns // 3, columns)
        while len(words) < length:
            words += chance.choice(_WORDS) + " "
        ImageDraw.Draw(picture).text((left, (height - size) // 2 - 1), words[:columns], ink, font(size))
        drawn.append(bgrx(picture))
    return drawn


def page(width: int, height: int, seed: int, line_height: int = 20) -> type_pixels:
    """A page full of such lines."""
    whole = np.full((height, width, 4), 255, np.uint8)
    for number, line in enumerate(lines(height // line_height, width, line_height, seed)):
        whole[number * line_height : (number + 1) * line_height] = line
    return whole


def bgrx(picture: Image.Image) -> type_pixels:
    """As an X server of 24 bits has it."""
    return np.asarray(picture.convert("RGBX"))[..., [2, 1, 0, 3]].copy()
