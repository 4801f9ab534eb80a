"""The queries of customers, their contacts and consents."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.billing_tables import ContactRow, ContractRow, CustomerConsentRow, CustomerRow

Status = Literal["active", "delinquent", "suspended"]

BATCH = 500
"""Rows read at a time when a list is streamed."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which customers are wanted; None is any.  Those whose data were erased are shown only when asked for."""

    org_id: str
    text: str | None = None
    """A part of a name, e-mail, tax id, licence key or contract number, in any case."""
    status: Status | None = None
    erased: bool = False


class CustomerRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, org_id: str, customer_id: str) -> CustomerRow | None:
        """A customer of this organisation."""
        row: CustomerRow | None = await self._db.scalar(
            select(CustomerRow).where(CustomerRow.org_id == org_id, CustomerRow.id == customer_id)
        )
        return row

    async def add(self, row: CustomerRow | ContactRow | CustomerConsentRow) -> None:
        """Keep something new."""
        self._db.add(row)
        await self._db.flush()

    async def contacts(self, customer_id: str) -> Sequence[ContactRow]:
        """By name."""
        wanted = select(ContactRow).where(ContactRow.customer_id == customer_id)
        return (await self._db.scalars(wanted.order_by(ContactRow.name, ContactRow.id))).all()

    async def remove_contact(self, customer_id: str, contact_id: str) -> bool:
        """Whether there was one."""
        which = delete(ContactRow).where(ContactRow.customer_id == customer_id, ContactRow.id == contact_id)
        return (await self._db.scalar(which.returning(ContactRow.id))) is not None

    async def consents(self, customer_id: str) -> Sequence[CustomerConsentRow]:
        """In the order in which they were written down."""
        wanted = select(CustomerConsentRow).where(CustomerConsentRow.customer_id == customer_id)
        return (await self._db.scalars(wanted.order_by(CustomerConsentRow.utc, CustomerConsentRow.id))).all()

    async def contracts(self, customer_id: str) -> Sequence[ContractRow]:
        """The newest first."""
        wanted = select(ContractRow).where(ContractRow.customer_id == customer_id)
        return (await self._db.scalars(wanted.order_by(ContractRow.start.desc(), ContractRow.id))).all()

    # Lists -----------------------------------------------------------------------------------------------------------

    async def page(self, which: Filter, limit: int, after: tuple[datetime, str] | None = None) -> list[CustomerRow]:
        """At most `limit`, newest first, those that come after a place."""
        wanted = _matching(which).order_by(CustomerRow.created_utc.desc(), CustomerRow.id.desc()).limit(limit)
        if after is not None:
            wanted = wanted.where(tuple_(CustomerRow.created_utc, CustomerRow.id) < after)
        return list(await self._db.scalars(wanted))

    async def every(self, which: Filter) -> AsyncIterator[CustomerRow]:
        """All that match, newest first; memory does not grow with their number."""
        after: tuple[datetime, str] | None = None
        while batch := await self.page(which, BATCH, after):
            for row in batch:
                yield row
            after = batch[-1].created_utc, batch[-1].id
            self._db.expunge_all()

    # Recognition -----------------------------------------------------------------------------------------------------

    async def by_contract_number(self, org_id: str, number: str) -> list[CustomerRow]:
        """Whose contract it is."""
        return await self._known(org_id, _has_contract(ContractRow.number == number))

    async def by_email(self, org_id: str, email: str) -> list[CustomerRow]:
        """Those with this case-folded address, their own or a contact's."""
        return await self._known(org_id, or_(CustomerRow.email == email, _has_contact(ContactRow.email == email)))

    async def by_licence_key(self, org_id: str, key: str) -> list[CustomerRow]:
        """Those with this key."""
        return await self._known(org_id, CustomerRow.licence_key == key)

    async def _known(self, org_id: str, so: ColumnElement[bool]) -> list[CustomerRow]:
        wanted = select(CustomerRow).where(CustomerRow.org_id == org_id, CustomerRow.erased_utc.is_(None), so)
        return list(await self._db.scalars(wanted.order_by(CustomerRow.id).limit(2)))


def _has_contract(so: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ContractRow.customer_id == CustomerRow.id, so)


def _has_contact(so: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ContactRow.customer_id == CustomerRow.id, so)


def _matching(which: Filter) -> Select[tuple[CustomerRow]]:
    wanted: Select[Any] = select(CustomerRow).where(CustomerRow.org_id == which.org_id)
    wanted = wanted.where(CustomerRow.erased_utc.is_not(None) if which.erased else CustomerRow.erased_utc.is_(None))
    if which.status is not None:
        wanted = wanted.where(CustomerRow.status == which.status)
    if which.text:
        own = (CustomerRow.name, CustomerRow.email, CustomerRow.tax_id, CustomerRow.licence_key)
        wanted = wanted.where(
            or_(
                *(column.icontains(which.text, autoescape=True) for column in own),
                _has_contract(ContractRow.number.icontains(which.text, autoescape=True)),
                _has_contact(ContactRow.name.icontains(which.text, autoescape=True)),
                _has_contact(ContactRow.email.icontains(which.text, autoescape=True)),
            )
        )
    return wanted
