"""Moving pictures in a real Chromium: decoded and drawn where, when and only as far as the agent said."""

import pytest

from protocol import inner
from protocol.inner import VideoCodec
from tests.operator_console.web.desk import Desk
from tests.operator_console.web.sealed_agent import fill
from tests.operator_console.web.streams import Stream

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

GROUND = [10, 20, 30]
CODECS: list[VideoCodec] = ["h264", "vp9"]
RED, GREEN, BLUE = (200, 30, 40), (40, 160, 60), (30, 50, 190)


def area(x: int, y: int, w: int, h: int) -> inner.Area:
    return inner.Area(x=x, y=y, w=w, h=h)


@pytest.mark.parametrize("codec", CODECS)
async def test_a_picture_is_drawn_at_its_place_and_only_in_its_areas(desk: Desk, codec: VideoCodec) -> None:
    agent = await desk.go_live()
    assert (await agent.expect(inner.Decodes)).video == ("h264", "vp9")
    place = area(64, 40, 128, 96)
    stream = Stream(codec, place)
    await agent.show(stream.start)
    await agent.show(*stream.picture(RED, area(64, 40, 32, 96), area(160, 100, 32, 36)))
    await agent.drawn(4)
    await desk.shows_about(64, 40, RED)
    await desk.shows_about(191, 135, RED)
    assert await desk.pixel(96, 40) == GROUND
    assert await desk.pixel(160, 99) == GROUND
    assert await desk.pixel(63, 40) == GROUND

    await agent.show(*stream.picture(GREEN, place))
    await agent.show(inner.Tiles(frame=4, last=True, tiles=(fill(70, 50, 4, 4, (1, 2, 3)),)))
    await agent.drawn(6)
    await desk.shows(70, 50, [1, 2, 3])
    await desk.shows_about(96, 40, GREEN)
    assert await desk.pixel(192, 100) == GROUND
    assert desk.complaints == []
