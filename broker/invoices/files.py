"""Invoices and statements as files: lists with their totals, one invoice, one statement; CSV, JSON and PDF.

Amounts go into CSV as numbers: a negative one is no formula, and a spreadsheet adds them up.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from broker.export import MEDIA_TYPES, Format, as_csv
from broker.invoices import schemas
from broker.invoices.document import Document
from broker.schemas import Reply

AnyFormat = Literal["json", "csv", "pdf"]
PDF: Final = "application/pdf"
TOTAL: Final = "TOTAL"

AMOUNTS: Final = ("net", "tax", "total", "paid", "outstanding", "excess")
LIST: Final = (
    "number", "issued", "due", "state", "customer", "currency", *AMOUNTS, "id", "customer_id", "credit_of", "fee_for",
)  # fmt: skip
LINES: Final = ("number", "position", "title", "minutes", "currency", "net", "explanation")
STATEMENT: Final = ("utc", "what", "minutes", "balance", "currency", "net", "explanation")

Cells = Mapping[str, object]


class _Cells(Reply):
    """A row of a table, by column; what is absent stays empty."""

    cells: dict[str, Any]


def described(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """What a route answers that gives `model` in JSON, and as files."""
    return {200: {"model": model, "content": {MEDIA_TYPES["csv"]: {}, PDF: {}}}}


def list_file(
    format: Format, items: AsyncIterator[schemas.InvoiceItem], totals: Sequence[schemas.InvoiceTotals]
) -> StreamingResponse:
    """All invoices of a list, and one row for each currency's total."""
    body = _csv(LIST, _list_rows(items, totals)) if format == "csv" else _list_json(items, totals)
    return StreamingResponse(body, media_type=MEDIA_TYPES[format], headers=_headers(f"invoices.{format}"))


async def invoice_file(format: AnyFormat, invoice: schemas.InvoiceDetail, page: Document, lang: str) -> Response:
    """One invoice."""
    if format != "csv":
        return await _whole(format, invoice, page, invoice.number)
    always = {"number": invoice.number, "currency": invoice.currency}
    rows: list[Cells] = [
        always | {
            "position": line.position, "title": line.title[lang], "minutes": line.minutes, "net": Decimal(line.net),
            "explanation": "\n".join(line.explanation[lang]),
        }
        for line in invoice.lines
    ]  # fmt: skip
    labels = (total.label for total in page.totals)
    for label, amount in zip(labels, (invoice.net, invoice.tax, invoice.total), strict=False):
        rows.append(always | {"title": label, "net": Decimal(amount)})
    return await _table(LINES, rows, invoice.number)


async def statement_file(format: AnyFormat, found: schemas.StatementReply, page: Document, lang: str) -> Response:
    """One contract's statement."""
    name = f"statement-{found.contract_id}"
    if format != "csv":
        return await _whole(format, found, page, name)
    rows: list[Cells] = [
        {
            "utc": line.model_dump(mode="json")["utc"], "what": line.what[lang], "minutes": line.minutes,
            "balance": line.balance, "currency": found.currency, "net": line.net and Decimal(line.net),
            "explanation": "\n".join(line.explanation[lang]),
        }
        for line in found.lines
    ]  # fmt: skip
    total = {"what": TOTAL, "minutes": found.added - found.taken, "balance": found.balance}
    rows.append(total | {"currency": found.currency, "net": Decimal(found.net)})
    return await _table(STATEMENT, rows, name)


async def receipt_file(page: Document) -> Response:
    """One receipt."""
    data = await asyncio.to_thread(_pdf, page)
    return Response(data, media_type=PDF, headers=_headers(f"receipt-{page.number}.pdf"))


async def _whole(format: AnyFormat, model: BaseModel, page: Document, name: str) -> Response:
    if format == "json":
        return Response(model.model_dump_json(), media_type=MEDIA_TYPES["json"])
    data = await asyncio.to_thread(_pdf, page)
    return Response(data, media_type=PDF, headers=_headers(f"{name}.pdf"))


def _pdf(page: Document) -> bytes:
    """Loaded by whoever asks for the first one: the library would be a quarter of a broker's start."""
    from broker.invoices.pdf import render

    return render(page)


async def _table(columns: Sequence[str], rows: Iterable[Cells], name: str) -> Response:
    async def each() -> AsyncIterator[Cells]:
        for row in rows:
            yield row

    text = "".join([line async for line in _csv(columns, each())])
    return Response(text, media_type=MEDIA_TYPES["csv"], headers=_headers(f"{name}.csv"))


def _csv(columns: Sequence[str], rows: AsyncIterator[Cells]) -> AsyncIterator[str]:
    async def items() -> AsyncIterator[_Cells]:
        async for row in rows:
            yield _Cells(cells=dict.fromkeys(columns) | dict(row))

    return as_csv(columns, items(), lambda item: item.cells)


async def _list_rows(
    items: AsyncIterator[schemas.InvoiceItem], totals: Sequence[schemas.InvoiceTotals]
) -> AsyncIterator[Cells]:
    async for item in items:
        cells = item.model_dump(mode="json")
        yield cells | {name: Decimal(cells[name]) for name in AMOUNTS}
    for total in totals:
        amounts = total.model_dump(include=set(AMOUNTS))
        yield {"number": TOTAL, "currency": total.currency} | {name: Decimal(one) for name, one in amounts.items()}


async def _list_json(
    items: AsyncIterator[schemas.InvoiceItem], totals: Sequence[schemas.InvoiceTotals]
) -> AsyncIterator[str]:
    before = '{"items": ['
    async for item in items:
        yield f"{before}\n{item.model_dump_json()}"
        before = ","
    sums = ",".join(total.model_dump_json() for total in totals)
    yield ("\n]" if before == "," else '{"items": []') + f', "totals": [{sums}], "next": null}}\n'


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
