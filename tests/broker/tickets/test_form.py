"""The public form, and what the customer can do with the secret that it gives."""

import pytest
from sqlalchemy import text

from tests.broker.tickets.test_life import picture
from tests.support.counter import Counter
from tests.support.office import Office


@pytest.mark.clause("E5")
async def test_a_customer_asks_on_the_form_sees_answers_writes_and_closes(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    form = f"/public/organisations/{counter.org}/tickets"
    customer = await counter.customer(email="eva@example.com")
    made = await counter.public("POST", form, {"subject": "No imprime", "email": "eva@example.com"}, expect=201)
    assert (made["number"], made["state"], made["reason"]) == (1, "waiting", None)
    token = made["token"]
    (listed,) = (await counter.get("/tickets"))["items"]
    assert (listed["channel"], listed["customer_id"]) == ("web", customer)
    await counter.send("POST", f"/tickets/{listed['id']}/messages", {"text": "Reinicie"}, 201)
    own = await counter.public("GET", "/public/ticket", token=token)
    assert [(m["from_customer"], m["text"]) for m in own["messages"]] == [(False, "Reinicie")]
    await counter.public("POST", "/public/ticket/attachments?name=foto.png", token=token, content=picture(), expect=201)
    heard = await counter.public("POST", "/public/ticket/messages", {"text": "Sigue"}, token=token, expect=201)
    assert (heard["state"], heard["attachments"]) == ("taken", 1)
    assert (await counter.public("POST", "/public/ticket/close", token=token))["state"] == "closed"
    again = await counter.public("POST", "/public/ticket/messages", {"text": "Ha vuelto"}, token=token, expect=201)
    assert again["state"] == "waiting"


async def test_another_secret_opens_nothing_and_the_true_one_is_stored_nowhere(desk: Office) -> None:
    counter = await Counter.opened(desk, "quasar")
    form = f"/public/organisations/{counter.org}/tickets"
    token = (await counter.public("POST", form, {"subject": "x"}, expect=201))["token"]
    for method, path in (("GET", ""), ("POST", "/close")):
        await counter.public(method, f"/public/ticket{path}", token="A" * 43, expect=410)
        await counter.public(method, f"/public/ticket{path}", expect=422)
    async with counter.services.store.reading() as db:
        rows = (await db.execute(text("SELECT * FROM tickets"))).all()
    assert token not in str(rows)


@pytest.mark.clause("I8")
async def test_a_refusal_says_why_in_the_readers_language(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    form = f"/public/organisations/{counter.org}/tickets"
    for lang, word in (("es", "persona de contacto"), ("en", "contact person")):
        made = await counter.public("POST", form, {"subject": "x"}, expect=201, lang=lang)
        assert (made["state"], word in made["reason"]["text"]) == ("refused", True)


async def test_few_requests_per_address_and_none_for_an_organisation_that_is_not_there(desk: Office) -> None:
    counter = await Counter.opened(desk, "quasar")
    form = f"/public/organisations/{counter.org}/tickets"
    await counter.public("POST", f"/public/organisations/{'A' * 22}/tickets", {"subject": "x"}, expect=404)
    for _ in range(4):
        await counter.public("POST", form, {"subject": "x"}, expect=201)
    await counter.public("POST", form, {"subject": "x"}, expect=429)
    await counter.public("POST", form, {"subject": "x"}, expect=201, address="198.51.100.8")
