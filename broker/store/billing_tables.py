"""The tables of customers, contracts and bills.

Facts from which bills are computed are events of the log; `work`, `ledger` and `contracts` repeat them for look-ups
and can be compared with it (`relevo bill verify`).  Money is whole minor units of the policy's currency: databases
then add it up exactly.  Personal data stand in `customers` and `contacts` alone, from which they can be erased (E15).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Json, Utc
from broker.store.tables import OrganisationRow

SHA256_HEX = String(64)
MINOR = BigInteger
"""Money in the currency's minor unit."""
SECOND = BigInteger
"""An instant in whole seconds since 1970, UTC."""


class PolicyRow(Base):
    """A version of an organisation's policy, as canonical JSON; never changed once written (I15)."""

    __tablename__ = "policies"

    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), primary_key=True)
    sha256: Mapped[str] = mapped_column(SHA256_HEX, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    adopted_utc: Mapped[datetime] = mapped_column(Utc)
    adopted_by: Mapped[str] = mapped_column(ID)
    in_force: Mapped[bool] = mapped_column(default=False)


class CustomerRow(Base):
    """Who is helped.  `status`: `active`, `delinquent` or `suspended`; erased ones keep only their id and bills."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_email", "org_id", "email"),
        Index("ix_customers_licence", "org_id", "licence_key"),
        CheckConstraint("status IN ('active', 'delinquent', 'suspended')", name="status"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    tax_id: Mapped[str] = mapped_column(String(40), default="")
    licence_key: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(400), default="")
    local: Mapped[bool] = mapped_column(default=True)
    lang: Mapped[str] = mapped_column(String(2), default="es")
    status: Mapped[str] = mapped_column(String(10), default="active")
    note: Mapped[str] = mapped_column(Text, default="")
    created_utc: Mapped[datetime] = mapped_column(Utc)
    erased_utc: Mapped[datetime | None] = mapped_column(Utc)


class ContactRow(Base):
    """A person at a customer, by whose address the customer is recognised too."""

    __tablename__ = "contacts"
    __table_args__ = (Index("ix_contacts_email", "org_id", "email"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")


class CustomerConsentRow(Base):
    """What a customer agreed to about their data, or took back, and who wrote it down (E15).  Never changed."""

    __tablename__ = "customer_consents"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    given: Mapped[bool]
    utc: Mapped[datetime] = mapped_column(Utc)
    by_operator: Mapped[str] = mapped_column(ID)


class ContractRow(Base):
    """A customer's plan.  `minutes`: bought at once, or per month for a monthly plan; None: no balance to count."""

    __tablename__ = "contracts"
    __table_args__ = (UniqueConstraint("org_id", "number"), Index("ix_contracts_customer", "customer_id", "start"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id))
    number: Mapped[str] = mapped_column(String(40))
    plan: Mapped[str] = mapped_column(String(40))
    start: Mapped[date] = mapped_column(Date)
    end: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int | None]
    policy_sha256: Mapped[str] = mapped_column(SHA256_HEX)
    excess_hourly: Mapped[str | None] = mapped_column(String(20))
    lapse_due: Mapped[date | None] = mapped_column(Date, index=True)
    """From this day on it is to be looked at what has lapsed; None: nothing more will."""
    renews: Mapped[bool] = mapped_column(default=False)
    """At its end another one like it follows by itself (E16)."""
    created_utc: Mapped[datetime] = mapped_column(Utc)


class LedgerRow(Base):
    """One change of a contract's balance, in minutes; append-only.  `at`: for a monthly plan it counts in its month."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_contract", "contract_id", "seq"),)

    org_id: Mapped[str] = mapped_column(ID, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The event that it repeats."""
    contract_id: Mapped[str] = mapped_column(ForeignKey(ContractRow.id), primary_key=True)
    utc: Mapped[datetime] = mapped_column(Utc)
    at: Mapped[int] = mapped_column(SECOND)
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(12))
    """A word of `BalanceChanged.reason`, `use`, or `returned` when a later revision stands in the place of a use."""
    work_id: Mapped[str | None] = mapped_column(ID)
    of_seq: Mapped[int | None] = mapped_column(BigInteger)
    """The purchase that a refund takes back (E9)."""


class WorkRow(Base):
    """The latest revision of a piece of work, and what rating made of it.

    `state`: `charged`, `held` (an administrator decides) or `dismissed`.  An event (missed appointment) has kind
    `no_show` or `late_cancel`, and its end is its start.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_list", "org_id", "start", "id"),
        Index("ix_work_customer", "customer_id", "start"),
        Index("ix_work_contract", "contract_id", "start"),
        Index("ix_work_session", "session_id"),
        Index("ix_work_ticket", "ticket_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    revision: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    """The event that recorded this revision."""
    customer_id: Mapped[str | None] = mapped_column(ForeignKey(CustomerRow.id))
    contract_id: Mapped[str | None] = mapped_column(ForeignKey(ContractRow.id))
    session_id: Mapped[str | None] = mapped_column(ID)
    ticket_id: Mapped[str | None] = mapped_column(ID)
    order_id: Mapped[str | None] = mapped_column(ID)
    operator_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(12))
    start: Mapped[int] = mapped_column(SECOND)
    end: Mapped[int] = mapped_column(SECOND)
    pauses: Mapped[list[list[int]]] = mapped_column(Json, default=list)
    urgent: Mapped[bool] = mapped_column(default=False)
    accepted: Mapped[bool] = mapped_column(default=False)
    warranty: Mapped[bool] = mapped_column(default=False)
    covered: Mapped[bool] = mapped_column(default=True)
    service: Mapped[str | None] = mapped_column(String(40))
    local: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10))
    held_clause: Mapped[str | None] = mapped_column(String(4))
    held_reason: Mapped[dict[str, str] | None] = mapped_column(Json)
    """Why, by language."""
    policy_sha256: Mapped[str | None] = mapped_column(SHA256_HEX)
    currency: Mapped[str | None] = mapped_column(String(3))
    basis: Mapped[str | None] = mapped_column(String(10))
    billable_seconds: Mapped[int] = mapped_column(default=0)
    counted_minutes: Mapped[str] = mapped_column(String(40), default="0")
    """Exact: an integer or a fraction `n/d`."""
    rounded_minutes: Mapped[int] = mapped_column(default=0)
    from_balance_minutes: Mapped[int] = mapped_column(default=0)
    charged_minutes: Mapped[int] = mapped_column(default=0)
    net_minor: Mapped[int] = mapped_column(MINOR, default=0)
    steps: Mapped[list[Any]] = mapped_column(Json, default=list)
    invoice_id: Mapped[str | None] = mapped_column(ID, index=True)


class WorkCursorRow(Base):
    """How far an organisation's log has been read for sessions that became work."""

    __tablename__ = "work_cursors"

    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
