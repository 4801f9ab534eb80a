"""The endpoints of sessions: the list, a page for each, exports, erasure.  Operators see only their own."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from broker.export import EXPORTED, Format, as_file
from broker.log.projections import SessionState
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier
from broker.services import Services, needs_services
from broker.sessions import schemas
from broker.sessions.archive import SessionArchive
from broker.sessions.export import COLUMNS, row
from broker.sessions.replies import session_detail, session_item
from broker.sessions.repository import Filter
from protocol.control import EndReason

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.SESSIONS_OWN)]
Eraser = Annotated[Principal, allow(Permission.SESSIONS_ERASE)]


def _filter(
    reader: Reader,
    since: Annotated[schemas.Since | None, Query(alias="from")] = None,
    until: Annotated[schemas.Until | None, Query(alias="to")] = None,
    operator: schemas.Text = "",
    customer: schemas.Text = "",
    customer_id: Annotated[str | None, Query(pattern=r"^([A-Za-z0-9_-]{22}|-)$")] = None,
    service: schemas.Text = "",
    connected: bool | None = None,
    reason: EndReason | None = None,
    state: SessionState | None = None,
) -> Filter:
    return Filter(
        org_id=reader.org_id, since=since, until=until, only_operator_id=_only(reader), operator=operator or None,
        customer=customer or None, customer_id=customer_id, service=service or None, connected=connected,
        end_reason=reason, state=state,
    )  # fmt: skip


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/sessions")
async def sessions(
    which: Wanted, reader: Reader, services: Needs, limit: schemas.Limit = 50, cursor: schemas.Cursor | None = None
) -> schemas.SessionList:
    """Newest first."""
    page = await services.archive.page(which, limit, cursor)
    return schemas.SessionList(items=tuple(map(session_item, page.entries)), next=page.next)


@router.get("/sessions/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, reader: Reader, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every session that the filter lets through, as a file."""
    return as_file("sessions", format, COLUMNS, _items(services.archive, which), row)


@router.get("/sessions/{id}")
async def session(id: Identifier, reader: Reader, services: Needs) -> schemas.SessionDetail:
    """One session with its timeline."""
    return session_detail(await services.archive.story(reader.org_id, id, _only(reader)))


@router.post("/sessions/{id}/erase", status_code=204)
async def erase(id: Identifier, eraser: Eraser, services: Needs) -> None:
    """The customer's personal data, for good; the log stays verifiable."""
    await services.archive.erase(eraser.org_id, id, eraser.operator_id)


async def _items(archive: SessionArchive, which: Filter) -> AsyncIterator[schemas.SessionItem]:
    async with aclosing(archive.every(which)) as entries:
        async for entry in entries:
            yield session_item(entry)


def _only(reader: Principal) -> str | None:
    return None if reader.may(Permission.SESSIONS_ALL) else reader.operator_id
