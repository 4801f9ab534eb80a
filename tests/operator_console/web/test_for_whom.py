"""From a ticket to its bill: whom a session is for comes from the ticket's page, and is there at every later step."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.operator_console.web.people import barriers
from tests.providers.pages import add_customer
from tests.support.customer_at_work import CustomerAtWork
from tests.support.firm import Firm, firm
from tests.support.patience import eventually
from tests.support.timer import AheadClock


@pytest.mark.clause("Q2")
@pytest.mark.clause("T5")
async def test_a_session_from_a_ticket_is_that_customers_and_its_receipt_says_what_it_costs(tmp_path: Path) -> None:
    async with firm(tmp_path, "quasar", "QUASAR", ("Soporte",), "2026-11-23 10:00") as shop:
        customer = await add_customer(shop, "Talleres Núñez")
        page = shop.technician
        await page.goto(shop.address(f"?ticket={'A' * 22}"))
        await expect(page.get_by_text("What the link named is not there.")).to_be_visible()
        asked = {"subject": "No imprime", "channel": "phone", "customer_id": customer}
        ticket = (await shop.call(page, "POST", "/tickets", asked))["id"]
        await page.goto(shop.address("records/queue"))
        await page.get_by_role("button", name="Take the next").click()
        await page.get_by_role("button", name="Start a session for it").click()
        await expect(page.locator(".quote strong")).to_have_text("Talleres Núñez")
        await expect(page.locator(".quote")).to_contain_text("€45.00 per hour before tax")
        await expect(page.get_by_label("Ticket")).to_have_value(ticket)
        assert await barriers(page) == set()
        if folder := os.environ.get("RELEVO_PICTURES"):
            await page.screenshot(path=Path(folder) / "connect-for-whom.png", full_page=True)

        clock = AheadClock()
        async with shop.customer(clock=clock) as someone:
            await someone.agrees_to_the_terms()
            id, password = await someone.code()
            await page.get_by_label("ID", exact=True).fill(id)
            await page.get_by_label("Password", exact=True).fill(password)
            await page.get_by_role("button", name="Connect", exact=True).click()
            await someone.sees("Esta sesión: 45,00 € por hora", "mínimo 1 hora")
            await someone.accepts()
            await shop.is_live()
            await shop.passes(65)
            await shop.tell_costs()
            await expect(page.locator(".cost")).to_contain_text("€67.50")
            await someone.sees("65 minutos", "67,50 €")
            await someone.disconnects()
            await expect(page.locator("[data-ending]")).to_be_visible()
            # Q2: an hour at least, then each started half hour: 90 minutes at 45 € an hour, and 21 % on top.
            await someone.sees("Importe sin impuestos: 67,50 €", "Total: 81,68 €", "Provisional", "Q2:")

            await someone.chooses("Valorar la ayuda")
            someone.types("5 muy amable")
            await someone.sees("Su valoración ha llegado")

            await asked_again_at_the_customers_limit(shop, someone, clock)

        works = (await shop.call(page, "GET", f"/time-entries?ticket={ticket}"))["items"]
        assert [(work["customer_id"], work["ticket_id"], work["net"]) for work in works] == [
            (customer, ticket, "67.50")
        ]

        async def rated() -> bool:
            items = (await shop.call(shop.admin, "GET", "/opinions"))["items"]
            return [(one["stars"], one["comment"]) for one in items] == [(5, "muy amable")]

        await eventually(rated)


async def asked_again_at_the_customers_limit(shop: Firm, someone: CustomerAtWork, clock: AheadClock) -> None:
    """A yes goes on, silence ends it; both sides read why."""
    await shop.connect(someone)
    await someone.accepts(limit_minutes=15)
    await shop.is_live()
    await quarter_of_an_hour(shop, someone, clock, "uno")
    await shop.picture(someone, "limit-asked")
    await someone.chooses("Seguir")
    await eventually(lambda: "¿Seguimos?" not in someone.reads)
    await quarter_of_an_hour(shop, someone, clock, "dos")
    clock.turn(60)
    await expect(shop.technician.locator("[data-ending]")).to_have_attribute("data-ending", "ended:limit")
    await shop.picture(shop.technician, "limit-ended")
    await someone.sees("Ha terminado porque se cumplió el tiempo que usted fijó.")


async def quarter_of_an_hour(shop: Firm, someone: CustomerAtWork, clock: AheadClock, word: str) -> None:
    """In which the technician works: a session in which nothing happens ends by itself."""
    clock.turn(14 * 60)
    await shop.technician.keyboard.insert_text(word)
    await eventually(lambda: ("text", word) in someone.input.done)
    clock.turn(60)
    await someone.sees("¿Seguimos?")
