"""E18: programming is quoted, prepaid whole, delivered and tried, and closes by itself without a report."""

from datetime import UTC, datetime
from typing import Any

import pytest

from broker.log.billing_events import OrderEnded
from broker.orders.service import OrderService
from broker.work.service import NewWork
from broker.work.verify import verify
from tests.broker.invoices.conftest import Books, books

__all__ = ["books"]


async def quoted(books: Books, service: str = "programming") -> str:
    """An order that was paid whole: 1,000.00 and IVA 16 %."""
    await books.adopt("easi")
    customer = await books.customer()
    body = {"customer_id": customer, "service": service, "net": "1000.00"}
    order = str((await books.send("POST", "/orders", body, 201))["id"])
    await books.send("POST", f"/orders/{order}/payments", {"amount": "1000.00"})
    await books.send("POST", f"/orders/{order}/deliver", None, 409)  # not paid whole yet
    paid = await books.send("POST", f"/orders/{order}/payments", {})
    assert (paid["state"], paid["paid"], paid["closes_after_working_days"]) == ("paid", "1160.00", 20)
    return order


async def states(books: Books, order: str) -> tuple[str, str | None]:
    found: dict[str, Any] = await books.get(f"/orders/{order}")
    return found["state"], found["closes"]


@pytest.mark.clause("E18")
async def test_it_closes_by_itself_twenty_working_days_after_delivery(books: Books) -> None:
    books.at(2026, 11, 10, 18)
    order = await quoted(books)
    await books.send("POST", f"/orders/{order}/deliver", None)
    # Twenty working days from 11 November; the 16th (Revolution, observed) is a holiday.
    assert await states(books, order) == ("delivered", "2026-12-09")
    books.at(2026, 12, 10, 5, 59)  # still the 9th in Mexico City
    assert await books.services.orders.close_delivered() == 0
    books.at(2026, 12, 10, 6)
    assert await books.services.orders.close_delivered() == 1
    restarted = OrderService(books.services.store, books.clock, books.services.work._log)
    assert await restarted.close_delivered() == 0
    assert (await states(books, order))[0] == "done"
    (event,) = await books.events(OrderEnded)
    assert isinstance(event, OrderEnded)
    assert (event.state, event.by_operator) == ("done", None)
    await books.send("POST", f"/orders/{order}/report", None, 409)  # a new ticket, and charged


@pytest.mark.clause("E18")
async def test_a_fault_that_is_reported_in_time_opens_it_again_and_is_repaired_for_its_price(books: Books) -> None:
    books.at(2026, 11, 10, 18)
    order = await quoted(books)
    await books.send("POST", f"/orders/{order}/deliver", None)
    books.at(2026, 12, 9, 18)
    assert (await books.send("POST", f"/orders/{order}/report", None))["state"] == "paid"
    start = int(datetime(2026, 12, 9, 17, 0, tzinfo=UTC).timestamp())
    found = await books.get(f"/orders/{order}")
    new = NewWork("session", start, start + 3600, customer_id=found["customer_id"], order_id=order)
    repaired = await books.services.work.record(books.org, new, books.admin.id)
    assert (repaired.state, repaired.net_minor, repaired.steps[0]["clause"]) == ("charged", 0, "E18")
    books.at(2026, 12, 20, 18)
    assert await books.services.orders.close_delivered() == 0
    again = await books.send("POST", f"/orders/{order}/deliver", None)
    assert (again["state"], again["closes"] > "2027-01-15") == ("delivered", True)
    done = await books.send("POST", f"/orders/{order}/done", None)  # the customer says that it is good
    assert (done["state"], done["closes"]) == ("done", None)
    assert (await verify(books.services.store, books.org)).differences == ()


@pytest.mark.clause("E1", "E18")
async def test_an_event_is_quoted_and_prepaid_and_has_nothing_to_deliver(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    await books.send("POST", "/orders", {"customer_id": customer, "service": "event"}, 422)
    body = {"customer_id": customer, "service": "event", "net": "450.00"}
    order = (await books.send("POST", "/orders", body, 201))["id"]
    await books.send("POST", f"/orders/{order}/payments", {})
    await books.send("POST", f"/orders/{order}/deliver", None, 409)
    work = await books.work(customer, 30, order_id=order)
    assert work.net_minor == 0
    (bill,) = (await books.get(f"/invoices?customer={customer}"))["items"]
    assert (bill["state"], bill["total"]) == ("paid", "522.00")
