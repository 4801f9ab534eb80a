"""Money that comes in for an invoice: one receipt for each payment, and the invoice and its orders as paid as they are.

Everything happens in the caller's transaction, which holds the organisation's chain.  Counterparts: `service.py` (an
administrator wrote it down), `orders.py` (it was confirmed for an order), `broker.orders.receiving`.
"""

from broker.errors import Conflict, Unacceptable
from broker.i18n import N_
from broker.ids import new_id
from broker.invoices.amounts import text
from broker.invoices.repository import InvoiceRepository
from broker.invoices.standing import review
from broker.invoices.states import State, Step, after
from broker.log.billing_events import InvoicePaid
from broker.log.writer import Writer
from broker.orders.receiving import received
from broker.orders.repository import OrderRepository
from broker.orders.states import State as OrderState
from broker.store.invoice_tables import InvoiceRow, PaymentRow

RECEIPTS = "receipts"
"""The series of receipts: payments in the order in which they were written down."""


async def known_payment(
    invoices: InvoiceRepository, row: InvoiceRow, paying: int, reference: str | None, from_credit: bool
) -> PaymentRow | None:
    """The payment that had this reference before.  Raises `Conflict` where it was another one."""
    known = await invoices.payment_with(row.org_id, reference) if reference is not None else None
    if known is not None and (known.invoice_id, known.amount_minor, known.from_credit) != (row.id, paying, from_credit):
        raise Conflict(N_("This reference belongs to another payment."))
    return known


async def pay_within(
    writer: Writer, row: InvoiceRow, paying: int, reference: str | None, by_operator: str | None,
    *, from_credit: bool = False, of_order: bool = False,
) -> PaymentRow:  # fmt: skip
    """Write a payment down, `paying` in minor units; a reference again gives the same one.

    `of_order`: it was taken for the invoice's order, which knows it already; then even a paid invoice takes it, and it
    is in excess.  Raises `Unacceptable` and `Conflict`.
    """
    invoices = InvoiceRepository(writer.db)
    known = await known_payment(invoices, row, paying, reference, from_credit)
    if known is not None:
        return known
    whole = row.paid_minor + paying >= row.total_minor
    beyond = of_order and row.state == State.PAID
    state = State.PAID if beyond else after(State(row.state), Step.PAY_WHOLE if whole else Step.PAY_PART)
    if from_credit:
        await _check_credit(invoices, row, paying)
    payment = PaymentRow(
        id=new_id(), org_id=row.org_id, invoice_id=row.id, receipt=await invoices.next_number(row.org_id, RECEIPTS),
        amount_minor=paying, reference=reference, from_credit=from_credit, utc=writer.now().utc,
        by_operator=by_operator,
    )  # fmt: skip
    await invoices.add_payment(payment)
    row.paid_minor, row.state = row.paid_minor + paying, state
    if whole and not beyond:
        row.closed_utc = payment.utc
    await writer.append(
        row.org_id,
        InvoicePaid(
            invoice_id=row.id, payment_id=payment.id, receipt=payment.receipt, amount=text(paying, row.currency),
            paid=text(row.paid_minor, row.currency), whole=whole, from_credit=from_credit, by_operator=by_operator,
        ),
    )  # fmt: skip
    await writer.db.flush()
    if not of_order:
        await _tell_orders(writer, row, payment, whole)
    await review(writer, row.org_id, row.customer_id)
    return payment


async def _tell_orders(writer: Writer, row: InvoiceRow, payment: PaymentRow, whole: bool) -> None:
    """An invoice's payment is its order's, too (T1): each part where it bills nothing else, else once it is whole."""
    lines = await InvoiceRepository(writer.db).lines(row.id)
    for order_id in [line.order_id for line in lines if line.order_id is not None]:
        order = await OrderRepository(writer.db).find(row.org_id, order_id)
        if order is None or order.state == OrderState.CANCELLED:
            continue
        missing = max(0, order.total_minor - order.paid_minor)
        amount = payment.amount_minor if len(lines) == 1 else missing if whole else 0
        if amount:
            reference = payment.reference if len(lines) == 1 else None
            await received(writer, order, amount, reference, payment.by_operator)


async def _check_credit(invoices: InvoiceRepository, row: InvoiceRow, paying: int) -> None:
    if paying > row.total_minor - row.paid_minor:
        raise Unacceptable(N_("No more than what is still to be paid can be taken from the credit."))
    if paying > await invoices.credit(row.org_id, row.customer_id, row.currency):
        raise Conflict(N_("The customer's credit is smaller than that."))
