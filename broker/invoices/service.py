"""The rules of invoices: what is put on one, how it is paid and taken back, what the calendar does to it.

Each change is one transaction that holds the organisation's chain, so two administrators at once never do the same
thing twice.  Counterparts: `issuing.py` (numbers), `states.py` (what may follow), `standing.py` (customers).
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from broker.errors import Conflict, NotFound, Unacceptable
from broker.i18n import LANGUAGES, N_, translate
from broker.invoices.amounts import minor, text
from broker.invoices.issuing import NewLine, Terms, issue, issue_fee, present_terms, take_back, terms_of, work_line
from broker.invoices.model import Billed, Cancelled, Choice, Invoice, Paid, Purchase, Settled, Swept
from broker.invoices.orders import order_line
from broker.invoices.paying import pay_within
from broker.invoices.refunds import of_overpayment
from broker.invoices.rent import reconnection_minor
from broker.invoices.repository import Filter, InvoiceRepository, Sum
from broker.invoices.standing import review
from broker.invoices.states import State, Step, after
from broker.log.billing_events import OverpaymentSettled
from broker.log.writer import EventLog, Writer
from broker.orders.repository import OrderRepository
from broker.policies.hours import ONE_DAY
from broker.policies.repository import PolicyRepository
from broker.store.billing_tables import CustomerRow
from broker.store.engine import Store
from broker.store.invoice_tables import InvoiceRow, PaymentRow


class InvoiceService:
    """The invoices of one organisation at a time."""

    def __init__(self, store: Store, log: EventLog) -> None:
        self._store, self._log = store, log

    # Reading ---------------------------------------------------------------------------------------------------------

    async def get(self, org_id: str, invoice_id: str) -> Invoice:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            invoices = InvoiceRepository(db)
            row = await _found(invoices, org_id, invoice_id)
            original = row.credit_of or row.fee_for
            return Invoice(
                row,
                await invoices.lines(row.id),
                await invoices.payments(row.id),
                await _customer(invoices, org_id, row.customer_id),
                await invoices.credit_note(row.id),
                await invoices.fee(row.id),
                await invoices.find(org_id, original) if original else None,
            )

    async def page(self, which: Filter, limit: int, cursor: str | None) -> tuple[Sequence[InvoiceRow], list[Sum]]:
        """A page of the list, the last issued first, and what the whole list comes to.  `cursor`: the last one seen."""
        async with self._store.reading() as db:
            invoices = InvoiceRepository(db)
            last = await _found(invoices, which.org_id, cursor) if cursor else None
            return await invoices.page(which, limit, last), await invoices.sums(which)

    async def every(self, which: Filter) -> AsyncGenerator[InvoiceRow, None]:
        """The whole list, the last issued first."""
        async with self._store.reading() as db:
            async for batch in InvoiceRepository(db).every(which):
                for row in batch:
                    yield row

    async def sums(self, which: Filter) -> list[Sum]:
        """What the list comes to, currency by currency."""
        async with self._store.reading() as db:
            return await InvoiceRepository(db).sums(which)

    async def credits(self, org_id: str, customer_id: str) -> dict[str, int]:
        """Currency → what a customer paid too much, kept, and has not used, in minor units.  Raises `NotFound`."""
        async with self._store.reading() as db:
            invoices = InvoiceRepository(db)
            await _customer(invoices, org_id, customer_id)
            currencies = [found.currency for found in await invoices.sums(Filter(org_id, customer_id))]
            return {currency: await invoices.credit(org_id, customer_id, currency) for currency in currencies}

    # Issuing ---------------------------------------------------------------------------------------------------------

    async def issue(self, org_id: str, customer_id: str, what: Billed, by_operator: str) -> list[InvoiceRow]:
        """Put a customer's charged work, orders and purchases on an invoice for each currency.

        Free work is listed beside what costs; alone it makes no invoice.  Raises `NotFound`, `Unacceptable` and
        `Conflict` where there is nothing to invoice.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            invoices = InvoiceRepository(writer.db)
            customer = await _customer(invoices, org_id, customer_id)
            terms = await present_terms(PolicyRepository(writer.db), org_id)
            own, lines = terms.policy.currency, list[tuple[str, NewLine]]()
            for one in what.purchases:
                lines.append((own, await _purchase_line(invoices, org_id, customer, terms, one)))
            for order_id in what.orders:
                order = await OrderRepository(writer.db).find(org_id, order_id)
                if order is None or order.customer_id != customer_id:
                    raise NotFound
                lines.append((order.currency, await order_line(writer, order)))
            if what.work:
                before = None if what.until is None else terms.engine.hours.midnight(what.until + ONE_DAY)
                works = await invoices.chargeable(org_id, customer_id, before)
                lines += [(work.currency or own, work_line(terms, work)) for work in works]
            made = []
            for currency, group in groupby(sorted(lines, key=_currency), key=_currency):
                those = [line for _, line in group]
                if sum(line.net_minor for line in those) > 0:
                    made.append(await issue(writer, org_id, terms, customer, currency, those, by_operator))
            if not made:
                raise Conflict(N_("There is nothing to invoice for this customer."))
            return made

    # Paying ----------------------------------------------------------------------------------------------------------

    async def pay(
        self,
        org_id: str,
        invoice_id: str,
        amount: Decimal,
        reference: str | None,
        by_operator: str | None,
        *,
        from_credit: bool = False,
    ) -> Paid:
        """Write a payment down, whole or in part, with its receipt (E10).  A reference again gives the same answer.

        Raises `NotFound`, `Unacceptable`, and `Conflict`: paid or cancelled already, a reference of another payment.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            invoices = InvoiceRepository(writer.db)
            row = await _found(invoices, org_id, invoice_id)
            paying = _minor(amount, row.currency)
            payment = await pay_within(writer, row, paying, reference, by_operator, from_credit=from_credit)
            return await self._paid(writer, row, payment)

    async def settle(self, org_id: str, invoice_id: str, choice: Choice, by_operator: str) -> Settled:
        """Give back what was paid too much, less the fee, or keep it as credit (E11); the same again is no change.

        All that was paid for an invoice that was cancelled is too much, and no fee is kept of it.  Raises `NotFound`
        and `Conflict`.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            row = await _found(InvoiceRepository(writer.db), org_id, invoice_id)
            if row.excess not in (None, choice):
                raise Conflict(N_("It was decided otherwise already what becomes of this money."))
            if excess_of(row) > 0:
                await self._settle(writer, row, choice, by_operator)
            elif row.excess is None:
                raise Conflict(N_("Nothing was paid too much for this invoice."))
            return Settled(choice, row.currency, row.excess_minor, row.excess_fee_minor)

    # Taking back -----------------------------------------------------------------------------------------------------

    async def cancel(self, org_id: str, invoice_id: str, reason: str, by_customer: bool, by_operator: str) -> Cancelled:
        """Take an invoice back by a credit note, within its month where the policy wants that (E17).

        If the customer caused it, the fee is issued, and the invoice stays until that is paid.  Raises `NotFound` and
        `Conflict`.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            invoices, policies = InvoiceRepository(writer.db), PolicyRepository(writer.db)
            row = await _found(invoices, org_id, invoice_id)
            after(State(row.state), Step.CANCEL)
            if await invoices.credit_note(row.id) is not None:
                raise Conflict(N_("A purchase on this invoice went back already: the rest cannot be taken back."))
            rules, terms = await terms_of(policies, org_id, row.policy_sha256), await present_terms(policies, org_id)
            today = terms.day(writer.now().utc)
            if rules.policy.invoices.change_within_month and _month(today) != _month(row.issued):
                raise Conflict(N_("An invoice can be cancelled only in the month in which it was issued."))
            fee = await invoices.fee(row.id)
            if fee is None and by_customer and terms.policy.invoices.change_fee_with_tax:
                customer = await _customer(invoices, org_id, row.customer_id)
                fee = await issue_fee(writer, terms, customer, row, by_operator)
            if fee is not None and fee.state == State.OPEN:
                return Cancelled(fee=fee)
            credit = await take_back(writer, terms, row, by_operator, reason)
            await self._after_cancel(writer, row, by_operator)
            return Cancelled(credit=credit, fee=fee)

    async def apply_deadlines(self) -> Swept:
        """What the calendar does: unpaid invoices are cancelled at their month's end where the policy says so (E10),
        and customers become delinquent, suspended or active again (E10, E16).  Repeated, it changes nothing."""
        swept = Swept()
        async with self._store.reading() as db:
            organisations = await InvoiceRepository(db).organisations()
        for org_id in organisations:
            async with self._log.writing() as writer:
                await writer.lock(org_id)
                await self._cancel_unpaid(writer, org_id, swept)
                for customer_id in await InvoiceRepository(writer.db).to_review(org_id):
                    if await review(writer, org_id, customer_id):
                        swept.changed.append(customer_id)
        return swept

    async def _cancel_unpaid(self, writer: Writer, org_id: str, swept: Swept) -> None:
        invoices, policies = InvoiceRepository(writer.db), PolicyRepository(writer.db)
        for row in await invoices.open(org_id):
            rules = await terms_of(policies, org_id, row.policy_sha256)
            if not rules.policy.invoices.cancelled_unpaid_at_month_end:
                continue
            if _month(rules.day(writer.now().utc)) > _month(row.issued):
                await take_back(writer, await present_terms(policies, org_id), row, None)
                await self._after_cancel(writer, row, None)
                swept.cancelled.append(row.id)

    async def _after_cancel(self, writer: Writer, row: InvoiceRow, by_operator: str | None) -> None:
        """Money that came in for a cancelled invoice: as was chosen for a part of it before, else, if nobody is there
        to choose, it stays the customer's credit."""
        await writer.db.flush()
        chosen: Choice | None = "refund" if row.excess == "refund" else "credit" if row.excess == "credit" else None
        if chosen is None and by_operator is None:
            chosen = "credit"
        if chosen is not None and excess_of(row) > 0:
            await self._settle(writer, row, chosen, by_operator)
        await review(writer, row.org_id, row.customer_id)

    async def _settle(self, writer: Writer, row: InvoiceRow, choice: Choice, by_operator: str | None) -> None:
        excess, fee = excess_of(row), 0
        if choice == "refund" and row.state == State.PAID:
            rules = await terms_of(PolicyRepository(writer.db), row.org_id, row.policy_sha256)
            fee = of_overpayment(rules.policy.invoices, excess).fee_minor
        row.excess, row.excess_minor, row.excess_fee_minor = (
            choice, row.excess_minor + excess - fee, row.excess_fee_minor + fee,
        )  # fmt: skip
        await writer.append(
            row.org_id,
            OverpaymentSettled(
                invoice_id=row.id, choice=choice, amount=text(excess - fee, row.currency), fee=text(fee, row.currency),
                by_operator=by_operator,
            ),
        )  # fmt: skip
        await writer.db.flush()

    async def _paid(self, writer: Writer, row: InvoiceRow, payment: PaymentRow) -> Paid:
        """Where the invoice stood after this payment, however it stands now."""
        earlier = await InvoiceRepository(writer.db).payments(row.id)
        paid = sum(one.amount_minor for one in earlier if one.receipt <= payment.receipt)
        rules = await terms_of(PolicyRepository(writer.db), row.org_id, row.policy_sha256)
        excess = max(0, paid - row.total_minor)
        refundable = of_overpayment(rules.policy.invoices, excess).amount_minor
        return Paid(payment, row.currency, paid, max(0, row.total_minor - paid), excess, refundable)


async def _found(invoices: InvoiceRepository, org_id: str, invoice_id: str) -> InvoiceRow:
    row = await invoices.find(org_id, invoice_id)
    if row is None:
        raise NotFound
    return row


async def _customer(invoices: InvoiceRepository, org_id: str, customer_id: str) -> CustomerRow:
    customer = await invoices.customer(org_id, customer_id)
    if customer is None:
        raise NotFound
    return customer


async def _purchase_line(
    invoices: InvoiceRepository, org_id: str, customer: CustomerRow, terms: Terms, one: Purchase
) -> NewLine:
    contract = await invoices.contract_of(org_id, one.contract_id) if one.contract_id else None
    if one.contract_id and (contract is None or contract.customer_id != customer.id):
        raise NotFound
    net, title = _minor(one.net, terms.policy.currency), one.title
    if one.reconnection is not None:
        rent = terms.policy.rent
        if rent is None:
            raise Conflict(N_("The policy has no charge for connecting again."))
        net = reconnection_minor(rent, net, one.reconnection)
        said = N_("Reconnection: {title}")
        title = {lang: translate(lang, said).format(title=title[lang]) for lang in LANGUAGES}
    if one.bought_seq is not None:
        if contract is None or one.bought_seq not in await invoices.purchases(contract.id):
            raise NotFound
        if await invoices.of_purchase(contract.id, one.bought_seq) is not None:
            raise Conflict(N_("These minutes are on an invoice already."))
    return NewLine(title, net, contract_id=one.contract_id, bought_seq=one.bought_seq)


def _minor(amount: Decimal, currency: str) -> int:
    try:
        return minor(amount, currency)
    except ValueError:
        raise Unacceptable(N_("This amount is finer than the currency's smallest coin.")) from None


def outstanding_of(row: InvoiceRow) -> int:
    """What is still to be paid, in minor units."""
    return max(0, row.total_minor - row.paid_minor) if row.state == State.OPEN else 0


def excess_of(row: InvoiceRow) -> int:
    """What was paid beyond what is owed, and about which nothing was decided yet, in minor units."""
    if row.state == State.CREDIT:
        return 0
    owed = 0 if row.state == State.CANCELLED else row.total_minor
    return row.paid_minor - owed - row.excess_minor - row.excess_fee_minor


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _currency(line: tuple[str, NewLine]) -> str:
    return line[0]
