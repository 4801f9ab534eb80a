"""The endpoints of appointments: for technicians, and for customers with the secret of their invitation.

The secret travels in the header `Relevo-Token`, and in the link behind the `#`: in no address that a proxy sees (R7).
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from broker.appointments import schemas
from broker.appointments.repository import Filter
from broker.appointments.service import AppointmentService, Invited, NewAppointment
from broker.appointments.states import State
from broker.export import EXPORTED, Format, as_file
from broker.operators.throttle import LINKS
from broker.permissions import Permission, Principal, allow, open_to
from broker.schemas import Identifier, Token
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit, Since, Until
from broker.store.desk_tables import AppointmentRow

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]
Secret = Annotated[Token, Header(alias="Relevo-Token")]
HOLDER = open_to("the secret of the invitation")
COLUMNS: Final = tuple(schemas.AppointmentItem.model_fields)


def _filter(
    reader: Reader,
    since: Annotated[Since | None, Query(alias="from")] = None,
    until: Annotated[Until | None, Query(alias="to")] = None,
    state: State | None = None,
    customer: Identifier | None = None,
    operator: Identifier | None = None,
    ticket: Identifier | None = None,
    first: Literal["latest", "earliest"] = "latest",
) -> Filter:
    begins, ends = (None if one is None else int(one.timestamp()) for one in (since, until))
    return Filter(reader.org_id, begins, ends, state, customer, operator, ticket, first == "earliest")


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/appointments")
async def appointments(
    which: Wanted, reader: Reader, services: Needs, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.AppointmentList:
    """The latest start first, or the earliest."""
    page = await services.appointments.page(which, limit, cursor)
    items = [await _item(services.appointments, row) for row in page.rows]
    return schemas.AppointmentList(items=tuple(items), next=page.next)


@router.get("/appointments/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, reader: Reader, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every appointment that the filter lets through, as a file."""
    return as_file("appointments", format, COLUMNS, _items(services.appointments, which))


@router.post("/appointments", status_code=201)
async def make(body: schemas.AppointmentBody, writer: Writer, services: Needs) -> schemas.AppointmentMade:
    """Agree on a start within support hours (I10), and get the link for the customer."""
    made = await services.appointments.make(writer.org_id, NewAppointment(**dict(body)), writer.operator_id)
    url = f"{services.settings.public_origin}/appointment#{made.token}"
    return schemas.AppointmentMade(**dict(await _item(services.appointments, made.row)), invite_url=url)


@router.get("/appointments/{appointment_id}")
async def appointment(appointment_id: Identifier, reader: Reader, services: Needs) -> schemas.AppointmentItem:
    """One appointment."""
    return await _item(services.appointments, await services.appointments.get(reader.org_id, appointment_id))


@router.post("/appointments/{appointment_id}/cancel")
async def cancel(
    appointment_id: Identifier, body: schemas.CancelBody, writer: Writer, services: Needs
) -> schemas.AppointmentItem:
    """By the customer it may be late (I11); by the provider it costs nothing."""
    row = await services.appointments.cancel(writer.org_id, appointment_id, body.by, writer.operator_id)
    return await _item(services.appointments, row)


@router.post("/appointments/{appointment_id}/kept")
async def kept(
    appointment_id: Identifier, body: schemas.KeptBody, writer: Writer, services: Needs
) -> schemas.AppointmentItem:
    """The customer is there: the wait is over (I12)."""
    row = await services.appointments.keep(writer.org_id, appointment_id, body.session_id)
    return await _item(services.appointments, row)


@router.post("/appointments/{appointment_id}/failed")
async def failed(
    appointment_id: Identifier, body: schemas.FailedBody, writer: Writer, services: Needs
) -> schemas.AppointmentItem:
    """There was no connection; through the customer's set-up it is a no-show (I13)."""
    row = await services.appointments.fail(writer.org_id, appointment_id, body.through, writer.operator_id)
    return await _item(services.appointments, row)


@router.get("/public/appointment", dependencies=[HOLDER])
async def invited(services: Needs, token: Secret) -> schemas.Invitation:
    """Date and time, and until when it can be cancelled for nothing."""
    return await _invitation(services, await services.appointments.invited(token))


@router.post("/public/appointment/cancel", dependencies=[HOLDER])
async def cancel_own(request: Request, services: Needs, token: Secret) -> schemas.Invitation:
    """The customer cancels (I11)."""
    await services.throttle.hit(LINKS, "appointment", request.client.host if request.client else "unknown")
    return await _invitation(services, await services.appointments.cancel_own(token))


async def _invitation(services: Services, found: Invited) -> schemas.Invitation:
    organisation = await services.organisations.get(found.row.org_id)
    return schemas.invitation(found, organisation.name)


async def _items(service: AppointmentService, which: Filter) -> AsyncIterator[schemas.AppointmentItem]:
    async with aclosing(service.every(which)) as rows:
        async for row in rows:
            yield await _item(service, row)


async def _item(service: AppointmentService, row: AppointmentRow) -> schemas.AppointmentItem:
    return schemas.appointment_item(row, await service.waits_until(row))
