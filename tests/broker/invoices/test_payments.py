"""Money comes in: whole, in parts, twice, too much."""

import asyncio
from decimal import Decimal

import pytest

from broker.log.billing_events import InvoicePaid, OverpaymentSettled
from tests.broker.invoices.conftest import Books


def payments(invoice: dict[str, object]) -> str:
    return f"/invoices/{invoice['id']}/payments"


@pytest.mark.clause("E10")
async def test_parts_have_a_receipt_each_and_the_invoice_waits_for_the_difference(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    first = await books.send("POST", payments(made), {"amount": "1000"}, 201)
    assert (first["receipt"], first["paid"], first["outstanding"]) == (1, "1000.00", "566.00")
    assert (await books.get(f"/invoices/{made['id']}"))["state"] == "open"
    second = await books.send("POST", payments(made), {"amount": "566.00"}, 201)
    assert (second["receipt"], second["outstanding"], second["excess"]) == (2, "0.00", "0.00")
    whole = await books.get(f"/invoices/{made['id']}")
    assert (whole["state"], whole["paid"]) == ("paid", "1566.00")
    assert [one["receipt"] for one in whole["payments"]] == [1, 2]
    told = await books.events(InvoicePaid)
    assert [(one.amount, one.paid, one.whole) for one in told if isinstance(one, InvoicePaid)] == [
        ("1000.00", "1000.00", False), ("566.00", "1566.00", True),
    ]  # fmt: skip


async def test_the_same_reference_again_gives_the_same_answer_and_doubles_nothing(books: Books) -> None:
    await books.adopt("easi")
    made, other = await books.billed(), await books.billed()
    body = {"amount": "1000.00", "reference": "SPEI 4711"}
    first = await books.send("POST", payments(made), body, 201)
    await books.send("POST", payments(made), {"amount": "566.00"}, 201)
    assert await books.send("POST", payments(made), body, 201) == first
    assert (await books.get(f"/invoices/{made['id']}"))["paid"] == "1566.00"
    for where, what in ((other, body), (made, {**body, "amount": "1"})):
        refused = await books.send("POST", payments(where), what, 409)
        assert refused["message"] == "This reference belongs to another payment."


async def test_of_two_administrators_who_close_an_invoice_the_second_is_told(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    asked = [
        books.services.invoices.pay(books.org, made["id"], Decimal("1566.00"), None, books.admin.id) for _ in range(2)
    ]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "Paid"]
    assert (await books.get(f"/invoices/{made['id']}"))["paid"] == "1566.00"


@pytest.mark.clause("E11")
async def test_what_was_paid_too_much_goes_back_less_three_per_cent(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    paid = await books.send("POST", payments(made), {"amount": "1666.00"}, 201)
    assert (paid["excess"], paid["refundable"]) == ("100.00", "97.00")
    where = f"/invoices/{made['id']}/overpayment"
    settled = await books.send("POST", where, {"choice": "refund"})
    assert settled == {"choice": "refund", "currency": "MXN", "amount": "97.00", "fee": "3.00"}
    assert await books.send("POST", where, {"choice": "refund"}) == settled
    await books.send("POST", where, {"choice": "credit"}, 409)
    assert len(await books.events(OverpaymentSettled)) == 1


@pytest.mark.clause("E11")
async def test_or_it_is_kept_whole_as_credit_and_pays_the_next_invoice(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    await books.send("POST", payments(made), {"amount": "1666.00"}, 201)
    await books.send("POST", f"/invoices/{made['id']}/overpayment", {"choice": "credit"})
    credit = f"/customers/{made['customer_id']}/credit"
    assert (await books.get(credit))["items"] == [{"currency": "MXN", "amount": "100.00"}]
    line = {"title": {"es": "Alta", "en": "Set-up"}, "net": "100.00"}
    following = await books.bill(made["customer_id"], purchases=[line])
    from_credit = {"amount": "100.00", "from_credit": True}
    assert (await books.send("POST", payments(following), from_credit, 201))["outstanding"] == "16.00"
    assert (await books.get(credit))["items"] == [{"currency": "MXN", "amount": "0.00"}]
    refused = await books.send("POST", payments(following), {"amount": "16.00", "from_credit": True}, 409)
    assert refused["message"] == "The customer's credit is smaller than that."


async def test_nothing_is_settled_where_nothing_was_paid_too_much(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    await books.send("POST", f"/invoices/{made['id']}/overpayment", {"choice": "refund"}, 409)
