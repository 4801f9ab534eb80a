"""Who asks: recognised as the policy says, by contract number and holder, e-mail or licence key (I8, R6).

What anybody can claim opens a ticket for that customer and nothing else: nothing of the customer's is ever told.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from broker.contracts.repository import ContractRepository
from broker.contracts.service import Held, in_force
from broker.errors import NotFound
from broker.policies.repository import PolicyRepository
from broker.policies.service import engine_of
from broker.rating.engine import Engine
from broker.store.billing_tables import CustomerRow
from broker.store.desk_tables import OrderRow, TicketRow
from broker.store.log_tables import SessionRow
from broker.tickets.repository import TicketRepository
from broker.tickets.terms import Request, Standing, same_holder


async def identify(
    db: AsyncSession, org_id: str, request: Request, customer_id: str | None, now: datetime
) -> tuple[Request, Standing]:
    """The request with what is known of its customer filled in, and how they stand.

    `customer_id`: the one that a technician chose.  Raises `NotFound` for one that is not there.
    """
    if customer_id is not None:
        standing = await standing_of(db, org_id, customer_id, now)
        if standing.customer is None:
            raise NotFound
    else:
        standing = await _recognised(db, org_id, request, now)
    if standing.held and request.contract_number not in ("", standing.held.row.number):
        standing = replace(standing, held=None)
    return (_filled(request, standing) if customer_id is not None else request), standing


async def standing_of(db: AsyncSession, org_id: str, customer_id: str | None, now: datetime) -> Standing:
    """How a customer stands at an instant; of nobody, and of one who was erased, only the policy is known."""
    present = await present_terms(db, org_id)
    customer = await TicketRepository(db).customer(org_id, customer_id) if customer_id is not None else None
    return Standing(present, customer, await _held(db, customer, now))


async def terms_of(db: AsyncSession, row: TicketRow) -> Engine | None:
    """The terms that hold for a ticket: those that its contract keeps (I15), else the ones in force."""
    contract = await ContractRepository(db).find(row.org_id, row.contract_id) if row.contract_id else None
    if contract is None:
        return await present_terms(db, row.org_id)
    kept = await PolicyRepository(db).version(row.org_id, contract.policy_sha256)
    assert kept is not None, "a contract's policy is never deleted"
    return engine_of(kept.text)


async def present_terms(db: AsyncSession, org_id: str) -> Engine | None:
    """The policy in force, ready to use."""
    row = await PolicyRepository(db).in_force(org_id)
    return engine_of(row.text) if row else None


async def check_belongings(db: AsyncSession, org_id: str, request: Request) -> None:
    """Raise `NotFound` unless the session and the order of a request are the organisation's own."""
    if request.session_id is not None:
        session = await db.get(SessionRow, request.session_id)
        if session is None or session.org_id != org_id:
            raise NotFound
    if request.order_id is not None:
        order = await db.get(OrderRow, request.order_id)
        if order is None or order.org_id != org_id:
            raise NotFound


async def _recognised(db: AsyncSession, org_id: str, request: Request, now: datetime) -> Standing:
    tickets, present = TicketRepository(db), await present_terms(db, org_id)
    if present is None:
        return Standing(None)
    policy = present.policy
    customer: CustomerRow | None = None
    if "contract_number" in policy.recognised_by and request.contract_number:
        contract = await ContractRepository(db).by_number(org_id, request.contract_number)
        customer = await tickets.customer(org_id, contract.customer_id) if contract else None
        if customer and "contract_number" in policy.tickets.required and not same_holder(customer, request):
            customer = None
    if customer is None and "licence_key" in policy.recognised_by and request.licence_key:
        customer = await tickets.customer_by_licence(org_id, request.licence_key)
    if customer is None and "email" in policy.recognised_by and request.email:
        customer = await tickets.customer_by_email(org_id, request.email)
    return Standing(present, customer, await _held(db, customer, now))


async def _held(db: AsyncSession, customer: CustomerRow | None, now: datetime) -> Held | None:
    if customer is None:
        return None
    contracts, policies = ContractRepository(db), PolicyRepository(db)
    return await in_force(contracts, policies, customer.org_id, customer.id, int(now.timestamp()))


def _filled(request: Request, standing: Standing) -> Request:
    customer = standing.customer
    assert customer is not None
    known = {"company": customer.name, "tax_id": customer.tax_id, "phone": customer.phone, "email": customer.email}
    if standing.held:
        known["contract_number"] = standing.held.row.number
    missing: dict[str, Any] = {name: value for name, value in known.items() if not getattr(request, name)}
    return replace(request, **missing)
