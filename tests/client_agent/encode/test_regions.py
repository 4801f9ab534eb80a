"""Few rectangles hold what changed, and not much more."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from client_agent.encode.regions import cover


def painted(shape: tuple[int, int], *areas: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.bool_)
    for x, y, w, h in areas:
        mask[y : y + h, x : x + w] = True
    return mask


@given(st.lists(st.tuples(*[st.integers(0, 250)] * 2, *[st.integers(1, 120)] * 2), max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_pixel_is_in_one_rectangle_alone(areas: list[tuple[int, int, int, int]]) -> None:
    mask = painted((200, 300), *areas)
    times = np.zeros(mask.shape, int)
    for x, y, w, h in cover(mask):
        assert w > 0
        assert h > 0
        times[y : y + h, x : x + w] += 1
    assert (times[mask] == 1).all()
    assert times.max() <= 1


def test_what_a_dragged_window_uncovers_is_two_strips() -> None:
    """To the left of it and above it."""
    mask = painted((420, 640), (0, 0, 600, 3), (0, 0, 18, 400))
    assert sorted(cover(mask)) == [(0, 0, 18, 400), (18, 0, 582, 3)]


def test_lines_of_text_stay_together() -> None:
    mask = painted((100, 600), *((0, top, 600, 14) for top in range(0, 100, 20)))
    assert list(cover(mask)) == [(0, 0, 600, 94)]


def test_two_changes_far_from_each_other_are_two() -> None:
    mask = painted((400, 400), (10, 10, 20, 20), (350, 370, 30, 10))
    assert sorted(cover(mask)) == [(10, 10, 20, 20), (350, 370, 30, 10)]


def test_a_frame_is_not_sent_with_all_that_is_in_it() -> None:
    mask = painted((400, 600), (0, 0, 600, 2), (0, 398, 600, 2), (0, 0, 2, 400), (598, 0, 2, 400))
    assert sum(w * h for _, _, w, h in cover(mask)) < 0.3 * 400 * 600
