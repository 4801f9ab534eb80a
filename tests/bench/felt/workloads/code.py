"""A number as a row of black and white blocks that a page reads back from a canvas, whatever a codec made of it.

Counterpart: `watch.js`, which reads it.  The number is a Gray code: from one to the next a single block changes, so
that it costs a codec little and half a change reads as one of the two.  Two blocks before it say what white and black
are, one after it is the parity.
"""

import numpy as np

from tests.bench.felt.workloads.window import type_pixels

BLOCK = 16
"""Pixels of a block's side."""
BITS = 12
BLOCKS = 2 + BITS + 1
WIDTH = BLOCKS * BLOCK


def draw(pixels: type_pixels, x: int, y: int, number: int, height: int = BLOCK) -> None:
    """Into BGRX pixels, its left upper corner at x, y."""
    gray = number ^ number >> 1
    bits = [gray >> place & 1 for place in reversed(range(BITS))]
    row = np.repeat(np.array([1, 0, *bits, sum(bits) & 1], np.uint8) * 255, BLOCK)
    pixels[y : y + height, x : x + WIDTH, :3] = row[None, :, None]
