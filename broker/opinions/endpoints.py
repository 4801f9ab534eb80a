"""The endpoints of opinions: for customers with the secret of their receipt, and for administrators and auditors.

The secret travels in the header `Relevo-Token`, and in the link behind the `#`: in no address that a proxy sees.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from broker.export import EXPORTED, Format, as_file
from broker.operators.throttle import LINKS
from broker.opinions import schemas
from broker.opinions.repository import Filter
from broker.opinions.service import OpinionService
from broker.permissions import Permission, Principal, allow, open_to
from broker.schemas import Identifier, Token
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit, Since, Until

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.BILLING_READ)]
Secret = Annotated[Token, Header(alias="Relevo-Token")]
COLUMNS: Final = tuple(schemas.OpinionItem.model_fields)


def _filter(
    reader: Reader,
    since: Annotated[Since | None, Query(alias="from")] = None,
    until: Annotated[Until | None, Query(alias="to")] = None,
    operator: Identifier | None = None,
) -> Filter:
    return Filter(reader.org_id, since, until, operator)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/opinions")
async def opinions(
    which: Wanted, reader: Reader, services: Needs, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.OpinionList:
    """Newest first, with the average of all that match."""
    page = await services.opinions.page(which, limit, cursor)
    average = str((Decimal(page.stars) / page.count).quantize(Decimal("0.01"))) if page.count else None
    items = tuple(schemas.OpinionItem(**asdict(one)) for one in page.given)
    return schemas.OpinionList(items=items, count=page.count, average=average, next=page.next)


@router.get("/opinions/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, reader: Reader, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every opinion that the filter lets through, as a file."""
    return as_file("opinions", format, COLUMNS, _items(services.opinions, which))


@router.post("/public/opinion", status_code=204, dependencies=[open_to("the secret of the receipt")])
async def give(body: schemas.OpinionBody, request: Request, services: Needs, token: Secret) -> None:
    """Rate the help, once."""
    await services.throttle.hit(LINKS, "opinion", request.client.host if request.client else "unknown")
    await services.opinions.give(token, body.stars, body.comment)


async def _items(service: OpinionService, which: Filter) -> AsyncIterator[schemas.OpinionItem]:
    async with aclosing(service.every(which)) as given:
        async for one in given:
            yield schemas.OpinionItem(**asdict(one))
