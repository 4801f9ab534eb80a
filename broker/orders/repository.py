"""The queries of orders, of what came in for them, and of the webhooks that said so."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from broker.orders.states import State
from broker.store.billing_tables import CustomerRow
from broker.store.desk_tables import OrderPaymentRow, OrderRow, WebhookRow, WebhookSecretRow

BATCH = 500
"""Rows read at a time when a list is streamed."""

Place = tuple[datetime, str]
"""Where a page goes on: after this order."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders are wanted; None is any.  Paid ones come in the order in which they are to be called."""

    org_id: str
    state: State | None = None
    customer_id: str | None = None
    service: str | None = None

    @property
    def is_call_list(self) -> bool:
        return self.state is State.PAID


@dataclass(frozen=True, slots=True)
class Listed:
    """An order with whom to call."""

    row: OrderRow
    customer_name: str
    customer_phone: str


class OrderRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add(self, row: OrderRow | OrderPaymentRow | WebhookRow) -> None:
        """Keep something new."""
        self._db.add(row)
        await self._db.flush()

    async def find(self, org_id: str, order_id: str) -> OrderRow | None:
        """An order of this organisation."""
        return await self._one(OrderRow.org_id == org_id, OrderRow.id == order_id)

    async def by_number(self, org_id: str, number: int) -> OrderRow | None:
        """The order with this number."""
        return await self._one(OrderRow.org_id == org_id, OrderRow.number == number)

    async def by_token(self, token_sha256: bytes) -> OrderRow | None:
        """The order of whoever knows its secret."""
        return await self._one(OrderRow.token_sha256 == token_sha256)

    async def paid(self, org_id: str, customer_id: str, service: str) -> OrderRow | None:
        """The customer's longest-waiting paid order of one service (T6)."""
        wanted = select(OrderRow).where(
            OrderRow.org_id == org_id, OrderRow.customer_id == customer_id, OrderRow.service == service,
            OrderRow.state == State.PAID.value,
        )  # fmt: skip
        row: OrderRow | None = await self._db.scalar(wanted.order_by(OrderRow.paid_utc, OrderRow.number).limit(1))
        return row

    async def closing(self, until: date) -> Sequence[tuple[str, str]]:
        """(organisation, order) of those delivered ones whose last day for a report is before a day or on it."""
        due = select(OrderRow.org_id, OrderRow.id).where(OrderRow.closes <= until)
        return [(org_id, id) for org_id, id in await self._db.execute(due.order_by(OrderRow.closes, OrderRow.id))]

    async def payments(self, order_id: str) -> Sequence[OrderPaymentRow]:
        """What came in, in order."""
        wanted = select(OrderPaymentRow).where(OrderPaymentRow.order_id == order_id)
        return (await self._db.scalars(wanted.order_by(OrderPaymentRow.utc, OrderPaymentRow.id))).all()

    async def payment(self, org_id: str, reference: str) -> OrderPaymentRow | None:
        """The payment with this reference."""
        row: OrderPaymentRow | None = await self._db.scalar(
            select(OrderPaymentRow).where(OrderPaymentRow.org_id == org_id, OrderPaymentRow.reference == reference)
        )
        return row

    async def _one(self, *so: Any) -> OrderRow | None:
        row: OrderRow | None = await self._db.scalar(select(OrderRow).where(*so))
        return row

    # Lists -----------------------------------------------------------------------------------------------------------

    async def page(self, which: Filter, limit: int, after: Place | None = None) -> list[Listed]:
        """At most `limit`: newest first, the call list longest-waiting first."""
        wanted = _matching(which).limit(limit)
        if which.is_call_list:
            wanted = wanted.order_by(OrderRow.paid_utc, OrderRow.id)
            if after is not None:
                wanted = wanted.where(tuple_(OrderRow.paid_utc, OrderRow.id) > after)
        else:
            wanted = wanted.order_by(OrderRow.ordered_utc.desc(), OrderRow.id.desc())
            if after is not None:
                wanted = wanted.where(tuple_(OrderRow.ordered_utc, OrderRow.id) < after)
        return [Listed(row, name, phone) for row, name, phone in await self._db.execute(wanted)]

    async def every(self, which: Filter) -> AsyncIterator[Listed]:
        """All that match, in the list's order; memory does not grow with their number."""
        after: Place | None = None
        while batch := await self.page(which, BATCH, after):
            for one in batch:
                yield one
            after = place_of(which, batch[-1].row)
            self._db.expunge_all()

    # Webhooks --------------------------------------------------------------------------------------------------------

    async def has_webhook(self, org_id: str, message_id: str) -> bool:
        """Whether this message was taken before."""
        return await self._db.get(WebhookRow, (org_id, message_id)) is not None

    async def webhook_secret(self, org_id: str) -> bytes | None:
        """With what webhooks are signed, sealed."""
        row = await self._db.get(WebhookSecretRow, org_id)
        return row.sealed if row else None

    async def set_webhook_secret(self, row: WebhookSecretRow) -> None:
        """In the place of the one before."""
        await self._db.merge(row)
        await self._db.flush()


def place_of(which: Filter, row: OrderRow) -> Place:
    """Where the list goes on after this order."""
    instant = row.paid_utc if which.is_call_list else row.ordered_utc
    assert instant is not None, "whatever is paid was paid at some time"
    return instant, row.id


def _matching(which: Filter) -> Select[OrderRow, str, str]:
    listed = select(OrderRow, CustomerRow.name, CustomerRow.phone)
    wanted = listed.join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
    wanted = wanted.where(OrderRow.org_id == which.org_id)
    if which.state is not None:
        wanted = wanted.where(OrderRow.state == which.state.value)
    if which.customer_id is not None:
        wanted = wanted.where(OrderRow.customer_id == which.customer_id)
    if which.service is not None:
        wanted = wanted.where(OrderRow.service == which.service)
    return wanted
