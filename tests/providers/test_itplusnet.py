"""ITPLUSNET, Chile: one-off services that are paid beforehand.  Its terms of service, told as one week at its desk."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from standardwebhooks.webhooks import Webhook

from tests.providers.pages import add_customer, nothing_differs, worked
from tests.support.customer_at_work import CustomerAtWork
from tests.support.firm import Firm, firm

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

SOFTWARE = "Reinstalación del software de punto de venta y gestión"
PRICE = "CLP 45,000"
"""Net, as the shipped policy has it; the terms of service name none."""
TOTAL = "53550"
"""Forty-five thousand and 19 % IVA, which is eight thousand five hundred and fifty."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firm]:
    """Wednesday, ten in the morning in Santiago.  Tuesday 8 December is a holiday there."""
    folder = tmp_path_factory.mktemp("itplusnet")
    async with firm(folder, "itplusnet", "ITPLUSNET", (SOFTWARE,), "2026-11-25 10:00") as made:
        await made.admin.reload()
        await expect(made.admin.get_by_role("heading", name="Support hours")).to_be_visible()
        await made.picture(made.admin, "itplusnet-policy")
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ana(shop: Firm) -> AsyncIterator[CustomerAtWork]:
    """A customer whose till does not start any more, with the provider's program running."""
    async with shop.customer() as someone:
        await someone.agrees_to_the_terms()
        yield someone


@pytest.mark.clause("T1", "T2", "T4", "T5")
async def test_a_reinstallation_is_paid_first_and_costs_the_same_however_long_it_takes(
    shop: Firm, ana: CustomerAtWork
) -> None:
    facts = {"E-mail": "ana@roble.example", "Telephone": "+56 9 1234 5678"}
    roble = await add_customer(shop, "Botillería El Roble", **facts)
    order = await order_of(shop, roble, "reinstall")
    buyer = await shop.page_of(None, locale="es-CL", viewport={"width": 720, "height": 900})

    # T1: without a contract, but not without a payment.
    await buyer.goto(order["url"])
    await expect(buyer.get_by_text("Esperamos su pago: faltan $53.550.")).to_be_visible()
    await connect(shop, ana, order)
    await ana.sees("Ahora no: El pedido 1 todavía no está pagado.")
    await expect(shop.technician.locator("[data-ending]")).to_be_visible()

    # T1, T2: the payment service tells, and at once the customer's page has the ways to support …
    assert await told_paid(shop, buyer, order_number=1, amount=TOTAL, currency="CLP", reference="pay_8213") == 204
    assert await told_paid(shop, buyer, order_number=1, amount=TOTAL, currency="CLP", reference="pay_8213") == 204
    await buyer.reload()
    await expect(buyer.get_by_text("La ayuda remota está abierta para usted.")).to_be_visible()
    await expect(buyer.get_by_text("+56 2 2345 6789")).to_be_visible()
    await expect(buyer.get_by_role("heading", name="O espere nuestra llamada")).to_be_visible()
    await expect(buyer.get_by_text("unos 90 minutos, que debe tener libres")).to_be_visible()  # T4
    await shop.picture(buyer, "itplusnet-order")
    # … and the customer is on the technicians' call list, paid once although it was told twice.
    await shop.technician.goto(shop.address("records/orders?state=paid"))
    await expect(shop.technician.get_by_role("heading", name="Call list")).to_be_visible()
    waiting = shop.technician.get_by_role("row").filter(has_text="Botillería El Roble")
    await expect(waiting).to_contain_text("+56 9 1234 5678")
    await shop.picture(shop.technician, "itplusnet-call-list")
    assert (await shop.call(shop.technician, "GET", f"/orders/{order['id']}"))["paid"] == TOTAL

    # T4: a fixed price and the expected length in the prompt that the customer agrees to.
    await connect(shop, ana, order)
    await ana.sees("Precio fijo 45.000 CLP más 19 % de impuestos, alrededor de 90 minutos.")
    await shop.picture(ana, "itplusnet-consent")
    await ana.accepts()
    await shop.is_live()
    # T5: what is to be done is ticked in the session …
    (session,) = (one.id for one in shop.broker.plane.live)
    await shop.technician.locator("summary", has_text="Checklist").click()
    for task in ("Back-up of the database", "Software installed as it was before", "Database restored"):
        await shop.technician.get_by_label(task).click()
        await expect(shop.technician.get_by_label(task)).to_be_checked()
    await shop.passes(125)  # T4: thirty-five minutes more than expected
    await shop.tell_costs()
    await ana.sees("Hasta ahora: 125 minutos · 45.000 CLP sin impuestos")
    await expect(shop.technician.locator(".meter")).to_contain_text("2:05:00 of about 90 min")
    await shop.picture(shop.technician, "itplusnet-session")
    await ana.disconnects()
    # … and kept in its log.
    await shop.admin.goto(shop.address(f"sessions/{session}"))
    await expect(shop.admin.get_by_text("A task of the checklist was done")).to_have_count(3)
    await shop.picture(shop.admin, "itplusnet-checklist")

    # T4: two hours and five minutes cost what ninety minutes would have.
    (work,) = await worked(shop, roble, 1)
    assert (work["net"], work["charged_minutes"], work["billable_seconds"]) == ("45000", 0, 125 * 60)
    await shop.letter(1, "A cargo de: Su pedido prepagado", "dure lo que dure", "Total: $53.550")

    # T6: the printer was forgotten; the same order covers the second connection, for nothing.
    await connect(shop, ana, order)
    await ana.accepts()
    await shop.is_live()
    await shop.passes(20)
    await ana.disconnects()
    second, _ = await worked(shop, roble, 2)
    assert second["net"] == "0"
    await shop.call(shop.technician, "POST", f"/orders/{order['id']}/done")

    # The bill was issued and paid by itself when the payment came in: 45,000 and 8,550.
    (invoice,) = (await shop.call(shop.admin, "GET", f"/invoices?customer={roble}"))["items"]
    page = shop.admin
    await page.goto(shop.address(f"records/invoices/{invoice['id']}"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Invoice ITP2026-000001")
    await expect(page.get_by_role("row", name="Total")).to_contain_text("53,550")
    await expect(page.get_by_text("Paid", exact=True).first).to_be_visible()
    await shop.picture(page, "itplusnet-invoice")
    await nothing_differs(shop)


@pytest.mark.clause("T1", "T6")
async def test_each_service_has_its_own_order_and_one_that_is_not_sold_has_none(
    shop: Firm, ana: CustomerAtWork
) -> None:
    almendro = await add_customer(shop, "Minimarket El Almendro", **{"E-mail": "luz@almendro.example"})
    paid = await order_of(shop, almendro, "reinstall")
    await pay(shop, paid, "transfer 77")
    other = await order_of(shop, almendro, "reinstall_at_home")
    assert (paid["number"] + 1, other["state"], other["total"]) == (other["number"], "unpaid", "83300")

    # T6: the order that is paid opens nothing for the one that is not.
    await connect(shop, ana, other)
    await ana.sees(f"Ahora no: El pedido {other['number']} todavía no está pagado.")
    # T1: nor is there help without any.
    await shop.connect(ana, reference="luz@almendro.example")
    await ana.sees("Ahora no: Se ayuda con un servicio pedido y pagado de antemano.")
    # T6: other work, such as on the network, is not sold here.
    answer = await tried(shop, "POST", "/orders", {"customer_id": almendro, "service": "network"})
    assert answer["status"] in (404, 409, 422), answer


@pytest.mark.clause("T3")
async def test_nobody_is_served_in_the_evening_on_sundays_and_holidays(shop: Firm, ana: CustomerAtWork) -> None:
    olivo = await add_customer(shop, "Almacén El Olivo", **{"E-mail": "eva@olivo.example"})
    order = await order_of(shop, olivo, "reinstall")
    await pay(shop, order)
    for now, opens in (
        ("2026-11-25 18:30", "2026-11-26 09:00"),  # half past six is out: Thursday, nine o'clock
        ("2026-11-28 11:00", "2026-11-30 09:00"),  # Saturday: on Monday
        ("2026-12-08 10:00", "2026-12-09 09:00"),  # a holiday on a Tuesday: on Wednesday
    ):
        await shop.at(now)
        await connect(shop, ana, order)
        await ana.sees(f"Vuelve a empezar el {opens} (America/Santiago)")
        await expect(shop.technician.locator("[data-ending]")).to_be_visible()  # by then a spent code has been replaced
    await shop.picture(shop.technician, "itplusnet-closed")

    # The work can be agreed for another time, within the hours.
    agreed = f"/orders/{order['id']}/agreed"
    answer = await tried(shop, "PUT", agreed, {"agreed_utc": "2026-12-12T14:00:00Z"})  # a Saturday, at eleven
    assert answer["status"] in (409, 422), answer
    await shop.call(shop.technician, "PUT", agreed, {"agreed_utc": "2026-12-09T18:00:00Z"})
    buyer = await shop.page_of(None, locale="es-CL")
    await buyer.goto(order["url"])
    await expect(buyer.get_by_text("El trabajo está acordado")).to_contain_text("15:00")
    await shop.at("2026-12-09 15:00")
    await connect(shop, ana, order)
    await ana.sees("Precio fijo 45.000 CLP")
    await ana.chooses("No")


@pytest.mark.clause("T7")
async def test_at_home_is_for_santiago_and_without_internet_there_is_the_telephone(shop: Firm) -> None:
    faro = await add_customer(shop, "Ferretería El Faro, Valparaíso", **{"E-mail": "sol@faro.example"})
    await shop.call(shop.technician, "PATCH", f"/customers/{faro}", {"local": False})
    answer = await tried(shop, "POST", "/orders", {"customer_id": faro, "service": "reinstall_at_home"})
    assert answer["status"] in (409, 422), answer
    assert "T7" in answer["text"], answer

    order = await order_of(shop, faro, "reinstall")
    await pay(shop, order)
    steps = {
        "means": "phone", "customer_id": faro, "order_id": order["id"],
        "start": "2026-12-09T12:00:00-03:00", "end": "2026-12-09T13:40:00-03:00",
    }  # fmt: skip
    by_phone = await shop.call(shop.technician, "POST", "/time-entries", steps)
    assert (by_phone["state"], by_phone["net"]) == ("charged", "45000")  # T4: at the same price
    visit = {"start": "2026-12-09T15:00:00-03:00", "end": "2026-12-09T16:00:00-03:00", "local": False}
    held = await shop.call(shop.technician, "POST", "/time-entries", steps | visit | {"means": "onsite"})
    assert (held["state"], held["held_clause"]) == ("held", "T7")
    await nothing_differs(shop)


async def order_of(shop: Firm, customer: str, service: str) -> dict[str, Any]:
    """A technician orders for a customer; the answer has the address of the customer's page."""
    page = shop.technician
    await page.goto(shop.address("records/orders"))
    await page.reload()  # it may have been open before the customer was written down
    await page.locator("summary", has_text="New order").click()
    await page.get_by_label("For the customer").select_option(value=customer)
    await page.get_by_label("Which service").select_option(value=service)
    await expect(page.get_by_text("90 min, which the customer must have free")).to_be_visible()  # T4
    async with page.expect_response(
        lambda told: told.url.endswith("/orders") and told.request.method == "POST"
    ) as told:
        await page.get_by_role("button", name="Place the order").click()
    made: dict[str, Any] = await (await told.value).json()
    await expect(page.get_by_text(made["url"])).to_be_visible()
    return made


async def pay(shop: Firm, order: dict[str, Any], reference: str = "") -> None:
    """An administrator saw the whole of it come in."""
    page = shop.admin
    await page.goto(shop.address(f"records/orders/{order['id']}"))
    await page.get_by_role("button", name="Record a payment").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reference").fill(reference)
    await dialog.get_by_role("button", name="Record", exact=True).click()
    await expect(page.get_by_text("Paid: on the call list")).to_be_visible()


async def connect(shop: Firm, someone: CustomerAtWork, order: dict[str, Any]) -> None:
    """The technician connects for an order, from its page once it is paid."""
    id, password = await someone.code()
    page = shop.technician
    await page.goto(shop.address(f"?customer={order['customer_id']}&order={order['id']}"))
    await page.get_by_label("ID", exact=True).fill(id)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Connect").click()


async def tried(shop: Firm, method: str, path: str, body: object) -> dict[str, Any]:
    """What a technician is answered: `status` and `text`."""
    answer = await shop.technician.request.fetch(
        f"{shop.broker.provider.origin}/api/v1{path}", method=method, data=body,
        headers={"Origin": shop.broker.provider.origin, "Content-Type": "application/json"},
    )  # fmt: skip
    return {"status": answer.status, "text": await answer.text()}


_secret: list[str] = []


async def told_paid(shop: Firm, page: Page, **told: object) -> int:
    """The payment service says that money came in, signed with the provider's secret.  Its clock is the real one."""
    if not _secret:
        _secret.append((await shop.call(shop.admin, "PUT", "/orders/webhook-secret"))["secret"])
    body, now = json.dumps(told), datetime.now(UTC)
    answer = await page.request.post(
        f"{shop.broker.provider.origin}/api/v1/public/organisations/{shop.org_id}/webhooks/payments",
        data=body,
        headers={
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(_secret[0]).sign("msg_1", now, body),
            "Content-Type": "application/json",
        },
    )
    return answer.status
