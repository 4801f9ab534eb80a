"""The form for a request: it asks what the terms in force want, says what became of it, and gives the link once."""

import re

import pytest

from broker.policies import files
from tests.support.counter import Counter
from tests.support.office import Office


async def form(counter: Counter, lang: str = "en", **filled: str) -> tuple[int, str]:
    """The page; filled in, the page that answers it."""
    path = f"/request/{counter.org}?lang={lang}"
    async with counter.office.client() as client:
        answer = await (client.post(path, data=filled) if filled else client.get(path))
    assert "script-src" not in answer.headers["content-security-policy"], "it works without a script"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.text


@pytest.mark.clause("I8")
@pytest.mark.clause("I7")
async def test_it_asks_what_the_terms_want(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    _, page = await form(counter)
    fields = re.findall(r'name="(\w+)"[^>]*?( required)?>', page)
    assert {name for name, required in fields if required} == {"subject", "contact", "phone", "company", "tax_id"}
    assert "contract_number" in {name for name, _ in fields}, "needed, unless the tariff is accepted"
    assert "€60.00 an hour before tax" in page
    assert "Algo no funciona" in (await form(counter, "es"))[1]


@pytest.mark.clause("R6")
async def test_a_licence_key_is_asked_for_where_customers_are_known_by_it(desk: Office) -> None:
    counter = await Counter.opened(desk, "remote-utilities")
    assert 'name="licence_key"' in (await form(counter))[1]
    await counter.services.policies.adopt(counter.org, files.load("quasar"), counter.admin.id)
    assert 'name="licence_key"' not in (await form(counter))[1]


@pytest.mark.clause("E5")
async def test_a_request_gets_a_number_and_its_link_this_once(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    status, page = await form(counter, "es", subject="No imprime", email="eva@example.com", priority="high")
    assert (status, "Su petición tiene el número 1." in page) == (200, True)
    assert "23 nov 2026, 10:00 (America/Mexico_City)" in page, "E12: one support hour"
    token = re.search(r'href="/ticket\?lang=es#([\w-]{43})"', page)
    assert token
    own = await counter.public("GET", "/public/ticket", token=token[1])
    assert (own["organisation"], own["subject"]) == ("Soporte Cuásar", "No imprime")


@pytest.mark.clause("I8")
async def test_a_refusal_is_told_with_its_clause(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    _, page = await form(counter, subject="x", contact="Eva", phone="6", company="B", tax_id="B1", contract_number="7")
    assert "it cannot be taken: There is no contract in force with this number and holder. (I8)" in page


async def test_what_is_wrong_is_named_and_nothing_typed_is_lost(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    status, page = await form(counter, subject="", text="<b>Sin imprimir</b>", email="eva")
    assert (status, "Look again at: What is it about?, Your e-mail address" in page) == (422, True)
    assert "&lt;b&gt;Sin imprimir&lt;/b&gt;" in page
    assert (await counter.get("/tickets"))["items"] == []
    for _ in range(5):
        await form(counter, subject="x")
    assert (await form(counter, subject="x"))[0] == 429
