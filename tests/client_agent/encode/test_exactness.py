"""Whatever changes where: it is all sent, once, in messages that a console takes."""

import numpy as np
import pytest

from client_agent.capture.base import ANYWHERE, Area, Pixels
from client_agent.encode.chooser import ScreenEncoder
from client_agent.encode.pacer import Line
from tests.client_agent.support.canvas import FAST, Canvas, show

TILE = 64


def blank(width: int, height: int) -> Pixels:
    return np.zeros((height, width, 4), np.uint8)


def photo(side: int) -> Pixels:
    """Noise of several finenesses, as in a photograph."""
    chance, made = np.random.default_rng(3), np.zeros((side, side, 4))
    for fineness in (1, 2, 4, 8, 16, 32):
        coarse = chance.normal(0, 3 + 2 * fineness, (side // fineness, side // fineness, 4))
        made += coarse.repeat(fineness, 0).repeat(fineness, 1)
    return np.clip(made + 128, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("codecs", [("h264",), ()], ids=["film", "tiles"])
@pytest.mark.parametrize("kbit", [256, 512, 1_024])
def test_a_photo_that_was_thought_to_be_cheap_arrives(kbit: int, codecs: tuple[str, ...]) -> None:
    """Each of its tiles once: of a rectangle that is too large for a message, what has gone is not cut again."""
    encoder, canvas, now = ScreenEncoder(), Canvas(), 0.0
    encoder.decodes(codecs)  # type: ignore[arg-type]
    line = Line(kbit * 125.0, kbit * 12, kbit * 15)
    page, placeholder = np.full((720, 1280, 4), 255, np.uint8), (128, 128, 256, 256)
    show(encoder, canvas, page, now, line)
    page = page.copy()
    page[128:384, 128:384] = 240
    show(encoder, canvas, page, now := now + 2, line, (placeholder,))
    page = page.copy()
    page[128:384, 128:384] = photo(256)
    encoder.look(page, (placeholder,), (), line, now := now + 2)
    sent = 0
    for _ in range(200):
        message = encoder.next(line, now)
        now = max(now + 0.1, encoder.due_at(now) if message is None else 0.0)
        if now == float("inf"):
            break
        if message is not None:
            canvas.take(message)
            sent += canvas.sizes[-1]
    assert canvas.shows(page)
    assert sent < 2 * 256 * 256 * 3


def test_what_was_drawn_before_its_damage_was_told_is_seen_when_it_is_told() -> None:
    """An X server's picture may hold it already, between two tiles that were told."""
    encoder, canvas, picture = ScreenEncoder(), Canvas(), blank(1280, 128)
    show(encoder, canvas, picture)
    picture = picture.copy()
    for x in (0, 5 * TILE, 10 * TILE):
        picture[10:20, x : x + 10, :3] = 200
    ends: tuple[Area, ...] = ((0, 10, 10, 10), (10 * TILE, 10, 10, 10))
    show(encoder, canvas, picture, 1.0, damage=ends)
    show(encoder, canvas, picture, 1.1, damage=((5 * TILE, 10, 10, 10),))
    assert canvas.shows(picture)


def test_no_message_has_more_pixels_than_the_screen() -> None:
    """Two frames, one in the other, whose rectangles cover each other."""
    encoder, canvas, picture = ScreenEncoder(), Canvas(), blank(1920, 1080)
    line = Line(2e6, 1 << 20, 1 << 20)
    show(encoder, canvas, picture, line=line)
    for number in range(1, 6):
        picture = picture.copy()
        picture[517:527, 645:655, :3] = number
        show(encoder, canvas, picture, number * 3.0 - 1, line)
        picture = picture.copy()
        for at, colour in ((2, 10 + number), (3, 0), (4, 100 + number), (5, 0)):
            columns, rows = 30 - 2 * at, 17 - 2 * at
            picture[at * TILE : (at + rows) * TILE, at * TILE : (at + columns) * TILE, :3] = colour
        picture[517:527, 645:655, :3] = 50 + number
        show(encoder, canvas, picture, number * 3.0, line)
        assert canvas.shows(picture)


@pytest.mark.parametrize(
    ("size", "moving", "as_film"),
    [
        ((1366, 768), [(1344, 100, 22, 400)], True),  # the last column of tiles is narrower than a decoder takes
        ((1920, 1086), [(300, 1024, 900, 62)], True),
        ((5760, 1080), [(200, 200, 256, 192), (5000, 200, 256, 192)], False),  # wider than one takes
    ],
)
def test_where_it_moves_ends_no_film_for_good(size: tuple[int, int], moving: list[Area], as_film: bool) -> None:
    encoder, canvas, chance = ScreenEncoder(), Canvas(), np.random.default_rng(1)
    encoder.decodes(("h264",))
    picture, line = blank(*size), Line(256_000.0, 1 << 20, 1 << 20)
    show(encoder, canvas, picture, line=line)

    def play(areas: list[Area], begin: float) -> None:
        nonlocal picture
        for number in range(30):
            picture = picture.copy()
            for x, y, w, h in areas:
                picture[y : y + h, x : x + w, :3] = chance.integers(0, 256, (h, w, 3), np.uint8)
            show(encoder, canvas, picture, begin + number / 15, line, tuple(areas))

    play(moving, 1.0)
    assert ("video" in canvas.encodings) is as_film
    canvas.encodings.clear()
    play([(320, 320, 320, 320)], 10.0)
    assert "video" in canvas.encodings
    show(encoder, canvas, picture, 20.0, FAST, ANYWHERE)
    assert canvas.shows(picture)
