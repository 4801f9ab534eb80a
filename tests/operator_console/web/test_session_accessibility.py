"""The pages of a session break no rule that axe knows, light and dark."""

import pytest
from playwright.async_api import expect

from protocol import inner
from tests.operator_console.web.desk import Desk
from tests.operator_console.web.people import barriers

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_session_from_waiting_to_its_end(desk: Desk, scheme: str) -> None:
    await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    agent = await desk.pair()
    await expect(desk.page.get_by_role("progressbar")).to_be_visible()
    assert await barriers(desk.page) == set()

    await agent.agree("view", "control")
    await agent.show(inner.ScreenSize(width=3000, height=2000))
    await expect(desk.page.locator(".desk")).to_be_visible()
    await desk.page.get_by_role("button", name="1:1").click()
    await desk.page.locator("details.keys summary").click()
    assert await barriers(desk.page) == set()

    await agent.send(inner.Goodbye(reason="customer"))
    await desk.ending()
    assert await barriers(desk.page) == set()
