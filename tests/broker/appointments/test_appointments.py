"""Agreed starts: which may be, who may cancel until when, and what a missed one costs."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from broker.permissions import Role
from broker.policies import files
from tests.support.counter import Counter
from tests.support.log import LogWorld
from tests.support.office import Office

TOMORROW = "2026-11-24T10:00:00+01:00"


async def informapuntcom(desk: Office) -> tuple[Counter, dict[str, Any]]:
    """The provider, with an appointment for tomorrow at ten on a customer's ticket."""
    counter = await Counter.opened(desk, "informapuntcom")
    customer = await counter.customer(tax_id="B1", phone="600")
    await counter.contract(customer, "support", size="hours5")
    ticket = await counter.ticket(customer_id=customer, contact="Eva")
    made = await counter.send("POST", "/appointments", {"at": TOMORROW, "ticket_id": ticket["id"]}, 201)
    return counter, made


async def balance(counter: Counter) -> int | None:
    (held,) = await counter.services.contracts.listed(counter.org)
    return held.balance_minutes


async def charged(counter: Counter) -> list[tuple[str, int]]:
    items = (await counter.send("GET", "/time-entries", who=counter.admin))["items"]
    return [(item["kind"], item["from_balance_minutes"]) for item in items]


def secret(made: dict[str, Any]) -> str:
    return str(made["invite_url"].partition("#")[2])


@pytest.mark.clause("I10")
async def test_an_invitation_tells_its_holder_date_and_time(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    seen = await counter.public("GET", "/public/appointment", token=secret(made))
    assert seen == {
        "organisation": "Soporte Cuásar", "state": "agreed", "at": "2026-11-24T09:00:00.000000Z", "minutes": 60,
        "free_until": "2026-11-24T05:00:00.000000Z",
    }  # fmt: skip
    await counter.public("GET", "/public/appointment", token="A" * 43, expect=410)
    (listed,) = (await counter.get("/appointments?state=agreed&from=2026-11-24&to=2026-11-24"))["items"]
    assert listed == {name: value for name, value in made.items() if name != "invite_url"}
    assert "09:00:00" in (await counter.ask("GET", "/appointments/export")).text
    assert (await counter.get("/appointments?state=kept"))["items"] == []


async def test_a_day_is_read_from_its_first_appointment_on(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    later = {"at": "2026-11-24T16:00:00+01:00", "customer_id": made["customer_id"]}
    after = await counter.send("POST", "/appointments", later, 201)
    whole = "/appointments?first=earliest&limit=1"
    page = await counter.get(whole)
    assert [one["id"] for one in page["items"]] == [made["id"]]
    assert [one["id"] for one in (await counter.get(f"{whole}&cursor={page['next']}"))["items"]] == [after["id"]]
    assert (await counter.get("/appointments"))["items"][0]["id"] == after["id"]


@pytest.mark.clause("I12")
async def test_an_appointment_says_until_when_the_technician_waits(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    assert made["waits_until"] == "2026-11-24T09:15:00.000000Z"
    kept = await counter.send("POST", f"/appointments/{made['id']}/kept", {})
    assert kept["waits_until"] is None


@pytest.mark.clause("R7")
async def test_the_secret_of_an_invitation_is_stored_nowhere(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    await counter.public("POST", "/public/appointment/cancel", token=secret(made))
    async with counter.services.store.reading() as db:
        for table in ("appointments", "log_events", "log_personal", "tickets", "work"):
            rows = (await db.execute(text(f"SELECT * FROM {table}"))).all()
            assert secret(made) not in str(rows), table


STARTS = [
    ("informapuntcom", "2026-11-24T08:59:59+01:00", 422), ("informapuntcom", "2026-11-24T09:00:00+01:00", 201),
    ("informapuntcom", "2026-11-24T17:59:59+01:00", 201), ("informapuntcom", "2026-11-24T18:00:00+01:00", 422),
    ("informapuntcom", "2026-12-08T10:00:00+01:00", 422), ("informapuntcom", "2026-11-23T09:59:00+01:00", 422),
    ("informapuntcom", "2036-11-24T10:00:00+01:00", 422),
    ("easi", "2026-11-24T17:00:00-06:00", 201), ("easi", "2026-11-24T17:00:01-06:00", 422),
    ("easi", "2026-11-24T19:00:00-06:00", 201), ("easi", "2026-11-28T08:00:00-06:00", 422),
    ("itplusnet", "2026-11-24T18:00:00-03:00", 201), ("itplusnet", "2026-11-28T12:00:00-03:00", 422),
    ("quasar", "2026-11-29T03:00:00+01:00", 201),
]  # fmt: skip


@pytest.mark.clause("E4")
@pytest.mark.clause("T3")
@pytest.mark.parametrize(("policy", "at", "status"), STARTS)
async def test_a_start_lies_within_support_hours(desk: Office, policy: str, at: str, status: int) -> None:
    counter = await Counter.opened(desk, policy)
    customer = await counter.customer()
    await counter.send("POST", "/appointments", {"at": at, "customer_id": customer}, status)


@pytest.mark.clause("I11")
@pytest.mark.parametrize(
    ("seconds_before", "state", "cost"), [(4 * 3600, "cancelled", 0), (4 * 3600 - 1, "late_cancel", 30)]
)
async def test_a_cancellation_is_free_until_four_hours_before(
    desk: Office, seconds_before: int, state: str, cost: int
) -> None:
    counter, made = await informapuntcom(desk)
    counter.clock.step((await _until(counter, made)) - seconds_before)
    seen = await counter.public("POST", "/public/appointment/cancel", token=secret(made))
    assert seen["state"] == state
    await counter.public("POST", "/public/appointment/cancel", token=secret(made), expect=409)
    assert await balance(counter) == 300 - cost
    await counter.go_to(2026, 11, 24, 9)
    assert (await counter.get(f"/tickets/{made['ticket_id']}"))["state"] == "closed", "in each case"
    assert await charged(counter) == ([("late_cancel", 30)] if cost else [])


async def _until(counter: Counter, made: dict[str, Any]) -> float:
    row = await counter.services.appointments.get(counter.org, made["id"])
    return row.at - counter.clock.utc().timestamp()


@pytest.mark.clause("I12")
async def test_after_fifteen_minutes_without_the_customer_it_is_a_no_show_once(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    counter.clock.step(await _until(counter, made) + 15 * 60 - 1)
    assert await counter.services.appointments.end_overdue() == 0
    counter.clock.step(1)
    ended = await asyncio.gather(*(counter.services.appointments.end_overdue() for _ in range(2)))
    assert sorted(ended) == [0, 1]
    await counter.go_to(2026, 11, 24, 10)
    found = await counter.get(f"/appointments/{made['id']}")
    assert found["state"] == "no_show"
    assert await charged(counter) == [("no_show", 30)]
    assert (found["work_id"], await balance(counter)) == (
        (await counter.send("GET", "/time-entries", who=counter.admin))["items"][0]["id"], 270,
    )  # fmt: skip
    ticket = await counter.get(f"/tickets/{made['ticket_id']}")
    assert (ticket["state"], ticket["reason"]["clause"]) == ("closed", "I12")
    await counter.send("POST", f"/appointments/{made['id']}/kept", {}, 409)


@pytest.mark.clause("I12")
async def test_a_customer_who_was_there_is_no_no_show(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    where = f"/appointments/{made['id']}"
    await counter.send("POST", f"{where}/kept", {"session_id": "A" * 22}, 404)
    assert (await counter.send("POST", f"{where}/kept", {}))["state"] == "kept"
    counter.clock.step(await _until(counter, made) + 3600)
    assert await counter.services.appointments.end_overdue() == 0
    await counter.public("POST", "/public/appointment/cancel", token=secret(made), expect=409)
    assert await balance(counter) == 300


@pytest.mark.clause("I13")
@pytest.mark.parametrize(("through", "state", "cost"), [("customer", "no_show", 30), ("other", "failed", 0)])
async def test_a_connection_that_fails_through_the_customers_set_up_is_a_no_show(
    desk: Office, through: str, state: str, cost: int
) -> None:
    counter, made = await informapuntcom(desk)
    where = f"/appointments/{made['id']}/failed"
    if cost:
        await counter.send("POST", where, {"through": through}, 409)
    await counter.go_to(2026, 11, 24, 9, 5)
    assert (await counter.send("POST", where, {"through": through}))["state"] == state
    await counter.send("POST", where, {"through": through}, 409)
    assert await balance(counter) == 300 - cost


async def test_the_provider_cancels_for_nothing_and_the_ticket_stays_open(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    counter.clock.step(await _until(counter, made) - 60)
    await counter.go_to(2026, 11, 24, 8, 59)
    where = f"/appointments/{made['id']}/cancel"
    assert (await counter.send("POST", where, {"by": "provider"}))["state"] == "cancelled"
    await counter.send("POST", where, {"by": "customer"}, 409)
    assert await balance(counter) == 300
    assert (await counter.get(f"/tickets/{made['ticket_id']}"))["state"] == "waiting"


async def test_two_who_cancel_at_once_are_one_and_a_refusal(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    await counter.go_to(2026, 11, 24, 8)
    colleague = await desk.hire(Role.OPERATOR)
    where, body = f"/appointments/{made['id']}/cancel", {"by": "customer"}
    answers = await asyncio.gather(
        *(counter.ask("POST", where, body, who=who) for who in (counter.technician, colleague))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await balance(counter) == 270


async def test_without_rules_nothing_is_late_and_nothing_ends_by_itself(desk: Office) -> None:
    counter = await Counter.opened(desk, "quasar")
    customer = await counter.customer()
    one, other = [
        await counter.send("POST", "/appointments", {"at": TOMORROW, "customer_id": customer}, 201) for _ in range(2)
    ]
    counter.clock.step(3 * 86_400)
    assert await counter.services.appointments.end_overdue() == 0
    seen = await counter.public("POST", "/public/appointment/cancel", token=secret(one))
    assert (seen["state"], seen["free_until"]) == ("cancelled", None)
    await counter.go_to(2026, 11, 26, 9)
    await counter.send("POST", f"/appointments/{other['id']}/kept", {})


@pytest.mark.clause("I15")
async def test_a_contract_keeps_the_rules_of_its_appointments(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    present = files.load("informapuntcom")
    assert present.appointments is not None
    patient = present.appointments.model_copy(update={"wait_minutes": 60})
    changed = present.model_copy(update={"appointments": patient})
    await counter.services.policies.adopt(counter.org, changed, counter.admin.id)
    counter.clock.step(await _until(counter, made) + 15 * 60)
    assert await counter.services.appointments.end_overdue() == 1


async def test_an_appointment_is_for_a_customer_and_by_a_technician_who_are_there(desk: Office) -> None:
    counter, made = await informapuntcom(desk)
    customer, nobody = await counter.customer("Otra"), "A" * 22
    for body, status in (
        ({}, 422), ({"customer_id": nobody}, 404), ({"ticket_id": nobody}, 404),
        ({"ticket_id": made["ticket_id"], "customer_id": customer}, 409),
        ({"customer_id": customer, "operator_id": nobody}, 404),
        ({"customer_id": customer, "minutes": 0}, 422),
    ):  # fmt: skip
        await counter.send("POST", "/appointments", {"at": TOMORROW, **body}, status)
    await counter.send("POST", f"/tickets/{made['ticket_id']}/close")
    await counter.send("POST", "/appointments", {"at": TOMORROW, "ticket_id": made["ticket_id"]}, 409)


@pytest.mark.clause("I12")
@pytest.mark.parametrize(
    ("whose", "joined", "ended", "state"),
    [
        ("theirs", -300, None, "kept"), ("theirs", 840, None, "kept"), ("theirs", 60, 600, "kept"),
        ("theirs", -900, -60, "no_show"), ("another's", 60, None, "no_show"), ("theirs", None, None, "no_show"),
    ],
)  # fmt: skip
async def test_whoever_is_in_a_session_is_there_whether_or_not_somebody_says_so(
    desk: Office, whose: str, joined: int | None, ended: int | None, state: str
) -> None:
    """`joined` and `ended`: seconds after the agreed start."""
    counter, made = await informapuntcom(desk)
    world, start = LogWorld(counter.services.store, counter.clock), await _until(counter, made)
    customer = made["customer_id"] if whose == "theirs" else await counter.customer("Otra")
    session = replace(world.request(counter.org), customer_id=customer)
    if joined is not None:
        counter.clock.step(start + joined)
        await world.joined(session)
    if ended is not None:
        counter.clock.step(await _until(counter, made) + ended)
        await counter.services.sessions.ended(session.session_id, "technician", "technician")
    counter.clock.step(await _until(counter, made) + 900)
    await counter.services.appointments.end_overdue()
    row = await counter.services.appointments.get(counter.org, made["id"])
    assert (row.state, row.session_id) == (state, session.session_id if state == "kept" else None)
    assert await balance(counter) == (300 if state == "kept" else 270)
