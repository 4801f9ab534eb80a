"""What the calendar does to whoever does not pay, and that it is undone by paying."""

from datetime import date

import pytest

from broker.invoices.rent import reconnection_minor, suspended
from broker.invoices.standing import refused_by
from broker.policies import files
from tests.broker.invoices.conftest import Books

RENT = {"es": "Iguala, noviembre", "en": "Subscription, November"}


async def pay(books: Books, invoice: dict[str, object], amount: object = None) -> None:
    body = {"amount": amount or invoice["total"]}
    await books.send("POST", f"/invoices/{invoice['id']}/payments", body, 201)


@pytest.mark.clause("E10")
async def test_unpaid_after_eight_days_makes_delinquent_and_paying_up_undoes_it(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    customer = made["customer_id"]
    books.at(2026, 11, 18, 18, 0)
    assert (await books.services.invoices.apply_deadlines()).changed == []
    books.later(days=1)
    assert (await books.services.invoices.apply_deadlines()).changed == [customer]
    assert await books.status(customer) == "delinquent"
    assert refused_by(files.load("easi"), "delinquent") == "E10"
    assert (await books.services.invoices.apply_deadlines()).changed == [], "repeated, it changes nothing"
    await pay(books, made, "1000.00")
    assert await books.status(customer) == "delinquent", "the service waits for the difference"
    await pay(books, made, "566.00")
    assert await books.status(customer) == "active"


@pytest.mark.clause("E10")
async def test_unpaid_at_the_end_of_its_month_it_is_cancelled_and_invoiced_again_only_with_its_payment(
    books: Books,
) -> None:
    await books.adopt("easi")
    made = await books.billed()
    customer = made["customer_id"]
    await pay(books, made, "66.00")
    books.at(2026, 12, 1, 5, 30)  # November in Mexico
    assert (await books.services.invoices.apply_deadlines()).cancelled == []
    books.later(hours=1)
    assert (await books.services.invoices.apply_deadlines()).cancelled == [made["id"]]
    assert (await books.services.invoices.apply_deadlines()).cancelled == []
    assert await books.status(customer) == "delinquent"
    credit = (await books.get(f"/customers/{customer}/credit"))["items"]
    assert credit == [{"currency": "MXN", "amount": "66.00"}], "what came in is not lost"
    again = await books.bill(customer)
    assert await books.status(customer) == "delinquent"
    await pay(books, again)
    assert await books.status(customer) == "active"


async def test_other_providers_invoices_stay_open(books: Books) -> None:
    await books.adopt("quasar")
    made = await books.billed()
    books.later(days=60)
    swept = await books.services.invoices.apply_deadlines()
    assert (swept.cancelled, swept.changed) == ([], [])
    assert (await books.get(f"/invoices/{made['id']}"))["state"] == "open"


async def test_a_status_that_an_administrator_set_stays(books: Books) -> None:
    await books.adopt("quasar")
    made = await books.billed()
    await books.send("PUT", f"/customers/{made['customer_id']}/status", {"status": "suspended"})
    await pay(books, made)
    await books.services.invoices.apply_deadlines()
    assert await books.status(made["customer_id"]) == "suspended"


@pytest.mark.clause("E16")
async def test_unpaid_rent_is_suspended_on_day_11_and_connected_again_for_a_charge(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "iguala", months=6, size="small")
    rent = {"title": RENT, "net": "2800.00", "contract_id": contract}
    made = await books.bill(customer, purchases=[rent])
    books.at(2026, 11, 20, 18, 0)
    await books.services.invoices.apply_deadlines()
    assert await books.status(customer) == "delinquent", "day 10"
    books.later(days=1)
    await books.services.invoices.apply_deadlines()
    assert await books.status(customer) == "suspended", "day 11"
    assert refused_by(files.load("easi"), "suspended") == "E16"
    charge = await books.bill(customer, purchases=[{**rent, "reconnection": "monthly"}])
    assert (charge["net"], charge["total"]) == ("280.00", "324.80")
    (line,) = (await books.get(f"/invoices/{charge['id']}"))["lines"]
    assert line["title"]["es"] == "Reconexión: Iguala, noviembre"
    await pay(books, made)
    assert await books.status(customer) == "active"


@pytest.mark.clause("E16")
def test_reconnection_is_a_part_of_the_rent_before_tax() -> None:
    rule = files.load("easi").rent
    assert rule is not None
    assert reconnection_minor(rule, 280_000, "monthly") == 28_000
    assert reconnection_minor(rule, 3_000_050, "yearly") == 30_001, "half-up"


@pytest.mark.clause("E16")
def test_the_eleventh_day_is_counted_from_the_invoice() -> None:
    rule = files.load("easi").rent
    assert rule is not None
    assert [suspended(rule, date(2026, 2, 20), date(2026, 3, day)) for day in (2, 3)] == [False, True]
