"""What the endpoints of the queue give."""

from broker.queue.service import Entry
from broker.schemas import Reply, UtcTime
from broker.tickets.schemas import TicketDetail


class QueueItem(Reply):
    """One who waits.  `left_seconds`: support hours until the target of the first answer, negative when missed."""

    ticket_id: str
    number: int
    subject: str
    channel: str
    category: str
    priority: str
    urgent: bool
    customer_id: str | None
    customer_name: str
    company: str
    plan: str | None
    opened_utc: UtcTime
    target_utc: UtcTime | None
    left_seconds: int | None


class Queue(Reply):
    """First to be served first, as it was at `utc`."""

    utc: UtcTime
    items: tuple[QueueItem, ...]


class Next(Reply):
    """The ticket that is now the technician's; null when nobody waits."""

    ticket: TicketDetail | None


def queue_item(entry: Entry) -> QueueItem:
    """One who waits."""
    row = entry.row
    return QueueItem(
        ticket_id=row.id, number=row.number, subject=row.subject, channel=row.channel, category=row.category,
        priority=row.priority, urgent=row.urgent, customer_id=row.customer_id,
        customer_name=entry.customer_name, company=row.company, plan=entry.plan, opened_utc=row.opened_utc,
        target_utc=entry.target, left_seconds=entry.left_seconds,
    )  # fmt: skip
