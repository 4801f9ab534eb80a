"""The endpoints of invoices, payments and statements: for administrators; auditors read."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from broker.contracts.schemas import Day
from broker.errors import NotFound
from broker.export import EXPORTED, Format
from broker.invoices import files, replies, schemas
from broker.invoices.amounts import text
from broker.invoices.document import Letterhead, invoice_document, letterhead, receipt_document
from broker.invoices.files import AnyFormat
from broker.invoices.model import Billed, Purchase
from broker.invoices.repository import Filter
from broker.invoices.statement import statement_document
from broker.invoices.states import State
from broker.organisations.repository import Logo
from broker.permissions import Permission, Principal, allow
from broker.policies.schema import Policy
from broker.schemas import Identifier, Lang
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.BILLING_READ)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]


def _filter(
    reader: Reader,
    customer: Identifier | None = None,
    state: State | None = None,
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Annotated[Day | None, Query(alias="to")] = None,
    number: schemas.Number | None = None,
) -> Filter:
    """Days of issue, both included."""
    return Filter(reader.org_id, customer, state, since, until, number)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/invoices")
async def invoices(
    which: Wanted, services: Needs, limit: schemas.Limit = 50, cursor: Identifier | None = None
) -> schemas.InvoiceList:
    """The last issued first, with the totals of the whole list."""
    rows, sums = await services.invoices.page(which, limit, cursor)
    return schemas.InvoiceList(
        items=tuple(map(replies.item, rows)),
        totals=tuple(map(replies.totals, sums)),
        next=rows[-1].id if len(rows) == limit else None,
    )


@router.get("/invoices/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every invoice that the filter lets through, as a file with its totals."""
    sums = await services.invoices.sums(which)
    return files.list_file(format, _items(services, which), tuple(map(replies.totals, sums)))


@router.post("/invoices", status_code=201)
async def issue(body: schemas.InvoiceBody, admin: Admin, services: Needs) -> schemas.Issued:
    """Put a customer's charged work, and what was bought, on a numbered invoice for each currency."""
    purchases = [
        Purchase(one.title.model_dump(), one.net, one.contract_id, one.reconnection, one.bought_seq)
        for one in body.purchases
    ]
    what = Billed(body.work, body.until, body.orders, purchases)
    made = await services.invoices.issue(admin.org_id, body.customer_id, what, admin.operator_id)
    return schemas.Issued(items=tuple(map(replies.item, made)))


@router.get("/invoices/{invoice_id}")
async def invoice(invoice_id: Identifier, reader: Reader, services: Needs) -> schemas.InvoiceDetail:
    """One invoice with lines, explanations and payments."""
    found = await services.invoices.get(reader.org_id, invoice_id)
    return replies.detail(found, await services.policies.version(reader.org_id, found.row.policy_sha256))


@router.get(
    "/invoices/{invoice_id}/document", response_class=Response, responses=files.described(schemas.InvoiceDetail)
)
async def document(
    invoice_id: Identifier, reader: Reader, services: Needs, format: AnyFormat = "pdf", lang: Lang | None = None
) -> Response:
    """One invoice as PDF, CSV or JSON, in the customer's language unless another is asked for."""
    found = await services.invoices.get(reader.org_id, invoice_id)
    lang = lang or _lang(found.row.buyer.get("lang") or found.customer.lang)
    policy = await services.policies.version(reader.org_id, found.row.policy_sha256)
    page = invoice_document(found, policy, await _sender(services, reader, policy, lang), lang)
    return await files.invoice_file(format, replies.detail(found, policy), page, lang)


@router.post("/invoices/{invoice_id}/payments", status_code=201)
async def pay(invoice_id: Identifier, body: schemas.PaymentBody, admin: Admin, services: Needs) -> schemas.PaymentReply:
    """Money came in, whole or in part; a reference again gives the same receipt (E10)."""
    found = await services.invoices.pay(
        admin.org_id, invoice_id, body.amount, body.reference, admin.operator_id, from_credit=body.from_credit
    )
    return replies.paid(found)


@router.get("/invoices/{invoice_id}/payments/{payment_id}/receipt", response_class=Response)
async def receipt(
    invoice_id: Identifier, payment_id: Identifier, reader: Reader, services: Needs, lang: Lang | None = None
) -> Response:
    """The receipt of one payment as PDF, in the customer's language unless another is asked for (E10)."""
    found = await services.invoices.get(reader.org_id, invoice_id)
    payment = next((one for one in found.payments if one.id == payment_id), None)
    if payment is None:
        raise NotFound
    lang = lang or _lang(found.row.buyer.get("lang") or found.customer.lang)
    policy = await services.policies.version(reader.org_id, found.row.policy_sha256)
    sender = await _sender(services, reader, policy, lang)
    return await files.receipt_file(receipt_document(found, payment, policy, sender, lang))


@router.post("/invoices/{invoice_id}/overpayment")
async def settle(
    invoice_id: Identifier, body: schemas.OverpaymentBody, admin: Admin, services: Needs
) -> schemas.OverpaymentReply:
    """What was paid too much goes back less the fee, or is kept as credit (E11)."""
    done = await services.invoices.settle(admin.org_id, invoice_id, body.choice, admin.operator_id)
    return schemas.OverpaymentReply(
        choice=done.choice, currency=done.currency, amount=text(done.amount_minor, done.currency),
        fee=text(done.fee_minor, done.currency),
    )  # fmt: skip


@router.post("/invoices/{invoice_id}/cancel")
async def cancel(
    invoice_id: Identifier, body: schemas.CancelBody, admin: Admin, services: Needs
) -> schemas.CancelReply:
    """Take it back by a credit note; if the customer caused it, once the fee is paid (E17)."""
    done = await services.invoices.cancel(admin.org_id, invoice_id, body.reason, body.by_customer, admin.operator_id)
    return schemas.CancelReply(
        cancelled=done.credit is not None,
        credit_note=replies.item(done.credit) if done.credit else None,
        fee_invoice=replies.item(done.fee) if done.fee else None,
    )


@router.get("/customers/{customer_id}/credit")
async def credit(customer_id: Identifier, reader: Reader, services: Needs) -> schemas.CreditReply:
    """What the customer has paid too much, kept, and not used yet (E11)."""
    found = await services.invoices.credits(reader.org_id, customer_id)
    return schemas.CreditReply(
        items=tuple(
            schemas.CreditItem(currency=currency, amount=text(minor, currency)) for currency, minor in found.items()
        )
    )


@router.get("/customers/{customer_id}/billable")
async def billable(customer_id: Identifier, reader: Reader, services: Needs) -> schemas.BillableReply:
    """What may be put on the customer's next invoice."""
    return replies.billable(await services.billable.of_customer(reader.org_id, customer_id))


@router.get("/contracts/{contract_id}/purchases")
async def purchases(contract_id: Identifier, reader: Reader, services: Needs) -> schemas.PurchaseList:
    """What was bought for a contract, and what cancelling each now would bring back (E9)."""
    found = await services.purchases.of_contract(reader.org_id, contract_id)
    return schemas.PurchaseList(items=tuple(replies.purchase(one, reader.lang) for one in found))


@router.post("/contracts/{contract_id}/purchases/{seq}/cancel")
async def cancel_purchase(
    contract_id: Identifier, seq: Annotated[int, Path(ge=1, le=2**53)], admin: Admin, services: Needs
) -> schemas.PurchaseItem:
    """Its minutes go, and its price less the fee goes back; refused with the reason where the time stays (E9)."""
    done = await services.purchases.cancel(admin.org_id, contract_id, seq, admin.operator_id)
    return replies.purchase(done, admin.lang)


@router.get(
    "/contracts/{contract_id}/statement", response_class=Response, responses=files.described(schemas.StatementReply)
)
async def statement(
    contract_id: Identifier, reader: Reader, services: Needs, format: AnyFormat = "json", lang: Lang | None = None
) -> Response:
    """How a contract's minutes were used, each work explained (E8); as a file in the customer's language."""
    found = await services.statements.get(reader.org_id, contract_id)
    lang = lang or _lang(found.customer.lang)
    policy = found.held.engine.policy
    page = statement_document(found, await _sender(services, reader, policy, lang), lang)
    return await files.statement_file(format, replies.statement(found), page, lang)


async def _items(services: Services, which: Filter) -> AsyncIterator[schemas.InvoiceItem]:
    async with aclosing(services.invoices.every(which)) as rows:
        async for row in rows:
            yield replies.item(row)


async def _sender(services: Services, reader: Principal, policy: Policy, lang: Lang) -> Letterhead:
    organisation = await services.organisations.get(reader.org_id)
    logo: Logo | None = await services.organisations.logo(reader.org_id) if organisation.has_logo else None
    return letterhead(policy, organisation.name, logo.data if logo else None, lang)


def _lang(code: str) -> Lang:
    return "en" if code == "en" else "es"
