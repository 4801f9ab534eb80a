"""The endpoints of tickets for customers: the form, and their own ticket with the secret that the form gave.

The secret travels in the header `Relevo-Token`, never in an address, so that no proxy writes it down.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Request

from broker.i18n import preferred
from broker.operators.throttle import LINKS, REPORTS
from broker.permissions import open_to
from broker.schemas import Identifier, Token
from broker.services import Services, needs_services
from broker.tickets import schemas, terms
from broker.tickets.attachments import MAX_BYTES
from broker.tickets.endpoints import SCREENSHOT, Name
from broker.tickets.service import Whole
from broker.tickets.states import State

router = APIRouter()

Needs = Annotated[Services, needs_services]
Secret = Annotated[Token, Header(alias="Relevo-Token")]
HOLDER = open_to("the secret that the form gave")


@router.post(
    "/public/organisations/{org_id}/tickets",
    status_code=201,
    dependencies=[open_to("public: a customer's request, few per address")],
)
async def ask(org_id: Identifier, body: schemas.FormBody, request: Request, services: Needs) -> schemas.FormReply:
    """Anyone may ask; who is recognised, and whether the terms take it, is the policy's."""
    await services.throttle.hit(REPORTS, "tickets", _address(request))
    found = await services.organisations.get(org_id)
    channel = await services.tickets.form_channel(found.id)
    opened = await services.tickets.open_from_form(found.id, terms.Request(channel=channel, **body.model_dump()))
    assert opened.token is not None
    row = opened.row
    reason = schemas.reason_reply(row, _lang(request))
    return schemas.FormReply(number=row.number, state=State(row.state), reason=reason, token=opened.token)


@router.get("/public/ticket", dependencies=[HOLDER])
async def own(request: Request, services: Needs, token: Secret) -> schemas.OwnTicket:
    """Where it stands, and what was said."""
    return await _reply(services, await services.tickets.own(token), request)


@router.post("/public/ticket/messages", status_code=201, dependencies=[HOLDER])
async def say(body: schemas.SaidBody, request: Request, services: Needs, token: Secret) -> schemas.OwnTicket:
    """The customer says something; a closed ticket opens again."""
    await services.throttle.hit(LINKS, "ticket", _address(request))
    return await _reply(services, await services.tickets.hear_own(token, body.text), request)


@router.post("/public/ticket/close", dependencies=[HOLDER])
async def close(request: Request, services: Needs, token: Secret) -> schemas.OwnTicket:
    """It is solved, says the customer (I14)."""
    await services.throttle.hit(LINKS, "ticket", _address(request))
    return await _reply(services, await services.tickets.close_own(token), request)


@router.post(
    "/public/ticket/attachments",
    status_code=201,
    max_body_size=MAX_BYTES,
    openapi_extra=SCREENSHOT,
    dependencies=[HOLDER],
)
async def attach(request: Request, services: Needs, token: Secret, name: Name = "") -> schemas.AttachmentItem:
    """A screenshot, at most 2 MiB (I16)."""
    await services.throttle.hit(LINKS, "ticket", _address(request))
    return schemas.attachment_item(await services.tickets.attach_own(token, name, await request.body()))


async def _reply(services: Services, whole: Whole, request: Request) -> schemas.OwnTicket:
    organisation = await services.organisations.get(whole.row.org_id)
    return schemas.own_ticket(whole, organisation.name, _lang(request))


def _lang(request: Request) -> str:
    return preferred(request.headers.get("accept-language"))


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
