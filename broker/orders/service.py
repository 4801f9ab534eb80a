"""Orders of prepaid services: made at the policy's price, agreed for a time, carried out (T1–T7).

Counterparts: `states` (the steps), `payments` (what makes an order a paid one).  An order keeps the policy version
that it was made with, and is an event of the log from its beginning to its end.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.customers.service import existing, present
from broker.errors import NotFound
from broker.ids import fingerprint, new_id, new_token
from broker.invoices import amounts
from broker.invoices.repository import InvoiceRepository
from broker.log.billing_events import OrderDelivered, OrderEnded, OrderMade, OrderReported
from broker.log.writer import EventLog, Writer
from broker.orders.errors import (
    NoSuchAmount,
    NoSuchService,
    NothingToDeliver,
    NotInRegion,
    OutsideHours,
    PriceUnclear,
)
from broker.orders.repository import Filter, Listed, OrderRepository, place_of
from broker.orders.states import BadStep, State, step
from broker.policies.hours import SupportHours
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Policy, Service
from broker.policies.service import engine_of
from broker.store.billing_tables import CustomerRow, PolicyRow
from broker.store.desk_tables import OrderPaymentRow, OrderRow
from broker.store.engine import Store
from broker.store.numbers import next_number

Ending = Literal["done", "cancelled"]
FARTHEST: Final = timedelta(days=366)
"""How far ahead work may be agreed."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new order, and the secret that opens its page: shown once."""

    order: Listed
    token: str

    def __repr__(self) -> str:
        return f"Made({self.order.row.number})"


@dataclass(frozen=True, slots=True)
class Page:
    """Orders, and where the page after this one begins; None for the last."""

    orders: tuple[Listed, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """An order with what came in for it, and the service as its policy has it."""

    order: Listed
    service: Service
    policy: Policy
    payments: tuple[OrderPaymentRow, ...]
    invoice_id: str | None
    """The invoice on which it stands."""


class OrderService:
    """The orders of one organisation at a time."""

    def __init__(self, store: Store, clock: Clock, log: EventLog) -> None:
        self._store, self._clock, self._log = store, clock, log

    async def make(
        self, org_id: str, customer_id: str, service: str, net: Decimal | None, agreed: datetime | None, by: str
    ) -> Made:
        """Order a service at the price of the policy in force; `net` is for one that is quoted (E1, E18).

        Raises `NotFound`, `CustomerErased`, `NoSuchService`, `NotInRegion`, `PriceUnclear`, `OutsideHours`.
        """
        token = new_token()
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            customer = await present(writer.db, org_id, customer_id)
            adopted = await PolicyRepository(writer.db).in_force(org_id)
            policy, sold = _sold(adopted, service)
            _check_region(sold, customer)
            assert adopted is not None
            net_minor = _net_minor(policy, sold, net)
            total_minor = net_minor + amounts.tax_minor(policy, net_minor, policy.currency)
            now = self._clock.utc()
            row = OrderRow(
                id=new_id(), org_id=org_id, number=await next_number(writer.db, org_id, "order"),
                customer_id=customer_id, service=service, currency=policy.currency, net_minor=net_minor,
                total_minor=total_minor, paid_minor=0, policy_sha256=adopted.sha256,
                state=State.PAID.value if total_minor == 0 else State.UNPAID.value, token_sha256=fingerprint(token),
                ordered_utc=now, paid_utc=now if total_minor == 0 else None,
                agreed_at=None if agreed is None else self._within_hours(policy, agreed),
            )  # fmt: skip
            await OrderRepository(writer.db).add(row)
            event = OrderMade(
                order_id=row.id, customer_id=customer_id, number=row.number, service=service, currency=row.currency,
                net=amounts.text(net_minor, row.currency), total=amounts.text(total_minor, row.currency),
                policy_sha256=row.policy_sha256, by_operator=by,
            )  # fmt: skip
            await writer.append(org_id, event)
        return Made(Listed(row, customer.name, customer.phone), token)

    async def page(self, which: Filter, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` orders.  Raises `Malformed` for a cursor that no page gave."""
        async with self._store.reading() as db:
            found = await OrderRepository(db).page(which, limit + 1, place(cursor) if cursor else None)
        shown = tuple(found[:limit])
        return Page(shown, cursor_of(*place_of(which, shown[-1].row)) if len(found) > limit else None)

    async def every(self, which: Filter) -> AsyncGenerator[Listed]:
        """All that match, read as they are wanted."""
        async with self._store.reading() as db:
            async for one in OrderRepository(db).every(which):
                yield one

    async def story(self, org_id: str, order_id: str) -> Story:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            return await _story(db, await OrderRepository(db).find(org_id, order_id))

    async def by_token(self, token: str) -> Story:
        """The order of whoever knows its secret.  Raises `NotFound`."""
        async with self._store.reading() as db:
            return await _story(db, await OrderRepository(db).by_token(fingerprint(token)))

    async def paid_order(self, org_id: str, customer_id: str, service: str) -> OrderRow | None:
        """The paid order that covers this service for this customer (T1, T6); None: there is none."""
        async with self._store.reading() as db:
            return await OrderRepository(db).paid(org_id, customer_id, service)

    async def agree(self, org_id: str, order_id: str, at: datetime | None) -> None:
        """Agree when the work begins, within the support hours of the order's policy (T3); None: at once.

        Raises `NotFound`, `OutsideHours`, and `BadStep` for an order that has ended.
        """
        async with self._store.transaction() as db:
            story = await _story(db, await OrderRepository(db).find(org_id, order_id))
            row = story.order.row
            step(State(row.state), State.CANCELLED)  # what can still be cancelled is still to be done
            row.agreed_at = None if at is None else self._within_hours(story.policy, at)

    async def deliver(self, org_id: str, order_id: str, by: str) -> None:
        """What was ordered was handed over: the customer's days to try and report begin, today not counted (E18).

        Raises `NotFound`, `BadStep`, and `NothingToDeliver` for a service without such days.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            story = await _story(writer.db, await OrderRepository(writer.db).find(org_id, order_id))
            row, days, hours = story.order.row, story.service.closes_after_working_days, SupportHours.of(story.policy)
            if days is None:
                raise NothingToDeliver
            row.state = step(State(row.state), State.DELIVERED).value
            now = writer.now().utc
            row.delivered_utc, row.closes = (
                now,
                hours.business_days_after(hours.local(int(now.timestamp())).date(), days),
            )
            await writer.append(org_id, OrderDelivered(order_id=row.id, closes=row.closes.isoformat(), by_operator=by))

    async def report(self, org_id: str, order_id: str, by: str) -> None:
        """A fault was reported in time: the order is open again, and repaired for its price (E18).

        Raises `NotFound` and `BadStep`.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            row = await existing_order(writer.db, org_id, order_id)
            if row.state != State.DELIVERED:
                raise BadStep(state=row.state)
            row.state, row.delivered_utc, row.closes = step(State.DELIVERED, State.PAID).value, None, None
            await writer.append(org_id, OrderReported(order_id=row.id, by_operator=by))

    async def close_delivered(self) -> int:
        """End the orders whose days for a report have passed (E18); gives how many.  Repeated, it changes nothing."""
        async with self._store.reading() as db:
            due = await OrderRepository(db).closing(self._clock.utc().date())
        count = 0
        for org_id, order_id in due:
            async with self._log.writing() as writer:
                await writer.lock(org_id)
                story = await _story(writer.db, await OrderRepository(writer.db).find(org_id, order_id))
                row, today = story.order.row, writer.now().utc.astimezone(story.policy.zone).date()
                if row.state == State.DELIVERED and row.closes is not None and row.closes < today:
                    await _end(writer, row, "done", None)
                    count += 1
        return count

    async def end(self, org_id: str, order_id: str, state: Ending, by: str) -> None:
        """Carried out, or cancelled.  Raises `NotFound`, `BadStep`."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            await _end(writer, await existing_order(writer.db, org_id, order_id), state, by)

    async def new_link(self, org_id: str, order_id: str) -> str:
        """Another secret for the order's page; the one before opens it no more.  Raises `NotFound`."""
        token = new_token()
        async with self._store.transaction() as db:
            row = await existing_order(db, org_id, order_id)
            row.token_sha256 = fingerprint(token)
        return token

    def _within_hours(self, policy: Policy, at: datetime) -> int:
        now, instant = self._clock.utc(), int(at.timestamp())
        if not now <= at <= now + FARTHEST or SupportHours.of(policy).window_at(instant) is None:
            raise OutsideHours
        return instant


async def _end(writer: Writer, row: OrderRow, state: Ending, by: str | None) -> None:
    row.state = step(State(row.state), State(state)).value
    ended = await writer.append(row.org_id, OrderEnded(order_id=row.id, state=state, by_operator=by))
    row.ended_utc, row.closes = ended.recorded.moment.utc, None


async def existing_order(db: AsyncSession, org_id: str, order_id: str) -> OrderRow:
    """An order of this organisation.  Raises `NotFound`."""
    row = await OrderRepository(db).find(org_id, order_id)
    if row is None:
        raise NotFound
    return row


async def _story(db: AsyncSession, row: OrderRow | None) -> Story:
    if row is None:
        raise NotFound
    customer = await existing(db, row.org_id, row.customer_id)
    version = await PolicyRepository(db).version(row.org_id, row.policy_sha256)
    policy, sold = _sold(version, row.service)
    payments = tuple(await OrderRepository(db).payments(row.id))
    invoice = await InvoiceRepository(db).of_order(row.id)
    return Story(Listed(row, customer.name, customer.phone), sold, policy, payments, invoice.id if invoice else None)


def _sold(adopted: PolicyRow | None, service: str) -> tuple[Policy, Service]:
    policy = engine_of(adopted.text).policy if adopted else None
    sold = policy.orders.services.get(service) if policy and policy.orders else None
    if policy is None or sold is None:
        raise NoSuchService
    return policy, sold


def _check_region(sold: Service, customer: CustomerRow) -> None:
    if sold.local_only is not None and not customer.local:
        raise NotInRegion(region=sold.region or "", clause=sold.local_only)


def _net_minor(policy: Policy, sold: Service, quoted: Decimal | None) -> int:
    if (sold.price is None) != (quoted is not None):
        raise PriceUnclear
    net = quoted if sold.price is None else sold.price.net
    assert net is not None
    try:
        return amounts.minor(net, policy.currency)
    except ValueError:
        raise NoSuchAmount(currency=policy.currency) from None
