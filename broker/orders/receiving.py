"""An order takes in money: in the caller's transaction, which holds the organisation's chain.

Counterparts: `payments.py` (it was confirmed for the order), `broker.invoices.paying` (it came in for its invoice).
"""

from broker.ids import new_id
from broker.invoices import amounts
from broker.log.billing_events import OrderPaid
from broker.log.writer import Writer
from broker.orders.repository import OrderRepository
from broker.orders.states import State, step
from broker.store.desk_tables import OrderPaymentRow, OrderRow


async def received(writer: Writer, row: OrderRow, minor: int, reference: str | None, by: str | None) -> None:
    """Keep a payment, and open remote attention once all is there (T1).  The caller has looked at its reference."""
    row.paid_minor += minor
    whole = row.paid_minor >= row.total_minor
    payment = OrderPaymentRow(
        id=new_id(), org_id=row.org_id, order_id=row.id, amount_minor=minor, reference=reference,
        utc=writer.now().utc, by_operator=by,
    )  # fmt: skip
    await OrderRepository(writer.db).add(payment)
    event = OrderPaid(
        order_id=row.id, payment_id=payment.id, amount=amounts.text(minor, row.currency),
        paid=amounts.text(row.paid_minor, row.currency), whole=whole, by_operator=by,
    )  # fmt: skip
    recorded = (await writer.append(row.org_id, event)).recorded
    if whole and row.state == State.UNPAID:
        row.state, row.paid_utc = step(State.UNPAID, State.PAID).value, recorded.moment.utc
