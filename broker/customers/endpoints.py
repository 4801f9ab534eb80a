"""The endpoints of customers: for technicians; status, copy and erasure for administrators."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from broker.customers import schemas
from broker.customers.repository import Filter, Status
from broker.customers.service import LONGEST, Customer, CustomerService
from broker.errors import NotFound
from broker.export import EXPORTED, Format, as_file
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit
from broker.store.billing_tables import ContactRow, CustomerConsentRow

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]
Copier = Annotated[Principal, allow(Permission.BILLING_READ)]
Eraser = Annotated[Principal, allow(Permission.SESSIONS_ERASE)]


def _filter(reader: Reader, text: schemas.Text = "", status: Status | None = None, erased: bool = False) -> Filter:
    return Filter(reader.org_id, text or None, status, erased)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/customers")
async def customers(
    which: Wanted, services: Needs, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.CustomerList:
    """Newest first; `text` looks in names, e-mails, tax ids, licence keys and contract numbers."""
    page = await services.customers.page(which, limit, cursor)
    return schemas.CustomerList(items=tuple(map(_item, page.customers)), next=page.next)


@router.get("/customers/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every customer that the filter lets through, as a file."""
    return as_file("customers", format, tuple(schemas.CustomerItem.model_fields), _items(services.customers, which))


@router.get("/customers/recognise")
async def recognise(
    reference: Annotated[str, Query(min_length=1, max_length=LONGEST)], reader: Reader, services: Needs
) -> schemas.CustomerItem:
    """Whose contract number, e-mail or licence key it is, by the ways that the policy names (I8, R6)."""
    policy = await services.policies.in_force(reader.org_id)
    found = await services.customers.recognise(reader.org_id, reference, policy) if policy is not None else None
    if found is None:
        raise NotFound
    return _item(found)


@router.post("/customers", status_code=201)
async def add(body: schemas.CustomerBody, writer: Writer, services: Needs) -> schemas.CustomerItem:
    """A new customer."""
    return _item(await services.customers.add(writer.org_id, body.model_dump()))


@router.get("/customers/{customer_id}")
async def customer(customer_id: Identifier, reader: Reader, services: Needs) -> schemas.CustomerDetail:
    """One customer with contacts, consents and contracts."""
    found = await services.customers.profile(reader.org_id, customer_id)
    return schemas.CustomerDetail(
        **asdict(found.customer),
        contacts=tuple(map(_contact, found.contacts)),
        consents=tuple(map(_consent, found.consents)),
        contracts=tuple(
            schemas.ContractReply(id=one.id, number=one.number, plan=one.plan, start=one.start, end=one.end)
            for one in found.contracts
        ),
    )


@router.patch("/customers/{customer_id}")
async def change(
    customer_id: Identifier, body: schemas.CustomerPatch, writer: Writer, services: Needs
) -> schemas.CustomerItem:
    """Correct what is given; whatever is absent stays (E15)."""
    return _item(await services.customers.change(writer.org_id, customer_id, body.model_dump(exclude_unset=True)))


@router.put("/customers/{customer_id}/status")
async def set_status(
    customer_id: Identifier, body: schemas.StatusBody, admin: Admin, services: Needs
) -> schemas.CustomerItem:
    """Active, delinquent or suspended (E10, E16)."""
    return _item(await services.customers.set_status(admin.org_id, customer_id, body.status, admin.operator_id))


@router.post("/customers/{customer_id}/contacts", status_code=201)
async def add_contact(
    customer_id: Identifier, body: schemas.ContactBody, writer: Writer, services: Needs
) -> schemas.ContactReply:
    """A person at the customer, by whose address the customer is recognised too."""
    return _contact(await services.customers.add_contact(writer.org_id, customer_id, **body.model_dump()))


@router.delete("/customers/{customer_id}/contacts/{contact_id}", status_code=204)
async def remove_contact(customer_id: Identifier, contact_id: Identifier, writer: Writer, services: Needs) -> None:
    """No contact any more."""
    await services.customers.remove_contact(writer.org_id, customer_id, contact_id)


@router.post("/customers/{customer_id}/consents", status_code=201)
async def add_consent(
    customer_id: Identifier, body: schemas.ConsentBody, writer: Writer, services: Needs
) -> schemas.ConsentReply:
    """What the customer agreed to or took back; nothing that was written down is ever changed (E15)."""
    given = await services.customers.add_consent(
        writer.org_id, customer_id, body.purpose, body.given, writer.operator_id
    )
    return _consent(given)


@router.get("/customers/{customer_id}/data")
async def copy(customer_id: Identifier, copier: Copier, services: Needs, response: Response) -> schemas.CustomerCopy:
    """Everything that is held about the customer, as one file (E15)."""
    held = await services.customers.copy(copier.org_id, customer_id)
    response.headers["Content-Disposition"] = f'attachment; filename="customer-{customer_id}.json"'
    return schemas.CustomerCopy(exported_utc=services.clock.utc(), held=held)


@router.post("/customers/{customer_id}/erase", status_code=204)
async def erase(customer_id: Identifier, eraser: Eraser, services: Needs) -> None:
    """The customer's personal data, for good; bills and work keep ids (E15)."""
    await services.customers.erase(eraser.org_id, customer_id, eraser.operator_id)


async def _items(customers: CustomerService, which: Filter) -> AsyncIterator[schemas.CustomerItem]:
    async with aclosing(customers.every(which)) as found:
        async for one in found:
            yield _item(one)


def _item(one: Customer) -> schemas.CustomerItem:
    values = asdict(one)
    del values["org_id"]
    return schemas.CustomerItem(**values)


def _contact(row: ContactRow) -> schemas.ContactReply:
    return schemas.ContactReply(id=row.id, name=row.name, email=row.email, phone=row.phone)


def _consent(row: CustomerConsentRow) -> schemas.ConsentReply:
    return schemas.ConsentReply(
        id=row.id, purpose=row.purpose, given=row.given, utc=row.utc, by_operator=row.by_operator
    )
