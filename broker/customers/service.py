"""Customers: who they are, how they are recognised (I8, R6), what they agreed to, copy and erasure of their data (E15).

Counterparts: `repository` (queries), `holdings` (everything about one of them, in whatever table).  Their personal
data stand in tables alone: an event of the log names a customer by id.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.customers.errors import CustomerErased, SeveralCustomers
from broker.customers.holdings import Holdings
from broker.customers.repository import CustomerRepository, Filter, Status
from broker.errors import NotFound
from broker.ids import new_id
from broker.log.billing_events import CustomerDataErased, CustomerStatusSet
from broker.log.writer import EventLog, Writer
from broker.policies.schema import Policy
from broker.sessions.archive import erase_within
from broker.store.billing_tables import ContactRow, ContractRow, CustomerConsentRow, CustomerRow
from broker.store.engine import Store

LONGEST: Final = 254
"""Characters of a reference; nothing longer is anybody's."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer.  `local`: within the region of services that are for one region (T7)."""

    id: str
    org_id: str
    name: str
    email: str
    phone: str
    tax_id: str
    licence_key: str
    address: str
    local: bool
    lang: str
    status: Status
    note: str
    created_utc: datetime
    erased_utc: datetime | None

    @classmethod
    def of(cls, row: CustomerRow) -> "Customer":
        """A row, for keeps."""
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer with everything that is the customer's own."""

    customer: Customer
    contacts: tuple[ContactRow, ...]
    consents: tuple[CustomerConsentRow, ...]
    contracts: tuple[ContractRow, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Customers, newest first.  `next`: where the page after it begins, None for the last."""

    customers: tuple[Customer, ...]
    next: str | None


class CustomerService:
    """The customers of one organisation at a time."""

    def __init__(self, store: Store, clock: Clock, log: EventLog) -> None:
        self._store, self._clock, self._log = store, clock, log

    async def add(self, org_id: str, values: Mapping[str, Any]) -> Customer:
        """A new customer with the given fields, already validated (`CustomerBody`)."""
        async with self._store.transaction() as db:
            row = CustomerRow(id=new_id(), org_id=org_id, status="active", created_utc=self._clock.utc(), **values)
            await CustomerRepository(db).add(row)
            return Customer.of(row)

    async def change(self, org_id: str, customer_id: str, values: Mapping[str, Any]) -> Customer:
        """Correct the given fields, already validated.  Raises `NotFound`, `CustomerErased`."""
        async with self._store.transaction() as db:
            row = await present(db, org_id, customer_id)
            for name, value in values.items():
                setattr(row, name, value)
            await db.flush()
            return Customer.of(row)

    async def get(self, org_id: str, customer_id: str) -> Customer:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            return Customer.of(await existing(db, org_id, customer_id))

    async def profile(self, org_id: str, customer_id: str) -> Profile:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            customers = CustomerRepository(db)
            return Profile(
                Customer.of(await existing(db, org_id, customer_id)),
                tuple(await customers.contacts(customer_id)),
                tuple(await customers.consents(customer_id)),
                tuple(await customers.contracts(customer_id)),
            )

    async def page(self, which: Filter, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` customers.  Raises `Malformed` for a cursor that no page gave."""
        async with self._store.reading() as db:
            rows = await CustomerRepository(db).page(which, limit + 1, place(cursor) if cursor else None)
        shown = tuple(map(Customer.of, rows[:limit]))
        return Page(shown, cursor_of(shown[-1].created_utc, shown[-1].id) if len(rows) > limit else None)

    async def every(self, which: Filter) -> AsyncGenerator[Customer]:
        """All that match, read as they are wanted."""
        async with self._store.reading() as db:
            async for row in CustomerRepository(db).every(which):
                yield Customer.of(row)

    async def add_contact(self, org_id: str, customer_id: str, name: str, email: str, phone: str) -> ContactRow:
        """Another person at the customer.  Raises `NotFound`, `CustomerErased`."""
        async with self._store.transaction() as db:
            await present(db, org_id, customer_id)
            row = ContactRow(id=new_id(), org_id=org_id, customer_id=customer_id, name=name, email=email, phone=phone)
            await CustomerRepository(db).add(row)
            return row

    async def remove_contact(self, org_id: str, customer_id: str, contact_id: str) -> None:
        """Raises `NotFound`."""
        async with self._store.transaction() as db:
            await existing(db, org_id, customer_id)
            if not await CustomerRepository(db).remove_contact(customer_id, contact_id):
                raise NotFound
        await self._store.forget_erased()

    async def add_consent(
        self, org_id: str, customer_id: str, purpose: str, given: bool, by_operator: str
    ) -> CustomerConsentRow:
        """Write down what the customer agreed to, or took back; the last word about a purpose holds (E15)."""
        async with self._store.transaction() as db:
            await present(db, org_id, customer_id)
            row = CustomerConsentRow(
                id=new_id(), customer_id=customer_id, purpose=purpose, given=given, utc=self._clock.utc(),
                by_operator=by_operator,
            )  # fmt: skip
            await CustomerRepository(db).add(row)
            return row

    async def set_status(self, org_id: str, customer_id: str, status: Status, by_operator: str) -> Customer:
        """Raises `NotFound`."""
        async with self._log.writing() as writer:
            return await set_status_within(writer, org_id, customer_id, status, by_operator)

    async def recognise(self, org_id: str, reference: str, policy: Policy) -> Customer | None:
        """Whose reference it is, by the ways that the policy names; None: nobody's (I8, R6).

        Raises `SeveralCustomers` when it is more than one customer's.
        """
        async with self._store.reading() as db:
            return await recognise_within(db, org_id, reference, policy)

    async def copy(self, org_id: str, customer_id: str) -> dict[str, list[dict[str, Any]]]:
        """Everything that is held about a customer: table → rows (E15).  Raises `NotFound`."""
        async with self._store.reading() as db:
            await existing(db, org_id, customer_id)
            return await Holdings(db, org_id, customer_id).everything()

    async def erase(self, org_id: str, customer_id: str, by_operator: str) -> None:
        """Erase a customer's personal data for good (E15): bills and work keep ids alone.  Again, nothing changes.

        Raises `NotFound`, and `Conflict` while a session of theirs lasts.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            row = await existing(writer.db, org_id, customer_id)
            if row.erased_utc is None:
                holdings = Holdings(writer.db, org_id, customer_id)
                sessions = await holdings.sessions()
                for session_id in sessions:
                    await erase_within(writer, org_id, session_id, by_operator)
                event = CustomerDataErased(customer_id=customer_id, by_operator=by_operator)
                appended = await writer.append(org_id, event)
                await holdings.erase(sessions, appended.recorded.moment.utc)
        await self._store.forget_erased()


async def existing(db: AsyncSession, org_id: str, customer_id: str) -> CustomerRow:
    """A customer of this organisation.  Raises `NotFound`."""
    row = await CustomerRepository(db).find(org_id, customer_id)
    if row is None:
        raise NotFound
    return row


async def present(db: AsyncSession, org_id: str, customer_id: str) -> CustomerRow:
    """One to whom something new may be written.  Raises `NotFound`, `CustomerErased`."""
    row = await existing(db, org_id, customer_id)
    if row.erased_utc is not None:
        raise CustomerErased
    return row


async def set_status_within(
    writer: Writer, org_id: str, customer_id: str, status: Status, by_operator: str | None
) -> Customer:
    """In a transaction of the caller's.  `by_operator` None: a rule of the policy did it.  Raises `NotFound`."""
    await writer.lock(org_id)
    row = await existing(writer.db, org_id, customer_id)
    if row.status != status:
        await writer.append(org_id, CustomerStatusSet(customer_id=customer_id, status=status, by_operator=by_operator))
        row.status = status
        await writer.db.flush()
    return Customer.of(row)


async def recognise_within(db: AsyncSession, org_id: str, reference: str, policy: Policy) -> Customer | None:
    """`CustomerService.recognise` in a transaction of the caller's."""
    said = reference.strip()
    if not said or len(said) > LONGEST:
        return None
    customers = CustomerRepository(db)
    found: dict[str, CustomerRow] = {}
    for way in policy.recognised_by:
        match way:
            case "contract_number":
                rows = await customers.by_contract_number(org_id, said)
            case "email":
                rows = await customers.by_email(org_id, said.casefold())
            case "licence_key":
                rows = await customers.by_licence_key(org_id, said)
        found |= {row.id: row for row in rows}
    if len(found) > 1:
        raise SeveralCustomers
    return next((Customer.of(row) for row in found.values()), None)
