"""Pictures of every page of the web console and of the broker's own pages, from a real broker in a real browser."""

from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from scripts.product import Accounts, Broker, SignIn
from tests.screens import session
from tests.screens.variants import Variant

WIDTH, HEIGHT = 1280, 800
LINK = "?token=" + "x" * 43
SIGNED_OUT = {
    "sign-in": "/console/#/sign-in",
    "first-administrator": f"/console/#/setup{LINK}",
    "invitation": f"/console/#/invitation{LINK}",
    "new-password": f"/console/#/reset{LINK}",
    "link-that-was-cut": "/console/#/setup?token=x",
    "not-found": "/console/#/nowhere",
    "download": "/download",
}
SIGNED_IN = {
    "connect": "/console/#/",
    "account": "/console/#/account",
    "sessions": "/console/#/sessions",
    "operators": "/console/#/admin/operators",
    "organisation": "/console/#/admin/organisation",
    "terms": "/console/#/admin/terms",
    "suspicions": "/console/#/admin/suspicions",
    "alerts": "/console/#/admin/alerts",
    "log": "/console/#/admin/log",
}


async def photograph(
    browser: Browser, broker: Broker, accounts: Accounts, records: Mapping[str, str], variant: Variant, folder: Path
) -> None:
    """A PNG per page into `folder`.  At 200 % the window holds half as many pixels of the page each way.

    `records`: the addresses of an administrator's further pages, by name.
    """
    context = await browser.new_context(
        locale={"en": "en-GB", "es": "es-ES"}[variant.language],
        color_scheme="dark" if variant.dark else "light",
        viewport={"width": WIDTH // variant.scale, "height": HEIGHT // variant.scale},
        device_scale_factor=variant.scale,
    )
    page = await context.new_page()
    for name, address in SIGNED_OUT.items():
        await _take(page, broker, address, folder / f"web-{name}-{variant.name}.png")
    await sign_in(page, broker, accounts.administrator)
    for name, address in (SIGNED_IN | dict(records)).items():
        await _take(page, broker, address, folder / f"web-{name}-{variant.name}.png")
    await session.photograph(page, session.provider(broker, accounts.organisation_id), variant, folder)
    await context.close()


async def sign_in(page: Page, broker: Broker, account: SignIn) -> None:
    """As a person does it, by the form."""
    await page.goto(f"{broker.origin}/console/#/sign-in")
    await page.fill("input[name=email]", account.email)
    await page.fill("input[name=password]", account.password)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url("**/console/#/")


async def _take(page: Page, broker: Broker, address: str, file: Path) -> None:
    """One picture of the whole page, when it has nothing more to load."""
    await page.goto("about:blank")
    await page.goto(broker.origin + address, wait_until="networkidle")
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await page.screenshot(path=file, full_page=True)
