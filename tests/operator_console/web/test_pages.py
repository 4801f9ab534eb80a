"""The pages of the console in a real Chromium, each person in a window of their own."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from tests.operator_console.web.people import PASSWORD, address, past_session, window
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

OPEN = ("sign-in", "setup?token=x", "invitation?token=x", "reset?token=x", "nowhere")
SIGNED_IN = ("", "session", "sessions", "account", *(f"admin/{name}" for name in (
    "operators", "organisation", "terms", "suspicions", "alerts", "log",
)))  # fmt: skip


async def broken(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{page.url}: {rule['id']}: {node['html'][:150]}"
            for rule in found.response["violations"] for node in rule["nodes"]]  # fmt: skip


async def settled(page: Page) -> None:
    """What the page asked for has come."""
    await expect(page.locator("h1")).to_be_visible()
    await expect(page.locator("p[aria-busy=true]")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "es"])
async def test_no_page_has_a_barrier(broker: LiveBroker, browser: Browser, scheme: str, lang: str) -> None:
    session = await past_session(broker)
    found: list[str] = []
    for role, paths in ((None, OPEN), (Role.ADMIN, (*SIGNED_IN, f"sessions/{session}"))):
        async with window(broker, browser, role, lang) as (page, complaints):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for path in paths:
                await page.goto(address(broker, path))
                await settled(page)
                if path == "admin/operators":
                    await page.locator("summary").click()
                found += await broken(page)
            found += complaints
    assert found == []
