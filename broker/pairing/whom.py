"""Whom a session is for: the customer, order and ticket that a technician names, looked up and completed.

Counterpart: `control.PairRequest`.  What is named must be the organisation's own and belong together: a session that
names another's customer would put its work on their bill.
"""

from dataclasses import dataclass

from broker.store.billing_tables import CustomerRow
from broker.store.desk_tables import OrderRow, TicketRow
from broker.store.engine import Store
from protocol import control


@dataclass(frozen=True, slots=True)
class Whom:
    """What the log keeps, and the policy is asked about.  All None: nobody that is known."""

    customer_id: str | None = None
    order_id: str | None = None
    ticket_id: str | None = None
    urgent: bool = False


async def whom(store: Store, org_id: str, request: control.PairRequest) -> Whom | None:
    """A ticket gives its order and customer, an order its customer, where they were not named.

    None for what is not the organisation's, was erased, or contradicts itself.
    """
    async with store.reading() as db:
        order_id, customers = request.order_id, {request.customer_id}
        if request.ticket_id is not None:
            ticket = await db.get(TicketRow, request.ticket_id)
            if ticket is None or ticket.org_id != org_id or ticket.order_id not in (None, order_id or ticket.order_id):
                return None
            order_id = order_id or ticket.order_id
            customers.add(ticket.customer_id)
        if order_id is not None:
            order = await db.get(OrderRow, order_id)
            if order is None or order.org_id != org_id:
                return None
            customers.add(order.customer_id)
        named = customers - {None}
        if not named:
            return Whom(None, None, request.ticket_id, request.urgent)
        customer = await db.get(CustomerRow, named.pop()) if len(named) == 1 else None
    if customer is None or customer.org_id != org_id or customer.erased_utc is not None:
        return None
    return Whom(customer.id, order_id, request.ticket_id, request.urgent)
