"""The invoice of a prepaid order: issued when money comes in for the order, which is then a payment of it (T1).

An order is billed once: by its own line, or by the work that carried its price.
"""

from broker.errors import Conflict, NotFound
from broker.i18n import LANGUAGES, N_, translate
from broker.invoices.issuing import NewLine, issue, terms_of
from broker.invoices.paying import pay_within
from broker.invoices.repository import InvoiceRepository
from broker.log.writer import Writer
from broker.orders.states import State
from broker.policies.repository import PolicyRepository
from broker.store.desk_tables import OrderRow
from broker.store.invoice_tables import InvoiceRow

LINE = N_("{title}, order {number}")


async def order_line(writer: Writer, order: OrderRow) -> NewLine:
    """What an order is on an invoice.  Raises `Conflict` for one that is billed already, or is not to be."""
    if order.state == State.CANCELLED or not order.net_minor:
        raise Conflict(N_("This order is not to be paid."))
    if await InvoiceRepository(writer.db).of_order(order.id) is not None:
        raise Conflict(N_("This order is on an invoice already."))
    terms = await terms_of(PolicyRepository(writer.db), order.org_id, order.policy_sha256)
    assert terms.policy.orders is not None, "an order was made by this version"
    title = terms.policy.orders.services[order.service].title.model_dump()
    said: dict[str, str] = {
        lang: translate(lang, LINE).format(title=title[lang], number=order.number) for lang in LANGUAGES
    }
    return NewLine(said, order.net_minor, order_id=order.id)


async def pay_for_order(
    writer: Writer, order: OrderRow, paying: int, reference: str | None, by_operator: str | None
) -> InvoiceRow | None:
    """Enter money that came in for an order as a payment of its invoice; without one it is issued now.

    None: nothing was billed, as the order is cancelled or costs nothing.
    """
    invoices = InvoiceRepository(writer.db)
    row = await invoices.of_order(order.id)
    if row is None:
        if order.state == State.CANCELLED or not order.net_minor:
            return None
        customer = await invoices.customer(order.org_id, order.customer_id)
        if customer is None:
            raise NotFound
        terms = await terms_of(PolicyRepository(writer.db), order.org_id, order.policy_sha256)
        line = await order_line(writer, order)
        row = await issue(writer, order.org_id, terms, customer, order.currency, [line], by_operator)
    await pay_within(writer, row, paying, reference, by_operator, of_order=True)
    if order.state != State.UNPAID and row.total_minor > row.paid_minor:
        # What was paid of an invoice that the calendar cancelled is the customer's credit (E10).
        credit = await invoices.credit(row.org_id, row.customer_id, row.currency)
        if taken := min(credit, row.total_minor - row.paid_minor):
            await pay_within(writer, row, taken, None, by_operator, from_credit=True, of_order=True)
    return row
