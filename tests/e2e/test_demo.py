"""`make demo` as it starts, and a technician's tab that is loaded anew in the middle of a session on it (rule 11)."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.test_main_job import PICTURE_THERE, connect, sign_in
from tests.support.browser import browsing
from tests.support.demo import Demo, running_demo
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]
FACTS = {
    *("console", "broker", "chair", "display", "note", "organisation_id"),
    *("technician", "administrator", "id", "password"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    async with running_demo(tmp_path_factory.mktemp("demo") / "demo") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as started:
        yield started


async def test_everything_is_there_without_anybody_in_the_customers_chair(demo: Demo) -> None:
    """It says at once all that a newcomer needs, on the screen and in `demo.json`."""
    file = demo.folder / "demo.json"
    await asyncio.to_thread(demo.processes.wait_for, "demo.json", file.exists, PATIENCE)
    facts = json.loads(file.read_text())
    assert facts.keys() == FACTS
    assert all(facts.values())
    assert (facts["id"], facts["password"]) == await demo.code()

    said = (demo.folder.parent / "demo-log" / "demo.log").read_text()
    agent_id, password = facts["id"], facts["password"]
    assert f"{agent_id[:3]} {agent_id[3:6]} {agent_id[6:]}   password   {password[:4]}-{password[4:]}" in said
    assert {facts[who]["password"] in said for who in ("technician", "administrator")} == {True}
    assert facts["console"] in said
    assert "accept the terms" not in said

    state = demo.folder / "customer" / ".local" / "state" / "relevo" / facts["organisation_id"] / "state.json"
    accepted = json.loads(state.read_text())["terms"]
    async with httpx2.AsyncClient(base_url=facts["broker"]) as public:
        found = (await public.get(f"/api/v1/public/organisations/{facts['organisation_id']}")).json()
    assert (accepted["version"], accepted["sha256"]) == (found["terms_version"], found["terms_sha256"])


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
