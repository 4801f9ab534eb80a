"""EASI, Mexico: consulting by event, by block of hours or by subscription.  Its terms of service, told as a December.

Prices are those of the shipped policy, which the terms leave to the provider: 900.00 MXN an hour by event.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.providers.pages import add_customer, issue_invoice, make_contract, nothing_differs, worked
from tests.support.customer_at_work import CustomerAtWork
from tests.support.firm import Firm, firm

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easi(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firm]:
    """Tuesday 1 December 2026, nine in the morning in Mexico City."""
    folder = tmp_path_factory.mktemp("easi")
    services = ("Consultoría", "Soporte técnico")
    async with firm(folder, "easi", "EASI Consultores", services, "2026-12-01 09:00") as made:
        await made.admin.reload()
        await expect(made.admin.get_by_role("heading", name="Support hours")).to_be_visible()
        await made.picture(made.admin, "easi-policy")
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sol(easi: Firm) -> AsyncIterator[CustomerAtWork]:
    """Whoever of the customers asks, with the provider's program running."""
    async with easi.customer() as someone:
        await someone.agrees_to_the_terms()
        yield someone


@pytest.mark.clause("E1", "E5", "E8", "E10", "E11", "E12")
async def test_by_event_it_is_quoted_and_prepaid(easi: Firm, sol: CustomerAtWork) -> None:
    luna = await add_customer(easi, "Ferretería Luna", **{"E-mail": "sol@luna.example", "Tax_ID": "FLU010203AB1"})

    # E5: a request comes in by the web form (or by e-mail), and has a number; by telephone it is refused.
    asked = {"subject": "No timbra", "text": "Desde ayer.", "email": "sol@luna.example", "priority": "high"}
    form = await easi.call(easi.technician, "POST", f"/public/organisations/{easi.org_id}/tickets", asked)
    assert (form["number"], form["state"]) == (1, "waiting")
    said = {"subject": "No timbra", "channel": "phone", "customer_id": luna}
    by_phone = await easi.call(easi.technician, "POST", "/tickets", said)
    assert (by_phone["state"], by_phone["reason"]["clause"]) == ("refused", "E5")
    # E12: of high priority, so it is answered within one support hour: by ten.
    (ticket,) = (await easi.call(easi.technician, "GET", "/tickets?state=waiting"))["items"]
    assert ticket["target_utc"] == "2026-12-01T16:00:00.000000Z"
    # E5: there is no time to take it from, so a quote is made instead.
    assert (await easi.call(easi.technician, "GET", f"/tickets/{ticket['id']}"))["quote_needed"]
    await easi.technician.goto(easi.address(f"records/tickets/{ticket['id']}"))
    await expect(easi.technician.get_by_role("heading", name="No timbra")).to_be_visible()
    await expect(easi.technician.get_by_text("No time is left: make a quote before the service.")).to_be_visible()
    await expect(easi.technician.get_by_text("Loading…")).to_have_count(0)
    await easi.picture(easi.technician, "easi-ticket")

    # E1: two half hours are quoted: nine hundred, and 16 % IVA, which is one hundred and forty-four.
    quote = {"customer_id": luna, "service": "event", "net": "900.00"}
    order = await easi.call(easi.technician, "POST", "/orders", quote)
    assert order["total"] == "1044.00"
    # E10: half of it is paid; the service waits for the difference.
    await easi.call(easi.admin, "POST", f"/orders/{order['id']}/payments", {"amount": "500.00", "reference": "SPEI 1"})
    await connect(easi, sol, luna, order["id"])
    await sol.sees("Ahora no")
    # E10, E11: six hundred more is fifty-six too much; each payment has its receipt.
    await easi.call(easi.admin, "POST", f"/orders/{order['id']}/payments", {"amount": "600.00", "reference": "SPEI 2"})
    (invoice,) = (await easi.call(easi.admin, "GET", f"/invoices?customer={luna}"))["items"]
    assert (invoice["net"], invoice["tax"], invoice["total"], invoice["state"]) == (
        "900.00",
        "144.00",
        "1044.00",
        "paid",
    )
    receipts = (await easi.call(easi.admin, "GET", f"/invoices/{invoice['id']}"))["payments"]
    assert [(one["receipt"], one["amount"]) for one in receipts] == [(1, "500.00"), (2, "600.00")]
    # E11: less 3 %, which is one peso sixty-eight, fifty-four pesos thirty-two go back.
    back = await easi.call(easi.admin, "POST", f"/invoices/{invoice['id']}/overpayment", {"choice": "refund"})
    assert (back["amount"], back["fee"]) == ("54.32", "1.68")
    await easi.admin.goto(easi.address(f"records/invoices/{invoice['id']}"))
    await expect(easi.admin.get_by_role("heading", level=1)).to_contain_text("EASI2026-000001")
    await easi.picture(easi.admin, "easi-invoice")

    # E1: served at the price that was quoted, and nothing beside it.
    await connect(easi, sol, luna, order["id"])
    await sol.sees("Precio fijo 900,00 MXN más 16 % de impuestos.")
    await easi.picture(sol, "easi-event")
    await sol.accepts()
    await easi.is_live()
    await easi.passes(40)
    await sol.disconnects()
    (work,) = await worked(easi, luna, 1)
    assert work["state"] == "charged"
    # E8: the report says the time that was used.
    await easi.letter(1, "Recibo de su sesión", "0:40:00")
    await nothing_differs(easi)


@pytest.mark.clause("E2", "E4", "E5", "E7", "E8", "E13", "E14")
async def test_a_block_of_hours_is_used_in_fractions_of_ten_minutes(easi: Firm, sol: CustomerAtWork) -> None:
    rios = await add_customer(easi, "Ríos y Asociados", **{"E-mail": "eva@rios.example"})
    # E2: ten hours, valid for six months from the purchase.
    number = await make_contract(easi, rios, Plan="poliza", First_day="2026-12-01", Months="6", Size="hours10")
    await expect(easi.admin.get_by_text("Dec 1, 2026 – May 31, 2027")).to_be_visible()
    await expect(easi.admin.get_by_text("600 of 600 minutes left")).to_be_visible()  # E5: before the service

    # E2, E8: thirty-five minutes, and 10 % for the report: thirty-eight and a half; fractions of ten make it forty.
    await easi.at("2026-12-01 11:00")
    await easi.connect(sol, reference=number)
    await sol.sees("Le quedan 600 minutos en su plan; después 900,00 MXN por hora más 16 % de impuestos.")
    await easi.picture(sol, "easi-block")
    await sol.accepts()
    await easi.is_live()
    await easi.passes(35)
    await easi.tell_costs()
    await sol.sees("Le quedan 560 minutos en su plan")
    await easi.picture(easi.technician, "easi-session")
    await sol.disconnects()
    await worked(easi, rios, 1)
    # E4, E8: an hour at half past six counts one and a half; ninety minutes and nine, so a hundred.
    await easi.at("2026-12-01 18:30")
    await easi.connect(sol, reference=number)
    await sol.sees("Le quedan 560 minutos en su plan", "Una hora de ahora cuenta como 1,5.")
    await sol.accepts()
    await easi.is_live()
    await easi.passes(60)
    await sol.disconnects()
    evening, morning = await worked(easi, rios, 2)
    assert (morning["from_balance_minutes"], evening["from_balance_minutes"]) == (40, 100)
    # E4: before nine nobody is there.
    await easi.at("2026-12-02 08:30")
    await easi.connect(sol, reference=number)
    await sol.sees("Ahora no: el horario de atención ha terminado. Vuelve a empezar el 2026-12-02 09:00")

    await easi.at("2026-12-02 16:00")
    # E7, E8: an hour on site is at least two, and each counts an hour and twenty: 160 minutes; 176 with the report.
    assert await used(easi, rios, "onsite", "09:00", "10:00") == 180
    # E14: three short pieces of help a week are free; the fourth, ten minutes and one for the report, is twenty.
    assert await used(easi, rios, "phone", "10:00", "10:20") == 0
    assert await used(easi, rios, "email", "11:00", "11:10") == 0
    assert await used(easi, rios, "chat", "12:00", "12:05") == 0
    assert await used(easi, rios, "phone", "13:00", "13:10") == 20
    # E13: what was done badly is put right for nothing, by a remote connection too.
    assert await used(easi, rios, "session", "14:00", "14:30", warranty=True) == 0

    # E8: whenever the customer asks, the statement: 600 less 40, 100, 180 and 20 are 260.
    contract = (await easi.call(easi.admin, "GET", f"/contracts?customer={rios}"))["items"][0]
    statement = await easi.call(easi.admin, "GET", f"/contracts/{contract['id']}/statement")
    assert (statement["added"], statement["taken"], statement["balance"]) == (600, 340, 260)
    await easi.admin.reload()
    await expect(easi.admin.get_by_text("260 of 600 minutes left")).to_be_visible()
    await easi.picture(easi.admin, "easi-customer")
    await nothing_differs(easi)


@pytest.mark.clause("E2", "E3", "E8", "E12")
async def test_a_subscription_counts_by_the_minute_and_is_served_first(easi: Firm, sol: CustomerAtWork) -> None:
    await easi.at("2026-12-02 16:30")
    sanz = await add_customer(easi, "Clínica Sanz", **{"E-mail": "luz@sanz.example"})
    vega = await add_customer(easi, "Vega Contadores", **{"E-mail": "ana@vega.example"})
    duna = await add_customer(easi, "Hotel Duna", **{"E-mail": "leo@duna.example"})
    # E3: 480 minutes a month for six months.
    iguala = await make_contract(easi, sanz, Plan="iguala", First_day="2026-12-02", Months="6", Size="medium")
    await make_contract(easi, vega, Plan="poliza", First_day="2026-12-02", Months="6", Size="hours5")

    # E12, E2, E3: asked last, and of low priority, the subscriber is still the first to be served.
    for who, priority, subject in (
        (duna, "low", "Un reporte nuevo"),
        (duna, "high", "No abre el sistema"),
        (vega, "medium", "Error al timbrar, a veces"),
        (sanz, "low", "Una duda del catálogo"),
    ):
        request = {"channel": "email", "customer_id": who, "subject": subject, "priority": priority}
        await easi.call(easi.technician, "POST", "/tickets", request)
    waiting = (await easi.call(easi.technician, "GET", "/queue"))["items"]
    asked = [(one["customer_id"], one["priority"]) for one in waiting if one["customer_id"] in (sanz, vega, duna)]
    assert asked == [(sanz, "low"), (vega, "medium"), (duna, "high"), (duna, "low")]
    await easi.technician.goto(easi.address("records/queue"))
    await expect(easi.technician.get_by_text("Clínica Sanz").first).to_be_visible()
    await easi.picture(easi.technician, "easi-queue")

    # E3, E8: twenty-five minutes and two and a half for the report are twenty-eight, and 452 are left.
    await easi.connect(sol, reference=iguala)
    await sol.sees("Le quedan 480 minutos en su plan")
    await sol.accepts()
    await easi.is_live()
    await easi.passes(25)
    await sol.disconnects()
    (work,) = await worked(easi, sanz, 1)
    assert (work["from_balance_minutes"], work["net"]) == (28, "0.00")
    await nothing_differs(easi)


@pytest.mark.clause("E1", "E7", "E8", "E10", "E16", "E17")
async def test_who_does_not_pay_is_behind_and_is_refused(easi: Firm, sol: CustomerAtWork) -> None:
    await easi.at("2026-12-03 12:00")
    mora = await add_customer(easi, "Talleres Mora", **{"E-mail": "paz@mora.example"})
    # E7, E8, E1: an hour on site elsewhere is at least four; 264 minutes with the report, 270 by half hours: 4,050.00.
    visit = {"means": "onsite", "customer_id": mora, "local": False, **times("2026-12-03", "09:00", "10:00")}
    assert (await easi.call(easi.technician, "POST", "/time-entries", visit))["net"] == "4050.00"
    # E7: and the travel costs.
    travel = {"title": {"es": "Viáticos", "en": "Travel costs"}, "net": "350.00"}
    body = {"customer_id": mora, "purchases": [travel]}
    (wrong,) = (await easi.call(easi.admin, "POST", "/invoices", body))["items"]
    assert (wrong["net"], wrong["tax"], wrong["total"]) == ("4400.00", "704.00", "5104.00")  # E10: 16 %

    # E17: the customer sent the wrong tax id; fifty pesos, IVA included, are to be paid before the invoice changes.
    cancel = {"reason": "RFC", "by_customer": True}
    asked = await easi.call(easi.admin, "POST", f"/invoices/{wrong['id']}/cancel", cancel)
    assert not asked["cancelled"]
    fee = asked["fee_invoice"]
    assert (fee["net"], fee["tax"], fee["total"]) == ("43.10", "6.90", "50.00")
    await easi.call(easi.admin, "POST", f"/invoices/{fee['id']}/payments", {"amount": "50.00"})
    assert (await easi.call(easi.admin, "POST", f"/invoices/{wrong['id']}/cancel", cancel))["cancelled"]
    # What was on it is on another now.
    page = await issue_invoice(easi, "Talleres Mora")
    await expect(page.get_by_role("row", name="Total")).to_contain_text("4,698.00")  # 4,050.00 and 648.00

    # E10: eight days later there is still time; on the ninth they are behind, and are refused until they pay.
    await easi.at("2026-12-11 12:00")
    await easi.broker.services.invoices.apply_deadlines()
    assert await status(easi, mora) == "active"
    await easi.at("2026-12-12 12:00")
    await easi.broker.services.invoices.apply_deadlines()
    assert await status(easi, mora) == "delinquent"
    await easi.at("2026-12-14 12:00")
    await easi.connect(sol, reference="paz@mora.example")
    await sol.sees("Ahora no: ")
    await expect(easi.technician.locator("[data-ending]")).to_be_visible()
    await easi.picture(easi.technician, "easi-refused")
    (unpaid,) = (await easi.call(easi.admin, "GET", f"/invoices?customer={mora}&state=open"))["items"]
    await easi.call(easi.admin, "POST", f"/invoices/{unpaid['id']}/payments", {"amount": unpaid["total"]})
    assert await status(easi, mora) == "active"

    # E16: the subscription's rent, 5,200.00, is unpaid on the eleventh day: suspended; reconnecting is a tenth of it.
    (sanz,) = (await easi.call(easi.admin, "GET", "/customers?text=Sanz"))["items"]
    (contract,) = (await easi.call(easi.admin, "GET", f"/contracts?customer={sanz['id']}"))["items"]
    rent = {"title": {"es": "Iguala mediana", "en": "Subscription, medium"}, "net": "5200.00"}
    bought = {"customer_id": sanz["id"], "purchases": [rent | {"contract_id": contract["id"]}]}
    (billed,) = (await easi.call(easi.admin, "POST", "/invoices", bought))["items"]
    assert billed["total"] == "6032.00"
    await easi.at("2026-12-24 12:00")
    await easi.broker.services.invoices.apply_deadlines()
    assert await status(easi, sanz["id"]) == "delinquent"  # E10 comes first
    await easi.at("2026-12-28 12:00")
    await easi.broker.services.invoices.apply_deadlines()
    assert await status(easi, sanz["id"]) == "suspended"
    again = {
        "customer_id": sanz["id"],
        "purchases": [rent | {"contract_id": contract["id"], "reconnection": "monthly"}],
    }
    (reconnected,) = (await easi.call(easi.admin, "POST", "/invoices", again))["items"]
    assert (reconnected["net"], reconnected["total"]) == ("520.00", "603.20")

    # E10, E17: what is not paid when its month ends is taken back by itself, and nothing of December changes then.
    await easi.at("2027-01-01 01:00")
    await easi.broker.services.invoices.apply_deadlines()
    for one in (billed, reconnected):
        assert (await easi.call(easi.admin, "GET", f"/invoices/{one['id']}"))["state"] == "cancelled"
    late = await easi.admin.request.post(
        f"{easi.broker.provider.origin}/api/v1/invoices/{unpaid['id']}/cancel", data={"reason": "RFC"},
        headers={"Origin": easi.broker.provider.origin},
    )  # fmt: skip
    assert late.status == 409
    await nothing_differs(easi)


@pytest.mark.clause("E9")
async def test_a_block_goes_back_within_a_day_if_it_is_large_and_was_not_begun(easi: Firm) -> None:
    await easi.at("2026-12-02 17:00")
    said = []
    for name, size, net in (("Grupo Lima", "hours10", "7500.00"), ("Grupo Paz", "hours5", "4000.00")):
        customer = await add_customer(easi, name)
        await make_contract(easi, customer, Plan="poliza", First_day="2026-12-02", Months="6", Size=size)
        (contract,) = (await easi.call(easi.admin, "GET", f"/contracts?customer={customer}"))["items"]
        purchases = f"/contracts/{contract['id']}/purchases"
        (block,) = (await easi.call(easi.admin, "GET", purchases))["items"]
        title = {"es": "Póliza de horas", "en": "Block of hours"}
        line = {"title": title, "net": net, "contract_id": contract["id"], "bought_seq": block["seq"]}
        body = {"customer_id": customer, "purchases": [line]}
        (bill,) = (await easi.call(easi.admin, "POST", "/invoices", body))["items"]
        await easi.call(easi.admin, "POST", f"/invoices/{bill['id']}/payments", {"amount": bill["total"]})
        said.append((purchases, (await easi.call(easi.admin, "GET", purchases))["items"][0]))
    (large, ten), (_, five) = said
    # Ten hours: 7,500.00 less 375.00, and the IVA of what is left, 1,140.00.  Five hours are not over five: they stay.
    assert (ten["refund"]["amount"], ten["refund"]["fee"]) == ("8265.00", "375.00")
    assert five["refund"] is None
    assert "300 min" in five["why_not"]
    await easi.at("2026-12-03 16:59")
    await easi.call(easi.admin, "POST", f"{large}/{ten['seq']}/cancel")
    (gone,) = (await easi.call(easi.admin, "GET", large))["items"]
    assert gone["refund"] is None
    await nothing_differs(easi)


@pytest.mark.clause("E18")
async def test_programming_is_quoted_paid_whole_and_tried_for_twenty_working_days(easi: Firm) -> None:
    await easi.at("2026-12-02 17:00")
    customer = await add_customer(easi, "Impresos Nube")
    quote = {"customer_id": customer, "service": "programming", "net": "8000.00"}
    order = await easi.call(easi.technician, "POST", "/orders", quote)
    steps = f"/orders/{order['id']}"
    await easi.call(easi.admin, "POST", f"{steps}/payments", {"amount": "9280.00"})  # 8,000.00 and 1,280.00
    page = easi.technician
    await page.goto(easi.address(f"records{steps}"))
    await page.get_by_role("button", name="Deliver").click()
    await page.get_by_role("group").get_by_role("button", name="Deliver").click()
    # Twenty working days after the 2nd, Christmas being none: the last day of the year.
    await expect(page.get_by_text("Delivered. Without a report by Dec 31, 2026 it is done by itself.")).to_be_visible()
    await easi.picture(page, "easi-programming")
    await easi.at("2026-12-31 23:00")
    await easi.broker.services.orders.close_delivered()
    assert (await easi.call(easi.admin, "GET", steps))["state"] == "delivered"
    await easi.at("2027-01-01 00:30")
    await easi.broker.services.orders.close_delivered()
    assert (await easi.call(easi.admin, "GET", steps))["state"] == "done"
    await nothing_differs(easi)


@pytest.mark.clause("E15")
async def test_personal_data_is_agreed_to_copied_and_erased(easi: Firm) -> None:
    await add_customer(easi, "Efímera", **{"E-mail": "yo@efimera.example"})
    page = easi.admin
    await page.get_by_role("button", name="Write down a consent").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Purpose").fill("Aviso de privacidad")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("agreed to “Aviso de privacidad”")).to_be_visible()
    async with page.expect_download() as copy:
        await page.get_by_role("button", name="Export everything that is held").click()
    assert "yo@efimera.example" in (await (await copy.value).path()).read_text("utf-8")
    await easi.picture(page, "easi-personal-data")
    await page.get_by_role("button", name="Erase personal data").click()
    await page.get_by_role("dialog").get_by_role("button", name="Erase personal data").click()
    await expect(page.get_by_role("heading", name="erased")).to_be_visible()


async def connect(easi: Firm, someone: CustomerAtWork, customer: str, order: str) -> None:
    """The technician connects for an order, whose page leads there."""
    id, password = await someone.code()
    page = easi.technician
    await page.goto(easi.address(f"?customer={customer}&order={order}"))
    await page.get_by_label("ID", exact=True).fill(id)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Connect").click()


def times(day: str, begins: str, ends: str) -> dict[str, str]:
    """Start and end on a day in Mexico City, which has no summer time."""
    return {"start": f"{day}T{begins}:00-06:00", "end": f"{day}T{ends}:00-06:00"}


async def used(easi: Firm, customer: str, means: str, begins: str, ends: str, **more: Any) -> int:
    """Enter time of 2 December by hand; the minutes that it takes from the balance.  Nothing is charged beside."""
    body = {"means": means, "customer_id": customer, **times("2026-12-02", begins, ends), **more}
    work = await easi.call(easi.technician, "POST", "/time-entries", body)
    assert (work["state"], work["net"]) == ("charged", "0.00")
    return int(work["from_balance_minutes"])


async def status(easi: Firm, customer: str) -> str:
    """Whether the customer is behind with payment."""
    return str((await easi.call(easi.admin, "GET", f"/customers/{customer}"))["status"])
