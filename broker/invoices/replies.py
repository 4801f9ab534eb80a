"""Invoices and statements as the API gives them."""

from datetime import UTC, datetime
from typing import Any

from broker.i18n import LANGUAGES
from broker.invoices import schemas
from broker.invoices.amounts import text
from broker.invoices.document import sentences
from broker.invoices.model import Invoice, Paid
from broker.invoices.repository import Sum, number_of
from broker.invoices.service import excess_of, outstanding_of
from broker.invoices.statement import Line, Statement, title
from broker.invoices.states import State
from broker.store.invoice_tables import InvoiceRow, PaymentRow


def item(row: InvoiceRow) -> schemas.InvoiceItem:
    """A line of the list."""
    return schemas.InvoiceItem(
        id=row.id, number=number_of(row), issued=row.issued, due=row.due, state=State(row.state),
        customer_id=row.customer_id, customer=row.buyer.get("name", ""), currency=row.currency,
        net=text(row.net_minor, row.currency), tax=text(row.tax_minor, row.currency),
        total=text(row.total_minor, row.currency), paid=text(row.paid_minor, row.currency),
        outstanding=text(outstanding_of(row), row.currency), excess=text(max(0, excess_of(row)), row.currency),
        credit_of=row.credit_of, fee_for=row.fee_for,
    )  # fmt: skip


def totals(found: Sum) -> schemas.InvoiceTotals:
    """What a list comes to."""
    return schemas.InvoiceTotals(
        currency=found.currency, count=found.count, net=text(found.net_minor, found.currency),
        tax=text(found.tax_minor, found.currency), total=text(found.total_minor, found.currency),
        paid=text(found.paid_minor, found.currency), outstanding=text(found.open_minor, found.currency),
    )  # fmt: skip


def detail(invoice: Invoice) -> schemas.InvoiceDetail:
    """Everything that stands on an invoice."""
    row = invoice.row
    return schemas.InvoiceDetail(
        **dict(item(row)), buyer=row.buyer, tax_name=row.tax_name, tax_percent=row.tax_percent,
        issued_utc=row.issued_utc, closed_utc=row.closed_utc, reason=row.reason, policy_sha256=row.policy_sha256,
        credit_note=invoice.credit.id if invoice.credit else None, fee_invoice=invoice.fee.id if invoice.fee else None,
        excess_choice=row.excess, excess_settled=text(row.excess_minor, row.currency),
        excess_fee=text(row.excess_fee_minor, row.currency),
        lines=tuple(
            schemas.InvoiceLine(
                position=line.position, title=line.title, minutes=line.minutes,
                net=text(line.net_minor, row.currency), work_id=line.work_id, contract_id=line.contract_id,
                explanation={lang: sentences(line.steps, lang) for lang in LANGUAGES},
            )
            for line in invoice.lines
        ),
        payments=tuple(schemas.PaymentItem(**_payment(one, row.currency)) for one in invoice.payments),
    )  # fmt: skip


def paid(found: Paid) -> schemas.PaymentReply:
    """A receipt, and where the invoice stood after it."""
    currency = found.currency
    return schemas.PaymentReply(
        **_payment(found.payment, currency), currency=currency, paid=text(found.paid_minor, currency),
        outstanding=text(found.outstanding_minor, currency), excess=text(found.excess_minor, currency),
        refundable=text(found.refundable_minor, currency),
    )  # fmt: skip


def statement(found: Statement) -> schemas.StatementReply:
    """A contract's statement."""
    row = found.held.row
    return schemas.StatementReply(
        contract_id=row.id, number=row.number, plan=row.plan, customer_id=row.customer_id, start=row.start,
        end=row.end, utc=_utc(found.made), currency=found.currency, added=found.added, taken=found.taken,
        balance=found.balance, net=text(found.net_minor, found.currency),
        lines=tuple(statement_line(line, found.currency) for line in found.lines),
    )  # fmt: skip


def statement_line(line: Line, currency: str) -> schemas.StatementLine:
    """One line of a statement."""
    work = line.work
    return schemas.StatementLine(
        utc=_utc(line.at), what={lang: title(line, lang) for lang in LANGUAGES}, minutes=line.minutes,
        balance=line.balance, work_id=work.id if work else None,
        net=text(work.net_minor, currency) if work else None,
        explanation={lang: sentences(work.steps, lang) if work else () for lang in LANGUAGES},
    )  # fmt: skip


def _payment(row: PaymentRow, currency: str) -> dict[str, Any]:
    return {
        "id": row.id, "receipt": row.receipt, "amount": text(row.amount_minor, currency), "reference": row.reference,
        "from_credit": row.from_credit, "utc": row.utc,
    }  # fmt: skip


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
