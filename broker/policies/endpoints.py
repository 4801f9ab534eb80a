"""The endpoints of policies: what is in force, and adopting another."""

from typing import Annotated

from fastapi import APIRouter

from broker.errors import Unacceptable
from broker.permissions import Permission, Principal, allow
from broker.policies import files, schemas
from broker.policies.errors import PolicyRefused
from broker.policies.schema import Policy
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]


@router.get("/policy")
async def policy(reader: Reader, services: Needs) -> schemas.PolicyOverview:
    """The policy in force, every version before it, and the policies that come with Relevo."""
    history = await services.policies.history(reader.org_id)
    present = next((row for row in history if row.in_force), None)
    return schemas.PolicyOverview(
        in_force=await services.policies.in_force(reader.org_id),
        sha256=present.sha256 if present else None,
        history=tuple(
            schemas.PolicyVersion(
                sha256=row.sha256,
                name=row.name,
                adopted_utc=row.adopted_utc,
                adopted_by=row.adopted_by,
                in_force=row.in_force,
            )
            for row in history
        ),
        shipped=files.shipped(),
    )


@router.put("/policy", max_body_size=2 * files.MAX_BYTES)
async def adopt(body: schemas.PolicyBody, admin: Admin, services: Needs) -> schemas.PolicyAdopted:
    """In force from now on for new contracts and for work without one; running contracts keep theirs (I15)."""
    terms = _read(body)
    sha256 = await services.policies.adopt(admin.org_id, terms, admin.operator_id)
    return schemas.PolicyAdopted(name=terms.name, sha256=sha256)


@router.post("/policy/check", max_body_size=2 * files.MAX_BYTES)
async def check(body: schemas.PolicyBody, admin: Admin) -> schemas.PolicyAdopted:
    """Whether a policy could be adopted; nothing changes."""
    terms = _read(body)
    return schemas.PolicyAdopted(name=terms.name, sha256=files.version(terms))


def _read(body: schemas.PolicyBody) -> Policy:
    if body.name is not None and body.name not in files.shipped():
        raise Unacceptable  # a path is never taken from a request
    try:
        return files.load(body.name) if body.name is not None else files.parse(body.toml or "", "policy")
    except PolicyRefused as refused:
        raise Unacceptable(refused.text, **refused.values) from None
