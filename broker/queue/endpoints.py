"""The endpoints of the queue: as it is, live, and the next one."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from broker.permissions import Permission, Principal, allow
from broker.queue import schemas
from broker.services import Services, needs_services
from broker.tickets.schemas import ticket_detail

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]

HEARTBEAT: Final = 15.0
"""Seconds between two looks, each a sign of life: below what proxies wait for."""


@router.get("/queue")
async def queue(reader: Reader, services: Needs) -> schemas.Queue:
    """Everyone who waits, first to be served first."""
    return await _queue(services, reader.org_id)


@router.post("/queue/next")
async def take_next(writer: Writer, services: Needs) -> schemas.Next:
    """The first one is the technician's from now on; two technicians never get the same."""
    ticket_id = await services.queue.take_next(writer.org_id, writer.operator_id)
    whole = await services.tickets.get(writer.org_id, ticket_id) if ticket_id else None
    return schemas.Next(ticket=ticket_detail(whole, writer.lang) if whole else None)


@router.get("/queue/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def events(reader: Reader, services: Needs, once: bool = False) -> StreamingResponse:
    """The queue now and at each change (server-sent events, `queue`), until the sign-in is over.  `once`: now only."""
    return StreamingResponse(_events(services, reader, once), media_type="text/event-stream")


async def _events(services: Services, reader: Principal, once: bool) -> AsyncIterator[str]:
    """Looks at each change, and at each heartbeat for what nobody here was told: another process, the day."""
    shown = None
    with services.queue_hub.listen(reader) as listener:
        while not listener.ended:
            present = await _queue(services, reader.org_id)
            waiting = [item.model_copy(update={"left_seconds": None}) for item in present.items]
            yield f"event: queue\ndata: {present.model_dump_json()}\n\n" if waiting != shown else ": still here\n\n"
            if once:
                return
            shown = waiting
            await listener.changed(HEARTBEAT)


async def _queue(services: Services, org_id: str) -> schemas.Queue:
    entries = await services.queue.waiting(org_id)
    return schemas.Queue(utc=services.clock.utc(), items=tuple(map(schemas.queue_item, entries)))
