"""The endpoints about the own organisation, and the few facts about one that are public."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from msgspec.structs import asdict
from pydantic import Field

from broker.organisations import schemas
from broker.organisations.logo import MAX_BYTES
from broker.organisations.service import Organisation
from broker.permissions import Permission, Principal, allow, open_to
from broker.schemas import Identifier
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
SignedIn = Annotated[Principal, allow(Permission.SIGNED_IN)]
Admin = Annotated[Principal, allow(Permission.ORGANISATION_MANAGE)]
Reader = Annotated[Principal, allow(Permission.TERMS_READ)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]

PUBLIC = open_to("public: an agent checks it against its build")
LOGO_HEADERS = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; sandbox"}


@router.get("/organisation")
async def organisation(principal: SignedIn, services: Needs) -> schemas.OrganisationReply:
    """The organisation of whoever asks."""
    return _reply(await services.organisations.get(principal.org_id))


@router.patch("/organisation")
async def change_organisation(
    body: schemas.OrganisationPatch, principal: Admin, services: Needs
) -> schemas.OrganisationReply:
    """Name, services, price, limits; a session that runs keeps what it was agreed with."""
    return _reply(await services.organisations.change(principal.org_id, body.model_dump(exclude_unset=True)))


@router.put(
    "/organisation/logo",
    status_code=204,
    max_body_size=MAX_BYTES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ("image/png", "image/jpeg", "image/webp")
            },
        }
    },
)
async def set_logo(request: Request, principal: Admin, services: Needs) -> None:
    """The body is the image itself; what it is decides its content, not what it is called."""
    await services.organisations.set_logo(principal.org_id, await request.body())


@router.delete("/organisation/logo", status_code=204)
async def remove_logo(principal: Admin, services: Needs) -> None:
    """No logo any more."""
    await services.organisations.set_logo(principal.org_id, None)


@router.get("/organisation/terms")
async def terms_history(principal: Reader, services: Needs) -> schemas.TermsList:
    """Every version of the terms, newest first."""
    rows = await services.organisations.terms_history(principal.org_id)
    return schemas.TermsList(items=tuple(
        schemas.TermsItem(version=r.version, created_utc=r.created_utc, by=r.by, sha256=r.sha256) for r in rows
    ))  # fmt: skip


@router.post("/organisation/terms", status_code=201, max_body_size=512 * 1024)
async def add_terms(body: schemas.TermsBody, principal: Admin, services: Needs) -> schemas.TermsCreated:
    """A new version, in force at once unless the policy in force names another (Q8)."""
    row = await services.organisations.add_terms(principal.org_id, body.es, body.en, principal.name)
    return schemas.TermsCreated(version=row.version, sha256=row.sha256)


@router.get("/public/organisations/{org_id}", dependencies=[PUBLIC])
async def public_organisation(org_id: Identifier, services: Needs) -> schemas.PublicOrganisation:
    """What a customer's program shows before anyone has agreed to anything."""
    found = await services.organisations.get(org_id)
    return schemas.PublicOrganisation(
        name=found.name, has_logo=found.has_logo, terms_version=found.terms_version, terms_sha256=found.terms_sha256
    )


@router.get("/public/organisations/{org_id}/terms/{version}", dependencies=[PUBLIC])
async def public_terms(org_id: Identifier, version: Version, services: Needs) -> schemas.TermsReply:
    """One version of the terms, whole; an older one stays readable for whoever accepted it."""
    row = await services.organisations.terms(org_id, version)
    return schemas.TermsReply(version=row.version, es=row.es, en=row.en, sha256=row.sha256)


@router.get("/public/organisations/{org_id}/logo", dependencies=[PUBLIC], response_class=Response)
async def public_logo(org_id: Identifier, services: Needs) -> Response:
    """The logo, as an image and nothing else."""
    logo = await services.organisations.logo(org_id)
    return Response(logo.data, media_type=logo.media_type, headers=LOGO_HEADERS)


def _reply(found: Organisation) -> schemas.OrganisationReply:
    tariff = schemas.TariffBody(**asdict(found.tariff)) if found.tariff else None
    return schemas.OrganisationReply(
        id=found.id, name=found.name, services=found.services, tariff=tariff, price_note=found.price_note,
        bandwidth_floor_kbit=found.bandwidth_floor_kbit, inactivity_s=found.inactivity_s,
        terms_version=found.terms_version, has_logo=found.has_logo, fixed_by_policy=found.fixed,
    )  # fmt: skip
