"""The endpoints of suspicion reports: from the public page, and for administrators and auditors (Q12)."""

from typing import Annotated

from fastapi import APIRouter, Request

from broker.operators.throttle import REPORTS
from broker.permissions import Permission, Principal, allow, open_to
from broker.schemas import Identifier
from broker.services import Services, needs_services
from broker.suspicions import schemas
from broker.suspicions.repository import State
from broker.suspicions.service import Suspicion

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.SUSPICIONS_READ)]
Handler = Annotated[Principal, allow(Permission.SUSPICIONS_HANDLE)]


@router.post(
    "/public/organisations/{org_id}/suspicions",
    status_code=201,
    dependencies=[open_to("public: a customer's report, few per address")],
)
async def report(
    org_id: Identifier, body: schemas.SuspicionBody, request: Request, services: Needs
) -> schemas.SuspicionReceived:
    """Anyone may report; administrators see it at once."""
    address = request.client.host if request.client else "unknown"
    await services.throttle.hit(REPORTS, "reports", address)
    found = await services.organisations.get(org_id)
    report_id = await services.suspicions.report_from_page(found.id, body.text, body.contact, body.session_id, address)
    return schemas.SuspicionReceived(report_id=report_id)


@router.get("/suspicions")
async def suspicions(reader: Reader, services: Needs, state: State | None = None) -> schemas.SuspicionList:
    """Newest first."""
    found = await services.suspicions.newest(reader.org_id, state)
    return schemas.SuspicionList(items=tuple(map(_item, found)))


@router.post("/suspicions/{id}/handled", status_code=204)
async def handled(id: Identifier, body: schemas.HandledBody, handler: Handler, services: Needs) -> None:
    """Somebody dealt with it, and says how."""
    await services.suspicions.set_handled(handler.org_id, id, handler.operator_id, body.note or "")


def _item(one: Suspicion) -> schemas.SuspicionItem:
    return schemas.SuspicionItem(
        id=one.id, utc=one.utc, text=one.text, contact=one.contact, address=one.address, session_id=one.session_id,
        source=one.via, state=one.state, handled_utc=one.handled_utc, handled_by=one.handled_by, note=one.note,
    )  # fmt: skip
