"""The records in a real Chromium: from a policy to the bill, as an administrator goes; what others may see."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import holidays
import pytest
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from tests.operator_console.web.people import address, barriers, settled, window, words
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

SPAIN = holidays.country_holidays("ES")
Scheme = Literal["light", "dark"]
PAGES = ("customers", "work", "invoices", "policy", "queue")
_TODAY = datetime.now(UTC).date()
WORKING_DAY = next(
    day for day in (_TODAY - timedelta(days=n) for n in range(2, 30)) if day.weekday() < 5 and day not in SPAIN
)
"""The last one that is over everywhere."""


async def adopt(page: Page, broker: LiveBroker, name: str) -> None:
    """Adopt a shipped policy on its page."""
    await page.goto(address(broker, "records/policy"))
    await page.locator("summary", has_text="Adopt a policy").click()
    await page.get_by_label("Which").select_option(name)
    await page.get_by_role("button", name="Adopt", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("It is in force.")


async def add_customer(page: Page, broker: LiveBroker, name: str) -> None:
    """Write a new customer down; ends on the customer's page."""
    await page.goto(address(broker, "records/customers"))
    await page.locator("summary", has_text="New customer").click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()


async def enter_time(page: Page, broker: LiveBroker, customer: str, begins: str, ends: str) -> None:
    """Enter time on the telephone by hand."""
    await page.goto(address(broker, "records/work"))
    form = page.locator("details", has_text="Enter time")
    await form.locator("summary").click()
    await form.get_by_label("Customer", exact=True).select_option(customer)
    await form.get_by_label("Began").fill(f"{WORKING_DAY}T{begins}")
    await form.get_by_label("Finished").fill(f"{WORKING_DAY}T{ends}")
    await form.get_by_role("button", name="Enter", exact=True).click()


async def test_from_a_policy_to_the_bill(broker: LiveBroker, browser: Browser, tmp_path: Path) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await adopt(page, broker, "quasar")
        await expect(page.get_by_text("Q2 Without a contract, work is at the tariff.")).to_be_visible()
        await add_customer(page, broker, "Panadería Ñandú")

        await enter_time(page, broker, "Panadería Ñandú", "10:00", "11:05")
        row = page.get_by_role("row").filter(has_text="Panadería Ñandú")
        await expect(row).to_contain_text("€67.50")
        await row.get_by_role("button", name="Why?").click()
        await expect(page.locator(".explanation li").last).to_contain_text("67.50")
        assert await barriers(page) == set()

        await page.goto(address(broker, "records/invoices"))
        await page.locator("summary", has_text="Issue an invoice").click()
        await page.get_by_label("For the customer").select_option("Panadería Ñandú")
        await page.get_by_role("button", name="Issue", exact=True).click()
        await expect(page.get_by_role("heading", name=re.compile(r"Invoice QS\d{4}-\d+"))).to_be_visible()
        await expect(page.get_by_role("row", name="Total")).to_contain_text("€81.68")  # 67.50 and 21 %
        async with page.expect_download() as download:
            await page.get_by_role("button", name="PDF").click()
        await (await download.value).save_as(tmp_path / "bill.pdf")
        assert (tmp_path / "bill.pdf").read_bytes().startswith(b"%PDF-")

        await page.get_by_role("button", name="Record a payment").click()
        await page.get_by_role("button", name="Record", exact=True).click()
        await expect(page.get_by_text("Paid", exact=True).first).to_be_visible()
        await expect(page.get_by_role("button", name="Record a payment")).to_have_count(0)
        assert await barriers(page) == set()
    assert complaints == []


async def test_a_contract_is_made_and_its_minutes_are_used(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await adopt(page, broker, "informapuntcom")
        await add_customer(page, broker, "Talleres Ibáñez")
        await page.get_by_role("button", name="Make a contract").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("First day").fill(str(WORKING_DAY))
        await dialog.get_by_label("Size").select_option(value="hours5")
        assert await barriers(page) == set()
        await dialog.get_by_role("button", name="Make", exact=True).click()
        await expect(page.get_by_text("300 of 300 minutes left")).to_be_visible()

        await enter_time(page, broker, "Talleres Ibáñez", "10:00", "10:20")
        await page.goto(address(broker, "records/customers"))
        await page.get_by_label("Name, e-mail").fill("Talleres")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="Talleres Ibáñez").click()
        await expect(page.get_by_text("280 of 300 minutes left")).to_be_visible()
        await page.get_by_role("button", name="Ledger").click()
        await expect(page.get_by_role("dialog").get_by_role("row").last).to_contain_text("-20")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("button", name="Ledger")).to_be_focused()
    assert complaints == []


async def test_held_work_says_why_and_is_dismissed(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await adopt(page, broker, "informapuntcom")
        await add_customer(page, broker, "Óptica del Río")
        await enter_time(page, broker, "Óptica del Río", "10:00", "10:30")
        held = page.get_by_role("article", name=re.compile("Held work")).filter(has_text="Óptica")
        await expect(held).to_contain_text("(I8)")
        assert await barriers(page) == set()
        await held.get_by_role("button", name="Don't charge").click()
        await held.get_by_role("group").get_by_role("button", name="Don't charge").click()
        await expect(held).to_have_count(0)
        await expect(page.get_by_role("row").filter(has_text="Óptica")).to_contain_text("Not charged")


async def test_a_mistake_in_a_policy_is_told_by_its_key(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await page.goto(address(broker, "records/policy"))
        await page.locator("summary", has_text="Adopt a policy").click()
        await page.get_by_label("Which").select_option("my own, as TOML")
        await page.get_by_label("TOML", exact=True).fill('name = "x"\n')
        await page.get_by_role("button", name="Adopt", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("title")


async def test_personal_data_is_erased_after_a_question(broker: LiveBroker, browser: Browser) -> None:
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await add_customer(page, broker, "Efímera, S. L.")
        await page.get_by_role("button", name="Erase personal data").click()
        await page.get_by_role("dialog").get_by_role("button", name="Erase personal data").click()
        await expect(page.get_by_role("heading", name="erased")).to_be_visible()
        await expect(page.get_by_text("Efímera")).to_have_count(0)


async def test_a_request_shows_up_live_and_the_next_one_is_taken_and_answered_by_keyboard(
    broker: LiveBroker, browser: Browser
) -> None:
    async with window(broker, browser, Role.ADMIN) as (admin, _):
        await adopt(admin, broker, "remote-utilities")
    async with window(broker, browser, Role.OPERATOR) as (page, complaints):
        await page.goto(address(broker, "records/queue"))
        await expect(page.get_by_role("status")).to_have_text("Live")
        asked = {"subject": "No imprime", "text": "Desde ayer.", "channel": "phone"}
        await page.evaluate(
            """body => fetch("/api/v1/tickets", {method: "POST", body: JSON.stringify(body),
                 headers: {"Content-Type": "application/json"}})""",
            asked,
        )
        await expect(page.get_by_role("link", name="No imprime")).to_be_visible()
        assert await barriers(page) == set()
        await page.get_by_role("button", name="Take the next").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="No imprime")).to_be_visible()
        await expect(page.get_by_text("Taken", exact=True)).to_be_visible()
        await page.get_by_label("Message", exact=True).focus()
        await page.keyboard.type("¿Está encendida?")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").filter(has_text="¿Está encendida?")).to_contain_text("Support")
        assert await barriers(page) == set()
    assert complaints == []


@pytest.mark.parametrize(
    ("role", "hidden", "lang", "scheme"),
    [
        (Role.OPERATOR, ("Issue an invoice", "Adopt a policy", "Invoices"), "en", "light"),
        (
            Role.AUDITOR,
            ("Issue an invoice", "Adopt a policy", "New customer", "Enter time", "Take the next"),
            "es",
            "dark",
        ),
    ],
)
async def test_each_role_sees_what_it_may_without_a_barrier(
    broker: LiveBroker,
    browser: Browser,
    role: Role,
    hidden: tuple[str, ...],
    lang: str,
    scheme: Literal["light", "dark"],
) -> None:
    say = words(lang)
    async with window(broker, browser, role, lang) as (page, complaints):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name in PAGES:
            await page.goto(address(broker, f"records/{name}"))
            await settled(page)
            assert await barriers(page) == set()
            for label in hidden:
                await expect(page.get_by_text(say(label), exact=True)).to_have_count(0)
    assert complaints == []
