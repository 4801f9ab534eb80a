"""Charged work becomes a numbered invoice: once, whole, explained, taxed once."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from broker.errors import Conflict
from broker.invoices.model import Billed, Purchase
from broker.log.billing_events import InvoiceIssued
from broker.policies import files
from tests.broker.invoices.conftest import MONDAY, Books

TITLE = {"es": "Póliza de 10 horas", "en": "Block of 10 hours"}


@pytest.mark.clause("E10")
async def test_work_becomes_an_invoice_that_adds_up_and_explains_itself(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer(tax_id="TNU010203AB1")
    first = await books.work(customer, 60)
    second = await books.work(customer, 20, MONDAY + timedelta(hours=2))
    made = await books.bill(customer)
    assert (made["number"], made["issued"], made["due"], made["state"]) == (
        "EASI2026-000001", "2026-11-10", "2026-11-18", "open",
    )  # fmt: skip
    # 66 min → 90 min and 22 min → 30 min at 900.00 an hour; 16 % on the sum, once.
    assert (made["net"], made["tax"], made["total"]) == ("1800.00", "288.00", "2088.00")
    whole = await books.get(f"/invoices/{made['id']}")
    assert [line["net"] for line in whole["lines"]] == ["1350.00", "450.00"]
    assert [line["work_id"] for line in whole["lines"]] == [first.id, second.id]
    assert whole["lines"][0]["title"] == {
        "es": "Sesión remota, 9 nov 2026, 10:00", "en": "Remote session, 9 Nov 2026, 10:00",
    }  # fmt: skip
    assert "E1: 90 min at 900.00 MXN an hour: 0.00 MXN → 1350.00 MXN" in whole["lines"][0]["explanation"]["en"]
    assert whole["buyer"]["tax_id"] == "TNU010203AB1"
    assert (await books.services.work.get(books.org, first.id)).invoice_id == made["id"]
    (event,) = await books.events(InvoiceIssued)
    assert isinstance(event, InvoiceIssued)
    assert (event.number, event.net, event.tax, event.total) == (1, "1800.00", "288.00", "2088.00")
    assert [line.work_id for line in event.lines] == [first.id, second.id]
    assert "Núñez" not in str(event), "no personal data in the chain"


async def test_tax_is_rounded_once_on_the_sum(books: Books) -> None:
    await books.adopt("quasar")
    customer = await books.customer()
    lines = [{"title": TITLE, "net": "0.03"} for _ in range(3)]
    made = await books.bill(customer, purchases=lines)
    assert (made["net"], made["tax"]) == ("0.09", "0.02"), "three times 0.0063 would be 0.03"


async def test_nothing_is_invoiced_twice(books: Books) -> None:
    await books.adopt("easi")
    customer = (await books.billed())["customer_id"]
    answer = await books.ask("POST", "/invoices", {"customer_id": customer})
    assert (answer.status_code, answer.json()["message"]) == (409, "There is nothing to invoice for this customer.")


async def test_two_administrators_at_once_make_one_invoice_of_the_same_work(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    await books.work(customer)
    asked = [books.services.invoices.issue(books.org, customer, Billed(), books.admin.id) for _ in range(2)]
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "list"]


async def test_numbers_have_no_gaps_whoever_issues_at_once_and_whatever_is_refused(books: Books) -> None:
    await books.adopt("easi")
    customers = [await books.customer(f"Cliente {at}") for at in range(8)]
    for customer in customers[::2]:
        await books.work(customer)
    asked = [books.services.invoices.issue(books.org, customer, Billed(), books.admin.id) for customer in customers]
    made = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in made) == 4
    numbers = [row.number for one in made if isinstance(one, list) for row in one]
    assert sorted(numbers) == [1, 2, 3, 4]


async def test_each_year_has_its_series_by_the_providers_calendar(books: Books) -> None:
    await books.adopt("easi")
    books.at(2027, 1, 1, 5, 30)  # still the 31st in Mexico
    assert (await books.billed())["number"] == "EASI2026-000001"
    books.later(hours=1)
    assert (await books.billed())["number"] == "EASI2027-000001"


@pytest.mark.clause("E14")
async def test_free_help_is_listed_beside_what_costs_and_makes_no_invoice_alone(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    await books.work(customer, 15, means="phone")
    assert (await books.ask("POST", "/invoices", {"customer_id": customer})).status_code == 409
    await books.work(customer, 30, MONDAY + timedelta(hours=1))
    lines = (await books.get(f"/invoices/{(await books.bill(customer))['id']}"))["lines"]
    assert [line["net"] for line in lines] == ["0.00", "900.00"]
    assert "number 1 of 3 this week" in lines[0]["explanation"]["en"][0]


@pytest.mark.clause("R5")
async def test_where_support_is_free_there_is_never_an_invoice(books: Books) -> None:
    await books.adopt("remote-utilities")
    customer = await books.customer()
    await books.contract(customer, "PRO", months=12)
    await books.work(customer, begins=MONDAY + timedelta(hours=2))
    assert (await books.ask("POST", "/invoices", {"customer_id": customer})).status_code == 409


async def test_work_after_the_last_day_waits_for_the_next_invoice(books: Books) -> None:
    await books.adopt("quasar")
    customer = await books.customer()
    await books.work(customer)
    await books.work(customer, begins=MONDAY + timedelta(hours=7))  # midnight in Madrid
    assert (await books.bill(customer, until="2026-11-09"))["net"] == "45.00"
    assert (await books.bill(customer))["net"] == "45.00"


async def test_each_currency_has_its_invoice_and_keeps_its_own_coins(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    await books.work(customer)
    await books.adopt("quasar")
    await books.work(customer, begins=MONDAY + timedelta(hours=3))
    made = (await books.send("POST", "/invoices", {"customer_id": customer}, 201))["items"]
    # The tax of the policy in force, on both.
    assert [(one["number"], one["currency"], one["net"], one["tax"]) for one in made] == [
        ("QS2026-000001", "EUR", "45.00", "9.45"), ("QS2026-000002", "MXN", "1350.00", "283.50"),
    ]  # fmt: skip


async def test_purchases_stand_beside_work(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "poliza", months=6, size="hours10")
    bought = {"title": TITLE, "net": "7500.00", "contract_id": contract}
    made = await books.bill(customer, purchases=[bought])
    assert (made["net"], made["total"]) == ("7500.00", "8700.00")
    (line,) = (await books.get(f"/invoices/{made['id']}"))["lines"]
    assert (line["title"], line["contract_id"], line["work_id"]) == (TITLE, contract, None)


async def test_a_contract_of_somebody_else_is_not_billed(books: Books) -> None:
    await books.adopt("easi")
    contract = await books.contract(await books.customer("Otra"), "poliza", months=6, size="hours10")
    body = {"customer_id": await books.customer(), "purchases": [{"title": TITLE, "net": "1", "contract_id": contract}]}
    assert (await books.ask("POST", "/invoices", body)).status_code == 404


@pytest.mark.parametrize("net", ["0", "-1", "0.001", "x", 1.5, "1e3", "9999999999999", True])
async def test_an_amount_that_nobody_can_pay_is_refused(books: Books, net: object) -> None:
    await books.adopt("easi")
    body = {"customer_id": await books.customer(), "purchases": [{"title": TITLE, "net": net}]}
    assert (await books.ask("POST", "/invoices", body)).status_code == 422


async def test_the_chilean_peso_has_no_minor_unit(books: Books) -> None:
    await books.adopt("itplusnet")
    made = await books.bill(await books.customer(), purchases=[{"title": TITLE, "net": "45000"}])
    assert (made["net"], made["tax"], made["total"]) == ("45000", "8550", "53550")


async def test_without_a_policy_there_is_no_invoice(books: Books) -> None:
    answer = await books.ask("POST", "/invoices", {"customer_id": await books.customer()})
    assert (answer.status_code, answer.json()["message"]) == (409, "Adopt a policy first: invoices are made by it.")


async def test_an_invoice_keeps_its_buyer_as_it_was_and_forgets_it_when_erased(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    path = f"/customers/{made['customer_id']}"
    await books.send("PATCH", path, {"name": "Talleres Núñez e Hijos"})
    assert (await books.get(f"/invoices/{made['id']}"))["buyer"]["name"] == "Talleres Núñez"
    assert (await books.ask("POST", f"{path}/erase")).status_code == 204
    whole = await books.get(f"/invoices/{made['id']}")
    assert (whole["buyer"], whole["customer"], whole["total"]) == ({}, "", "1566.00")


async def test_an_issuing_that_fails_half_way_leaves_no_gap(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    bad = Purchase(TITLE, Decimal("0.001"))
    with pytest.raises(Exception, match="finer"):
        await books.services.invoices.issue(books.org, customer, Billed(purchases=[bad]), books.admin.id)
    assert (await books.billed())["number"] == "EASI2026-000001"
    assert files.load("easi").invoices.prefix == "EASI"
