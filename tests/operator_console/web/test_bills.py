"""Work, purchases, orders and invoices in a real Chromium: whole stories, as an administrator and a technician go."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from broker.work.verify import verify
from tests.operator_console.web.people import address, barriers, past_session, settled, window, words
from tests.operator_console.web.test_records import WORKING_DAY, add_customer, adopt
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
TODAY = datetime.now(UTC).date()


async def ask(page: Page, method: str, path: str, body: object = None) -> Any:
    """What the page's own sign-in gets from the broker."""
    said: dict[str, Any] = await page.evaluate(
        """async ([method, path, body]) => {
             const answer = await fetch("/api/v1" + path, {method, headers: {"Content-Type": "application/json"},
               ...(body === null ? {} : {body: JSON.stringify(body)})});
             const text = await answer.text();
             return {ok: answer.ok, body: text === "" ? null : JSON.parse(text)};
           }""",
        [method, path, body],
    )
    assert said["ok"], said
    return said["body"]


async def chosen_customer(page: Page, broker: LiveBroker, name: str) -> None:
    """Open the form that issues an invoice, for one customer."""
    await page.goto(address(broker, "records/invoices"))
    await page.locator("summary", has_text="Issue an invoice").click()
    await page.get_by_label("For the customer").select_option(name)


@pytest.mark.clause("E9", "E10", "E11")
async def test_a_block_is_bought_paid_in_parts_and_given_back(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await adopt(page, broker, "easi")
        await add_customer(page, broker, "Muebles Ávila")
        customer = page.url
        await page.get_by_role("button", name="Make a contract").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Plan").select_option(value="poliza")
        await dialog.get_by_label("Size").select_option(value="hours10")
        await dialog.get_by_label("First day").fill(str(TODAY - timedelta(days=1)))
        await dialog.get_by_label("Number of its own").fill("AV-2026/1")
        await dialog.get_by_label("An hour past the balance, MXN").fill("850,50")
        assert await barriers(page) == set()
        await dialog.get_by_role("button", name="Make", exact=True).click()
        card = page.get_by_role("article", name="Contract AV-2026/1")
        await expect(card).to_contain_text("600 of 600 minutes left")
        (made,) = (await ask(page, "GET", "/contracts"))["items"]
        assert made["excess_hourly"] == "850.50"

        await chosen_customer(page, broker, "Muebles Ávila")
        line = page.get_by_label(re.compile("Block of hours, contract AV-2026/1: 600 min: MX"))
        await line.focus()
        await page.keyboard.press("Space")
        await expect(page.get_by_label("Net, MXN").first).to_have_value("7500.00")
        assert await barriers(page) == set()
        await page.get_by_role("button", name="Issue", exact=True).click()
        await expect(page.get_by_role("row", name="Total")).to_contain_text("8,700.00")

        for amount, receipt in (("700", "1"), ("8100", "2")):
            await page.get_by_role("button", name="Record a payment").click()
            await page.get_by_role("dialog").get_by_label("Amount").fill(amount)
            await page.get_by_role("button", name="Record", exact=True).click()
            await expect(
                page.get_by_role("region", name="Payments").get_by_role("row").nth(int(receipt))
            ).to_be_visible()
        await page.get_by_role("button", name="Pay back the excess").click()
        await expect(page.get_by_role("group", name=re.compile("100.00 go back, less 3 %"))).to_be_visible()
        await page.get_by_role("button", name="Cancel", exact=True).click()
        await page.get_by_role("button", name="Keep the excess as credit").click()
        await page.get_by_role("group").get_by_role("button", name="Keep the excess as credit").click()
        await expect(page.get_by_text("Kept as credit")).to_be_visible()
        assert await barriers(page) == set()

        await page.goto(customer)
        await card.get_by_role("button", name="Purchases").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text(
            re.compile(r"Cancelled now: 600 minutes go, MX\$8,265\.00 with tax go back")
        )
        assert await barriers(page) == set()
        await dialog.get_by_role("button", name="Cancel the purchase").click()
        await dialog.get_by_role("group").get_by_role("button", name="Cancel the purchase").click()
        await expect(dialog).to_contain_text("These minutes were given back already.")
        await page.keyboard.press("Escape")
        await card.get_by_role("button", name="Ledger").click()
        await expect(page.get_by_role("dialog").get_by_role("row").last).to_contain_text("-600")
        await page.keyboard.press("Escape")
    assert complaints == []


@pytest.mark.clause("I2")
async def test_what_has_lapsed_stands_in_the_ledger(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await adopt(page, broker, "easi")
        await add_customer(page, broker, "Caducada, S. A.")
        customer = page.url
        start = str(TODAY - timedelta(days=45))
        body = {
            "customer_id": customer.rpartition("/")[2],
            "plan": "iguala",
            "start": start,
            "months": 6,
            "size": "small",
        }
        await ask(page, "POST", "/contracts", body)
        await broker.services.contracts.lapse()
        await page.goto(customer)
        await page.reload()
        await page.get_by_role("button", name="Ledger").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("240 minutes are granted each month")
        await expect(dialog.get_by_role("row").last).to_contain_text(re.compile("Lapsed.*-240"))
        assert await barriers(page) == set()
    assert complaints == []


@pytest.mark.clause("T1")
async def test_work_for_a_prepaid_order_is_entered_and_costs_nothing_more(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await adopt(page, broker, "itplusnet")
        await add_customer(page, broker, "Almacén Ruiz")
        customer = page.url.rpartition("/")[2]
        order = await ask(page, "POST", "/orders", {"customer_id": customer, "service": "reinstall"})
        await ask(page, "POST", f"/orders/{order['id']}/payments", {})
        await page.goto(address(broker, f"records/invoices?customer={customer}"))
        await expect(page.get_by_role("row").filter(has_text="Almacén Ruiz")).to_contain_text("Paid")

        await page.goto(address(broker, f"records/work?customer={customer}"))
        form = page.locator("details", has_text="Enter time")
        await form.locator("summary").click()
        await form.get_by_label("Customer", exact=True).select_option("Almacén Ruiz")
        await form.get_by_label("Paid order").select_option(label=f"No. {order['number']}: reinstall")
        await form.get_by_label("Began").fill(f"{WORKING_DAY}T16:00")
        await form.get_by_label("Finished").fill(f"{WORKING_DAY}T17:30")
        assert await barriers(page) == set()
        await form.get_by_role("button", name="Enter", exact=True).click()
        row = page.get_by_role("row").filter(has_text="Almacén Ruiz")
        await expect(row).to_contain_text("Charged")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Export CSV").click()
        text = (await (await download.value).path()).read_text("utf-8-sig")
        assert len(text.splitlines()) == 2
        assert "Almacén Ruiz" in text

        await chosen_customer(page, broker, "Almacén Ruiz")
        await expect(page.get_by_label("Charged work: none yet")).to_be_visible()
        assert (await verify(broker.services.store, broker.provider.org_id)).differences == ()
    assert complaints == []


async def test_a_technician_says_what_a_session_was(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (admin, _):
        await adopt(admin, broker, "quasar")
        await add_customer(admin, broker, "Relojería Sol")
        customer = admin.url.rpartition("/")[2]
        asked = {
            "channel": "phone",
            "subject": "El reloj no sincroniza",
            "text": "Desde ayer.",
            "customer_id": customer,
        }
        await ask(admin, "POST", "/tickets", asked)
        session = await past_session(broker)

        async def rated() -> bool:
            await broker.services.work.catch_up()
            return bool((await ask(admin, "GET", f"/time-entries?session={session}"))["items"])

        assert await eventually(rated)
        await admin.goto(address(broker, f"sessions/{session}"))
        await admin.get_by_role("button", name="Classify").focus()
        await admin.keyboard.press("Enter")
        dialog = admin.get_by_role("dialog")
        await dialog.get_by_label("Customer", exact=True).select_option("Relojería Sol")
        await dialog.get_by_label("Ticket").select_option(label="No. 1: El reloj no sincroniza")
        await dialog.get_by_label("Under warranty").check()
        await dialog.get_by_label("Note").fill("Era nuestro propio error.")
        assert await barriers(admin) == set()
        await dialog.get_by_role("button", name="Rate anew").click()
        region = admin.get_by_role("region", name="Work")
        await expect(region).to_contain_text("Relojería Sol")
        await region.get_by_role("button", name="Why?").click()
        await expect(region).to_contain_text("Era nuestro propio error.")
        assert await barriers(admin) == set()
        (work,) = (await ask(admin, "GET", f"/time-entries?session={session}"))["items"]
        assert (work["warranty"], work["revision"]) == (True, 2)


async def test_letters_and_opinions_are_listed_for_whom_they_concern(broker: LiveBroker, browser: Browser) -> None:
    for role, lang, pages in (
        (Role.ADMIN, "es", ("letters", "opinions")), (Role.AUDITOR, "en", ("opinions",)), (Role.OPERATOR, "en", ()),
    ):  # fmt: skip
        say = words(lang)
        async with window(broker, browser, role, lang) as (page, complaints):
            await page.emulate_media(color_scheme="dark" if lang == "es" else "light")
            for name in pages:
                await page.goto(address(broker, f"records/{name}"))
                await settled(page)
                await expect(page.get_by_role("button", name=say("Export JSON"))).to_be_visible()
                assert await barriers(page) == set()
            tabs = page.get_by_role("navigation", name=say("Records"))
            await page.goto(address(broker, "records/work"))
            await settled(page)
            for name, title in (("letters", "Letters"), ("opinions", "Opinions")):
                await expect(tabs.get_by_role("link", name=say(title))).to_have_count(1 if name in pages else 0)
        assert complaints == []
