"""The tables of invoices and what was paid of them.  Lines are copies: an invoice never changes once it is issued.

`buyer` is the one copy of a customer's personal data outside `customers`: as it was at issue, so that a corrected
address needs a corrected invoice (E17).  Erasing the customer empties it too (E15).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Json, Utc
from broker.store.billing_tables import MINOR, SHA256_HEX, CustomerRow
from broker.store.tables import OrganisationRow


class InvoiceCounterRow(Base):
    """The last number of a series: taken in the transaction that issues, so that numbers have no gaps."""

    __tablename__ = "invoice_counters"

    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), primary_key=True)
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


class InvoiceRow(Base):
    """A bill.  `state`: a word of `broker.invoices.states.State`; `credit_of`: the invoice that this one takes back."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("org_id", "series", "number"),
        Index("ix_invoices_list", "org_id", "issued", "id"),
        CheckConstraint("state IN ('open', 'paid', 'cancelled', 'credit')", name="state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id), index=True)
    series: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    issued: Mapped[date] = mapped_column(Date)
    due: Mapped[date] = mapped_column(Date)
    policy_sha256: Mapped[str] = mapped_column(SHA256_HEX)
    currency: Mapped[str] = mapped_column(String(3))
    tax_name: Mapped[str] = mapped_column(String(40))
    tax_percent: Mapped[str] = mapped_column(String(20))
    net_minor: Mapped[int] = mapped_column(MINOR)
    tax_minor: Mapped[int] = mapped_column(MINOR)
    total_minor: Mapped[int] = mapped_column(MINOR)
    paid_minor: Mapped[int] = mapped_column(MINOR, default=0)
    state: Mapped[str] = mapped_column(String(10))
    credit_of: Mapped[str | None] = mapped_column(ID)
    fee_for: Mapped[str | None] = mapped_column(ID, index=True)
    """The invoice whose change is charged by this one (E17)."""
    buyer: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Name, tax_id, address, email; empty once erased."""
    unpaid: Mapped[bool] = mapped_column(default=False)
    """Cancelled by the calendar because it was unpaid at the end of its month (E10)."""
    excess: Mapped[str | None] = mapped_column(String(6))
    """What became of money beyond the total: `refund` or `credit` (E11)."""
    excess_minor: Mapped[int] = mapped_column(MINOR, default=0)
    excess_fee_minor: Mapped[int] = mapped_column(MINOR, default=0)
    issued_utc: Mapped[datetime] = mapped_column(Utc)
    closed_utc: Mapped[datetime | None] = mapped_column(Utc)
    reason: Mapped[str] = mapped_column(Text, default="")


class InvoiceLineRow(Base):
    """One line: a charge with its explanation, or a purchase.  `title`: `{"es": …, "en": …}`."""

    __tablename__ = "invoice_lines"

    invoice_id: Mapped[str] = mapped_column(ForeignKey(InvoiceRow.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    work_id: Mapped[str | None] = mapped_column(ID, index=True)
    revision: Mapped[int | None]
    contract_id: Mapped[str | None] = mapped_column(ID, index=True)
    """The contract whose plan or rent the line is for."""
    bought_seq: Mapped[int | None] = mapped_column(BigInteger)
    """The purchase of the contract's ledger that the line is for."""
    order_id: Mapped[str | None] = mapped_column(ID, index=True)
    """The prepaid order that the line is for (T1)."""
    title: Mapped[dict[str, str]] = mapped_column(Json)
    minutes: Mapped[int] = mapped_column(default=0)
    net_minor: Mapped[int] = mapped_column(MINOR)
    steps: Mapped[list[Any]] = mapped_column(Json, default=list)


class PaymentRow(Base):
    """Money that came in for an invoice; each has a receipt number (E10).  `reference`: the payer's, once only."""

    __tablename__ = "payments"
    __table_args__ = (UniqueConstraint("org_id", "reference"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ID)
    invoice_id: Mapped[str] = mapped_column(ForeignKey(InvoiceRow.id), index=True)
    receipt: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(MINOR)
    reference: Mapped[str | None] = mapped_column(String(200))
    from_credit: Mapped[bool] = mapped_column(default=False)
    """Taken from what the customer paid too much before (E11)."""
    utc: Mapped[datetime] = mapped_column(Utc)
    by_operator: Mapped[str | None] = mapped_column(ID)
