"""The endpoints about accounts: sign-in, the own account, one-time links, and administration of operators."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from broker.errors import Refused, WrongOrigin
from broker.i18n import preferred
from broker.operators import schemas
from broker.operators.authentication import clear_cookie, set_cookie
from broker.operators.sign_in import Credentials
from broker.operators.throttle import LINKS
from broker.permissions import Permission, Principal, Role, allow, open_to
from broker.schemas import Identifier
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
SignedIn = Annotated[Principal, allow(Permission.SIGNED_IN)]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Admin = Annotated[Principal, allow(Permission.OPERATORS_MANAGE)]


@router.post("/sign-in", dependencies=[open_to("e-mail and password")])
async def sign_in(
    body: schemas.SignInBody, request: Request, response: Response, services: Needs
) -> schemas.SignInReply:
    """A cookie for a browser, a bearer for a program."""
    _not_from_elsewhere(request, services)
    given = Credentials(body.email, body.password, body.totp, _address(request))
    try:
        made = await services.sign_ins.sign_in(given, body.want)
    except Refused as refused:
        services.metrics.sign_ins.labels(refused.word).inc()
        raise
    services.metrics.sign_ins.labels("signed_in").inc()
    row, org_name = await services.operators.brief(made.operator_id)
    if body.want == "cookie":
        set_cookie(response, made.token, services.settings)
    return schemas.SignInReply(
        operator=schemas.operator_brief(row, org_name), token=made.token if body.want == "bearer" else None
    )


@router.post("/sign-out", status_code=204)
async def sign_out(principal: SignedIn, response: Response, services: Needs) -> None:
    """Ends this sign-in and what is live under it."""
    await services.sign_ins.sign_out(principal)
    clear_cookie(response, services.settings)


@router.get("/me")
async def me(principal: SignedIn, services: Needs) -> schemas.OperatorBrief:
    """Whoever asks."""
    return schemas.operator_brief(await services.sign_ins.account(principal), principal.org_name)


@router.patch("/me")
async def change_me(body: schemas.MePatch, principal: SignedIn, services: Needs) -> schemas.OperatorBrief:
    """Name and language of whoever asks."""
    row = await services.sign_ins.change(principal, body.model_dump(exclude_none=True))
    return schemas.operator_brief(row, principal.org_name)


@router.post("/me/password", status_code=204)
async def change_password(body: schemas.PasswordBody, principal: SignedIn, request: Request, services: Needs) -> None:
    """Ends the account's other sign-ins."""
    await services.sign_ins.change_password(principal, body.old, body.new, _address(request))


@router.post("/me/totp")
async def offer_totp(principal: SignedIn, services: Needs) -> schemas.TotpReply:
    """A secret to scan; it counts once it has been confirmed."""
    offer = await services.sign_ins.offer_totp(principal)
    return schemas.TotpReply(secret=offer.secret, uri=offer.uri, qr_svg=offer.qr_svg)


@router.post("/me/totp/confirm", status_code=204)
async def confirm_totp(body: schemas.TotpCodeBody, principal: SignedIn, request: Request, services: Needs) -> None:
    """Puts the second factor in force."""
    await services.sign_ins.confirm_totp(principal, body.code, _address(request))


@router.delete("/me/totp", status_code=204)
async def remove_totp(body: schemas.TotpRemoveBody, principal: SignedIn, request: Request, services: Needs) -> None:
    """Takes the second factor away."""
    await services.sign_ins.remove_totp(principal, body.password, _address(request))


@router.get("/setup", dependencies=[open_to("tells only whether an administrator is missing")])
async def setup_state(services: Needs) -> schemas.SetupState:
    """Whether the first administrator is still to be made."""
    return schemas.SetupState(open=await services.operators.setup_is_open())


@router.post("/setup", status_code=204, dependencies=[open_to("a set-up link's token")])
async def set_up(body: schemas.SetupBody, request: Request, services: Needs) -> None:
    """The first administrator (pairing rule 10)."""
    await _count_link(request, services)
    lang = preferred(request.headers.get("accept-language"))
    await services.operators.set_up(body.token, body.organisation_name, body.email, body.name, body.password, lang)


@router.post("/invitations/accept", status_code=204, dependencies=[open_to("an invitation's token")])
async def accept_invitation(body: schemas.InvitationBody, request: Request, services: Needs) -> None:
    """An invited person chooses a name and a password."""
    await _count_link(request, services)
    await services.operators.accept_invitation(body.token, body.name, body.password)


@router.post("/password-resets/accept", status_code=204, dependencies=[open_to("a reset link's token")])
async def accept_reset(body: schemas.ResetBody, request: Request, services: Needs) -> None:
    """A new password; ends every sign-in of the account."""
    await _count_link(request, services)
    await services.operators.accept_reset(body.token, body.password)


@router.get("/operators")
async def list_operators(principal: Admin, services: Needs) -> schemas.OperatorList:
    """Every account of the administrator's organisation."""
    rows = await services.operators.everyone(principal.org_id)
    return schemas.OperatorList(items=tuple(map(schemas.operator_item, rows)))


@router.get("/colleagues")
async def colleagues(reader: Reader, services: Needs) -> schemas.ColleagueList:
    """The names behind the accounts of one's own organisation."""
    rows = await services.operators.everyone(reader.org_id)
    items = (schemas.Colleague(id=row.id, name=row.name, disabled=row.disabled) for row in rows)
    return schemas.ColleagueList(items=tuple(items))


@router.post("/operators", status_code=201)
async def invite(body: schemas.OperatorBody, principal: Admin, services: Needs) -> schemas.InviteReply:
    """A new account, and the link for its owner."""
    link = await services.operators.invite(principal.org_id, body.email, body.name, Role(body.role), principal.lang)
    return schemas.InviteReply(invite_url=link)


@router.patch("/operators/{operator_id}")
async def change_operator(
    operator_id: Identifier, body: schemas.OperatorPatch, principal: Admin, services: Needs
) -> schemas.OperatorItem:
    """Role, name, whether it is disabled; a lost second factor."""
    row = await services.operators.change(
        principal.org_id,
        operator_id,
        name=body.name,
        role=None if body.role is None else Role(body.role),
        disabled=body.disabled,
        remove_totp=body.totp_enabled is False,
    )
    return schemas.operator_item(row)


@router.post("/operators/{operator_id}/reset", status_code=201)
async def reset_link(operator_id: Identifier, principal: Admin, services: Needs) -> schemas.ResetReply:
    """A link for a new password."""
    return schemas.ResetReply(reset_url=await services.operators.reset_link(principal.org_id, operator_id))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _count_link(request: Request, services: Services) -> None:
    _not_from_elsewhere(request, services)
    await services.throttle.hit(LINKS, _address(request))


def _not_from_elsewhere(request: Request, services: Services) -> None:
    """A page of another site must not sign anybody in; a program sends no `Origin`."""
    if any(origin != services.settings.public_origin for origin in request.headers.getlist("origin")):
        raise WrongOrigin
