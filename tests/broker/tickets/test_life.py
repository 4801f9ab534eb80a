"""What happens to a ticket: taken, answered, closed, opened again; screenshots, lists, and nothing in any log."""

import asyncio
import csv
import io
import itertools
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from broker.errors import Conflict
from broker.permissions import Role
from broker.tickets.states import TABLE, State, Step, after
from tests.support.counter import Counter
from tests.support.office import Office

SECRET_WORDS = "Zurbarán-4711"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


@pytest.fixture
async def counter(desk: Office) -> Counter:
    return await Counter.opened(desk, "quasar")


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_a_step_that_is_not_in_the_table_is_refused(state: State, step: Step) -> None:
    if (state, step) in TABLE:
        assert after(state, step) in State
    else:
        with pytest.raises(Conflict):
            after(state, step)


async def test_a_ticket_is_taken_answered_heard_closed_and_opened_again(counter: Counter) -> None:
    ticket = await counter.ticket()
    where = f"/tickets/{ticket['id']}"
    taken = await counter.send("POST", f"{where}/take")
    assert (taken["state"], taken["operator_id"]) == ("taken", counter.technician.id)
    await counter.send("POST", f"{where}/take", expect=409)
    answered = await counter.send("POST", f"{where}/messages", {"text": "Reinicie"}, 201)
    assert (answered["state"], answered["answered_utc"]) == ("answered", "2026-11-23T09:00:00.000000Z")
    counter.clock.advance(60)
    heard = await counter.send("POST", f"{where}/messages", {"text": "Sigue igual", "from_customer": True}, 201)
    assert (heard["state"], heard["operator_id"]) == ("taken", counter.technician.id)
    assert [(m["text"], m["operator_id"] is None) for m in heard["messages"]] == [
        ("Reinicie", False),
        ("Sigue igual", True),
    ]
    closed = await counter.send("POST", f"{where}/close")
    assert (closed["state"], closed["closed_utc"]) == ("closed", "2026-11-23T09:01:00.000000Z")
    await counter.send("POST", f"{where}/close", expect=409)
    await counter.send("POST", f"{where}/messages", {"text": "Más"}, 409)
    again = await counter.send("POST", f"{where}/messages", {"text": "Otra vez", "from_customer": True}, 201)
    assert (again["state"], again["operator_id"], again["closed_utc"]) == ("waiting", None, None)


async def test_a_ticket_that_is_let_go_waits_again(counter: Counter) -> None:
    where = f"/tickets/{(await counter.ticket())['id']}"
    await counter.send("POST", f"{where}/release", expect=409)
    await counter.send("POST", f"{where}/take")
    assert (await counter.send("POST", f"{where}/release"))["state"] == "waiting"


@pytest.mark.clause("I17")
async def test_excluded_work_of_the_policy_is_a_reason_to_refuse(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    customer = await counter.customer(tax_id="B1", phone="600")
    await counter.contract(customer, "support", size="hours5")
    where = f"/tickets/{(await counter.ticket(customer_id=customer, contact='Eva'))['id']}"
    work = (await counter.get("/tickets/excluded-work"))["items"]
    assert work[3] == "Formación"
    async with desk.client(counter.technician, **{"Accept-Language": "en"}) as reader:
        english = (await reader.get("/api/v1/tickets/excluded-work")).json()["items"]
    assert english[3] == "Training", "the language that is asked for comes before the account's"
    await counter.send("POST", f"{where}/refuse", {"excluded": len(work)}, 422)
    await counter.send("POST", f"{where}/refuse", {"excluded": 0, "reason": "No"}, 422)
    await counter.send("POST", f"{where}/refuse", {}, 422)
    refused = await counter.send("POST", f"{where}/refuse", {"excluded": 3})
    assert (refused["state"], refused["reason"]["clause"]) == ("refused", "I17")
    assert "Formación" in refused["reason"]["text"]
    await counter.send("POST", f"{where}/messages", {"text": "¿Y eso?", "from_customer": True}, 409)


@pytest.mark.clause("E12")
async def test_the_target_follows_the_priority_until_the_first_answer(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    ticket = await counter.ticket(priority="low")
    where = f"/tickets/{ticket['id']}"
    changed = await counter.send("PATCH", where, {"priority": "high"})
    assert changed["target_utc"] == "2026-11-23T16:00:00.000000Z"
    await counter.send("PATCH", where, {"priority": "nope"}, 422)
    await counter.send("POST", f"{where}/messages", {"text": "Sí"}, 201)
    assert (await counter.send("PATCH", where, {"priority": "low"}))["target_utc"] == changed["target_utc"]
    await counter.send("PATCH", where, {"customer_id": "A" * 22}, 404)
    customer = await counter.customer()
    assert (await counter.send("PATCH", where, {"customer_id": customer}))["customer_id"] == customer


@pytest.mark.clause("I9")
async def test_a_category_is_one_that_the_policy_names(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    await counter.send("POST", "/tickets", {"channel": "email", "subject": "x", "category": "gossip"}, 422)
    assert (await counter.ticket(category="question"))["category"] == "question"


@pytest.mark.clause("I14")
async def test_a_ticket_closes_by_itself_48_clock_hours_after_an_answer_that_nobody_answered(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    customer = await counter.customer(tax_id="B1", phone="600")
    await counter.contract(customer, "support", size="hours5")
    silent, lively, waiting = [
        f"/tickets/{(await counter.ticket(customer_id=customer, contact='Eva'))['id']}" for _ in range(3)
    ]
    for where in (silent, lively):
        await counter.send("POST", f"{where}/messages", {"text": "¿Va ya?"}, 201)
    await counter.send("POST", f"{lively}/messages", {"text": "No", "from_customer": True}, 201)
    counter.clock.step(48 * 3600 - 1)
    assert await counter.services.tickets.close_overdue() == 0
    counter.clock.step(1)
    assert await counter.services.tickets.close_overdue() == 1
    assert await counter.services.tickets.close_overdue() == 0
    await counter.go_to(2026, 11, 26, 10)
    closed = await counter.get(silent)
    assert (closed["state"], "48" in closed["reason"]["text"]) == ("closed", True)
    assert [(await counter.get(where))["state"] for where in (lively, waiting)] == ["taken", "waiting"]


@pytest.mark.clause("I14")
async def test_where_the_terms_say_nothing_no_ticket_closes_by_itself(counter: Counter) -> None:
    where = f"/tickets/{(await counter.ticket())['id']}"
    await counter.send("POST", f"{where}/messages", {"text": "¿Va ya?"}, 201)
    counter.clock.step(90 * 86_400)
    assert await counter.services.tickets.close_overdue() == 0


@pytest.mark.clause("I16")
async def test_a_screenshot_is_shown_as_an_image_and_nothing_else(counter: Counter) -> None:
    where = f"/tickets/{(await counter.ticket())['id']}/attachments"
    made = await counter.send("POST", f"{where}?name=error.png", expect=201, content=picture())
    assert (made["name"], made["media_type"]) == ("error.png", "image/png")
    shown = await counter.ask("GET", f"{where}/{made['id']}")
    assert (shown.content, shown.headers["content-type"]) == (picture(), "image/png")
    assert "sandbox" in shown.headers["content-security-policy"]
    for data, status in (
        (b"<svg onload='alert(1)'/>", 422),
        (b"", 422),
        (picture("GIF"), 422),
        (bytes(2**21 + 1), 413),
    ):
        assert (await counter.ask("POST", where, content=data)).status_code == status
    for _ in range(19):
        await counter.send("POST", where, expect=201, content=picture())
    await counter.send("POST", where, expect=409, content=picture())


async def test_a_list_is_filtered_and_paged_and_exported(counter: Counter) -> None:
    customer = await counter.customer()
    for at in range(3):
        await counter.ticket(subject=f"Número {at}", customer_id=customer if at == 1 else None)
        counter.clock.advance(1)
    await counter.ticket(channel="phone", subject="=1+1", company="Hilados Sur")
    first = await counter.get("/tickets?limit=3")
    rest = await counter.get(f"/tickets?limit=3&cursor={first['next']}")
    assert [item["number"] for item in first["items"] + rest["items"]] == [4, 3, 2, 1]
    assert rest["next"] is None
    for query, numbers in (
        ("channel=phone", [4]), (f"customer={customer}", [2]), ("text=HILADOS", [4]), ("text=2", [3, 2]),
        ("state=closed", []), ("from=2026-11-23&to=2026-11-23", [4, 3, 2, 1]), ("to=2026-11-22", []),
    ):  # fmt: skip
        found = await counter.get(f"/tickets?{query}")
        assert [item["number"] for item in found["items"]] == numbers, query
    rows = list(csv.DictReader(io.StringIO((await counter.ask("GET", "/tickets/export")).text.lstrip("\ufeff"))))
    assert [row["number"] for row in rows] == ["4", "3", "2", "1"]
    assert rows[0]["subject"] == "'=1+1", "no formula for a spreadsheet"
    assert len((await counter.get("/tickets/export?format=json"))["items"]) == 4


async def test_two_technicians_who_take_the_same_ticket_are_one_and_a_refusal(counter: Counter) -> None:
    where = f"/tickets/{(await counter.ticket())['id']}/take"
    colleague = await counter.office.hire(Role.OPERATOR)
    answers = await asyncio.gather(*(counter.ask("POST", where, who=who) for who in (counter.technician, colleague)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_what_customers_write_is_in_no_event_of_the_chain(counter: Counter) -> None:
    made: Any = await counter.ticket(subject=SECRET_WORDS, text=SECRET_WORDS, contact=SECRET_WORDS)
    await counter.send("POST", f"/tickets/{made['id']}/messages", {"text": SECRET_WORDS}, 201)
    async with counter.services.store.reading() as db:
        stored = (await db.execute(text("SELECT stored FROM log_events"))).scalars().all()
    assert not any(SECRET_WORDS in str(one) for one in stored)
