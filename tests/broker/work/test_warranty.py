"""Warranty: what may be put right for nothing, and until when (E13).  EASI's service of a Friday: three business days
go by until the next Wednesday."""

from typing import Any

import pytest

from tests.support.counter import Counter
from tests.support.office import Office


@pytest.fixture
async def counter(desk: Office) -> Counter:
    return await Counter.opened(desk, "easi")


async def enter(counter: Counter, day: str, expect: int = 201, **facts: Any) -> Any:
    """An hour from ten in Mexico City, as the technician enters it."""
    times = {"start": f"{day}T10:00:00-06:00", "end": f"{day}T11:00:00-06:00"}
    return await counter.send("POST", "/time-entries", {"means": "session", **times, **facts}, expect)


@pytest.mark.clause("E13")
async def test_a_repair_is_free_for_three_business_days_after_the_service(counter: Counter) -> None:
    customer, other = await counter.customer(), await counter.customer("Otra")
    await counter.go_to(2026, 12, 7, 12)
    await enter(counter, "2026-11-26", 422, customer_id=customer, warranty=True)  # there was no service yet
    await enter(counter, "2026-11-27", customer_id=customer)
    await enter(counter, "2026-12-02", 422, customer_id=other, warranty=True)  # nor one of theirs
    await enter(counter, "2026-12-02", 422, warranty=True)  # nor of nobody's
    repair = await enter(counter, "2026-12-02", customer_id=customer, warranty=True)
    assert (repair["basis"], repair["net"]) == ("free", "0.00")
    refused = await enter(counter, "2026-12-03", 422, customer_id=customer, warranty=True)
    assert "E13" in refused["message"]
    assert "3" in refused["message"]


@pytest.mark.clause("E13")
async def test_work_is_made_a_repair_afterwards_by_the_same_rule(counter: Counter) -> None:
    customer = await counter.customer()
    await counter.go_to(2026, 12, 7, 12)
    first = await enter(counter, "2026-11-27", customer_id=customer)
    late = await enter(counter, "2026-12-03", customer_id=customer)
    in_time = await enter(counter, "2026-12-01", customer_id=customer)
    for work, expect in (
        (first, 422),
        (late, 200),
        (in_time, 200),
    ):  # the repair of 1 December is no service of its own…
        await counter.send("PATCH", f"/time-entries/{work['id']}", {"warranty": True}, expect, who=counter.admin)
    kept = await counter.get(f"/time-entries/{first['id']}")
    assert (kept["revision"], kept["warranty"]) == (1, False)
    await counter.send("PATCH", f"/time-entries/{late['id']}", {"note": "Como estaba"}, who=counter.admin)


@pytest.mark.clause("E13")
async def test_a_ticket_closes_by_itself_when_the_warranty_of_its_service_is_over(counter: Counter) -> None:
    customer = await counter.customer(email="sol@example.com")
    await counter.go_to(2026, 11, 27, 15)
    served, complained = [(await counter.ticket(customer_id=customer, channel="email"))["id"] for _ in range(2)]
    await counter.go_to(2026, 11, 27, 18)
    times = (
        ("2026-11-27T10:00:00-06:00", "2026-11-27T11:00:00-06:00"),
        ("2026-11-27T11:00:00-06:00", "2026-11-27T11:30:00-06:00"),
    )
    for ticket, (start, end) in zip((served, complained), times, strict=True):
        await counter.send("POST", f"/tickets/{ticket}/take")
        body = {"means": "session", "start": start, "end": end, "customer_id": customer, "ticket_id": ticket}
        await counter.send("POST", "/time-entries", body, 201)
    await counter.go_to(2026, 12, 1, 16)
    again = {"text": "Ha vuelto a fallar", "from_customer": True}
    await counter.send("POST", f"/tickets/{complained}/messages", again, 201)
    await counter.go_to(2026, 12, 3, 5, 59)  # still Wednesday in Mexico City
    assert await counter.services.tickets.close_overdue() == 0
    await counter.go_to(2026, 12, 3, 6)
    assert await counter.services.tickets.close_overdue() == 1
    closed = await counter.get(f"/tickets/{served}")
    assert (closed["state"], closed["reason"]["clause"]) == ("closed", "E13")
    assert (await counter.get(f"/tickets/{complained}"))["state"] == "taken"
