"""The endpoints of contracts and their ledgers."""

from typing import Annotated

from fastapi import APIRouter

from broker.contracts import schemas
from broker.contracts.service import Held, NewContract, cancel_by
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier, Line
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]


@router.get("/contracts")
async def contracts(
    reader: Reader,
    services: Needs,
    customer: Identifier | None = None,
    plan: Line | None = None,
    on: schemas.Day | None = None,
) -> schemas.ContractList:
    """Newest first, with what is left of each."""
    found = await services.contracts.listed(reader.org_id, customer, plan, on)
    return schemas.ContractList(items=tuple(_item(held, services) for held in found))


@router.post("/contracts", status_code=201)
async def make(body: schemas.ContractBody, admin: Admin, services: Needs) -> schemas.ContractItem:
    """A new contract by the policy in force, which it keeps (I15)."""
    held = await services.contracts.make(admin.org_id, NewContract(**dict(body)), admin.operator_id)
    return _item(held, services)


@router.get("/contracts/{contract_id}")
async def contract(contract_id: Identifier, reader: Reader, services: Needs) -> schemas.ContractItem:
    """One contract."""
    return _item(await services.contracts.get(reader.org_id, contract_id), services)


@router.get("/contracts/{contract_id}/ledger")
async def ledger(contract_id: Identifier, reader: Reader, services: Needs) -> schemas.Ledger:
    """Every change of its balance."""
    held, rows = await services.contracts.ledger(reader.org_id, contract_id)
    entries = tuple(
        schemas.LedgerEntry(
            seq=row.seq, utc=row.utc, day=held.engine.hours.local(row.at).date(), minutes=row.minutes,
            reason=row.reason, work_id=row.work_id, of_seq=row.of_seq,
        )
        for row in rows
    )  # fmt: skip
    return schemas.Ledger(contract=_item(held, services), entries=entries)


@router.post("/contracts/{contract_id}/balance")
async def change_balance(
    contract_id: Identifier, body: schemas.BalanceBody, admin: Admin, services: Needs
) -> schemas.ContractItem:
    """Minutes bought, refunded or put right."""
    held = await services.contracts.change_balance(
        admin.org_id, contract_id, body.minutes, body.reason, admin.operator_id
    )
    return _item(held, services)


@router.post("/contracts/{contract_id}/end")
async def end(contract_id: Identifier, body: schemas.EndBody, admin: Admin, services: Needs) -> schemas.ContractItem:
    """Its last day is brought forward."""
    return _item(await services.contracts.end(admin.org_id, contract_id, body.end, admin.operator_id), services)


@router.post("/contracts/{contract_id}/renewal")
async def set_renewal(
    contract_id: Identifier, body: schemas.RenewalBody, admin: Admin, services: Needs
) -> schemas.ContractItem:
    """Whether it is followed by another one like it; cancelled in time only (E16)."""
    held = await services.contracts.set_renewal(admin.org_id, contract_id, body.renews, admin.operator_id)
    return _item(held, services)


@router.post("/contracts/{contract_id}/plan")
async def change_plan(
    contract_id: Identifier, body: schemas.PlanBody, admin: Admin, services: Needs
) -> schemas.ContractItem:
    """Another plan from today on (R1); gives the contract that takes over."""
    held = await services.contracts.change_plan(admin.org_id, contract_id, body.plan, body.size, admin.operator_id)
    return _item(held, services)


def _item(held: Held, services: Services) -> schemas.ContractItem:
    row, today = held.row, services.clock.utc().astimezone(held.engine.policy.zone).date()
    return schemas.ContractItem(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        plan=row.plan,
        title=held.plan.title.model_dump(),
        start=row.start,
        end=row.end,
        in_force=row.start <= today <= row.end and held.balance_minutes != 0,
        minutes=row.minutes,
        balance_minutes=held.balance_minutes,
        counts=held.plan.balance,
        renews=row.renews,
        cancel_renewal_by=cancel_by(held) if held.plan.renewal == "automatic" else None,
        excess_hourly=row.excess_hourly,
        policy_sha256=row.policy_sha256,
    )
