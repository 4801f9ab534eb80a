"""Where everything is on the desktop of 1920×1080, in pixels; right of 1440 is room for the agent's own window."""

SIZE = (1920, 1080)
WALL = (16, 80, 1400, 904)
"""The page of text that everything moves over: x, y, width, height."""
ECHO = (40, 1000, 640, 56)
"""The window that answers keys, below it."""
ECHO_BLOCK = (8, 8, 40, 40)
"""In that window: the block that changes its colour with each key."""
ECHO_COLOURS = ((214, 40, 40), (40, 160, 60), (50, 80, 220), (240, 200, 40))
"""Red, green, blue of the block, in turn."""

SCROLL, SCROLL_LINE, SCROLL_RATE = (100, 150, 1000, 700), 25, 25.0
VIDEO, VIDEO_RATE = (300, 250, 640, 360), 30.0
DRAG_SIZE, DRAG_RATE = (600, 400), 30.0
DRAG_FROM, DRAG_STEP, DRAG_STEPS = (30, 300), 6, 120
"""A pass starts there and goes on by so many pixels to the right, so many times; then the next."""
DRAG_MARK = 32
"""Width of the coloured bar at the dragged window's left, by which the page finds it."""
DRAG_COLOURS = ((220, 30, 30), (20, 150, 50), (40, 60, 220), (190, 20, 190))
"""The bar's colour in each pass, in turn."""
DRAG_ROWS = (40, 360)
"""Rows of the dragged window, from its top, in which the page looks for the bar."""


def drag_sway(step: int) -> int:
    """How far the dragged window is below its start: up and down 24 pixels, as a hand does."""
    return abs(step % 48 - 24)
