"""The page of an order in a real browser: no barrier in light and dark, in both languages, paid or not (T2)."""

import pytest
from axe_playwright_python.async_playwright import Axe

from broker.policies import files
from tests.support.browser import browsing
from tests.support.live_broker import LiveBroker

pytestmark = pytest.mark.e2e


@pytest.mark.clause("T2")
async def test_whoever_ordered_meets_no_barrier(broker: LiveBroker) -> None:
    services, org_id, operator = broker.services, broker.provider.org_id, broker.operator.id
    await services.policies.adopt(org_id, files.load("itplusnet"), operator)
    customer = await services.customers.add(org_id, {"name": "Almacén Ruiz"})
    made = await services.orders.make(org_id, customer.id, "reinstall", None, None, operator)
    address = f"{broker.provider.origin}/orders/{made.token}"
    async with browsing() as browser:
        page = await browser.new_page(locale="es-CL")
        for paid in (False, True):
            if paid:
                await services.order_payments.confirm(org_id, made.order.row.id, None, None, operator)
            for scheme, lang in (("light", "es"), ("dark", "en")):
                await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
                await page.goto(f"{address}?lang={lang}")
                found = await Axe().run(page)
                assert found.violations_count == 0, (paid, scheme, found.generate_report())
        await page.goto(address)
        assert await page.get_by_role("heading", name="O espere nuestra llamada").is_visible()
        await page.get_by_role("link", name="English").click()
        await page.get_by_role("heading", name="Or wait for our call").wait_for()
