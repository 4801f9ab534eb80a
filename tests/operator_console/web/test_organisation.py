"""An administrator shapes the organisation in the console: what it is called, offers and asks, and its terms."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from client_agent.i18n import Words
from client_agent.wording import price_sentence
from protocol import control
from protocol.offer import Tariff
from protocol.text import unb64url
from tests.operator_console.web.people import address, barriers, settled, window, words
from tests.support.agent_peer import AgentPeer
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

Picture = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="module")
async def admin(broker: LiveBroker, browser: Browser) -> AsyncIterator[Page]:
    """An administrator's page of the organisation."""
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await page.goto(address(broker, "admin/organisation"))
        await settled(page)
        yield page
    assert complaints == []


async def offered(broker: LiveBroker, service: str) -> dict[str, Any]:
    """What a customer is shown who is asked for a session about `service`."""
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        offer = await console.ask(console.request(code.id, code.server_part, service=service))
    found: dict[str, Any] = json.loads(unb64url(offer.offer))
    return found


def picture(name: str, width: int, kind: str = "PNG") -> Picture:
    """A file to upload: an image of that width, 16 pixels high."""
    data = io.BytesIO()
    Image.new("RGB", (width, 16), "teal").save(data, kind)
    return {"name": name, "mimeType": "image/png", "buffer": data.getvalue()}


@pytest.mark.parametrize("lang", ["en", "es"])
async def test_what_is_saved_stays_and_is_what_the_next_customer_is_offered(
    broker: LiveBroker, browser: Browser, lang: str
) -> None:
    say = words(lang)
    async with window(broker, browser, Role.ADMIN, lang) as (page, complaints):
        await page.goto(address(broker, "admin/organisation"))
        fields = {
            "Name": f"Ayuda {lang} & Cía.",
            "Least bandwidth each way, kbit/s": "512",
            "End after minutes without activity": "20",
            "Services, one a line": "Correo\nImpresoras y ñandúes",
            "Your sentence about the price": "Gratis con contrato – «siempre».",
        }
        price = {
            "Price of an hour": "45,50" if lang == "es" else "45.50",
            "Currency": "eur",
            "At least, minutes": "60",
            "Then in steps of, minutes": "30",
            "Tax, %": "21",
        }
        switch = page.get_by_role("switch", name=say("Sessions have a price"))
        for label, value in fields.items():
            await page.get_by_label(say(label), exact=True).fill(value)
        await switch.check()
        for label, value in price.items():
            await page.get_by_label(say(label), exact=True).fill(value)
        await page.get_by_role("button", name=say("Save"), exact=True).click()
        await expect(page.get_by_role("status")).to_have_text(say("Saved. It applies from the next session on."))
        await expect(page.get_by_role("banner")).to_contain_text(fields["Name"])
        assert await barriers(page) == set()

        await page.reload()
        for label, value in fields.items():
            await expect(page.get_by_label(say(label), exact=True)).to_have_value(value)
        for label, value in price.items():
            kept = value.replace(",", ".") if label == "Price of an hour" else value.upper()
            await expect(page.get_by_label(say(label), exact=True)).to_have_value(kept)
        await page.goto(address(broker))
        services = page.get_by_label(say("Service")).locator("option")
        await expect(services).to_have_text(["Correo", "Impresoras y ñandúes"])
        await page.goto(f"{broker.provider.origin}/download/{broker.provider.org_id}")
        await expect(page.locator("h1")).to_contain_text(fields["Name"])
        assert complaints == []

    offer = await offered(broker, "Impresoras y ñandúes")
    assert (offer["org_name"], offer["price_note"]) == (fields["Name"], fields["Your sentence about the price"])
    assert offer["inactivity_s"] == 20 * 60
    tariff = Tariff(**offer["tariff"])
    assert "€45.50 per hour plus 21% tax, at least 1 hour" in price_sentence(tariff, Words("en"))
    assert "45,50 € por hora" in price_sentence(tariff, Words("es")).replace("\xa0", " ")
    await broker.services.organisations.change(
        broker.provider.org_id, {"name": broker.provider.org_name, "services": (broker.provider.service,)}
    )


async def test_a_price_that_is_switched_off_is_offered_no_more(broker: LiveBroker, admin: Page) -> None:
    await admin.get_by_label("Sessions have a price").check()
    await admin.get_by_label("Price of an hour").fill("30")
    await admin.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.get_by_role("status")).to_be_visible()
    assert (await offered(broker, broker.provider.service))["tariff"]["unit_minor"] == 3000
    await admin.get_by_label("Sessions have a price").uncheck()
    async with admin.expect_response("**/api/v1/organisation"):
        await admin.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.get_by_role("status")).to_be_visible()
    assert (await offered(broker, broker.provider.service))["tariff"] is None


async def test_a_line_below_the_floor_gets_no_code(broker: LiveBroker, admin: Page) -> None:
    floor = admin.get_by_label("Least bandwidth each way, kbit/s")
    before = await floor.input_value()
    for kbit, enough in (("1000000", False), (before, True)):
        await floor.fill(kbit)
        async with admin.expect_response("**/api/v1/organisation"):
            await admin.get_by_role("button", name="Save", exact=True).click()
        async with await AgentPeer.connect(broker.provider) as agent:
            result = await agent.register()
            assert (result.ok, result.floor_kbit) == (enough, int(kbit))


async def test_a_currency_without_cents_takes_no_cents(broker: LiveBroker, admin: Page) -> None:
    await admin.get_by_label("Sessions have a price").check()
    await admin.get_by_label("Price of an hour").fill("45.00")
    await admin.get_by_label("Currency").fill("CLP")
    await admin.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.get_by_role("alert")).to_have_text("The price is no amount of CLP, such as 45.")
    await admin.get_by_label("Price of an hour").fill("30000")
    await admin.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.get_by_role("status")).to_be_visible()
    tariff = (await offered(broker, broker.provider.service))["tariff"]
    assert (tariff["currency"], tariff["unit_minor"]) == ("CLP", 30_000)


REFUSED = (
    ("Price of an hour", "45.005", "The price is no amount of"),
    ("Price of an hour", "forty-five", "The price is no amount of"),
    ("Services, one a line", "x" * 201, "At most 100 services"),
    ("Services, one a line", "\n".join(map(str, range(101))), "At most 100 services"),
    ("Services, one a line", "Correo \u202eoerroC", "A value cannot be taken"),
    ("Name", "Ayuda\u2066", "A value cannot be taken"),
    ("Name", "   ", "A value cannot be taken"),
    ("Your sentence about the price", "a\u202eb", "A value cannot be taken"),
)


async def test_what_cannot_be_taken_is_refused_with_a_sentence_and_nothing_changes(
    broker: LiveBroker, admin: Page
) -> None:
    before = await broker.services.organisations.get(broker.provider.org_id)
    await admin.get_by_label("Sessions have a price").check()
    refusal = admin.get_by_role("alert")
    for label, wrong, sentence in REFUSED:
        field = admin.get_by_label(label, exact=True)
        right = await field.input_value()
        await field.fill(wrong)
        await admin.get_by_role("button", name="Save", exact=True).click()
        await expect(refusal).to_contain_text(sentence)
        await field.fill(right)
    assert await barriers(admin) == set()
    assert await broker.services.organisations.get(broker.provider.org_id) == before


async def test_what_the_browser_can_see_is_wrong_is_not_even_sent(broker: LiveBroker, admin: Page) -> None:
    sent: list[str] = []
    admin.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    await admin.get_by_label("Sessions have a price").check()
    for label, wrong in {
        "Name": "", "Least bandwidth each way, kbit/s": "-1", "End after minutes without activity": "0.5",
        "Price of an hour": "", "Currency": "EU", "At least, minutes": "", "Then in steps of, minutes": "0",
        "Tax, %": "a",
    }.items():  # fmt: skip
        field = admin.get_by_label(label, exact=True)
        right = await field.input_value()
        await field.fill(wrong)
        await admin.get_by_role("button", name="Save", exact=True).click()
        await expect(field).to_be_focused()
        assert await field.evaluate("field => field.validationMessage"), label
        await field.fill(right)
    assert sent == []


async def test_a_logo_is_shown_exchanged_and_taken_away(broker: LiveBroker, admin: Page) -> None:
    logo, upload = admin.get_by_alt_text("The logo now"), admin.get_by_role("button", name="Upload")
    wide = "image => image.decode().then(() => image.naturalWidth)"
    await upload.click()
    await expect(admin.get_by_role("alert")).to_have_text("Choose a picture first.")
    for width in (48, 96):
        await admin.locator("input[type=file]").set_input_files(picture("logo.png", width))  # type: ignore[arg-type]
        async with admin.expect_response("**/logo?*"):
            await upload.click()
        assert await logo.evaluate(wide) == width
    await expect(admin.get_by_role("status")).to_have_text("Saved.")
    assert await barriers(admin) == set()

    shop = await admin.context.new_page()
    await shop.goto(f"{broker.provider.origin}/download/{broker.provider.org_id}")
    assert await shop.locator("header img").evaluate(wide) == 96

    await admin.get_by_role("button", name="Remove the logo").click()
    await expect(logo).to_have_count(0)
    await shop.reload()
    await expect(shop.locator("header img")).to_have_count(0)


async def test_a_logo_that_is_none_is_refused_with_a_sentence(broker: LiveBroker, admin: Page) -> None:
    for name, data, sentence in (
        ("logo.png", b"<svg onload=alert(1)>", "That is not a PNG, JPEG or WebP image that can be shown."),
        ("logo.gif", picture("", 8, "GIF")["buffer"], "That is not a PNG, JPEG or WebP image that can be shown."),
        ("large.png", bytes(300 * 1024), "larger than 256 KiB"),
    ):
        await admin.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "image/png", "buffer": data}
        )  # fmt: skip
        await admin.get_by_role("button", name="Upload").click()
        await expect(admin.get_by_role("alert")).to_contain_text(sentence)
    assert not (await broker.services.organisations.get(broker.provider.org_id)).has_logo


async def test_new_terms_in_both_languages_are_in_force_at_once(broker: LiveBroker, browser: Browser) -> None:
    home = broker.provider
    try:
        for version, lang in ((2, "en"), (3, "es")):
            say = words(lang)
            async with window(broker, browser, Role.ADMIN, lang) as (page, _):
                await page.goto(address(broker, "admin/terms"))
                await page.get_by_label("Español", exact=True).fill(f"Condiciones {version}.\n\nHaga copias: ¡siempre!")
                await page.get_by_label("English", exact=True).fill(f"Terms {version}.\n\nKeep back-ups.")
                await page.get_by_role("button", name=say("Publish as a new version")).click()
                said = page.get_by_role("status")
                await expect(said).to_have_text(say("Version {n} is in force.").replace("{n}", str(version)))
                rows = page.locator("tbody tr")
                await expect(rows).to_have_count(version)
                await expect(rows.first).to_contain_text("Ana Ruiz")
                assert await barriers(page) == set()
                await page.reload()
                await expect(page.get_by_label("English", exact=True)).to_have_value(
                    f"Terms {version}.\n\nKeep back-ups."
                )
                await page.goto(f"{home.origin}/terms/{home.org_id}")
                await expect(page.locator("main")).to_contain_text("¡siempre!" if lang == "es" else "Keep back-ups.")

        async with await AgentPeer.connect(broker.provider) as old:
            await old.greet()
            assert (await old.expect(control.RegistrationDenied)).reason == "terms"
        terms = await broker.services.organisations.terms(home.org_id, 3)
        broker.provider = replace(home, terms_version=3, terms_sha256=terms.sha256)
        assert (await offered(broker, home.service))["terms_version"] == 3
    finally:
        terms = await broker.services.organisations.terms(home.org_id, len(
            await broker.services.organisations.terms_history(home.org_id)))  # fmt: skip
        broker.provider = replace(home, terms_version=terms.version, terms_sha256=terms.sha256)


async def test_terms_without_a_text_are_not_published_and_an_auditor_only_reads(
    broker: LiveBroker, browser: Browser
) -> None:
    count = len(await broker.services.organisations.terms_history(broker.provider.org_id))
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await page.goto(address(broker, "admin/terms"))
        publish = page.get_by_role("button", name="Publish as a new version")
        spanish = page.get_by_label("Español", exact=True)
        await spanish.fill("")
        await publish.click()
        await expect(spanish).to_be_focused()
        await spanish.fill(" \n ")
        await publish.click()
        await expect(page.get_by_role("alert")).to_contain_text("A value cannot be taken")
    async with window(broker, browser, Role.AUDITOR) as (page, _):
        await page.goto(address(broker, "admin/terms"))
        await expect(page.locator("tbody tr")).to_have_count(count)
        await expect(page.get_by_label("Español", exact=True)).not_to_be_editable()
        await expect(page.get_by_role("button", name="Publish")).to_have_count(0)
