"""Moving pictures in a real Chromium: decoded and drawn where, when and only as far as the agent said."""

import secrets
from typing import Any

import pytest
from playwright.async_api import expect

from protocol import inner, limits
from protocol.inner import Lane, VideoCodec
from tests.operator_console.web.desk import HEIGHT, WIDTH, Desk
from tests.operator_console.web.sealed_agent import SealedAgent, copied, exact, fill
from tests.operator_console.web.streams import Stream
from tests.support.browser import reaches_nothing

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

GROUND = [10, 20, 30]
CODECS: list[VideoCodec] = ["h264", "vp9"]
RED, GREEN, BLUE = (200, 30, 40), (40, 160, 60), (30, 50, 190)


def area(x: int, y: int, w: int, h: int) -> inner.Area:
    return inner.Area(x=x, y=y, w=w, h=h)


PLACE = area(64, 40, 128, 96)
EVERYWHERE = area(0, 0, WIDTH, HEIGHT)


async def live(desk: Desk, codec: VideoCodec, place: inner.Area = PLACE, **size: int) -> tuple[SealedAgent, Stream]:
    """A session in which a stream has begun: screen message 3."""
    agent = await desk.go_live()
    assert (await agent.expect(inner.Decodes)).video == ("h264", "vp9")
    stream = Stream(codec, place, **size)
    await agent.show(stream.start)
    return agent, stream


@pytest.mark.parametrize("codec", CODECS)
async def test_a_picture_is_drawn_at_its_place_and_only_in_its_areas(desk: Desk, codec: VideoCodec) -> None:
    agent, stream = await live(desk, codec)
    await agent.show(*stream.picture(RED, area(64, 40, 32, 96), area(160, 100, 32, 36)))
    await agent.drawn(4)
    await desk.shows_about(64, 40, RED)
    await desk.shows_about(191, 135, RED)
    for x, y in ((96, 40), (160, 99), (63, 40), (192, 100), (70, 136)):
        assert await desk.pixel(x, y) == GROUND

    await agent.show(*stream.picture(GREEN, PLACE))
    await agent.show(inner.Tiles(frame=4, last=True, tiles=(fill(70, 50, 4, 4, (1, 2, 3)),)))
    await agent.drawn(6)
    await desk.shows(70, 50, [1, 2, 3])
    await desk.shows_about(96, 40, GREEN)
    assert await desk.pixel(192, 100) == GROUND
    assert desk.complaints == []


async def test_what_reads_pictures_reaches_nothing(desk: Desk) -> None:
    await live(desk, "h264")
    assert await reaches_nothing(desk.page)


@pytest.mark.parametrize("codec", CODECS)
async def test_each_picture_is_drawn_before_the_next_one_comes(desk: Desk, codec: VideoCodec) -> None:
    agent, stream = await live(desk, codec)
    for n in range(6):
        await agent.show(*stream.picture((40 * n, 100, 100), PLACE))
        await agent.drawn(4 + n)


@pytest.mark.parametrize("codec", CODECS)
async def test_a_smaller_picture_is_enlarged_to_its_place(desk: Desk, codec: VideoCodec) -> None:
    agent, stream = await live(desk, codec, area(32, 8, 256, 192), width=128, height=96)
    pixels = stream.plain(RED)
    pixels[48:, 64:] = BLUE
    await agent.show(*stream.pieces(*stream.coded(pixels), area(32, 8, 200, 192)))
    await agent.drawn(4)
    await desk.shows_about(40, 16, RED)
    await desk.shows_about(150, 90, RED)
    await desk.shows_about(170, 112, BLUE)
    await desk.shows_about(231, 199, BLUE)
    assert await desk.pixel(232, 150) == GROUND


async def test_a_screen_with_odd_sides_is_covered_pixel_for_pixel(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.show(inner.ScreenSize(width=101, height=77))
    place = area(0, 0, 102, 78)
    stream = Stream("vp9", place)
    pixels = stream.plain(RED)
    pixels[:, 50:] = BLUE
    await agent.show(stream.start, *stream.pieces(*stream.coded(pixels), area(0, 0, 101, 77)))
    await agent.drawn(5)
    await desk.shows_about(100, 76, BLUE)
    await desk.shows_about(46, 76, RED)
    await desk.shows_about(54, 0, BLUE)


@pytest.mark.parametrize("codec", CODECS)
async def test_tiles_and_pictures_are_drawn_in_the_order_of_their_messages(desk: Desk, codec: VideoCodec) -> None:
    agent, stream = await live(desk, codec, EVERYWHERE)
    number = 3
    for n in range(60):
        pieces = list(stream.picture(RED if n % 2 else GREEN, EVERYWHERE))
        noise = exact(0, 0, WIDTH, HEIGHT // 2, secrets.token_bytes(WIDTH * HEIGHT // 2 * 3)) if n % 7 == 0 else None
        tiles = (*((noise,) if noise and len(noise.data) < 60_000 else ()), fill(n, 0, 1, HEIGHT, (n, n, n)))
        # A scrolled picture: what is left of the column's place comes from what was drawn before.
        await agent.show(*pieces, inner.Tiles(frame=n, last=True, tiles=(*tiles, copied(200, 8, n, 0, 1, HEIGHT - 8))))
        number += len(pieces) + 1
    await agent.drawn(number)
    numbers = [ack.number for ack in agent.acks if ack.lane == Lane.SCREEN]
    assert numbers == sorted(set(numbers))
    await desk.shows(200, 8, [59, 59, 59])
    await desk.shows_about(58, 0, RED)
    assert await desk.pixel(59, 0) == [59, 59, 59]


@pytest.mark.parametrize("codec", CODECS)
async def test_a_picture_comes_in_pieces_and_one_without_areas_serves_the_next(desk: Desk, codec: VideoCodec) -> None:
    agent, stream = await live(desk, codec)
    pieces = list(stream.pieces(*stream.coded(stream.plain(RED)), size=40))
    assert len(pieces) > 1
    await agent.show(*pieces)
    await agent.drawn(3 + len(pieces))
    await agent.show(*stream.picture(RED, PLACE))
    await agent.drawn(4 + len(pieces))
    await desk.shows_about(64, 40, RED)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("fault", ["noise", "cut", "no key"])
async def test_what_cannot_be_decoded_is_told_and_the_session_goes_on(
    desk: Desk, codec: VideoCodec, fault: str
) -> None:
    agent, stream = await live(desk, codec, EVERYWHERE)
    key, data = stream.coded(stream.plain(RED))
    if fault == "noise":
        data = data[:2] + secrets.token_bytes(400)
    elif fault == "cut":
        data = data[:12]
    else:
        key, data = stream.coded(stream.plain(GREEN))
    await agent.show(*stream.pieces(key, data, EVERYWHERE))
    await agent.show(*stream.picture(GREEN, EVERYWHERE))
    await agent.show(inner.Tiles(frame=9, last=True, tiles=(fill(0, 0, 8, 8, (1, 2, 3)),)))
    await agent.drawn(6)
    assert (await agent.expect(inner.Decodes)).video == tuple(other for other in CODECS if other != codec)
    await agent.expect(inner.Refresh)
    await desk.shows(0, 0, [1, 2, 3])

    # What was on its way is passed over, and another codec works.
    await agent.show(stream.start, *stream.picture(BLUE, EVERYWHERE))
    other = Stream("vp9" if codec == "h264" else "h264", EVERYWHERE)
    await agent.show(inner.ScreenSize(width=WIDTH, height=HEIGHT), other.start, *other.picture(RED, EVERYWHERE))
    await agent.drawn(11)
    await desk.shows_about(100, 100, RED)
    assert desk.complaints == []

    # It is not offered again on another line.
    await agent.cut()
    await agent.join()
    assert (await agent.expect(inner.Decodes)).video == (other.codec,)


@pytest.mark.parametrize("codec", CODECS)
async def test_a_picture_of_another_size_than_its_streams_ends_the_session(desk: Desk, codec: VideoCodec) -> None:
    agent, _ = await live(desk, codec)
    larger = Stream(codec, area(0, 0, 256, 160))
    await agent.show(*larger.picture(RED, PLACE))
    assert await desk.ending() == "failure:protocol"


async def test_pieces_without_an_end_end_the_session(desk: Desk) -> None:
    agent, _ = await live(desk, "vp9")
    piece = inner.Video(frame=1, key=True, last=False, data=bytes(60_000))
    most = limits.VIDEO_PICTURE // 60_000
    for n in range(most):
        await agent.show(piece)
        await agent.drawn(4 + n)
    await agent.show(piece)
    assert await desk.ending() == "failure:protocol"


START = {
    "t": "video_start",
    "codec": "vp9",
    "profile": "vp09.00.41.08",
    "place": [0, 0, 64, 64],
    "width": 64,
    "height": 64,
}
PIECE = {"t": "video", "frame": 1, "key": True, "last": True, "areas": [], "data": b"\0"}


@pytest.mark.parametrize(
    ("bad", "end"),
    [
        (START | {"place": [WIDTH - 63, 0, 64, 64]}, "failure:protocol"),
        (START | {"place": [0, HEIGHT, 64, 64]}, "failure:protocol"),
        (START | {"width": 63}, "failure:protocol"),
        (START | {"width": 66, "place": [0, 0, 64, 64]}, "failure:protocol"),
        (START | {"profile": "avc1.42E01F"}, "failure:protocol"),
        (START | {"codec": "av1"}, "ended:integrity"),
        (PIECE | {"areas": [[0, 0, 65, 1]]}, "failure:protocol"),
        (PIECE | {"areas": [[WIDTH - 1, 0, 2, 1]]}, "failure:protocol"),
        (PIECE | {"areas": [[0, 0, 1, 0]]}, "ended:integrity"),
        ({"t": "pong", "nonce": 1}, "ended:integrity"),
    ],
)
async def test_what_must_not_be_asked_for_ends_the_session(desk: Desk, bad: dict[str, Any], end: str) -> None:
    agent = await desk.go_live()
    await agent.send_raw(START, Lane.SCREEN)
    await agent.send_raw(bad, Lane.SCREEN)
    assert await desk.ending() == end


async def test_a_message_that_draws_the_screen_many_times_ends_the_session(desk: Desk) -> None:
    """A false agent must not keep the technician's page busy."""
    agent = await desk.go_live()
    again = copied(0, 0, 0, 0, WIDTH, HEIGHT)
    await agent.show(inner.Tiles(frame=2, last=True, tiles=(again,) * 4))
    await agent.drawn(3)
    await agent.show(inner.Tiles(frame=3, last=True, tiles=(again,) * 5))
    assert await desk.ending() == "failure:protocol"


async def test_a_copy_from_outside_the_screen_ends_the_session(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.show(inner.Tiles(frame=2, last=True, tiles=(copied(0, 0, WIDTH - 7, 0, 8, 8),)))
    assert await desk.ending() == "failure:protocol"


async def test_a_picture_of_no_stream_ends_the_session(desk: Desk) -> None:
    agent, stream = await live(desk, "h264")
    await agent.show(inner.ScreenSize(width=WIDTH, height=HEIGHT), *stream.picture(RED, PLACE))
    assert await desk.ending() == "failure:protocol"


async def test_a_picture_on_another_lane_ends_the_session(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.send(inner.Tiles(frame=2, last=True, tiles=(fill(0, 0, 8, 8, (1, 2, 3)),)))
    assert await desk.ending() == "failure:protocol"


async def test_the_meter_says_what_is_being_sent(desk: Desk) -> None:
    agent, stream = await live(desk, "vp9")
    await agent.show(*stream.picture(RED, PLACE))
    await agent.drawn(4)
    meter = desk.page.get_by_role("list", name="How the line does")
    await meter.get_by_text("moving pictures (VP9)").first.wait_for()
    await desk.page.keyboard.press("Control+Alt+Shift")
    await desk.page.keyboard.press("Shift+Tab")
    await expect(meter).to_be_focused()
    await meter.get_by_text("What is being sent", exact=True).wait_for()
    await desk.page.keyboard.press("Escape")
    await meter.get_by_text("What is being sent", exact=True).wait_for(state="hidden")


@pytest.mark.parametrize("why", ["the browser has none", "it does not load"])
async def test_without_a_worker_the_page_reads_pictures(desk: Desk, why: str) -> None:
    if why == "the browser has none":
        await desk.page.add_init_script("delete globalThis.Worker")
    else:
        await desk.page.route("**/worker-*.js", lambda route: route.abort())
    agent, stream = await live(desk, "h264")
    await agent.show(*stream.picture(RED, PLACE))
    await agent.show(inner.Tiles(frame=4, last=True, tiles=(fill(70, 50, 4, 4, (1, 2, 3)),)))
    await agent.drawn(5)
    await desk.shows(70, 50, [1, 2, 3])
    await desk.shows_about(96, 40, RED)


async def test_a_browser_without_a_decoder_gets_tiles(desk: Desk) -> None:
    await desk.page.add_init_script("delete globalThis.VideoDecoder")
    agent = await desk.go_live()
    assert (await agent.expect(inner.Decodes)).video == ()
    tiles = (
        exact(0, 0, 200, 100, bytes((9, 8, 7)) * 20_000),
        fill(0, 0, 4, 4, (1, 2, 3)),
        copied(8, 8, 0, 0, 4, 4),
    )
    await agent.show(inner.Tiles(frame=2, last=True, tiles=tiles))
    await agent.drawn(3)
    for x, y, colour in ((9, 9, [1, 2, 3]), (100, 50, [9, 8, 7]), (250, 150, GROUND)):
        await desk.shows(x, y, colour)
    assert desk.complaints == []


async def test_a_page_that_gets_no_frames_goes_on_acknowledging(desk: Desk) -> None:
    """As a hidden tab."""
    agent, stream = await live(desk, "h264")
    await desk.page.evaluate("globalThis.requestAnimationFrame = () => 0")
    for n in range(20):
        await agent.show(*stream.picture((10 * n, 100, 100), PLACE))
        await agent.drawn(4 + n)
