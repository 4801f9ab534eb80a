"""The pages of the console in a real Chromium, each person in a window of their own."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from tests.operator_console.web.people import PASSWORD, address, barriers, past_session, settled, window
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

LINK = "?token=" + "x" * 43
OPEN = ("sign-in", *(f"{name}{LINK}" for name in ("setup", "invitation", "reset")), "setup?token=x", "nowhere")
SIGNED_IN = ("", "session", "sessions", "account", *(f"admin/{name}" for name in (
    "operators", "organisation", "terms", "suspicions", "alerts", "log",
)))  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "es"])
async def test_no_page_has_a_barrier(broker: LiveBroker, browser: Browser, scheme: str, lang: str) -> None:
    session = await past_session(broker)
    found: set[str] = set()
    for role, paths in ((None, OPEN), (Role.ADMIN, (*SIGNED_IN, f"sessions/{session}"))):
        async with window(broker, browser, role, lang) as (page, complaints):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for path in paths:
                await page.goto(address(broker, path))
                await settled(page)
                if path == "admin/operators":
                    await page.locator("summary").click()
                found |= await barriers(page)
            found |= set(complaints)
    assert found == set()


async def sign_in(page: Page, broker: LiveBroker, email: str) -> None:
    """By keyboard alone: the first field has the focus."""
    await page.goto(address(broker, "sign-in"))
    await page.reload()  # a fresh window: within the console the page itself takes the focus
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await page.keyboard.type(email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def test_an_invited_technician_signs_in_by_keyboard_and_is_out_once_disabled(
    broker: LiveBroker, browser: Browser
) -> None:
    add = broker.services.operators.add
    await add(broker.provider.org_id, "jefa@example.com", "Luz Gil", Role.ADMIN, PASSWORD)
    async with window(broker, browser) as (admin, _), window(broker, browser) as (technician, _):
        await sign_in(admin, broker, "jefa@example.com")
        await admin.goto(address(broker, "admin/operators"))
        await admin.locator("summary").click()
        invite = admin.locator("details")
        await invite.get_by_label("Name").fill("Iñaki")
        await invite.get_by_label("E-mail").fill("inaki@example.com")
        await invite.get_by_role("button", name="Make an invitation").click()
        link = await invite.locator("code").inner_text()

        await technician.goto(link)
        await technician.get_by_label("Your name").fill("Iñaki Sáez")
        await technician.get_by_label("New password", exact=True).fill(PASSWORD)
        await technician.get_by_label("New password, once more").fill(PASSWORD)
        await technician.get_by_role("button", name="Create my account").click()
        await expect(technician.get_by_role("heading", name="Sign in")).to_be_visible()
        await sign_in(technician, broker, "inaki@example.com")

        await admin.reload()
        line = admin.get_by_role("row", name=re.compile("Iñaki Sáez"))
        await line.get_by_role("button", name="Disable").click()
        await line.get_by_role("group").get_by_role("button", name="Disable").click()
        await expect(line.get_by_text("disabled", exact=True)).to_be_visible()
        await technician.get_by_role("link", name="My sessions").click()
        await expect(technician.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_an_auditor_reads_and_finds_nothing_to_change(broker: LiveBroker, browser: Browser) -> None:
    session = await past_session(broker)
    async with window(broker, browser, Role.AUDITOR) as (page, _):
        await page.goto(address(broker, f"sessions/{session}"))
        await expect(page.locator("dl.facts")).to_contain_text("The customer disconnected")
        await expect(page.get_by_role("button", name="Erase")).to_have_count(0)
        await page.goto(address(broker, "admin/log"))
        await page.get_by_role("button", name="Check the whole chain").click()
        await expect(page.get_by_role("status")).to_contain_text("whole and in order")
        await expect(page.get_by_role("link", name="Operators")).to_have_count(0)


async def test_an_administrator_erases_a_customer_and_the_log_stays_whole(broker: LiveBroker, browser: Browser) -> None:
    session = await past_session(broker, computer="PC-DE-EVA")
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await page.goto(address(broker, "sessions?customer=PC-DE-EVA"))
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.goto(address(broker, f"sessions/{session}"))
        await page.get_by_role("button", name="Erase").click()
        await page.get_by_role("group").get_by_role("button", name="Erase").click()
        await expect(page.get_by_text("Personal data was erased")).to_be_visible()
        await expect(page.get_by_text("PC-DE-EVA")).to_have_count(0)
        await page.goto(address(broker, "admin/log"))
        await page.get_by_role("button", name="Check the whole chain").click()
        await expect(page.get_by_role("status")).to_contain_text("whole and in order")
