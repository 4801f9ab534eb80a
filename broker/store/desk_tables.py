"""The tables of the support desk: tickets, appointments, prepaid orders, and what customers said of the help."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Utc
from broker.store.billing_tables import MINOR, SECOND, CustomerRow
from broker.store.tables import OrganisationRow


class TicketRow(Base):
    """A numbered request (E5), with what it says of who asks (I8), whether or not that turned out to be so.

    `answered_utc`: the provider's first answer; `last_…`: whose turn it is (I14).  A customer who asked on the public
    form comes back with a secret; here is its hash.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        UniqueConstraint("token_sha256"),
        Index("ix_tickets_queue", "org_id", "state", "opened_utc"),
        CheckConstraint("state IN ('waiting', 'taken', 'answered', 'closed', 'refused')", name="state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    number: Mapped[int]
    customer_id: Mapped[str | None] = mapped_column(ForeignKey(CustomerRow.id), index=True)
    contract_id: Mapped[str | None] = mapped_column(ID)
    order_id: Mapped[str | None] = mapped_column(ID)
    session_id: Mapped[str | None] = mapped_column(ID)
    channel: Mapped[str] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(40), default="")
    priority: Mapped[str] = mapped_column(String(6), default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    accepted: Mapped[bool] = mapped_column(default=False)
    """The customer accepted the tariff beforehand (I7)."""
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
    tax_id: Mapped[str] = mapped_column(String(40), default="")
    contract_number: Mapped[str] = mapped_column(String(40), default="")
    token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(10))
    state_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused or closed by itself, in both languages with the clause behind it, as JSON."""
    operator_id: Mapped[str | None] = mapped_column(ID)
    opened_utc: Mapped[datetime] = mapped_column(Utc)
    target_utc: Mapped[datetime | None] = mapped_column(Utc)
    answered_utc: Mapped[datetime | None] = mapped_column(Utc)
    last_provider_utc: Mapped[datetime | None] = mapped_column(Utc)
    last_customer_utc: Mapped[datetime | None] = mapped_column(Utc)
    closed_utc: Mapped[datetime | None] = mapped_column(Utc)


class TicketMessageRow(Base):
    """What was said on a ticket, by the customer or by an operator."""

    __tablename__ = "ticket_messages"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey(TicketRow.id), index=True)
    operator_id: Mapped[str | None] = mapped_column(ID)
    text: Mapped[str] = mapped_column(Text)
    utc: Mapped[datetime] = mapped_column(Utc)


class AttachmentRow(Base):
    """A screenshot on a ticket (I16); an image that was verified."""

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey(TicketRow.id), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(20))
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    utc: Mapped[datetime] = mapped_column(Utc)


class AppointmentRow(Base):
    """An agreed start (I10).  The invitation's secret is known to its receiver alone; here is its hash (R7)."""

    __tablename__ = "appointments"
    __table_args__ = (
        UniqueConstraint("invite_sha256"),
        Index("ix_appointments_due", "org_id", "state", "at"),
        CheckConstraint("state IN ('agreed', 'kept', 'cancelled', 'late_cancel', 'no_show', 'failed')", name="state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id), index=True)
    contract_id: Mapped[str | None] = mapped_column(ID)
    ticket_id: Mapped[str | None] = mapped_column(ID)
    operator_id: Mapped[str | None] = mapped_column(ID)
    at: Mapped[int] = mapped_column(SECOND)
    minutes: Mapped[int] = mapped_column(default=60)
    state: Mapped[str] = mapped_column(String(12))
    invite_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    session_id: Mapped[str | None] = mapped_column(ID)
    work_id: Mapped[str | None] = mapped_column(ID)
    made_utc: Mapped[datetime] = mapped_column(Utc)
    settled_utc: Mapped[datetime | None] = mapped_column(Utc)


class OrderRow(Base):
    """A prepaid one-off service (T1).  `state`: a word of `broker.orders.states.State`.

    `total_minor` is what the customer pays: the net price and its tax.  The order's page is opened by a secret that
    its customer alone knows; here is its hash.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        UniqueConstraint("token_sha256"),
        CheckConstraint("state IN ('unpaid', 'paid', 'delivered', 'done', 'cancelled')", name="state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    number: Mapped[int]
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id), index=True)
    service: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    net_minor: Mapped[int] = mapped_column(MINOR)
    total_minor: Mapped[int] = mapped_column(MINOR)
    paid_minor: Mapped[int] = mapped_column(MINOR, default=0)
    policy_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    ordered_utc: Mapped[datetime] = mapped_column(Utc)
    paid_utc: Mapped[datetime | None] = mapped_column(Utc)
    agreed_at: Mapped[int | None] = mapped_column(SECOND)
    """When the work was agreed for, if not at once (T3)."""
    delivered_utc: Mapped[datetime | None] = mapped_column(Utc)
    closes: Mapped[date | None] = mapped_column(Date, index=True)
    """The last day on which a fault may be reported; without one the order is then done (E18)."""
    ended_utc: Mapped[datetime | None] = mapped_column(Utc)


class OrderPaymentRow(Base):
    """Money that came in for an order, in parts if need be (E10).  `reference`: the payer's, counted once."""

    __tablename__ = "order_payments"
    __table_args__ = (UniqueConstraint("org_id", "reference"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ID)
    order_id: Mapped[str] = mapped_column(ForeignKey(OrderRow.id), index=True)
    amount_minor: Mapped[int] = mapped_column(MINOR)
    reference: Mapped[str | None] = mapped_column(String(200))
    utc: Mapped[datetime] = mapped_column(Utc)
    by_operator: Mapped[str | None] = mapped_column(ID)
    """Who confirmed it; None: a webhook."""


class WebhookSecretRow(Base):
    """With what an organisation's payment webhooks are signed; sealed, because the database must give it back."""

    __tablename__ = "webhook_secrets"

    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_utc: Mapped[datetime] = mapped_column(Utc)
    made_by: Mapped[str] = mapped_column(ID)


class WebhookRow(Base):
    """A webhook that was taken: delivered again, it changes nothing."""

    __tablename__ = "webhooks"

    org_id: Mapped[str] = mapped_column(ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    utc: Mapped[datetime] = mapped_column(Utc)


class ChecklistTickRow(Base):
    """A ticked item of a service's checklist, in a session (T5)."""

    __tablename__ = "checklist_ticks"

    session_id: Mapped[str] = mapped_column(ID, primary_key=True)
    item: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[str] = mapped_column(ID)
    operator_id: Mapped[str] = mapped_column(ID)
    utc: Mapped[datetime] = mapped_column(Utc)


class OpinionRow(Base):
    """What a customer said of a session's help: 1 to 5 and a comment.  Once, with the secret of the receipt."""

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("token_sha256"),)

    session_id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ID, index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    stars: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    utc: Mapped[datetime | None] = mapped_column(Utc)


class NumberRow(Base):
    """The last number of a kind of record of an organisation: tickets, orders, contracts."""

    __tablename__ = "numbers"

    org_id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
