"""What differs between two pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_agent.capture.changes import TILE, bounds, changed_tiles, rectangles


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


def test_only_the_rows_asked_for_are_compared() -> None:
    before = np.zeros((200, 130, 4), np.uint8)
    after = before.copy()
    after[10, 5], after[150, 70] = 1, 1
    assert changed_tiles(before, after, 128, 200).sum() == 1


def test_bounds_are_those_of_the_changed_pixels() -> None:
    before = np.zeros((200, 130, 4), np.uint8)
    after = before.copy()
    after[70:74, 66:76] = 9
    assert bounds(before, after, (64, 64, 66, 64)) == ((66, 70, 10, 4), 40)
    assert bounds(before, after, (0, 0, 64, 64)) is None
