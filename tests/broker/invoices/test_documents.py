"""Invoices and statements as people get them: PDF, CSV, JSON, lists with totals."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from broker.invoices.document import Letterhead, Row, invoice_document, letterhead, receipt_document
from broker.invoices.pdf import render
from broker.policies import files
from tests.broker.invoices.conftest import MONDAY, Books


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_the_pdf_is_in_the_customers_language_with_its_own_fonts(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    answer = await books.ask("GET", f"/invoices/{made['id']}/document")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="EASI2026-000001.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert b"/Lang (es)" in answer.content
    assert b"DisplayDocTitle true" in answer.content
    assert re.findall(rb"/BaseFont /\w+\+(\w+)", answer.content)[:1] == [b"DejaVuSansBook"]
    english = await books.ask("GET", f"/invoices/{made['id']}/document?lang=en")
    assert b"/Lang (en)" in english.content


async def test_amounts_and_days_are_written_as_the_reader_writes_them(books: Books) -> None:
    await books.adopt("quasar")
    made = await books.billed(68)
    found = await books.services.invoices.get(books.org, made["id"])
    policy = files.load("quasar")
    pages = {
        lang: invoice_document(found, policy, letterhead(policy, "Cuásar", None, lang), lang) for lang in ("es", "en")
    }
    assert [total.value for total in pages["es"].totals] == ["67,50\xa0€", "14,18\xa0€", "81,68\xa0€"]
    assert [total.value for total in pages["en"].totals] == ["€67.50", "€14.18", "€81.68"]
    assert pages["es"].title == "Factura"
    assert dict(pages["es"].facts)["Vence"] == "10 dic 2026"
    assert pages["es"].rows[0].cells == ("Sesión remota, 9 nov 2026, 17:00", "90", "67,50\xa0€")
    assert [column.align for column in pages["es"].columns] == ["L", "R", "R"]


async def test_a_long_invoice_has_as_many_pages_as_it_takes(books: Books) -> None:
    await books.adopt("quasar")
    made = await books.billed()
    found = await books.services.invoices.get(books.org, made["id"])
    policy = files.load("quasar")
    page = invoice_document(found, policy, letterhead(policy, "Cuásar", None, "es"), "es")
    rows = tuple(
        Row((f"Línea {at} " + "con un título largo " * 6, "90", "67,50 €"), ("Q2: nota",) * 3) for at in range(60)
    )
    object.__setattr__(page, "rows", rows)
    count = re.search(rb"/Count (\d+)", render(page))
    assert count is not None
    assert 5 <= int(count[1]) <= 15


async def test_an_invoice_as_csv_adds_up(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    rows = table((await books.ask("GET", f"/invoices/{made['id']}/document?format=csv")).text)
    assert [row["net"] for row in rows] == ["1350.00", "1350.00", "216.00", "1566.00"]
    note = (await books.send("POST", f"/invoices/{made['id']}/cancel", {}))["credit_note"]
    rows = table((await books.ask("GET", f"/invoices/{note['id']}/document?format=csv&lang=en")).text)
    assert rows[-1]["net"] == "-1566.00", "a number, not text with an apostrophe"
    as_json = (await books.ask("GET", f"/invoices/{note['id']}/document?format=json")).json()
    assert as_json == await books.get(f"/invoices/{note['id']}")


async def test_lists_filter_and_their_totals_add_up(books: Books) -> None:
    await books.adopt("easi")
    made = [await books.billed() for _ in range(3)]
    await books.send("POST", f"/invoices/{made[0]['id']}/payments", {"amount": "1566.00"}, 201)
    books.later(days=2)
    made.append(await books.billed())

    async def numbers(query: str) -> list[str]:
        return [one["number"][-1] for one in (await books.get(f"/invoices?{query}"))["items"]]

    assert await numbers("") == ["4", "3", "2", "1"]
    assert await numbers("state=paid") == ["1"]
    assert await numbers(f"customer={made[1]['customer_id']}") == ["2"]
    assert await numbers("from=2026-11-11") == ["4"]
    assert await numbers("to=2026-11-10") == ["3", "2", "1"]
    assert await numbers("number=EASI2026-000003") == ["3"]
    assert await numbers("number=3") == ["3"]
    assert await numbers("number=EASI2025-000003") == []
    page = await books.get("/invoices?limit=3")
    assert [one["number"][-1] for one in page["items"]] == ["4", "3", "2"]
    assert await numbers(f"limit=3&cursor={page['next']}") == ["1"]
    (totals,) = page["totals"]
    assert (totals["count"], totals["total"], totals["paid"]) == (4, "6264.00", "1566.00"), "of the list, not the page"
    assert totals["outstanding"] == "4698.00"


async def test_the_exported_list_adds_up_to_its_last_row(books: Books) -> None:
    await books.adopt("easi")
    made = await books.billed()
    await books.billed()
    await books.send("POST", f"/invoices/{made['id']}/cancel", {})
    *rows, last = table((await books.ask("GET", "/invoices/export?format=csv")).text)
    assert last["number"] == "TOTAL"
    for column in ("net", "tax", "total", "paid", "outstanding"):
        assert sum(Decimal(row[column]) for row in rows) == Decimal(last[column]), column
    exported = (await books.ask("GET", "/invoices/export?format=json")).json()
    assert len(exported["items"]) == 3
    assert exported["totals"][0]["total"] == "1566.00"
    empty = (await books.ask("GET", "/invoices/export?format=json&state=paid")).json()
    assert (empty["items"], empty["totals"]) == ([], [])


def adds_up(statement: dict[str, Any]) -> None:
    assert sum(line["minutes"] for line in statement["lines"]) == statement["balance"]
    assert sum(Decimal(line["net"] or 0) for line in statement["lines"]) == Decimal(statement["net"])
    assert all(line["balance"] >= 0 for line in statement["lines"])
    assert statement["added"] - statement["taken"] == statement["balance"]


@pytest.mark.clause("E8")
async def test_a_statement_tells_how_a_block_was_used(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "poliza", months=6, size="hours5")
    await books.work(customer, 5, MONDAY - timedelta(minutes=30), means="email")
    first = await books.work(customer, 35)
    await books.work(customer, 300, MONDAY + timedelta(hours=1))
    await books.services.work.revise(books.org, first.id, {"warranty": True}, books.admin.id)
    statement = await books.get(f"/contracts/{contract}/statement")
    adds_up(statement)
    told = [(line["what"]["es"], line["minutes"], line["balance"], line["net"]) for line in statement["lines"]]
    assert told == [
        ("Comprado", 300, 300, None),
        ("Por correo electrónico", 0, 300, "0.00"),
        ("Trabajo, corregido después", -40, 260, None),
        ("Sesión remota", -260, 0, "1050.00"),
        ("Devuelto", 40, 40, None),
        ("Sesión remota", 0, 40, "0.00"),
    ]
    assert "E13: Under warranty: free of charge" in statement["lines"][-1]["explanation"]["en"]
    rows = table((await books.ask("GET", f"/contracts/{contract}/statement?format=csv")).text)
    assert (rows[-1]["what"], rows[-1]["minutes"], rows[-1]["net"]) == ("TOTAL", "40", "1050.00")
    pdf = await books.ask("GET", f"/contracts/{contract}/statement?format=pdf")
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.clause("E3")
async def test_a_statement_of_a_monthly_plan_tells_what_was_granted_and_what_lapsed(books: Books) -> None:
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "iguala", months=6, size="small", start=date(2026, 9, 15))
    await books.work(customer, 60)
    statement = await books.get(f"/contracts/{contract}/statement")
    adds_up(statement)
    told = [(line["what"]["en"], line["minutes"], line["balance"]) for line in statement["lines"]]
    assert told == [
        ("Granted for the month", 240, 240),
        ("Lapsed", -240, 0),
        ("Granted for the month", 240, 240),
        ("Remote session", -66, 174),
    ]
    assert statement["balance"] == (await books.get(f"/contracts/{contract}"))["balance_minutes"]


async def test_a_contract_without_minutes_has_a_statement_without_a_balance(books: Books) -> None:
    await books.adopt("quasar")
    customer = await books.customer()
    contract = await books.contract(customer, "maintenance", months=12)
    await books.work(customer)
    statement = await books.get(f"/contracts/{contract}/statement")
    assert (statement["balance"], [line["balance"] for line in statement["lines"]]) == (None, [None])
    assert (await books.ask("GET", f"/contracts/{contract}/statement?format=pdf")).status_code == 200


@pytest.mark.clause("E10")
async def test_each_part_that_is_paid_has_its_receipt(books: Books) -> None:
    await books.adopt("easi")
    bill = await books.billed()
    for amount in ("100.00", "200.00"):
        await books.send("POST", f"/invoices/{bill['id']}/payments", {"amount": amount, "reference": amount}, 201)
    payments = (await books.get(f"/invoices/{bill['id']}"))["payments"]
    for payment in payments:
        answer = await books.ask("GET", f"/invoices/{bill['id']}/payments/{payment['id']}/receipt")
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
        assert f"receipt-{payment['receipt']}.pdf" in answer.headers["content-disposition"]
    found = await books.services.invoices.get(books.org, bill["id"])
    sender = Letterhead("EASI")
    page = receipt_document(found, found.payments[0], files.load("easi"), sender, "es")
    assert (page.title, page.number) == ("Recibo", "1")
    assert [total.label for total in page.totals] == ["Pagado hasta ahora", "Por pagar"]
    assert page.totals[0].value.endswith("100.00")
    other = await books.billed()
    await books.get(f"/invoices/{other['id']}/payments/{payments[0]['id']}/receipt", 404)
