"""Pictures into messages: drawn in order they are the picture; none is too large; text stays exact."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from client_agent.capture.base import Pixels
from client_agent.capture.changes import TILE, changed_tiles, rectangles
from client_agent.encode.tiles import TileEncoder
from protocol import inner, inner_codec, limits


class Canvas:
    """Draws as a console does."""

    def __init__(self) -> None:
        self.rgb = np.zeros((0, 0, 3), np.uint8)
        self.encodings: set[str] = set()

    def take(self, message: object) -> None:
        if isinstance(message, inner.ScreenSize):
            self.rgb = np.zeros((message.height, message.width, 3), np.uint8)
        elif isinstance(message, inner.Tiles):
            assert len(inner_codec.to_bytes(message)) <= limits.FRAME_PAYLOAD
            for tile in message.tiles:
                self.encodings.add(tile.encoding)
                self.rgb[tile.y : tile.y + tile.h, tile.x : tile.x + tile.w] = pixels_of(tile)


def pixels_of(tile: inner.Tile) -> np.ndarray:
    if tile.encoding == "fill":
        return np.frombuffer(tile.data, np.uint8)
    if tile.encoding == "rgb":
        return np.frombuffer(zlib.decompress(tile.data), np.uint8).reshape(tile.h, tile.w, 3)
    return np.asarray(Image.open(io.BytesIO(tile.data)).convert("RGB"))


def rgb(picture: Pixels) -> np.ndarray:
    return picture[..., 2::-1]


def show(encoder: TileEncoder, canvas: Canvas, picture: Pixels) -> None:
    encoder.look(picture)
    while (message := encoder.next()) is not None:
        canvas.take(message)


def blank(width: int = 500, height: int = 300) -> Pixels:
    return np.full((height, width, 4), 255, np.uint8)


@given(st.lists(st.tuples(*[st.integers(0, 260)] * 2, st.integers(1, 90), st.integers(0, 255)), max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_console_has_the_picture_when_the_encoder_says_so(changes: list[tuple[int, int, int, int]]) -> None:
    encoder, canvas, picture = TileEncoder(), Canvas(), blank()
    show(encoder, canvas, picture)
    for x, y, size, value in changes:
        picture = picture.copy()
        picture[y : y + size, x : x + size, :3] = [value, 255 - value, 7]
        show(encoder, canvas, picture)
        assert np.array_equal(canvas.rgb, rgb(picture))
    assert "jpeg" not in canvas.encodings


def test_a_picture_that_is_replaced_half_way_still_comes_out_whole() -> None:
    encoder, canvas = TileEncoder(), Canvas()
    rng = np.random.default_rng(1)
    picture = blank(900, 700)
    for _ in range(8):
        picture = picture.copy()
        x, y = rng.integers(0, 600, 2)
        picture[y : y + 200, x : x + 200, :3] = rng.integers(0, 2, (min(200, 700 - y), 200, 1)) * 255
        encoder.look(picture)
        for _ in range(2):
            canvas.take(encoder.next())
    show(encoder, canvas, picture)
    assert np.array_equal(canvas.rgb, rgb(picture))


def test_a_photo_is_lossy_while_it_moves_and_exact_when_it_rests() -> None:
    encoder, canvas = TileEncoder(), Canvas()
    photo = np.random.default_rng(2).integers(0, 256, (200, 320, 4), np.uint8)
    show(encoder, canvas, photo)
    assert canvas.encodings == {"jpeg"}
    while (message := encoder.refine()) is not None:
        canvas.take(message)
    assert np.array_equal(canvas.rgb, rgb(photo))


def test_nothing_is_sent_when_nothing_changed() -> None:
    encoder, canvas, picture = TileEncoder(), Canvas(), blank()
    show(encoder, canvas, picture)
    encoder.look(picture.copy())
    assert encoder.next() is None
    assert encoder.refine() is None


def test_another_size_begins_a_new_picture() -> None:
    encoder, canvas = TileEncoder(), Canvas()
    show(encoder, canvas, blank())
    small = blank(65, 33)
    small[:, :, 0] = 3
    show(encoder, canvas, small)
    assert np.array_equal(canvas.rgb, rgb(small))


def test_restart_sends_everything_again() -> None:
    encoder, picture = TileEncoder(), blank()
    show(encoder, Canvas(), picture)
    encoder.restart()
    fresh = Canvas()
    show(encoder, fresh, picture)
    assert np.array_equal(fresh.rgb, rgb(picture))


@pytest.mark.parametrize(("x", "y"), [(0, 0), (63, 63), (64, 64), (129, 99)])
def test_one_changed_pixel_is_one_tile(x: int, y: int) -> None:
    before = np.zeros((100, 130, 4), np.uint8)
    after = before.copy()
    after[y, x, 1] = 1
    grid = changed_tiles(before, after)
    assert grid.sum() == 1
    assert grid[y // TILE, x // TILE]


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=5))
def test_rectangles_cover_each_tile_once(rows: list[list[bool]]) -> None:
    grid = np.array(rows)
    covered = np.zeros(grid.shape, int)
    for row, column, down, across in rectangles(grid, 4, 2):
        assert across <= 4
        assert down <= 2
        covered[row : row + down, column : column + across] += 1
    assert np.array_equal(covered, grid.astype(int))
