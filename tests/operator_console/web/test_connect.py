"""Connect asks the records: who the customer is, and what the policy says of a session now; by the keyboard alone."""

from datetime import date

import pytest
from playwright.async_api import Browser, expect

from broker.contracts.service import NewContract
from broker.permissions import Role
from broker.policies import files
from tests.operator_console.web.people import address, barriers, settled, window
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_a_customer_is_looked_up_and_the_price_is_shown(broker: LiveBroker, browser: Browser) -> None:
    services, org = broker.services, broker.provider.org_id
    admin = await broker.hire("Eva Gil", role=Role.ADMIN)
    async with window(broker, browser, Role.OPERATOR) as (page, complaints):
        await page.goto(address(broker))
        await settled(page)
        await expect(page.get_by_label("Customer (optional)")).to_have_count(0)

        await services.policies.adopt(org, files.load("easi"), admin.id)
        ana = await services.customers.add(org, {"name": "Talleres Núñez"})
        wanted = NewContract(ana.id, "poliza", date(2020, 1, 1), date(2099, 12, 31), minutes=600)
        number = (await services.contracts.make(org, wanted, admin.id)).row.number
        await page.reload()
        await settled(page)
        assert await barriers(page) == set()

        await page.get_by_label("Customer (optional)").fill("nobody's")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("No customer has this reference.")
        await page.get_by_label("Customer (optional)").fill(number)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        quote = page.locator(".quote")
        await expect(quote).to_contain_text(f"Talleres Núñez · {number} (poliza)")
        assert await barriers(page) == set()
    assert [said for said in complaints if "404" not in said] == []
