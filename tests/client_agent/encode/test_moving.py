"""A region that moves: what the console copies of it, what that leaves over, and when it is no motion any more."""

import numpy as np
import pytest

from client_agent.capture.base import Area, Pixels
from client_agent.encode.model import Model
from client_agent.encode.motion import Motion
from client_agent.encode.moving import LOOKS, MEMORY, Moving, Regions
from client_agent.encode.pacer import Line
from tests.client_agent.encode.test_chooser import noise, text
from tests.client_agent.support.canvas import FAST, SLOW

VERY_SLOW = Line(rate=32_000, room=10**9, spare=10**9)
WIDE, HIGH = 300, 260


def desktop(at: tuple[int, int] | None) -> Pixels:
    """A page of text, and over it a window with other text."""
    picture = text(1000, 700, 6)
    if at is not None:
        x, y = at
        picture[y : y + HIGH, x : x + WIDE] = text(WIDE, HIGH, 7)
    return picture


def shown(picture: Pixels) -> Model:
    """What a console knows that has that picture."""
    model = Model()
    model.look(picture, (), 0)
    model.sent((0, 0, picture.shape[1], picture.shape[0]), lossy=False)
    return model


def look(model: Model, region: Moving, picture: Pixels, now: float, line: Line = SLOW) -> Motion | None:
    everywhere: Area = (0, 0, 1000, 700)
    model.look(picture, (everywhere,), now)
    region.seen(model.fresh.copy(), now)
    motion = region.follow(model, np.zeros_like(model.fresh), line, now)
    if motion:
        model.move(motion, now)
    model.count(np.zeros_like(model.fresh), now)
    return motion


def begun(model: Model) -> Moving:
    return Moving(np.zeros_like(model.dirty), 0)


@pytest.mark.parametrize("way", [(17, 9), (0, -40), (-60, 0), (600, 20)])
def test_a_window_that_went_is_found_where_it_is(way: tuple[int, int]) -> None:
    at = (90, 60) if way[0] >= 0 else (500, 200)
    model = shown(desktop(at))
    motion = look(model, begun(model), desktop((at[0] + way[0], at[1] + way[1])), 0.1)
    assert motion is not None
    assert (motion.dx, motion.dy) == way


def test_what_the_console_has_not_got_yet_is_followed_too() -> None:
    """A window comes up and is dragged before any of it went: its motion is the desktop's, not the console's."""
    model = shown(desktop(None))
    region = begun(model)
    assert look(model, region, desktop((100, 80)), 0.1) is None
    for step in range(1, 6):
        motion = look(model, region, desktop((100 + 12 * step, 80 + 3 * step)), 0.1 + step * 0.08)
        assert motion is not None
        assert (motion.dx, motion.dy) == (12, 3)
    assert region.followed(SLOW, 0, 0.5)


def test_what_changes_all_over_is_not_followed() -> None:
    model = shown(desktop(None))
    region = begun(model)
    for step in range(5):
        picture = desktop(None)
        picture[100:400, 100:500] = noise(step, 400, 300)
        assert look(model, region, picture, step * 0.05) is None
    assert not region.followed(FAST, 0, 0.2)


def test_a_motion_that_ended_is_none() -> None:
    model = shown(desktop((100, 80)))
    region = begun(model)
    assert look(model, region, desktop((120, 80)), 1.0)
    assert region.followed(SLOW, 0, 1.0)
    assert not region.followed(SLOW, 0, 1.0 + MEMORY)


def test_text_that_scrolls_in_faster_than_the_line_carries_it_is_not_followed() -> None:
    long = text(1000, 4000, 8)
    model = shown(long[:700].copy())
    region = begun(model)
    for step in range(1, 8):
        assert look(model, region, long[step * 100 : step * 100 + 700].copy(), step * 0.08)
    assert region.followed(FAST, waiting=30_000, now=0.56)
    assert not region.followed(VERY_SLOW, waiting=30_000, now=0.56)


def test_one_leap_does_not_end_it() -> None:
    model = shown(desktop((40, 60)))
    region = begun(model)
    for step, x in enumerate((46, 52, 58, 660)):
        assert look(model, region, desktop((x, 60)), 0.1 + step * 0.08)
    assert region.followed(VERY_SLOW, waiting=20_000, now=0.4)


def test_on_a_very_slow_line_it_is_looked_at_more_seldom() -> None:
    model = shown(desktop((100, 80)))
    region = begun(model)
    look(model, region, desktop((120, 80)), 1.0, VERY_SLOW)
    assert region.next_at == pytest.approx(1 + 1 / LOOKS)
    look(model, region, desktop((140, 80)), 2.0, FAST)
    assert region.next_at == 2.0


def test_regions_that_touch_become_one_and_rest_ends_them() -> None:
    regions = Regions()
    left, right, both = (np.zeros((8, 12), np.bool_) for _ in range(3))
    left[2:5, 1:4] = right[2:5, 7:10] = both[2:5, 1:10] = True
    one, other = regions.around(left, 0), regions.around(right, 0)
    assert one is not other
    assert regions.around(both, 0.1) is one
    assert list(regions) == [one]
    regions.forget(5)
    assert not list(regions)
