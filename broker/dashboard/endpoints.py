"""The endpoints of the dashboard: all figures at once, and the same as a file.  For administrators and auditors."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from broker.dashboard import replies, schemas
from broker.dashboard.service import Asked
from broker.export import EXPORTED, Format, as_file
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier, Line
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.BILLING_READ)]

COLUMNS: Final = tuple(schemas.FigureRow.model_fields)
USUAL_TOP: Final = 10


def _asked(
    reader: Reader,
    first: Annotated[schemas.When | None, Query(alias="from")] = None,
    last: Annotated[schemas.When | None, Query(alias="to")] = None,
    operator: Identifier | None = None,
    customer: Identifier | None = None,
    service: Line | None = None,
    kind: schemas.AnyKind | None = None,
) -> Asked:
    return Asked(reader.org_id, first, last, operator, customer, service, kind)


Wanted = Annotated[Asked, Depends(_asked)]


@router.get("/dashboard")
async def dashboard(asked: Wanted, services: Needs, top: schemas.Top = USUAL_TOP) -> schemas.DashboardReply:
    """From the day `from` to the day `to` of the provider's zone, both in; at most a year, usually 30 days."""
    return replies.dashboard(await services.dashboard.figures(asked), top)


@router.get("/dashboard/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(
    asked: Wanted, services: Needs, top: schemas.Top = USUAL_TOP, format: Format = "csv"
) -> StreamingResponse:
    """The same figures, one a line."""
    reply = replies.dashboard(await services.dashboard.figures(asked), top)
    return as_file("dashboard", format, COLUMNS, _lines(reply))


async def _lines(reply: schemas.DashboardReply) -> AsyncIterator[schemas.FigureRow]:
    for line in replies.rows(reply):
        yield line
