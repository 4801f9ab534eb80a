"""Several screens of a customer: looked at together or one at a time, with the pointer where it seems to be."""

import pytest
from playwright.async_api import Locator, expect

from protocol import inner
from tests.operator_console.web.desk import Desk
from tests.operator_console.web.people import barriers
from tests.operator_console.web.sealed_agent import SealedAgent, fill

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

LEFT, RIGHT = inner.Area(x=0, y=0, w=800, h=600), inner.Area(x=800, y=100, w=400, h=300)
TWO = inner.ScreenSize(width=1200, height=600, monitors=(RIGHT, LEFT))
"""The main one is on the right."""


async def with_two(desk: Desk) -> SealedAgent:
    agent = await desk.go_live()
    tiles = (fill(0, 0, 800, 600, (1, 1, 1)), fill(800, 100, 400, 300, (2, 2, 2)))
    await agent.show(TWO, inner.Tiles(frame=2, last=True, tiles=tiles))
    await agent.drawn(4)
    return agent


def screens(desk: Desk) -> Locator:
    return desk.page.get_by_role("list", name="The customer's screens").get_by_role("button")


async def test_one_screen_needs_no_choice(desk: Desk) -> None:
    await desk.go_live()
    await expect(screens(desk)).to_have_count(0)


@pytest.mark.parametrize("zoom", ["Fit", "1:1"])
async def test_each_screen_fills_the_room_and_the_pointer_is_right(desk: Desk, zoom: str) -> None:
    agent = await with_two(desk)
    await desk.page.get_by_role("button", name=zoom).click()
    await expect(screens(desk)).to_have_count(3)
    for n, area in enumerate((inner.Area(x=0, y=0, w=1200, h=600), RIGHT, LEFT)):
        await screens(desk).nth(n).click()
        await expect(screens(desk).nth(n)).to_have_attribute("aria-pressed", "true")
        seen = await desk.page.locator(".view").bounding_box()
        assert seen is not None
        assert abs(seen["width"] / seen["height"] - area.w / area.h) < 0.01
        if zoom == "1:1":
            assert round(seen["width"]) == area.w
        await desk.page.mouse.click(seen["x"] + seen["width"] / 4, seen["y"] + seen["height"] / 2)
        press = await agent.expect(inner.PointerButton)
        assert abs(press.x - (area.x + area.w / 4)) <= 2
        assert abs(press.y - (area.y + area.h / 2)) <= 2
        await agent.expect(inner.PointerButton)


async def test_a_screen_is_chosen_by_the_keyboard_and_axe_agrees(desk: Desk) -> None:
    await with_two(desk)
    await desk.page.keyboard.press("Control+Alt+Shift")
    await expect(desk.page.get_by_role("button", name="All screens")).to_be_focused()
    await desk.page.keyboard.press("Tab")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("button", name="Screen 1")).to_have_attribute("aria-pressed", "true")
    assert await barriers(desk.page) == set()


async def test_a_screen_that_is_unplugged_leaves_all_that_there_are(desk: Desk) -> None:
    agent = await with_two(desk)
    await screens(desk).nth(2).click()
    await agent.show(inner.ScreenSize(width=400, height=300, monitors=(inner.Area(x=0, y=0, w=400, h=300),)))
    await agent.drawn(5)
    await expect(screens(desk)).to_have_count(0)
    seen = await desk.page.locator(".view").bounding_box()
    assert seen is not None
    assert abs(seen["width"] / seen["height"] - 4 / 3) < 0.01


async def test_a_screen_beyond_the_desktop_ends_the_session(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.show(inner.ScreenSize(width=1200, height=600, monitors=(LEFT, inner.Area(x=801, y=0, w=400, h=300))))
    assert await desk.ending() == "failure:protocol"
