"""QUASAR, remote support of a telecom provider: its terms of service, told as what happens on a Monday and a Sunday.

Counterpart: docs/providers/quasar.md, which walks through the same.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from broker.work.verify import verify
from tests.providers.pages import add_customer, issue_invoice, make_contract, work_of
from tests.support.firm import Firm, firm
from tests.support.patience import eventually

pytestmark = pytest.mark.e2e
SECRET = "La clave del router es Ñu-7713"


@pytest.mark.clause("Q1", "Q2", "Q3", "Q4", "Q5", "Q8", "Q9", "Q10", "Q11", "Q12", "Q13")
async def test_a_customer_with_maintenance_and_one_without(tmp_path: Path) -> None:
    portfolio = ("Router y acceso a Internet", "Centralita virtual", "Correo electrónico")
    async with firm(tmp_path, "quasar", "QUASAR", portfolio, "2026-11-23 10:00") as quasar:
        workshop = await add_customer(quasar, "Talleres Ibáñez")
        number = await make_contract(quasar, workshop, First_day="2026-01-01", Months="12")
        await quasar.picture(quasar.admin, "quasar-contract")
        bakery = await add_customer(quasar, "Panadería Ñandú", **{"E-mail": "obrador@nandu.example"})
        await the_pages_for_everyone(quasar)
        await covered_by_maintenance(quasar, number)
        await billed_by_the_hour(quasar)
        await the_bill(quasar, bakery)


async def the_pages_for_everyone(quasar: Firm) -> None:
    page = await quasar.page_of(None, locale="es-ES")
    await page.goto(f"{quasar.broker.provider.origin}/download/{quasar.org_id}")
    await expect(page.locator("ol.steps > li")).to_have_count(5)  # Q9: guided to ID and password, step by step
    await expect(page.get_by_text("el programa es gratuito")).to_be_visible()  # Q9
    await expect(page.get_by_text("1024 kbit/s")).to_be_visible()  # Q10
    await quasar.picture(page, "quasar-download")
    await page.goto(f"{quasar.broker.provider.origin}/terms/{quasar.org_id}")
    await expect(page.get_by_role("main")).to_contain_text("copia")  # Q8: Art. 5, the customer's own back-ups
    await page.context.close()


async def covered_by_maintenance(quasar: Firm, number: str) -> None:
    page = quasar.technician
    async with quasar.customer() as someone:
        await someone.sees("Condiciones del servicio")  # Q8: before the first use, and once
        await someone.agrees_to_the_terms()
        id, password = await someone.code()  # Q10: it was measured before there was a code
        assert re.fullmatch(r"\d{9}", id)  # Q1: random, of this run alone
        assert len(password) == 8  # Q1
        await quasar.picture(someone, "quasar-code")

        await page.goto(quasar.address(""))
        await expect(page.get_by_label("Service").locator("option")).to_have_text(  # Q13: nothing but the portfolio
            ["Router y acceso a Internet", "Centralita virtual", "Correo electrónico"]
        )
        await quasar.connect(someone, reference=number, service="Centralita virtual")
        await someone.sees("¿Deja que este técnico le ayude?", "Teresa Núñez", "QUASAR")  # Q3: the customer decides
        await someone.sees("Servicio: Centralita virtual")  # Q13
        await someone.sees("Cubierta por su contrato: no paga nada.")  # Q2
        assert someone.desktop.grabs == 0  # Q3: nothing is seen before the customer agrees
        await quasar.picture(someone, "quasar-covered")
        await someone.accepts()
        await quasar.is_live()

        await page.keyboard.insert_text(SECRET)  # Q7, in part: as if sitting at the machine
        await eventually(lambda: ("text", SECRET) in someone.input.done)
        await quasar.passes(50)
        await someone.disconnects()  # Q4: at any moment
        await someone.sees("Usted terminó la conexión.")
        await expect(page.locator("[data-ending]")).to_have_attribute("data-ending", "ended:customer")  # Q4: at once
        seen = someone.desktop.grabs

        await expect(page.locator("canvas.screen")).to_have_count(0)  # Q5: nothing is left to see
        await quasar.connect_with(id, password)
        await expect(page.locator("[data-ending]")).to_have_attribute("data-ending", "denied:expired")  # Q5
        fresh = await someone.code()
        assert fresh[0] != id  # Q5: new ones, at random
        assert fresh[1] != password
        assert someone.desktop.grabs == seen  # Q5

        await someone.chooses("Avisar de una sospecha")  # Q12
        someone.types("Ha llamado alguien que dice ser de QUASAR.")
        await someone.sees("Su aviso ha llegado")
    for file in tmp_files(quasar):
        assert SECRET.encode() not in file.read_bytes(), file  # Q11: the provider's own server has not read it
    row = await work_of(quasar, "Talleres Ibáñez")
    await expect(row).to_contain_text("€0.00")  # Q2: fifty minutes of maintenance cost nothing
    await row.get_by_role("button", name="Why?").click()
    await expect(quasar.admin.locator(".explanation")).to_contain_text("Q2")
    await quasar.admin.goto(quasar.address("admin/suspicions"))
    await expect(quasar.admin.get_by_text("dice ser de QUASAR")).to_be_visible()  # Q12


async def billed_by_the_hour(quasar: Firm) -> None:
    page = quasar.technician
    async with quasar.customer() as someone:
        await someone.agrees_to_the_terms()
        await quasar.at("2026-11-23 12:00")
        await quasar.connect(someone, reference="obrador@nandu.example")
        await someone.sees(  # Q2, in the words of the terms, before anything is seen
            "45,00 € por hora más 21 % de impuestos, mínimo 1 hora, después por medias horas empezadas"
        )
        await quasar.picture(someone, "quasar-price")
        await someone.accepts()
        await quasar.is_live()
        await quasar.passes(20)
        await quasar.tell_costs()
        await someone.sees("Hasta ahora: 20 minutos · 45,00 € sin impuestos")  # Q2: an hour is the least
        await quasar.passes(48)
        await quasar.tell_costs()
        await someone.sees("Hasta ahora: 68 minutos · 67,50 € sin impuestos")  # Q2: eight minutes began a half hour
        await expect(page.locator(".cost")).to_contain_text("€67.50")
        await someone.disconnects()
        await quasar.record_work()
        # Connected 68 minutes: the first hour at 45.00, and of the 8 minutes after it a whole half hour at 22.50.
        await quasar.letter(1, "67,50", "81,68")  # 81.675, rounded half-up, as this session alone would be taxed

        await quasar.at("2026-11-29 03:10")  # A Sunday night: the terms name no hours, so there are none to miss
        await quasar.connect(someone, reference="obrador@nandu.example")
        await someone.accepts()
        await quasar.is_live()
        await quasar.passes(12)
        await page.get_by_role("button", name="End session").click()  # or the technician ends it
        await someone.sees("El técnico terminó la conexión.")
    rows = await work_of(quasar, "Panadería Ñandú")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="€67.50")).to_have_count(1)
    await expect(rows.filter(has_text="€45.00")).to_have_count(1)  # Q2: twelve minutes are billed as the least, an hour


async def the_bill(quasar: Firm, bakery: str) -> None:
    page = await issue_invoice(quasar, bakery)
    # Monday: 68 min → 90 min × 45.00 €/h = 67.50.  Sunday: 12 min → 60 min = 45.00.  Together 112.50.
    # IVA 21 % of 112.50 = 23.625, rounded half-up once: 23.63.  Total 136.13.
    await expect(page.get_by_role("row", name="Total")).to_contain_text("€136.13")  # Q2
    await expect(page.get_by_role("main")).to_contain_text("€112.50")
    await expect(page.get_by_role("main")).to_contain_text("€23.63")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("QS2026-000001")
    await quasar.picture(page, "quasar-invoice")
    found = await verify(quasar.broker.services.store, quasar.org_id)  # what `relevo bill verify` runs
    assert (found.charges, found.invoices, found.differences) == (3, 1, ())


def tmp_files(quasar: Firm) -> list[Path]:
    """Everything that the broker has written."""
    return [file for file in quasar.folder.iterdir() if file.is_file()]
