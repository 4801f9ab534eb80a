"""Invoices and statements as the API gives them."""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Any

from broker.i18n import LANGUAGES, translate
from broker.invoices import schemas
from broker.invoices.amounts import text
from broker.invoices.billable import Billable, Offered
from broker.invoices.document import sentences
from broker.invoices.model import Invoice, Paid
from broker.invoices.purchases import Bought
from broker.invoices.refunds import NoRefund
from broker.invoices.repository import Sum, number_of
from broker.invoices.service import excess_of, outstanding_of
from broker.invoices.statement import Line, Statement, title
from broker.invoices.states import State
from broker.policies.schema import Policy
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


def detail(invoice: Invoice, policy: Policy) -> schemas.InvoiceDetail:
    """Everything that stands on an invoice.  `policy`: the one that it was issued by."""
    row, rules = invoice.row, policy.invoices
    last = row.issued.replace(day=monthrange(row.issued.year, row.issued.month)[1])
    may = rules.change_within_month and row.state in (State.OPEN, State.PAID)
    return schemas.InvoiceDetail(
        **dict(item(row)), buyer=row.buyer, tax_name=row.tax_name, tax_percent=row.tax_percent,
        issued_utc=row.issued_utc, closed_utc=row.closed_utc, may_cancel_until=last if may else None,
        change_fee=None if rules.change_fee_with_tax is None else str(rules.change_fee_with_tax),
        refund_fee_percent=str(rules.overpayment_fee_percent), reason=row.reason, policy_sha256=row.policy_sha256,
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


def billable(found: Billable) -> schemas.BillableReply:
    """What may be put on an invoice."""
    own = found.currency

    def line(one: Offered) -> schemas.BillableLine:
        net = None if one.net_minor is None else text(one.net_minor, own)
        return schemas.BillableLine(contract_id=one.contract_id, title=one.title, net=net, bought_seq=one.bought_seq)

    return schemas.BillableReply(
        currency=own,
        work=tuple(
            schemas.BillableWork(currency=currency, count=count, net=text(net, currency))
            for currency, (count, net) in found.work.items()
        ),
        orders=tuple(
            schemas.BillableOrder(
                order_id=order.id, title=title, currency=order.currency, net=text(order.net_minor, order.currency)
            )
            for order, title in found.orders
        ),
        purchases=tuple(map(line, found.purchases)),
        rents=tuple(map(line, found.rents)),
        reconnections=tuple(
            schemas.BillableReconnection(
                contract_id=one.contract_id, title=one.title, rent=text(one.rent_minor, own),
                monthly=text(one.monthly_minor, own), yearly=text(one.yearly_minor, own),
            )
            for one in found.reconnections
        ),
    )  # fmt: skip


def purchase(found: Bought, lang: str) -> schemas.PurchaseItem:
    """A purchase, and what cancelling it would come to."""
    invoice, outcome = found.invoice, found.outcome
    currency, refund, why_not = invoice.currency if invoice else None, None, ""
    if isinstance(outcome, NoRefund):
        why_not = translate(lang, outcome.reason).format(**dict(outcome.values))
    elif currency is not None:
        refund = schemas.PurchaseRefund(
            amount=text(found.back_minor, currency), fee=text(outcome.fee_minor, currency),
            pay_by_utc=None if outcome.pay_by is None else _utc(outcome.pay_by),
        )  # fmt: skip
    return schemas.PurchaseItem(
        seq=found.row.seq, utc=found.row.utc, minutes=found.row.minutes, invoice_id=invoice.id if invoice else None,
        currency=currency, net=text(found.line.net_minor, currency) if found.line and currency else None,
        paid_utc=invoice.closed_utc if invoice and invoice.state == State.PAID else None, refund=refund,
        why_not=why_not, clause=outcome.clause if isinstance(outcome, NoRefund) and outcome.clause != "-" else None,
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
