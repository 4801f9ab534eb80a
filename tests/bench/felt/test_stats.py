"""What the canvas showed becomes pictures a second and their age."""

from itertools import pairwise

import numpy as np
import pytest

from tests.bench.felt import quality, stats
from tests.bench.felt.workloads import code, place

DRAWN = [step / 10 for step in range(40)]
"""Ten steps a second for four seconds."""
LATE_S = 0.25


def film(values: list[int]) -> list[stats.Seen]:
    """Each step is seen LATE_S after it was drawn, whole."""
    return [(DRAWN[step] + LATE_S, step, step) for step in values]


def test_each_step_that_is_seen_counts_and_is_as_old_as_it_is_late() -> None:
    found = stats.motion("video", film(list(range(40))), DRAWN, 1.0, 3.0)
    assert found.seen_per_s == pytest.approx(10, abs=0.6)
    assert found.drawn_per_s == pytest.approx(10)
    assert found.age_p50_s == pytest.approx(LATE_S + 0.05, abs=0.01)
    assert found.age_p95_s == pytest.approx(LATE_S + 0.1, abs=0.01)


def test_a_picture_counts_when_its_bottom_is_there_too() -> None:
    halves = [(at + part / 20, top, top - 1 + part) for at, top, _ in film(list(range(1, 40))) for part in (0, 1)]
    found = stats.motion("video", halves, DRAWN, 1.0, 3.0)
    assert found.seen_per_s == pytest.approx(10, abs=0.6)
    assert found.age_p50_s == pytest.approx(LATE_S + 0.1, abs=0.01)


def test_what_is_illegible_or_not_yet_drawn_was_not_seen() -> None:
    log = [(1.0, 8, 8), (1.1, -1, 9), (1.2, 31, 31), (1.3, 11, 11)]
    found = stats.motion("video", log, DRAWN, 0.9, 1.9)
    assert found.seen_per_s == pytest.approx(2)


def test_nothing_seen_has_no_age() -> None:
    found = stats.motion("video", [], DRAWN, 1.0, 3.0)
    assert (found.seen_per_s, found.age_p50_s, found.age_p95_s) == (0, None, None)


def test_scrolled_lines_tell_their_step_from_either_end() -> None:
    rows = place.SCROLL[3] // place.SCROLL_LINE
    log = [(at, step, step + rows - 1) for at, step, _ in film(list(range(40)))]
    assert stats.motion("scroll", log, DRAWN, 1.0, 3.0).seen_per_s == pytest.approx(10, abs=0.6)


def test_the_dragged_window_tells_its_step_by_place_and_colour_through_many_passes() -> None:
    turn = place.DRAG_STEPS * len(place.DRAG_COLOURS)
    drawn = [step / 30 for step in range(2 * turn)]
    log = []
    for step in range(turn - 5, turn + 130):
        number, along = divmod(step, place.DRAG_STEPS)
        x = place.DRAG_FROM[0] + place.DRAG_STEP * along + 2 * (step % 2)  # a codec blurs the edge
        value = x + 2048 * (number % len(place.DRAG_COLOURS))
        log.append((drawn[step] + LATE_S, value, value))
    found = stats.motion("drag", log, drawn, drawn[turn], drawn[turn + 120])
    assert found.seen_per_s == pytest.approx(30, abs=1)
    assert found.age_p95_s == pytest.approx(LATE_S + 1 / 30, abs=0.01)


def test_from_one_number_to_the_next_one_block_and_the_parity_change() -> None:
    def drawn(number: int) -> list[int]:
        pixels = np.zeros((code.BLOCK, code.WIDTH, 4), np.uint8)
        code.draw(pixels, 0, 0, number)
        return list(pixels[0, :: code.BLOCK, 0])

    for one, other in pairwise(drawn(number) for number in range(600)):
        changed = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        assert len(changed) == 2
        assert changed[-1] == code.BLOCKS - 1


def test_the_same_picture_is_alike_and_a_blurred_one_less_so() -> None:
    chance = np.random.default_rng(1)
    text: quality.Luma = np.where(chance.random((60, 80)) > 0.8, 255.0, 0.0)
    assert quality.ssim(text, text) == pytest.approx(1.0)
    blurred: quality.Luma = (text + np.roll(text, 1, 1) + np.roll(text, -1, 1)) / 3
    assert 0 < quality.ssim(text, blurred) < 0.8
    assert quality.ssim(text, text + 1) > 0.999


def test_percentiles_of_few_and_of_one() -> None:
    assert stats.p95([7.0]) == 7.0
    assert stats.p95(list(range(101))) == 95
