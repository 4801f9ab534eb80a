"""What the service of invoices takes and gives: plain, frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from broker.invoices.rent import Period
from broker.store.billing_tables import CustomerRow
from broker.store.invoice_tables import InvoiceLineRow, InvoiceRow, PaymentRow

Choice = Literal["refund", "credit"]
"""What becomes of money paid too much (E11)."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A line that is no work: a plan, an order, rent.  `title` in both languages, `net` in the policy's currency."""

    title: dict[str, str]
    net: Decimal
    contract_id: str | None = None
    reconnection: Period | None = None
    """`net` is a rent of this period, and the line charges for connecting again (E16)."""
    bought_seq: int | None = None
    """The purchase of the contract's ledger that it pays for; so it can be given back (E9)."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What is put on an invoice.  `until`: work of that day too, and none later; None: all.  `orders`: their ids."""

    work: bool = True
    until: date | None = None
    orders: Sequence[str] = ()
    purchases: Sequence[Purchase] = ()


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice with everything that stands on it."""

    row: InvoiceRow
    lines: Sequence[InvoiceLineRow]
    payments: Sequence[PaymentRow]
    customer: CustomerRow
    credit: InvoiceRow | None = None
    """The note that took it back."""
    fee: InvoiceRow | None = None
    """The bill for its change."""
    original: InvoiceRow | None = None
    """The invoice that this one takes back, or whose change it charges."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment and where the invoice stood after it, in minor units."""

    payment: PaymentRow
    currency: str
    paid_minor: int
    outstanding_minor: int
    excess_minor: int
    refundable_minor: int
    """What a refund of the excess would come to (E11)."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`credit` took the invoice back; or `fee` has to be paid first (E17), and nothing was cancelled."""

    credit: InvoiceRow | None = None
    fee: InvoiceRow | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of money beyond the total, in minor units."""

    choice: Choice
    currency: str
    amount_minor: int
    fee_minor: int


@dataclass(slots=True)
class Swept:
    """What the calendar has changed."""

    cancelled: list[str] = field(default_factory=list)
    """Invoices."""
    changed: list[str] = field(default_factory=list)
    """Customers whose standing is another."""
