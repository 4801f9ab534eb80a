"""What is on a desktop, pixel by pixel, asked of its X server."""

from typing import Any

import numpy as np
import xcffib
from xcffib import xproto

from tests.bench.felt.workloads.window import type_pixels


def desktop_pixels(display: str) -> type_pixels:
    """The whole desktop of `display` (as in DISPLAY), BGRX, without the pointer."""
    connection: Any = xcffib.connect(display=display)  # type: ignore[no-untyped-call]
    try:
        screen = connection.get_setup().roots[connection.pref_screen]
        size = screen.width_in_pixels, screen.height_in_pixels
        taken = connection.core.GetImage(xproto.ImageFormat.ZPixmap, screen.root, 0, 0, *size, 0xFFFFFFFF).reply()
        return np.frombuffer(taken.data.buf(), np.uint8).reshape(size[1], size[0], 4)
    finally:
        connection.disconnect()
