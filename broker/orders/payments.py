"""What comes in for orders: confirmed by an administrator, or told by the payment service's signed webhook (T1).

Counterpart: `webhook` (who may tell).  What a customer has paid is the sum of the payments: too little and the order
waits for the difference (E10); too much and the excess is shown, to be given back or kept as credit (E11).  Each
payment is at once one of the order's invoice, which is issued with the first.  A payer's reference and a webhook's id
count once.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from broker.clock import Clock
from broker.errors import NotFound
from broker.invoices import amounts
from broker.invoices.orders import pay_for_order
from broker.keys import Keys
from broker.log.writer import EventLog, Writer
from broker.orders import webhook
from broker.orders.errors import NoSuchAmount, ReferenceTaken, SignatureRefused
from broker.orders.receiving import received
from broker.orders.repository import OrderRepository
from broker.orders.service import existing_order
from broker.store.desk_tables import OrderPaymentRow, OrderRow, WebhookRow, WebhookSecretRow
from broker.store.engine import Store


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payment service tells."""

    order_number: int
    amount: Decimal
    currency: str
    reference: str


class OrderPayments:
    """The payments of one organisation's orders at a time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        log: EventLog,
        keys: Keys,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store, self._clock, self._log, self._keys = store, clock, log, keys
        self._random_bytes = random_bytes

    async def confirm(self, org_id: str, order_id: str, amount: Decimal | None, reference: str | None, by: str) -> None:
        """An administrator saw money come in; `amount` None: what is missing.  A known reference changes nothing.

        Raises `NotFound`, `NoSuchAmount`, `ReferenceTaken`.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            row = await existing_order(writer.db, org_id, order_id)
            await self._take(writer, row, amount, reference, by)

    async def new_secret(self, org_id: str, by: str) -> str:
        """A secret for the organisation's payment service, in the place of the one before: shown once."""
        secret = self._random_bytes(webhook.SECRET_BYTES)
        sealed = self._keys.seal(webhook.SEALED_FOR, secret, org_id)
        async with self._store.transaction() as db:
            row = WebhookSecretRow(org_id=org_id, sealed=sealed, made_utc=self._clock.utc(), made_by=by)
            await OrderRepository(db).set_webhook_secret(row)
        return webhook.shown(secret)

    async def verified(self, org_id: str, body: bytes, headers: Mapping[str, str]) -> str:
        """The id of a webhook that this organisation's secret signed.  Raises `SignatureRefused`."""
        async with self._store.reading() as db:
            sealed = await OrderRepository(db).webhook_secret(org_id)
        if sealed is None:
            raise SignatureRefused
        return webhook.message_id(self._keys.unseal(webhook.SEALED_FOR, sealed, org_id), body, headers)

    async def take(self, org_id: str, message_id: str, told: Payment) -> None:
        """A verified word that money came in; delivered again, it changes nothing.

        Raises `NotFound` for an unknown number, `NoSuchAmount`, `ReferenceTaken`: then nothing is kept of it.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            orders = OrderRepository(writer.db)
            if await orders.has_webhook(org_id, message_id):
                return
            row = await orders.by_number(org_id, told.order_number)
            if row is None:
                raise NotFound
            if told.currency != row.currency:
                raise NoSuchAmount(currency=row.currency)
            await self._take(writer, row, told.amount, told.reference, None)
            await orders.add(WebhookRow(org_id=org_id, message_id=message_id, utc=self._clock.utc()))

    async def _take(
        self, writer: Writer, row: OrderRow, amount: Decimal | None, reference: str | None, by: str | None
    ) -> None:
        orders = OrderRepository(writer.db)
        known = await orders.payment(row.org_id, reference) if reference else None
        minor = _minor(row, amount, known)
        if known is not None:
            if (known.order_id, known.amount_minor) != (row.id, minor):
                raise ReferenceTaken
            return
        await received(writer, row, minor, reference or None, by)
        await pay_for_order(writer, row, minor, reference or None, by)


def _minor(row: OrderRow, amount: Decimal | None, known: OrderPaymentRow | None) -> int:
    if amount is None:
        return known.amount_minor if known else max(0, row.total_minor - row.paid_minor) or _refused(row)
    try:
        return max(0, amounts.minor(amount, row.currency)) or _refused(row)
    except ValueError:
        return _refused(row)


def _refused(row: OrderRow) -> NoReturn:
    raise NoSuchAmount(currency=row.currency)
