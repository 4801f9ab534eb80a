"""A technician's tab that is loaded anew in the middle of a session goes on with it (rule 11), on the real demo."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.test_main_job import PICTURE_THERE, connect, sign_in
from tests.support.browser import launch
from tests.support.demo import Demo, running_demo

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    async with running_demo(tmp_path_factory.mktemp("resume") / "demo") as running:
        await running.code()
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await launch(playwright, whole=True)
        yield started
        await started.close()


async def sees(page: Page) -> None:
    """Return when the technician has the customer's screen."""
    await expect(page.locator(".desk")).to_have_attribute("data-state", "live")
    await page.locator("canvas.screen").wait_for()
    await page.wait_for_function(PICTURE_THERE)


async def test_a_reloaded_tab_goes_on_without_a_new_code(demo: Demo, browser: Browser) -> None:
    page = await sign_in(browser, demo, "technician")
    await connect(page, *await demo.code())
    await demo.customer.press("Accept")
    await demo.until("the session", lambda: demo.agent["state"] == "live")
    await sees(page)
    session_id = demo.agent["session_id"]

    await page.reload()
    await sees(page)
    await demo.until("the session again", lambda: demo.agent["state"] == "live")
    assert demo.agent["session_id"] == session_id
    assert "code" not in demo.agent, "a new code in the middle of a session"

    await demo.customer.press("Disconnect")
    await page.locator('[data-ending$=":customer"]').wait_for()
    await page.reload()
    await expect(page.get_by_role("heading", name="There is no session in this tab")).to_be_visible()

    administrator = await sign_in(browser, demo, "administrator")
    await administrator.get_by_role("link", name="Sessions").click()
    rows = administrator.locator("tbody tr")
    await expect(rows).to_have_count(1)
    await rows.first.get_by_role("link").click()
    for step in ("time counts from here", "The line was lost: time stops", "The line is back", "The session ended"):
        await expect(administrator.locator("tbody")).to_contain_text(step)
