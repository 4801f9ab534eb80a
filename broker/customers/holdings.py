"""Everything that is held about one customer, in whatever table: read for a copy, and erased (E15).

A feature that stores personal data of customers adds its table here.  What remains after an erasure are ids, times,
minutes and amounts.  Counterpart: `CustomerService.copy` and `CustomerService.erase`.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from broker.clock import rfc3339
from broker.log.events import CUSTOMER_FIELDS, Requested, kind_name
from broker.store.base import Base
from broker.store.billing_tables import (
    ContactRow,
    ContractRow,
    CustomerConsentRow,
    CustomerRow,
    LedgerRow,
    WorkRow,
)
from broker.store.desk_tables import (
    AppointmentRow,
    AttachmentRow,
    OpinionRow,
    OrderPaymentRow,
    OrderRow,
    TicketMessageRow,
    TicketRow,
)
from broker.store.invoice_tables import InvoiceLineRow, InvoiceRow, PaymentRow
from broker.store.log_tables import LogEventRow, LogPersonalRow
from broker.store.mail_tables import MailRow

NOT_GIVEN: Final = frozenset({"org_id", "token_sha256", "invite_sha256", "salt", "sealed"})
"""Columns that say nothing about the customer."""


class Holdings:
    """One customer's, within one transaction."""

    def __init__(self, db: AsyncSession, org_id: str, customer_id: str) -> None:
        self._db, self._org_id, self._customer_id = db, org_id, customer_id

    async def sessions(self) -> list[str]:
        """The sessions that were asked for as this customer's, became work, or belong to a ticket or an appointment."""
        linked = union(
            *(
                select(table.session_id).where(table.customer_id == self._customer_id, table.session_id.is_not(None))
                for table in (WorkRow, TicketRow, AppointmentRow)
            )
        )
        return sorted({*await self._db.scalars(linked), *await self._asked_for()})

    async def _asked_for(self) -> list[str]:
        # The log keeps its events as bytes, so they are read through: nobody is erased often.
        asked = select(LogEventRow.session_id, LogEventRow.stored).where(
            LogEventRow.org_id == self._org_id, LogEventRow.kind == kind_name(Requested)
        )
        name = self._customer_id.encode()
        rows = await self._db.stream(asked)
        return [session_id async for session_id, stored in rows if session_id is not None and name in stored]

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Table → rows, in plain values; images as base64."""
        sessions, own = await self.sessions(), self._customer_id
        contracts = select(ContractRow.id).where(ContractRow.customer_id == own)
        invoices = select(InvoiceRow.id).where(InvoiceRow.customer_id == own)
        orders = select(OrderRow.id).where(OrderRow.customer_id == own)
        personal = LogPersonalRow.session_id.in_(sessions) & LogPersonalRow.field.in_(CUSTOMER_FIELDS)
        wanted: dict[str, tuple[type[Base], ColumnElement[bool]]] = {
            "customer": (CustomerRow, CustomerRow.id == own),
            "contacts": (ContactRow, ContactRow.customer_id == own),
            "consents": (CustomerConsentRow, CustomerConsentRow.customer_id == own),
            "contracts": (ContractRow, ContractRow.customer_id == own),
            "ledger": (LedgerRow, LedgerRow.contract_id.in_(contracts)),
            "tickets": (TicketRow, TicketRow.customer_id == own),
            "messages": (TicketMessageRow, TicketMessageRow.ticket_id.in_(self._tickets())),
            "attachments": (AttachmentRow, AttachmentRow.ticket_id.in_(self._tickets())),
            "appointments": (AppointmentRow, AppointmentRow.customer_id == own),
            "orders": (OrderRow, OrderRow.customer_id == own),
            "order_payments": (OrderPaymentRow, OrderPaymentRow.order_id.in_(orders)),
            "work": (WorkRow, WorkRow.customer_id == own),
            "invoices": (InvoiceRow, InvoiceRow.customer_id == own),
            "invoice_lines": (InvoiceLineRow, InvoiceLineRow.invoice_id.in_(invoices)),
            "payments": (PaymentRow, PaymentRow.invoice_id.in_(invoices)),
            "sessions": (LogPersonalRow, personal),
            "mail": (MailRow, MailRow.customer_id == own),
            "opinions": (OpinionRow, OpinionRow.session_id.in_(sessions)),
        }
        return {name: _plain(await self._rows(table, which)) for name, (table, which) in wanted.items()}

    async def erase(self, sessions: Iterable[str], now: datetime) -> None:
        """Empty or delete what is personal.  What the log holds of the sessions is erased by the sessions' own rule."""
        own, tickets = self._customer_id, self._tickets()
        await self._db.execute(delete(AttachmentRow).where(AttachmentRow.ticket_id.in_(tickets)))
        await self._db.execute(delete(TicketMessageRow).where(TicketMessageRow.ticket_id.in_(tickets)))
        await self._empty(
            TicketRow, TicketRow.customer_id == own, "subject", "text", "contact", "phone", "email", "company",
            "tax_id", "contract_number", "state_reason",
        )  # fmt: skip
        await self._empty(WorkRow, WorkRow.customer_id == own, "note")
        await self._empty(OpinionRow, OpinionRow.session_id.in_(list(sessions)), "comment")
        letters = update(MailRow).where(MailRow.customer_id == own)
        await self._db.execute(letters.values(sealed=None))
        unsent = letters.where(MailRow.state == "waiting")
        await self._db.execute(unsent.values(state="dropped", error="no_address"))
        await self._db.execute(update(InvoiceRow).where(InvoiceRow.customer_id == own).values(buyer={}))
        await self._db.execute(delete(ContactRow).where(ContactRow.customer_id == own))
        await self._empty(
            CustomerRow, CustomerRow.id == own, "name", "email", "phone", "tax_id", "licence_key", "address", "note"
        )
        await self._db.execute(update(CustomerRow).where(CustomerRow.id == own).values(erased_utc=now))

    async def _rows(self, table: type[Base], which: ColumnElement[bool]) -> Sequence[Base]:
        return (await self._db.scalars(select(table).where(which).options(undefer("*")))).all()

    async def _empty(self, table: type[Base], which: ColumnElement[bool], *columns: str) -> None:
        await self._db.execute(update(table).where(which).values(dict.fromkeys(columns, "")))

    def _tickets(self) -> Any:
        return select(TicketRow.id).where(TicketRow.customer_id == self._customer_id)


def _plain(rows: Iterable[Base]) -> list[dict[str, Any]]:
    return [
        {name: _value(getattr(row, name)) for name in row.__table__.columns.keys() if name not in NOT_GIVEN}  # noqa: SIM118
        for row in rows
    ]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
