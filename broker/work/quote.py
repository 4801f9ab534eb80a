"""May this customer have a session now, and at what price: asked of the same engine that will rate it.

What it gives goes into the offer that both ends bind into their key, and from there into the customer's prompt.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from broker.contracts.repository import ContractRepository
from broker.contracts.service import Held, in_force
from broker.i18n import N_, translate
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Policy
from broker.policies.service import engine_of
from broker.rating.engine import Engine
from broker.rating.errors import NotServed, OutOfHours
from broker.rating.explanation import number
from broker.rating.model import Basis, Standing, Work
from broker.store.billing_tables import CustomerRow
from broker.store.desk_tables import OrderRow
from broker.store.engine import Store
from broker.work.assess import contract_of
from protocol.offer import Charging, Tariff

Covers = Literal["tariff", "covered", "balance", "fixed", "free"]
COVERS: dict[Basis, Covers] = {
    Basis.FREE: "free",
    Basis.ALLOWANCE: "free",
    Basis.COVERED: "covered",
    Basis.PLAN: "balance",
    Basis.TARIFF: "tariff",
    Basis.ORDER: "fixed",
}

PAID = ("paid", "delivered", "done")
"""The states of an order that was paid."""


@dataclass(frozen=True, slots=True)
class Asked:
    """About what a session is asked for.  `customer_id` None: nobody that is known."""

    org_id: str
    customer_id: str | None = None
    order_id: str | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer.  `refused` None: it may be, and `tariff` and `charging` say what it costs."""

    tariff: Tariff | None
    charging: Charging | None
    refused: NotServed | None = None
    opens: str = ""
    """When support hours begin again, where being closed is the reason: the provider's date, time and zone."""

    def why(self, lang: str) -> str:
        """Why not, as a sentence for the technician and the customer."""
        if self.refused is None:
            return ""
        if self.opens:
            text = N_("Not now: support hours are over. They begin again on {opens}.")
            return translate(lang, text).format(opens=self.opens)
        return translate(lang, N_("Not now: {reason}.")).format(reason=self.refused.sentence(lang))


async def quote(store: Store, asked: Asked, now: int) -> Quote | None:
    """What the policy in force says; None for an organisation without one, which has its own price sentence."""
    async with store.reading() as db:
        policies, contracts = PolicyRepository(db), ContractRepository(db)
        kept = await policies.in_force(asked.org_id)
        if kept is None:
            return None
        customer = await contracts.customer(asked.org_id, asked.customer_id) if asked.customer_id else None
        held = await in_force(contracts, policies, asked.org_id, customer.id, now) if customer else None
        order = await db.get(OrderRow, asked.order_id) if asked.order_id else None
    if order is not None and (order.org_id != asked.org_id or customer is None or order.customer_id != customer.id):
        order = None
    return answer(held.engine if held else engine_of(kept.text), held, customer, order, asked.urgent, now)


def answer(
    engine: Engine, held: Held | None, customer: CustomerRow | None, order: OrderRow | None, urgent: bool, now: int
) -> Quote:
    """The same from what is known: pure."""
    policy = engine.policy
    if refused := _not_welcome(policy, customer):
        return Quote(None, None, refused)
    if refused := _not_ordered(policy, order):
        return Quote(None, None, refused)
    service = order.service if order is not None else None
    by_order = policy.contractless.answer == "order"
    balance = held.balance_minutes if held else None
    row = held.row if held else None
    contract = contract_of(row.plan, row.start, row.end, balance, row.excess_hourly) if row else None
    # The price is accepted with the consent, before anything is shown.
    second = Work(
        "session", now, now + 1, urgent=urgent, accepted=True, service=service if by_order else None,
        prepaid=None if by_order else service,
    )  # fmt: skip
    try:
        charge, _ = engine.charge_work(contract, Standing(balance), second)
    except NotServed as refused:
        opens = engine.hours.next_opening(now) if isinstance(refused, OutOfHours) else None
        again = f"{engine.hours.local(opens):%Y-%m-%d %H:%M} ({policy.time_zone})" if opens is not None else ""
        return Quote(None, None, refused, again)
    window = engine.hours.window_at(now)
    if order is not None:
        tariff: Tariff | None = _fixed(policy, order)
    else:
        tariff = _tariff(engine, charge.basis, now, contract.excess_hourly if contract else None)
    return Quote(
        tariff,
        Charging(
            covers="fixed" if order is not None else COVERS[charge.basis],
            minutes_left=balance or 0,
            expected_minutes=_expected(policy, service),
            weight=number(window.weight if window else Fraction(1)),
        ),
    )


def knows_urgency(policy: Policy) -> bool:
    """Whether urgent help is anything else than help: it opens hours, adds time or has a target of its own."""
    return (
        policy.urgent is not None
        or policy.contractless.answer == "accepted_urgent"
        or policy.tickets.urgent_answer_hours is not None
    )


def _not_welcome(policy: Policy, customer: CustomerRow | None) -> NotServed | None:
    if customer is None or customer.status == "active":
        return None
    if customer.status == "suspended":
        clause = policy.rent.clause if policy.rent else "-"
        return NotServed("session", 0, clause, N_("The customer is suspended: the rent is unpaid"))
    if not policy.invoices.refuse_delinquent:
        return None
    clause = next(iter(policy.invoices.clauses), "-")
    return NotServed("session", 0, clause, N_("The customer has an unpaid invoice that is overdue"))


def _not_ordered(policy: Policy, order: OrderRow | None) -> NotServed | None:
    """Why there is no session for this order, or without one where every service is prepaid (T1, E10)."""
    needed = policy.contractless.answer == "order" if order is None else order.state not in PAID
    if policy.orders is None or not needed:
        return None
    clause = policy.orders.missing
    if order is None:
        return NotServed("session", 0, clause, N_("Help is for a service that was ordered and paid beforehand"))
    if order.state == "cancelled":
        return NotServed("session", 0, clause, N_("Order {number} was cancelled"), number=order.number)
    return NotServed("session", 0, clause, N_("Order {number} has not been paid yet"), number=order.number)


def _fixed(policy: Policy, order: OrderRow) -> Tariff:
    """The order's own price, once; work beyond it costs nothing (T4, E1)."""
    return Tariff(
        currency=order.currency,
        unit_minor=order.net_minor,
        minimum_minutes=0,
        increment_minutes=1,
        tax_percent=number(policy.tax.percent),
    )


def _tariff(engine: Engine, basis: Basis, now: int, excess_hourly: Decimal | None) -> Tariff | None:
    policy = engine.policy
    if basis not in (Basis.TARIFF, Basis.PLAN) or not policy.tariffs:
        return None
    tariff = policy.tariff_on(engine.hours.local(now).date())
    price, minimum, increment = Fraction(tariff.hourly), tariff.minimum_minutes, tariff.increment_minutes
    if basis is Basis.PLAN:  # past the balance it is by the minute, at the contract's own price if it has one
        minimum, increment = 0, 1
        price = price if excess_hourly is None else Fraction(excess_hourly)
    return Tariff(
        currency=policy.currency,
        unit_minor=int(price * 10**policy.minor_digits),
        minimum_minutes=minimum,
        increment_minutes=increment,
        tax_percent=number(policy.tax.percent),
    )


def _expected(policy: Policy, service: str | None) -> int:
    known = policy.orders.services.get(service) if policy.orders and service else None
    return (known.expected_minutes or 0) if known else 0
