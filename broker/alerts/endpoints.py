"""The endpoint of alerts, for administrators and auditors."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from broker.alerts import schemas
from broker.permissions import Permission, Principal, allow
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.ALERTS_READ)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[int, Field(ge=1, le=2**53)]


@router.get("/alerts")
async def alerts(
    reader: Reader, services: Needs, limit: Limit = 100, cursor: Cursor | None = None
) -> schemas.AlertList:
    """Failed pairings, burnt codes, throttled sign-ins; newest first."""
    found = await services.alerts.newest(reader.org_id, limit, cursor)
    items = tuple(schemas.AlertItem(id=str(one.seq), utc=one.utc, kind=one.kind, data=dict(one.data)) for one in found)
    return schemas.AlertList(items=items, next=items[-1].id if len(items) == limit else None)
