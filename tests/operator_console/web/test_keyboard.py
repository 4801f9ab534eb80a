"""The console without a mouse: from signing in to a session and to administration, the focus always in sight."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from broker.permissions import Role
from tests.operator_console.web.people import PASSWORD, address, barriers, settled, window, words
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

MOST_STEPS = 40


async def tab_to(page: Page, wanted: Locator) -> None:
    """Go there with Tab alone; every stop on the way shows where the focus is."""
    await expect(wanted).to_be_visible()
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return document.activeElement === document.body
                    || style.outlineStyle !== "none" || style.boxShadow !== "none";
            }"""
        )
        assert seen, await page.evaluate("document.activeElement.outerHTML")
        if await wanted.evaluate("wanted => wanted === document.activeElement"):
            return
    raise AssertionError(f"not reached with {MOST_STEPS} steps: {wanted}")


@pytest.mark.parametrize("lang", ["en", "es"])
async def test_from_signing_in_to_a_session_and_to_administration(
    broker: LiveBroker, browser: Browser, lang: str
) -> None:
    say, email = words(lang), f"teclas-{lang}@example.com"
    await broker.services.operators.add(broker.provider.org_id, email, "Tecla", Role.ADMIN, PASSWORD)
    async with window(broker, browser, None, lang) as (page, complaints):
        await page.goto(address(broker))
        await expect(page.get_by_label(say("E-mail"))).to_be_focused()
        await page.keyboard.type(email)
        await tab_to(page, page.get_by_label(say("Password"), exact=True))
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")

        await expect(page.get_by_label("ID", exact=True)).to_be_focused()
        await page.keyboard.type("123456789")
        await tab_to(page, page.get_by_label(say("Password"), exact=True))
        await page.keyboard.type("K7QU9XDT")
        await tab_to(page, page.get_by_label(say("Mouse and keyboard")))
        await page.keyboard.press("Space")
        await expect(page.get_by_label(say("Mouse and keyboard"))).not_to_be_checked()
        await tab_to(page, page.get_by_role("main").get_by_role("button", name=say("Connect")))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=say("No session"))).to_be_focused()
        await expect(page.get_by_role("alert")).to_contain_text(say("Denied: this ID and password open nothing."))
        assert await barriers(page) == set()

        await tab_to(page, page.get_by_role("button", name=say("New session")))
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("ID", exact=True)).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        administration = page.get_by_role("link", name=say("Administration"))
        await administration.focus()
        await page.keyboard.press("Enter")
        await settled(page)
        await tab_to(page, page.get_by_role("link", name=say("Organisation")))
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_label(say("Your sentence about the price")))
        await page.keyboard.type("Sin sorpresas.")
        await tab_to(page, page.get_by_role("button", name=say("Save"), exact=True))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text(say("Saved. It applies from the next session on."))
        assert complaints == []
