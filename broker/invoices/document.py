"""What a printed page says: words, amounts and dates in one language, ready to be laid out.  Pure.

Counterparts: `pdf.py` lays a `Document` out; `invoice_document` here and the one of `statement.py` fill it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from broker.i18n import N_, translate
from broker.invoices.amounts import shown, shown_day, shown_number
from broker.invoices.model import Invoice
from broker.invoices.repository import number_of
from broker.invoices.states import State
from broker.policies.schema import Policy
from broker.rating.explanation import from_json
from broker.store.invoice_tables import InvoiceRow, PaymentRow

TITLES = {
    "invoice": N_("Invoice"),
    "credit": N_("Credit note"),
    "statement": N_("Statement of use"),
    "receipt": N_("Receipt"),
}
STATES = {
    State.OPEN: N_("Open"),
    State.PAID: N_("Paid"),
    State.CANCELLED: N_("Cancelled"),
    State.CREDIT: N_("Credit note"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: its heading, its share of the width, and on which side its cells stand."""

    heading: str
    share: int
    align: Literal["L", "R"] = "L"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, and the notes in small print under it."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """One line of the block under the table."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who sends it."""

    name: str
    lines: tuple[str, ...] = ()
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A page, or as many as it takes."""

    lang: str
    title: str
    number: str
    made: datetime
    sender: Letterhead
    receiver: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    remarks: tuple[str, ...]
    page_words: str
    """With `{page}` and `{pages}`."""


def letterhead(policy: Policy, organisation: str, logo: bytes | None, lang: str) -> Letterhead:
    """The provider as a sender: its own name, and the one that its policy gives for invoices."""
    issuer = policy.invoices.issuer
    if issuer is None:
        return Letterhead(organisation, (), logo)
    lines = (issuer.name, issuer.address, tax_id_line(issuer.tax_id, lang))
    return Letterhead(organisation, tuple(line for line in lines if line), logo)


def tax_id_line(tax_id: str, lang: str) -> str:
    """`Tax ID: …`, or nothing."""
    return translate(lang, N_("Tax ID: {tax_id}")).format(tax_id=tax_id) if tax_id else ""


def buyer_lines(buyer: dict[str, str], customer_id: str, lang: str) -> tuple[str, ...]:
    """The receiver's address; once erased, only the customer's number."""
    if not buyer:
        return (translate(lang, N_("Customer {id} (data erased)")).format(id=customer_id),)
    lines = (buyer["name"], buyer["address"], tax_id_line(buyer["tax_id"], lang), buyer["email"])
    return tuple(line for line in lines if line)


def invoice_document(invoice: Invoice, policy: Policy, sender: Letterhead, lang: str) -> Document:
    """An invoice or a credit note as a page."""
    row, currency = invoice.row, invoice.row.currency
    facts = [
        (translate(lang, N_("Number")), number_of(row)),
        (translate(lang, N_("Date")), shown_day(row.issued, lang)),
    ]
    if row.state != State.CREDIT:
        facts.append((translate(lang, N_("Due")), shown_day(row.due, lang)))
        facts.append((translate(lang, N_("State")), translate(lang, STATES[State(row.state)])))
    if invoice.original is not None:
        facts.append((translate(lang, N_("For invoice")), number_of(invoice.original)))
    if invoice.credit is not None:
        said = N_("Taken back by") if row.state == State.CANCELLED else N_("A part given back by")
        facts.append((translate(lang, said), number_of(invoice.credit)))
    return Document(
        lang=lang, title=translate(lang, TITLES["credit" if row.state == State.CREDIT else "invoice"]),
        number=number_of(row), made=row.issued_utc, sender=sender,
        receiver=buyer_lines(row.buyer, row.customer_id, lang), facts=tuple(facts),
        columns=(
            Column(translate(lang, N_("Item")), 62),
            Column(translate(lang, N_("Minutes")), 14, "R"),
            Column(translate(lang, N_("Net")), 24, "R"),
        ),
        rows=tuple(
            Row(
                (
                    line.title[lang],
                    shown_number(line.minutes, lang, currency) if line.minutes else "",
                    shown(line.net_minor, currency, lang),
                ),
                sentences(line.steps, lang),
            )
            for line in invoice.lines
        ),
        totals=(*_totals(row, lang), *_paid(invoice, policy, lang)),
        remarks=_remarks(row, lang),
        page_words=translate(lang, N_("Page {page} of {pages}")),
    )  # fmt: skip


def receipt_document(invoice: Invoice, payment: PaymentRow, policy: Policy, sender: Letterhead, lang: str) -> Document:
    """What a customer gets for a payment, whole or in part: where the invoice stood after it (E10)."""
    row, currency = invoice.row, invoice.row.currency
    paid = sum(one.amount_minor for one in invoice.payments if one.receipt <= payment.receipt)
    what = translate(lang, N_("Payment of invoice {number}")).format(number=number_of(row))
    if payment.from_credit:
        credit = N_("from credit")
        what = f"{what}, {translate(lang, credit)}"
    notes = (payment.reference,) if payment.reference else ()
    return Document(
        lang=lang, title=translate(lang, TITLES["receipt"]), number=str(payment.receipt), made=payment.utc,
        sender=sender, receiver=buyer_lines(row.buyer, row.customer_id, lang),
        facts=(
            (translate(lang, N_("Number")), str(payment.receipt)),
            (translate(lang, N_("Date")), shown_day(payment.utc.astimezone(policy.zone).date(), lang)),
            (translate(lang, N_("For invoice")), number_of(row)),
        ),
        columns=(Column(translate(lang, N_("Item")), 70), Column(translate(lang, N_("Amount")), 30, "R")),
        rows=(Row((what, shown(payment.amount_minor, currency, lang)), notes),),
        totals=(
            Total(translate(lang, N_("Paid so far")), shown(paid, currency, lang)),
            Total(
                translate(lang, N_("To be paid")), shown(max(0, row.total_minor - paid), currency, lang), strong=True
            ),
        ),
        remarks=(), page_words=translate(lang, N_("Page {page} of {pages}")),
    )  # fmt: skip


def sentences(steps: Sequence[dict[str, object]], lang: str) -> tuple[str, ...]:
    """The explanation of a charge, line by line."""
    return tuple(from_json(step).sentence(lang) for step in steps)


def _totals(row: InvoiceRow, lang: str) -> tuple[Total, ...]:
    currency = row.currency
    percent = shown_number(_exact(row.tax_percent), lang, currency)
    total = translate(lang, N_("Total ({currency})")).format(currency=currency)
    return (
        Total(translate(lang, N_("Net")), shown(row.net_minor, currency, lang)),
        Total(f"{row.tax_name} {percent} %", shown(row.tax_minor, currency, lang)),
        Total(total, shown(row.total_minor, currency, lang), strong=True),
    )


def _paid(invoice: Invoice, policy: Policy, lang: str) -> tuple[Total, ...]:
    row = invoice.row
    if not invoice.payments:
        return ()
    said = translate(lang, N_("Paid on {day}, receipt {receipt}"))
    paid = tuple(
        Total(
            said.format(day=shown_day(one.utc.astimezone(policy.zone).date(), lang), receipt=one.receipt),
            shown(one.amount_minor, row.currency, lang),
        )
        for one in invoice.payments
    )
    left = max(0, row.total_minor - row.paid_minor) if row.state != State.CANCELLED else 0
    return (*paid, Total(translate(lang, N_("To be paid")), shown(left, row.currency, lang), strong=True))


def _remarks(row: InvoiceRow, lang: str) -> tuple[str, ...]:
    if row.state == State.OPEN:
        said = translate(lang, N_("Please pay by {due}, naming the number {number}."))
        return (said.format(due=shown_day(row.due, lang), number=number_of(row)),)
    return (translate(lang, N_("Reason: {reason}")).format(reason=row.reason),) if row.reason else ()


def _exact(percent: str) -> Decimal:
    ratio = Fraction(percent)
    return Decimal(ratio.numerator) / Decimal(ratio.denominator)
