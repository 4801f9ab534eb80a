"""What the endpoints of invoices and statements take and give.  Money is decimal text beside its currency."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from broker.contracts.schemas import Day
from broker.invoices.states import State
from broker.policies.exact import Amount
from broker.schemas import Body, Identifier, Line, Line0, Reply, UtcTime

Limit = Annotated[int, Field(ge=1, le=200)]
Number = Annotated[str, Field(pattern=r"^([A-Za-z]{1,6}[0-9]{4}-)?[0-9]{1,9}$")]
"""A whole number such as `EASI2026-000012`, or the last part of one."""
Title = Annotated[Line, Field(max_length=200)]
MOST_MONEY = Decimal(10) ** 12


def _above_zero(amount: Decimal) -> Decimal:
    if not 0 < amount < MOST_MONEY:
        raise ValueError("must be above zero, and an amount that someone could pay")
    return amount


Money = Annotated[Amount, AfterValidator(_above_zero)]


class TitleBody(Body):
    """What a line is called, in both languages."""

    es: Title
    en: Title


class PurchaseBody(Body):
    """A line that is no work.  With `reconnection`, `net` is the rent of that period, and a part of it is charged."""

    title: TitleBody
    net: Money
    contract_id: Identifier | None = None
    reconnection: Literal["monthly", "yearly"] | None = None
    bought_seq: Annotated[int, Field(ge=1)] | None = None
    """The purchase of the contract's ledger that it pays for."""


class InvoiceBody(Body):
    """What is put on an invoice: work until a day (included; absent: all), orders, and what was bought beside."""

    customer_id: Identifier
    work: bool = True
    until: Day | None = None
    orders: Annotated[tuple[Identifier, ...], Field(max_length=100, strict=False)] = ()
    purchases: Annotated[tuple[PurchaseBody, ...], Field(max_length=100, strict=False)] = ()


class PaymentBody(Body):
    """Money that came in.  A `reference` that was used before gives the answer from before; nothing is doubled."""

    amount: Money
    reference: Annotated[Line, Field(max_length=200)] | None = None
    from_credit: bool = False
    """It is taken from what the customer paid too much before."""


class CancelBody(Body):
    """Why an invoice is taken back.  `by_customer`: the customer caused it, and pays the change first (E17)."""

    reason: Annotated[Line0, Field(max_length=500)] = ""
    by_customer: bool = False


class OverpaymentBody(Body):
    """Whether money beyond the total goes back less the fee, or stays the customer's credit (E11)."""

    choice: Literal["refund", "credit"]


class InvoiceItem(Reply):
    """One line of the list."""

    id: str
    number: str
    issued: date
    due: date
    state: State
    customer_id: str
    customer: str
    """As it was called when the invoice was issued; empty once erased."""
    currency: str
    net: str
    tax: str
    total: str
    paid: str
    outstanding: str
    excess: str
    """Paid beyond what is owed, and about which nothing was decided yet."""
    credit_of: str | None
    fee_for: str | None


class InvoiceTotals(Reply):
    """What all invoices of the list come to, in one currency."""

    currency: str
    count: int
    net: str
    tax: str
    total: str
    paid: str
    outstanding: str


class InvoiceList(Reply):
    """The last issued first.  `totals`: of the whole list, not of the page; `next`: the cursor of the next page."""

    items: tuple[InvoiceItem, ...]
    totals: tuple[InvoiceTotals, ...]
    next: str | None = None


class Issued(Reply):
    """The new invoices, one for each currency."""

    items: tuple[InvoiceItem, ...]


class InvoiceLine(Reply):
    """A line, with its explanation in both languages."""

    position: int
    title: dict[str, str]
    minutes: int
    net: str
    explanation: dict[str, tuple[str, ...]]
    work_id: str | None
    contract_id: str | None


class PaymentItem(Reply):
    """A receipt."""

    id: str
    receipt: int
    amount: str
    reference: str | None
    from_credit: bool
    utc: UtcTime


class InvoiceDetail(InvoiceItem):
    """An invoice with everything that stands on it.  `buyer` is empty once erased."""

    buyer: dict[str, str]
    tax_name: str
    tax_percent: str
    issued_utc: UtcTime
    closed_utc: UtcTime | None
    may_cancel_until: date | None
    """The last day on which it may be taken back; null: any, or it cannot be (E17)."""
    change_fee: str | None
    """With its tax: what is paid first if the customer caused the change (E17)."""
    refund_fee_percent: str
    """What is kept of money paid too much that goes back (E11)."""
    reason: str
    policy_sha256: str
    credit_note: str | None
    fee_invoice: str | None
    excess_choice: str | None
    excess_settled: str
    excess_fee: str
    lines: tuple[InvoiceLine, ...]
    payments: tuple[PaymentItem, ...]


class PaymentReply(PaymentItem):
    """A payment, and where the invoice stood after it.  `refundable`: what a refund of the excess would be (E11)."""

    currency: str
    paid: str
    outstanding: str
    excess: str
    refundable: str


class CancelReply(Reply):
    """`credit_note` took the invoice back; or `fee_invoice` has to be paid first, and nothing was cancelled (E17)."""

    cancelled: bool
    credit_note: InvoiceItem | None
    fee_invoice: InvoiceItem | None


class OverpaymentReply(Reply):
    """What became of the money, and what was kept of it."""

    choice: str
    currency: str
    amount: str
    fee: str


class CreditItem(Reply):
    """In one currency."""

    currency: str
    amount: str


class CreditReply(Reply):
    """What a customer has paid too much, kept, and not used yet: in each currency in which they were ever billed."""

    items: tuple[CreditItem, ...]


class BillableWork(Reply):
    """Charged work that is on no invoice, in one currency."""

    currency: str
    count: int
    net: str


class BillableOrder(Reply):
    """An order that is on no invoice."""

    order_id: str
    title: dict[str, str]
    currency: str
    net: str


class BillableLine(Reply):
    """A line for a contract: minutes that were bought (`bought_seq`), or rent.  `net` null: somebody gives a price."""

    contract_id: str
    title: dict[str, str]
    net: str | None
    bought_seq: int | None


class BillableReconnection(Reply):
    """Connecting again after a suspension: what a share of the rent, by the month or by the year, comes to (E16)."""

    contract_id: str
    title: dict[str, str]
    rent: str
    monthly: str
    yearly: str


class BillableReply(Reply):
    """What may be put on a customer's next invoice; `currency` is the one of contracts' lines."""

    currency: str
    work: tuple[BillableWork, ...]
    orders: tuple[BillableOrder, ...]
    purchases: tuple[BillableLine, ...]
    rents: tuple[BillableLine, ...]
    reconnections: tuple[BillableReconnection, ...]


class PurchaseRefund(Reply):
    """What cancelling a purchase brings back: `amount` with its tax, after `fee` (before tax) was kept."""

    amount: str
    fee: str
    pay_by_utc: UtcTime | None


class PurchaseItem(Reply):
    """Minutes bought at once.  `refund`: what cancelling them now brings back; else `why_not` says why nothing does."""

    seq: int
    utc: UtcTime
    minutes: int
    invoice_id: str | None
    currency: str | None
    net: str | None
    paid_utc: UtcTime | None
    refund: PurchaseRefund | None
    why_not: str
    clause: str | None


class PurchaseList(Reply):
    """In the order in which they were bought."""

    items: tuple[PurchaseItem, ...]


class StatementLine(Reply):
    """One change of the balance, or a work that left it as it was."""

    utc: UtcTime
    what: dict[str, str]
    minutes: int
    balance: int | None
    work_id: str | None
    net: str | None
    explanation: dict[str, tuple[str, ...]]


class StatementReply(Reply):
    """A contract's statement of use.  The lines' minutes add up to the balance, their nets to `net`."""

    contract_id: str
    number: str
    plan: str
    customer_id: str
    start: date
    end: date
    utc: UtcTime
    currency: str
    lines: tuple[StatementLine, ...]
    added: int
    taken: int
    balance: int | None
    net: str
