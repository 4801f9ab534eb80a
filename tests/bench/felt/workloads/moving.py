"""What moves: text that scrolls, a window that is dragged, a film.

Each says where the page sees which step it shows, at its top and at its bottom, so that a picture counts when it is
whole: scrolled lines carry their own number, the film carries its picture's, and the dragged window is where it is.

Each yields a step when it is on the desktop, and goes on when it is asked for the next.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Protocol

import numpy as np

from tests.bench.felt.workloads import code, place, text
from tests.bench.felt.workloads.window import type_pixels


class Surface(Protocol):
    """What a window is to the program that draws in it: see `window.Window`."""

    pixels: type_pixels

    def show(self) -> None: ...
    def put(self) -> None: ...
    def keep_as_background(self) -> None: ...
    def move(self, x: int, y: int) -> None: ...


Open = Callable[[tuple[int, int], int, int], Surface]
"""Makes a window: where it is, its width and height."""


def scroll(opened: Open) -> Iterator[int]:
    """A window of text that moves up by a line at each step, drawn whole as toolkits with a back buffer do."""
    x, y, width, height = place.SCROLL
    line = place.SCROLL_LINE
    window = opened((x, y), width, height)
    drawn = text.lines(300, width, line, seed=2, left=code.WIDTH + 16)
    rows = height // line
    for step in count():
        new = range(rows) if step == 0 else range(rows - 1, rows)
        window.pixels[:-line] = window.pixels[line:].copy()
        for row in new:
            top = row * line
            window.pixels[top : top + line] = drawn[(step + row) % len(drawn)]
            code.draw(window.pixels, 0, top, step + row, line)
        if step == 0:
            window.show()
        window.put()
        yield step


def drag(opened: Open) -> Iterator[int]:
    """A window with text that is moved over the wall: the server moves its pixels, nothing is drawn anew."""
    width, height = place.DRAG_SIZE
    x, y = place.DRAG_FROM
    window = opened((x, y), width, height)
    window.pixels[:] = text.page(width, height, seed=3)
    window.pixels[:24, :, :3] = (120, 90, 40)
    for step in count():
        number, along = divmod(step, place.DRAG_STEPS)
        if along == 0:
            colour = place.DRAG_COLOURS[number % len(place.DRAG_COLOURS)]
            window.pixels[:, : place.DRAG_MARK, :3] = colour[::-1]
            window.keep_as_background()
            window.move(x, y)
            window.show()
        window.move(x + place.DRAG_STEP * along, y + place.drag_sway(step))
        yield step


def video(opened: Open) -> Iterator[int]:
    """A film of 640×360: a landscape of noise that is panned over while things fly across it."""
    x, y, width, height = place.VIDEO
    window = opened((x, y), width, height)
    film = _film(width, height, 60)
    for step in count():
        at = step % (2 * len(film) - 2)
        window.pixels[:] = film[at if at < len(film) else 2 * len(film) - 2 - at]
        for top in (0, height - code.BLOCK):
            code.draw(window.pixels, 0, top, step)
        if step == 0:
            window.show()
        window.put()
        yield step


def _film(width: int, height: int, pictures: int) -> list[type_pixels]:
    land = _landscape(2 * width, 2 * height)
    down, across = np.mgrid[:height, :width]
    film = []
    for number in range(pictures):
        picture = land[number * 3 : number * 3 + height, number * 5 : number * 5 + width].copy()
        for ball in range(3):
            phase = number / 14 + 2 * ball
            middle = (height / 2 + 110 * np.sin(phase * 1.3), width / 2 + 240 * np.cos(phase))
            distance = np.hypot(down - middle[0], across - middle[1])
            inside = distance < 34 + 10 * ball
            shade = (1 - distance[inside] / 80)[:, None]
            picture[inside, :3] = shade * np.array([(60, 90, 230), (230, 200, 80), (90, 220, 120)][ball])
        film.append(picture)
    return film


def _landscape(width: int, height: int) -> type_pixels:
    """Noise whose strength falls with its fineness, as in photographs."""
    chance = np.random.default_rng(7)
    fineness = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    fineness[0, 0] = 1.0
    land = np.full((height, width, 4), 255, np.uint8)
    shared = chance.standard_normal((height, width))
    for channel in range(3):
        noise = np.fft.rfft2(shared + 0.5 * chance.standard_normal((height, width))) / fineness**1.3
        field = np.fft.irfft2(noise, (height, width))
        field = (field - field.mean()) / field.std()
        land[..., channel] = np.clip(120 + 48 * field + (20, 0, -10)[channel], 0, 255).astype(np.uint8)
    return land
