"""The endpoints of the log as a whole, for administrators and auditors."""

from typing import Annotated

from fastapi import APIRouter, Request

from broker.i18n import preferred
from broker.log import schemas
from broker.permissions import Permission, Principal, allow
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.LOG_READ)]


@router.get("/log/head")
async def head(reader: Reader, services: Needs) -> schemas.HeadReply:
    """The end of the chain, signed: keep it, and `relevo log verify --witness` finds a tail that was cut later."""
    found = await services.log.head(reader.org_id)
    return schemas.HeadReply(
        org_id=found.org_id, seq=found.seq, head=found.head, utc=found.utc, sig=found.sig, key=found.key
    )


@router.get("/log/verify")
async def verify(reader: Reader, request: Request, services: Needs) -> schemas.VerifyReply:
    """Whether the organisation's whole chain is as it was written."""
    found = await services.log.verify(reader.org_id)
    lang = preferred(request.headers.get("accept-language"))
    return schemas.VerifyReply(
        ok=found.ok,
        events=found.events,
        first_bad=found.first_bad,
        problems=tuple(problem.sentence(lang) for problem in found.problems),
    )
