"""The queries of invoices, their lines and payments."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.invoices.states import State
from broker.store.billing_tables import ContractRow, CustomerRow, LedgerRow, WorkRow
from broker.store.desk_tables import OrderRow
from broker.store.invoice_tables import InvoiceCounterRow, InvoiceLineRow, InvoiceRow, PaymentRow

STANDING = (State.OPEN, State.PAID)
"""Invoices that were not taken back."""
BATCH = 500
"""Rows read at a time when a list is streamed."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which invoices are wanted; None is any.  Days of issue, both included."""

    org_id: str
    customer_id: str | None = None
    state: State | None = None
    since: date | None = None
    until: date | None = None
    number: str | None = None
    """A part of series and number."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What the invoices of a list come to, in one currency.  `open_minor`: what is still to be paid of them."""

    currency: str
    count: int
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int
    open_minor: int


class InvoiceRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    # One invoice -----------------------------------------------------------------------------------------------------

    async def find(self, org_id: str, invoice_id: str) -> InvoiceRow | None:
        row: InvoiceRow | None = await self._db.scalar(
            select(InvoiceRow).where(InvoiceRow.org_id == org_id, InvoiceRow.id == invoice_id)
        )
        return row

    async def add(self, invoice: InvoiceRow, lines: Sequence[InvoiceLineRow]) -> None:
        self._db.add(invoice)
        await self._db.flush()
        self._db.add_all(lines)
        await self._db.flush()

    async def lines(self, invoice_id: str) -> Sequence[InvoiceLineRow]:
        """In their order."""
        of = select(InvoiceLineRow).where(InvoiceLineRow.invoice_id == invoice_id)
        return (await self._db.scalars(of.order_by(InvoiceLineRow.position))).all()

    async def payments(self, invoice_id: str) -> Sequence[PaymentRow]:
        """In the order of their receipts."""
        of = select(PaymentRow).where(PaymentRow.invoice_id == invoice_id)
        return (await self._db.scalars(of.order_by(PaymentRow.receipt))).all()

    async def credit_note(self, invoice_id: str) -> InvoiceRow | None:
        """The one that took this invoice back."""
        row: InvoiceRow | None = await self._db.scalar(select(InvoiceRow).where(InvoiceRow.credit_of == invoice_id))
        return row

    async def of_order(self, order_id: str) -> InvoiceRow | None:
        """The invoice on which an order stands, by itself or by the work that carried its price."""
        found = await self._one_with(InvoiceLineRow.order_id == order_id)
        if found is not None:
            return found
        carried = select(WorkRow.id).where(
            WorkRow.order_id == order_id, WorkRow.basis == "order", WorkRow.net_minor > 0
        )
        return await self._one_with(InvoiceLineRow.work_id.in_(carried))

    async def of_purchase(self, contract_id: str, bought_seq: int) -> InvoiceRow | None:
        """The invoice on which a purchase of a contract's minutes stands."""
        return await self._one_with(InvoiceLineRow.contract_id == contract_id, InvoiceLineRow.bought_seq == bought_seq)

    async def _one_with(self, *line: ColumnElement[bool]) -> InvoiceRow | None:
        """The invoice that stands and has such a line."""
        of = select(InvoiceRow).join(InvoiceLineRow, InvoiceLineRow.invoice_id == InvoiceRow.id)
        row: InvoiceRow | None = await self._db.scalar(of.where(*line, InvoiceRow.state.in_(STANDING)).limit(1))
        return row

    async def fee(self, invoice_id: str) -> InvoiceRow | None:
        """The bill for changing this invoice that was not taken back itself (E17)."""
        of = select(InvoiceRow).where(InvoiceRow.fee_for == invoice_id, InvoiceRow.state != State.CANCELLED)
        row: InvoiceRow | None = await self._db.scalar(of)
        return row

    async def next_number(self, org_id: str, series: str) -> int:
        """The next of a series.  Without gaps: the caller holds the organisation's chain and issues, or rolls back."""
        taken = await self._db.scalar(
            update(InvoiceCounterRow)
            .where(InvoiceCounterRow.org_id == org_id, InvoiceCounterRow.series == series)
            .values(last=InvoiceCounterRow.last + 1)
            .returning(InvoiceCounterRow.last)
        )
        if taken is None:
            self._db.add(InvoiceCounterRow(org_id=org_id, series=series, last=1))
            await self._db.flush()
            return 1
        return int(taken)

    # Work and payments -----------------------------------------------------------------------------------------------

    async def chargeable(self, org_id: str, customer_id: str, before: int | None) -> Sequence[WorkRow]:
        """Charged work of a customer that is on no invoice and began before an instant, in order of start.

        The price of an order that was billed itself is not billed by its work.
        """
        billed = (
            select(InvoiceLineRow.order_id)
            .join(InvoiceRow, InvoiceRow.id == InvoiceLineRow.invoice_id)
            .where(InvoiceRow.customer_id == customer_id, InvoiceRow.state.in_(STANDING))
            .where(InvoiceLineRow.order_id.is_not(None))
        )
        wanted = select(WorkRow).where(
            WorkRow.org_id == org_id,
            WorkRow.customer_id == customer_id,
            WorkRow.state == "charged",
            WorkRow.invoice_id.is_(None),
            WorkRow.currency.is_not(None),
            or_(WorkRow.order_id.is_(None), WorkRow.basis != "order", WorkRow.order_id.not_in(billed)),
        )
        if before is not None:
            wanted = wanted.where(WorkRow.start < before)
        return (await self._db.scalars(wanted.order_by(WorkRow.start, WorkRow.id))).all()

    async def put_on(self, invoice_id: str, work_ids: Collection[str]) -> None:
        """These works are on this invoice from now on."""
        await self._db.execute(update(WorkRow).where(WorkRow.id.in_(work_ids)).values(invoice_id=invoice_id))

    async def release_work(self, invoice_id: str) -> None:
        """The invoice was taken back: its work can be put on another."""
        await self._db.execute(update(WorkRow).where(WorkRow.invoice_id == invoice_id).values(invoice_id=None))

    async def payment_with(self, org_id: str, reference: str) -> PaymentRow | None:
        row: PaymentRow | None = await self._db.scalar(
            select(PaymentRow).where(PaymentRow.org_id == org_id, PaymentRow.reference == reference)
        )
        return row

    async def add_payment(self, row: PaymentRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def credit(self, org_id: str, customer_id: str, currency: str) -> int:
        """What a customer paid too much, kept, and has not used yet, in minor units (E11)."""
        own = (
            InvoiceRow.org_id == org_id,
            InvoiceRow.customer_id == customer_id,
            InvoiceRow.currency == currency,
        )
        kept = await self._db.scalar(
            select(func.coalesce(func.sum(InvoiceRow.excess_minor), 0)).where(*own, InvoiceRow.excess == "credit")
        )
        used = await self._db.scalar(
            select(func.coalesce(func.sum(PaymentRow.amount_minor), 0))
            .join(InvoiceRow, InvoiceRow.id == PaymentRow.invoice_id)
            .where(*own, PaymentRow.from_credit)
        )
        return int(kept or 0) - int(used or 0)

    # Customers -------------------------------------------------------------------------------------------------------

    async def customer(self, org_id: str, customer_id: str) -> CustomerRow | None:
        row: CustomerRow | None = await self._db.scalar(
            select(CustomerRow).where(CustomerRow.org_id == org_id, CustomerRow.id == customer_id)
        )
        return row

    async def purchases(self, contract_id: str) -> dict[int, int]:
        """What was bought for a contract and did not go back: entry of the ledger → minutes, in order."""
        of = select(LedgerRow).where(LedgerRow.contract_id == contract_id).order_by(LedgerRow.seq)
        rows = (await self._db.scalars(of)).all()
        gone = {row.of_seq for row in rows}
        return {row.seq: row.minutes for row in rows if row.reason == "purchase" and row.seq not in gone}

    async def unbilled_orders(self, org_id: str, customer_id: str) -> list[OrderRow]:
        """A customer's orders that are to be paid and are on no invoice, in order."""
        wanted = select(OrderRow).where(
            OrderRow.org_id == org_id, OrderRow.customer_id == customer_id, OrderRow.state != "cancelled",
            OrderRow.net_minor > 0,
        )  # fmt: skip
        orders = (await self._db.scalars(wanted.order_by(OrderRow.number))).all()
        return [order for order in orders if await self.of_order(order.id) is None]

    async def rented(self, contract_id: str, first: date, last: date) -> bool:
        """Whether an invoice that stands, of one of these days, has the rent of a contract."""
        of = select(InvoiceRow.id).join(InvoiceLineRow, InvoiceLineRow.invoice_id == InvoiceRow.id)
        rent = of.where(InvoiceLineRow.contract_id == contract_id, InvoiceLineRow.bought_seq.is_(None))
        on = rent.where(InvoiceRow.state.in_(STANDING), InvoiceRow.issued >= first, InvoiceRow.issued <= last)
        return await self._db.scalar(on.limit(1)) is not None

    async def contract_of(self, org_id: str, contract_id: str) -> ContractRow | None:
        row: ContractRow | None = await self._db.scalar(
            select(ContractRow).where(ContractRow.org_id == org_id, ContractRow.id == contract_id)
        )
        return row

    # Deadlines -------------------------------------------------------------------------------------------------------

    async def organisations(self) -> Sequence[str]:
        """Those that have issued an invoice, in order."""
        return (await self._db.scalars(select(InvoiceRow.org_id).distinct().order_by(InvoiceRow.org_id))).all()

    async def open(self, org_id: str, customer_id: str | None = None) -> Sequence[InvoiceRow]:
        """Unpaid invoices, in order of issue."""
        wanted = select(InvoiceRow).where(InvoiceRow.org_id == org_id, InvoiceRow.state == State.OPEN)
        if customer_id is not None:
            wanted = wanted.where(InvoiceRow.customer_id == customer_id)
        order = wanted.order_by(InvoiceRow.issued, InvoiceRow.series, InvoiceRow.number)
        return (await self._db.scalars(order)).all()

    async def to_review(self, org_id: str) -> Sequence[str]:
        """Customers whose standing the calendar or their invoices may change."""
        owing = select(InvoiceRow.customer_id).where(InvoiceRow.org_id == org_id, InvoiceRow.state == State.OPEN)
        wanted = select(CustomerRow.id).where(
            CustomerRow.org_id == org_id, or_(CustomerRow.status != "active", CustomerRow.id.in_(owing))
        )
        return (await self._db.scalars(wanted.order_by(CustomerRow.id))).all()

    async def policies_of(self, org_id: str, customer_id: str) -> Sequence[str]:
        """The policy versions by which a customer's invoices were issued."""
        of = select(InvoiceRow.policy_sha256).where(InvoiceRow.org_id == org_id, InvoiceRow.customer_id == customer_id)
        return (await self._db.scalars(of.distinct())).all()

    async def contracts_billed(self, invoice_ids: Collection[str]) -> Sequence[tuple[str, ContractRow]]:
        """(invoice, contract) for the lines of these invoices that are for a contract."""
        found = await self._db.execute(
            select(InvoiceLineRow.invoice_id, ContractRow)
            .join(ContractRow, ContractRow.id == InvoiceLineRow.contract_id)
            .where(InvoiceLineRow.invoice_id.in_(invoice_ids))
        )
        return [(invoice_id, contract) for invoice_id, contract in found]

    async def billed_to(self, org_id: str, customer_id: str) -> Sequence[ContractRow]:
        """The contracts for which a customer was ever billed."""
        found = await self._db.scalars(
            select(ContractRow)
            .join(InvoiceLineRow, InvoiceLineRow.contract_id == ContractRow.id)
            .join(InvoiceRow, InvoiceRow.id == InvoiceLineRow.invoice_id)
            .where(InvoiceRow.org_id == org_id, InvoiceRow.customer_id == customer_id)
        )
        return found.unique().all()

    async def owes_cancelled(self, org_id: str, customer_id: str) -> bool:
        """Whether work of an invoice that the calendar cancelled is on no paid invoice yet (E10)."""
        lapsed, present = InvoiceRow, select(InvoiceRow.id).where(InvoiceRow.state == State.PAID)
        found = await self._db.scalar(
            select(WorkRow.id)
            .join(InvoiceLineRow, InvoiceLineRow.work_id == WorkRow.id)
            .join(lapsed, lapsed.id == InvoiceLineRow.invoice_id)
            .where(lapsed.org_id == org_id, lapsed.customer_id == customer_id, lapsed.unpaid, WorkRow.net_minor > 0)
            .where(or_(WorkRow.invoice_id.is_(None), WorkRow.invoice_id.not_in(present)), WorkRow.state == "charged")
            .limit(1)
        )
        return found is not None

    # Lists -----------------------------------------------------------------------------------------------------------

    async def page(self, which: Filter, limit: int, after: InvoiceRow | None = None) -> Sequence[InvoiceRow]:
        """Invoices, the last issued first, at most `limit`; `after`: the last one of the page before."""
        place = (InvoiceRow.issued_utc, InvoiceRow.number, InvoiceRow.id)
        wanted = _matching(select(InvoiceRow), which).order_by(*(column.desc() for column in place))
        if after is not None:
            wanted = wanted.where(tuple_(*place) < (after.issued_utc, after.number, after.id))
        return (await self._db.scalars(wanted.limit(limit))).all()

    async def every(self, which: Filter) -> AsyncIterator[Sequence[InvoiceRow]]:
        """All invoices that match, the last issued first, in batches."""
        last: InvoiceRow | None = None
        while batch := await self.page(which, BATCH, last):
            yield batch
            last = batch[-1]
            self._db.expunge_all()

    async def sums(self, which: Filter) -> list[Sum]:
        """What all invoices that match come to, currency by currency."""
        columns = (InvoiceRow.net_minor, InvoiceRow.tax_minor, InvoiceRow.total_minor, InvoiceRow.paid_minor)
        left = func.sum(InvoiceRow.total_minor - InvoiceRow.paid_minor).filter(InvoiceRow.state == State.OPEN)
        added: Select[Any] = select()
        added = added.add_columns(InvoiceRow.currency, func.count(), *map(func.sum, columns), func.coalesce(left, 0))
        grouped = _matching(added, which).group_by(InvoiceRow.currency).order_by(InvoiceRow.currency)
        found = (await self._db.execute(grouped)).all()
        return [Sum(row[0], *map(int, row[1:])) for row in found]


def number_of(row: InvoiceRow) -> str:
    """An invoice's whole number, such as `EASI2026-000012`."""
    return f"{row.series}-{row.number:06}"


def _matching(wanted: Select[Any], which: Filter) -> Select[Any]:
    wanted = wanted.where(InvoiceRow.org_id == which.org_id)
    if which.customer_id is not None:
        wanted = wanted.where(InvoiceRow.customer_id == which.customer_id)
    if which.state is not None:
        wanted = wanted.where(InvoiceRow.state == which.state)
    if which.since is not None:
        wanted = wanted.where(InvoiceRow.issued >= which.since)
    if which.until is not None:
        wanted = wanted.where(InvoiceRow.issued <= which.until)
    if which.number is not None:
        series, _, number = which.number.rpartition("-")
        if series:
            wanted = wanted.where(func.upper(InvoiceRow.series) == series.upper())
        wanted = wanted.where(InvoiceRow.number == (int(number) if number.isdecimal() else -1))
    return wanted
