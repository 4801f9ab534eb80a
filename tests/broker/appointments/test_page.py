"""The page of an invitation in a real browser: date and time, and cancelling; the secret goes to no address."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from playwright.async_api import Page, expect

from broker.appointments.service import NewAppointment
from broker.contracts.service import NewContract
from broker.ids import new_id
from broker.policies import files
from broker.store.billing_tables import CustomerRow
from tests.support.browser import browsing
from tests.support.live_broker import LiveBroker


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with browsing() as browser:
        yield await browser.new_page(locale="es-ES", timezone_id="Europe/Madrid")


async def invited(broker: LiveBroker, days: int) -> tuple[str, str]:
    """The secret and the ticket-less appointment of a customer, so many days ahead at any hour (QUASAR serves all)."""
    services, org_id = broker.services, broker.provider.org_id
    policy = files.load("quasar").model_copy(update={"appointments": files.load("informapuntcom").appointments})
    await services.policies.adopt(org_id, policy, broker.operator.id)
    row = CustomerRow(id=new_id(), org_id=org_id, name="Talleres Núñez", created_utc=services.clock.utc())
    async with services.store.transaction() as db:
        db.add(row)
    contract = NewContract(row.id, "maintenance", date(2020, 1, 1), end=date(2099, 12, 31))
    await services.contracts.make(org_id, contract, broker.operator.id)
    at = int(services.clock.utc().timestamp()) + days * 86_400 + 3600
    made = await services.appointments.make(org_id, NewAppointment(at, customer_id=row.id), broker.operator.id)
    return made.token, made.row.id


@pytest.mark.clause("I10")
@pytest.mark.clause("I11")
@pytest.mark.clause("R7")
async def test_the_customer_sees_the_appointment_and_cancels_in_time(broker: LiveBroker, page: Page) -> None:
    token, appointment_id = await invited(broker, 1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{broker.provider.origin}/appointment#{token}")
    await expect(page.get_by_text("Soporte Cuásar:")).to_be_visible()
    await expect(page.get_by_text("Puede cancelar sin coste hasta:")).to_be_visible()
    await page.get_by_text("No puedo").click()
    await page.get_by_role("button", name="Cancelar la cita").click()
    await expect(page.get_by_text("Esta cita se canceló. No cuesta nada.")).to_be_visible()
    assert (await broker.services.appointments.get(broker.provider.org_id, appointment_id)).state == "cancelled"
    assert asked
    assert not any(token in url.partition("#")[0] for url in asked)


@pytest.mark.clause("I11")
async def test_the_page_says_when_it_is_too_late_to_cancel_for_nothing(broker: LiveBroker, page: Page) -> None:
    token, _ = await invited(broker, 0)
    await page.goto(f"{broker.provider.origin}/appointment#{token}")
    await expect(page.get_by_text("Ya no se puede cancelar sin coste")).to_be_visible()
    await page.get_by_text("No puedo").click()
    await page.get_by_role("button", name="Cancelar la cita").click()
    await expect(page.get_by_text("se canceló tarde")).to_be_visible()


async def test_a_link_that_is_not_whole_says_so(broker: LiveBroker, page: Page) -> None:
    for wrong in ("", "x", "A" * 43):
        await page.goto("about:blank")
        await page.goto(f"{broker.provider.origin}/appointment#{wrong}")
        await expect(page.get_by_text("Este enlace no es de ninguna cita.")).to_be_visible()
