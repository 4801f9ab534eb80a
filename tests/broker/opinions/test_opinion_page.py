"""The page of a rating in a real browser, by keyboard alone; the secret goes to no address."""

from playwright.async_api import expect

from broker.ids import fingerprint, new_id, new_token
from broker.store.desk_tables import OpinionRow
from tests.support.browser import browsing
from tests.support.live_broker import LiveBroker


async def test_the_customer_rates_by_keyboard_and_only_once(broker: LiveBroker) -> None:
    token, asked = new_token(), []
    async with broker.services.store.transaction() as db:
        db.add(OpinionRow(session_id=new_id(), org_id=broker.provider.org_id, token_sha256=fingerprint(token)))
    async with browsing() as browser:
        page = await browser.new_page(locale="es-ES")
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{broker.provider.origin}/opinion#{token}")
        await page.get_by_label("5: muy buena").focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_label("4: buena")).to_be_checked()
        await page.keyboard.press("Tab")
        await page.keyboard.type("Muy amable")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Gracias. Su valoración ha llegado.")).to_be_visible()
        await page.reload()
        await page.get_by_label("1: muy mala").check()
        await page.get_by_role("button", name="Enviar la valoración").click()
        await expect(page.get_by_text("Este enlace ya se usó")).to_be_visible()
    assert asked
    assert not any(token in url.partition("#")[0] for url in asked)
