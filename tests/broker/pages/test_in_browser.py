"""The public pages in a real browser: no barrier, no script that runs, and a form that arrives."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.support.browser import browsing
from tests.support.live_broker import LiveBroker

HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"

pytestmark = pytest.mark.e2e


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as started:
        yield started


async def test_customers_meet_no_barrier_and_nothing_runs(broker: LiveBroker, browser: Browser) -> None:
    org_id = broker.provider.org_id
    folder = broker.services.settings.data_dir / "downloads" / org_id
    folder.mkdir(parents=True)
    (folder / "relevo-agent").write_bytes(b"program")
    await broker.services.organisations.change(org_id, {"name": HOSTILE})
    await broker.services.organisations.add_terms(org_id, HOSTILE, HOSTILE, "Ana")
    page = await browser.new_page(locale="es-ES")
    ran: list[str] = []
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    page.on("console", lambda message: ran.append(message.text))
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        for name in ("download", "terms", "report", "request", "nowhere"):
            await page.goto(f"{broker.provider.origin}/{name}/{org_id}")
            found = await Axe().run(page)
            assert found.violations_count == 0, (name, scheme, found.generate_report())
    assert [text for text in ran if "404" not in text] == []


async def test_a_report_is_filled_in_and_arrives(broker: LiveBroker, browser: Browser) -> None:
    """Q12, by keyboard alone."""
    page = await browser.new_page(locale="es-ES")
    await page.goto(f"{broker.provider.origin}/report/{broker.provider.org_id}")
    await page.get_by_label("¿Qué pasó y cuándo?").focus()
    await page.keyboard.type("Me llamó alguien")
    await page.keyboard.press("Tab")
    await page.keyboard.type("600 000 000")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("status").wait_for()
    (report,) = await broker.services.suspicions.newest(broker.provider.org_id)
    assert (report.text, report.contact, report.via) == ("Me llamó alguien", "600 000 000", "page")
