"""An invoice is taken back: by a credit note, in its month, with the fee first; nothing is lost or charged twice."""

import asyncio

import pytest

from broker.log.billing_events import InvoiceCancelled
from tests.broker.invoices.conftest import Books


@pytest.mark.clause("E17")
async def test_a_credit_note_takes_it_back_and_the_work_can_be_invoiced_again(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    done = await books.send("POST", f"/invoices/{made['id']}/cancel", {"reason": "RFC equivocado"})
    note = done["credit_note"]
    assert (note["number"], note["state"], note["credit_of"]) == ("EASI2026-000002", "credit", made["id"])
    assert (note["net"], note["tax"], note["total"]) == ("-1350.00", "-216.00", "-1566.00")
    whole = await books.get(f"/invoices/{made['id']}")
    assert (whole["state"], whole["credit_note"], whole["outstanding"]) == ("cancelled", note["id"], "0.00")
    (line,) = (await books.get(f"/invoices/{note['id']}"))["lines"]
    assert (line["title"]["es"], line["net"]) == ("Anulación: Sesión remota, 9 nov 2026, 10:00", "-1350.00")
    again = await books.bill(made["customer_id"])
    assert (again["number"], again["total"]) == ("EASI2026-000003", "1566.00")
    assert len(await books.events(InvoiceCancelled)) == 1


@pytest.mark.clause("E17")
async def test_only_within_its_month_by_the_providers_calendar(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    books.at(2026, 12, 1, 6, 30)
    refused = await books.send("POST", f"/invoices/{made['id']}/cancel", {}, 409)
    assert refused["message"] == "An invoice can be cancelled only in the month in which it was issued."
    books.at(2026, 12, 1, 5, 30)  # still November in Mexico
    assert (await books.send("POST", f"/invoices/{made['id']}/cancel", {}))["cancelled"]


@pytest.mark.clause("E17")
async def test_a_change_that_the_customer_caused_is_paid_first(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    where, caused = f"/invoices/{made['id']}/cancel", {"by_customer": True, "reason": "otra razón social"}
    asked = await books.send("POST", where, caused)
    fee = asked["fee_invoice"]
    assert (asked["cancelled"], fee["net"], fee["tax"], fee["total"]) == (False, "43.10", "6.90", "50.00")
    assert (await books.get(f"/invoices/{made['id']}"))["state"] == "open"
    # Asked again, and however it is asked: no second fee, and nothing is cancelled before it is paid.
    assert (await books.send("POST", where, caused))["fee_invoice"]["id"] == fee["id"]
    assert (await books.send("POST", where, {}))["fee_invoice"]["id"] == fee["id"]
    await books.send("POST", f"/invoices/{fee['id']}/payments", {"amount": "50.00"}, 201)
    done = await books.send("POST", where, caused)
    assert (done["cancelled"], done["fee_invoice"]["state"]) == (True, "paid")
    (line,) = (await books.get(f"/invoices/{fee['id']}"))["lines"]
    assert line["title"]["es"] == f"Cambio de la factura {made['number']} por causa del cliente"


async def test_where_the_policy_names_no_month_an_old_invoice_can_be_taken_back(books: Books) -> None:
    await books.adopt("quasar")
    made = await books.billed()
    books.later(days=90)
    done = await books.send("POST", f"/invoices/{made['id']}/cancel", {"by_customer": True})
    assert (done["cancelled"], done["fee_invoice"]) == (True, None)


async def test_of_two_administrators_who_take_it_back_the_second_is_told(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    asked = [books.services.invoices.cancel(books.org, made["id"], "", False, books.admin.id) for _ in range(2)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Cancelled", "Conflict"]
    assert (await books.get("/invoices"))["totals"][0]["total"] == "0.00"


async def test_all_that_was_paid_for_it_goes_back_without_a_fee(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    await books.send("POST", f"/invoices/{made['id']}/payments", {"amount": "1566.00"}, 201)
    await books.send("POST", f"/invoices/{made['id']}/cancel", {})
    assert (await books.get(f"/invoices/{made['id']}"))["excess"] == "1566.00"
    settled = await books.send("POST", f"/invoices/{made['id']}/overpayment", {"choice": "refund"})
    assert (settled["amount"], settled["fee"]) == ("1566.00", "0.00")


async def test_what_went_back_before_does_not_go_back_again(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    where = f"/invoices/{made['id']}"
    await books.send("POST", f"{where}/payments", {"amount": "1666.00"}, 201)
    await books.send("POST", f"{where}/overpayment", {"choice": "refund"})
    await books.send("POST", f"{where}/cancel", {})
    whole = await books.get(where)
    assert (whole["excess"], whole["excess_settled"], whole["excess_fee"]) == ("0.00", "1663.00", "3.00")


async def test_a_credit_note_is_neither_paid_nor_taken_back_and_neither_is_what_was_cancelled(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    note = (await books.send("POST", f"/invoices/{made['id']}/cancel", {}))["credit_note"]
    for one in (made, note):
        await books.send("POST", f"/invoices/{one['id']}/payments", {"amount": "1"}, 409)
        await books.send("POST", f"/invoices/{one['id']}/cancel", {}, 409)
