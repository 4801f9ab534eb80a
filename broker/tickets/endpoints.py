"""The endpoints of tickets for technicians.  Counterpart: `public.py`, for customers."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from broker.errors import Unacceptable
from broker.export import EXPORTED, Format, as_file
from broker.images import MEDIA_TYPES, SHOWN_ALONE
from broker.permissions import Permission, Principal, allow
from broker.policies.schema import Channel
from broker.schemas import Identifier, Line0
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit, Since, Text, Until
from broker.tickets import schemas, terms
from broker.tickets.attachments import MAX_BYTES
from broker.tickets.repository import Filter, FirstAnswer
from broker.tickets.service import TicketService
from broker.tickets.states import State

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]
Name = Annotated[Line0, Query(max_length=200)]

COLUMNS: Final = tuple(name for name in schemas.TicketItem.model_fields if name != "reason")
SCREENSHOT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
    }
}


def _filter(
    reader: Reader,
    services: Needs,
    since: Annotated[Since | None, Query(alias="from")] = None,
    until: Annotated[Until | None, Query(alias="to")] = None,
    state: State | None = None,
    customer: Identifier | None = None,
    operator: Identifier | None = None,
    channel: Channel | None = None,
    category: schemas.Word | None = None,
    priority: schemas.Priority | None = None,
    target: FirstAnswer | None = None,
    text: Text = "",
) -> Filter:
    answer = target and (target, services.clock.utc())
    return Filter(
        reader.org_id, since, until, state, customer, operator, channel, category, priority, answer, text or None
    )


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/tickets")
async def tickets(
    which: Wanted, reader: Reader, services: Needs, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.TicketList:
    """Newest first."""
    page = await services.tickets.page(which, limit, cursor)
    return schemas.TicketList(items=tuple(schemas.ticket_item(row, reader.lang) for row in page.rows), next=page.next)


@router.get("/tickets/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, reader: Reader, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every ticket that the filter lets through, as a file."""
    return as_file("tickets", format, COLUMNS, _items(services.tickets, which, reader.lang))


@router.get("/tickets/excluded-work")
async def excluded_work(reader: Reader, services: Needs) -> schemas.ExcludedWork:
    """What may be refused as excluded work; its place in the list is what a refusal names (I17)."""
    policy = await services.policies.in_force(reader.org_id)
    work = policy.tickets.excluded_work if policy else ()
    return schemas.ExcludedWork(items=tuple(one.es if reader.lang == "es" else one.en for one in work))


@router.post("/tickets", status_code=201)
async def open_ticket(body: schemas.TicketBody, writer: Writer, services: Needs) -> schemas.TicketDetail:
    """A request that came in; one that the terms refuse is kept as refused, with clause and reason (I8)."""
    said = body.model_dump(exclude={"customer_id"})
    opened = await services.tickets.open(writer.org_id, terms.Request(**said), body.customer_id)
    whole = await services.tickets.get(writer.org_id, opened.row.id)
    return schemas.ticket_detail(whole, writer.lang)


@router.get("/tickets/{ticket_id}")
async def ticket(ticket_id: Identifier, reader: Reader, services: Needs) -> schemas.TicketDetail:
    """One ticket with all that was said."""
    return schemas.ticket_detail(await services.tickets.get(reader.org_id, ticket_id), reader.lang)


@router.patch("/tickets/{ticket_id}")
async def classify(
    ticket_id: Identifier, body: schemas.TicketPatch, writer: Writer, services: Needs
) -> schemas.TicketDetail:
    """Priority, category, urgency, whose it is; the target follows."""
    whole = await services.tickets.classify(writer.org_id, ticket_id, **body.model_dump())
    return schemas.ticket_detail(whole, writer.lang)


@router.post("/tickets/{ticket_id}/take")
async def take(ticket_id: Identifier, writer: Writer, services: Needs) -> schemas.TicketDetail:
    """This one, out of turn.  A colleague who was first keeps it (409)."""
    whole = await services.tickets.take(writer.org_id, ticket_id, writer.operator_id)
    return schemas.ticket_detail(whole, writer.lang)


@router.post("/tickets/{ticket_id}/release")
async def release(ticket_id: Identifier, writer: Writer, services: Needs) -> schemas.TicketDetail:
    """Back into the queue."""
    return schemas.ticket_detail(await services.tickets.release(writer.org_id, ticket_id), writer.lang)


@router.post("/tickets/{ticket_id}/messages", status_code=201)
async def say(
    ticket_id: Identifier, body: schemas.MessageBody, writer: Writer, services: Needs
) -> schemas.TicketDetail:
    """An answer, or what the customer said by telephone or mail."""
    if body.from_customer:
        whole = await services.tickets.hear(writer.org_id, ticket_id, body.text)
    else:
        whole = await services.tickets.answer(writer.org_id, ticket_id, writer.operator_id, body.text)
    return schemas.ticket_detail(whole, writer.lang)


@router.post("/tickets/{ticket_id}/close")
async def close(ticket_id: Identifier, writer: Writer, services: Needs) -> schemas.TicketDetail:
    """Solved, as the customer says or the provider judges (I14)."""
    return schemas.ticket_detail(await services.tickets.close(writer.org_id, ticket_id), writer.lang)


@router.post("/tickets/{ticket_id}/refuse")
async def refuse(
    ticket_id: Identifier, body: schemas.RefuseBody, writer: Writer, services: Needs
) -> schemas.TicketDetail:
    """Excluded work (I17), or another reason; one of them."""
    given = [one for one in (body.excluded, body.reason) if one is not None]
    if len(given) != 1:
        raise Unacceptable
    return schemas.ticket_detail(await services.tickets.refuse(writer.org_id, ticket_id, given[0]), writer.lang)


@router.post("/tickets/{ticket_id}/attachments", status_code=201, max_body_size=MAX_BYTES, openapi_extra=SCREENSHOT)
async def attach(
    ticket_id: Identifier, request: Request, writer: Writer, services: Needs, name: Name = ""
) -> schemas.AttachmentItem:
    """A screenshot, at most 2 MiB (I16); what it is decides its content."""
    made = await services.tickets.attach(writer.org_id, ticket_id, name, await request.body())
    return schemas.attachment_item(made)


@router.get("/tickets/{ticket_id}/attachments/{attachment_id}", response_class=Response)
async def attachment(ticket_id: Identifier, attachment_id: Identifier, reader: Reader, services: Needs) -> Response:
    """The screenshot, as an image and nothing else."""
    found = await services.tickets.attachment(reader.org_id, ticket_id, attachment_id)
    return Response(found.data, media_type=found.media_type, headers=SHOWN_ALONE)


async def _items(service: TicketService, which: Filter, lang: str) -> AsyncIterator[schemas.TicketItem]:
    async with aclosing(service.every(which)) as rows:
        async for row in rows:
            yield schemas.ticket_item(row, lang)
