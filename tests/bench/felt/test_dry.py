"""What the agent makes of the workloads, in simulated time: the same on any machine."""

import pytest

from tests.bench.felt.dry import Run
from tests.bench.felt.stats import p50
from tests.support.link import Shape

VERY_SLOW = Shape(256, 200)


def test_a_dragged_window_is_followed_exactly_on_a_very_slow_line() -> None:
    found = Run("drag", VERY_SLOW).go(6)
    assert not {"Video", "VideoStart"} & set(found.encodings)
    assert found.motion is not None
    assert found.motion.seen_per_s >= 6  # the window comes up anew in the first of these seconds
    assert len(found.keys) > 8
    assert p50(found.keys) < 0.35


def test_text_that_scrolls_faster_than_a_line_carries_is_a_film() -> None:
    found = Run("scroll", VERY_SLOW).go(5)
    assert found.encodings["Video"] > 10
    assert len(found.keys) > 8


def test_a_key_that_is_pressed_while_a_film_plays_does_not_wait_for_it() -> None:
    found = Run("video", Shape(1024, 40)).go(3)
    assert found.encodings["Video"] > 30
    assert p50(found.keys) < 0.1


@pytest.mark.parametrize("work", ["video", "scroll"])
def test_nothing_waits_for_long_on_a_line_that_changes(work: str) -> None:
    found = Run(work, Shape(8_000, 40), rates=[(2, 1_000), (8, 8_000)]).go(12)
    assert max(wait for _, wait in found.queues) < 0.6  # once, what was on its way when the line became slow
    for begin, end in ((0, 2), (5, 8), (9, 12)):
        waits = [wait for at, wait in found.queues if begin <= at < end]
        assert p50(waits) < 0.06
        assert max(waits) < 0.15
