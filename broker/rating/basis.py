"""On what ground a work is charged: free, covered, from a plan's balance, at the tariff, or as an order.

Counterpart: `engine.py`.  Steps 0, 6 and 8 of the reading in clauses.md, and the refusals of the terms.
"""

from dataclasses import dataclass
from datetime import date

from broker.i18n import N_
from broker.policies.schema import Policy, Service
from broker.rating.errors import NotServed
from broker.rating.explanation import Step
from broker.rating.model import Basis, Contract, Standing, Work, monday


@dataclass(frozen=True, slots=True)
class Ground:
    """A basis, what led to it, and the service of an order."""

    basis: Basis
    steps: tuple[Step, ...] = ()
    service: Service | None = None


def why_not_in_force(contract: Contract, standing: Standing, day: date) -> str | None:
    """0: why a contract counts as none on a day of the provider's zone, as a msgid; None if it is in force."""
    if day < contract.start:
        return N_("The contract begins only later: it counts as none")
    if day > contract.end:
        return N_("The contract has ended: it counts as none")
    if standing.balance_minutes == 0:
        return N_("The contract's balance is used up: it counts as none")
    return None


def find(
    policy: Policy, contract: Contract | None, standing: Standing, work: Work, day: date, seconds: int, index: int
) -> Ground:
    """The ground of a work that begins on `day` and has `seconds` of billable time.  Raises `NotServed`."""
    steps: tuple[Step, ...] = ()
    if contract is not None and (reason := why_not_in_force(contract, standing, day)):
        steps, contract = (Step(None, reason),), None
    service = _ordered_service(policy, work, index)
    without: tuple[Step, ...] = ()
    if contract is None:
        without = (_without_contract(policy, work, index),)
    else:
        plan = policy.plans[contract.plan]
        if work.kind not in plan.kinds:
            text = N_("“{plan}” does not include this kind of support ({kind})")
            why = plan.kinds_clause or plan.clause or "-"
            raise NotServed("work", index, why, text, plan=plan.title.en, kind=work.kind)
    if work.kind == "onsite" and policy.on_site.refused:
        raise NotServed("work", index, policy.on_site.refused, N_("There is no work at the customer's place"))

    if policy.free_of_charge:
        return Ground(Basis.FREE, (*steps, Step(policy.free_of_charge, N_("Support is free of charge"))))
    if work.warranty:
        by = policy.warranty.clause if policy.warranty else None
        return Ground(Basis.FREE, (*steps, Step(by, N_("Under warranty: free of charge"))))
    if work.prepaid is not None:
        ordered = policy.orders.services.get(work.prepaid) if policy.orders else None
        part = Step(ordered.clause if ordered else None, N_("Part of a paid order: nothing beside its price"))
        return Ground(Basis.COVERED, (*steps, part))
    if policy.free_allowance and (ground := _allowance(policy, standing, work, day, seconds, steps)):
        return ground
    if service is not None:
        return Ground(Basis.ORDER, (*steps, *without), service)
    if contract is None:
        return Ground(Basis.TARIFF, (*steps, *without))
    if not work.covered:
        outside = Step(policy.covered_work, N_("Not covered by the contract's clauses: charged at the tariff"))
        return Ground(Basis.TARIFF, (*steps, outside))
    if standing.balance_minutes is None:
        covered = Step(policy.plans[contract.plan].clause, N_("Covered by the contract: nothing is taken or charged"))
        return Ground(Basis.COVERED, (*steps, covered))
    return Ground(Basis.PLAN, steps)


def _without_contract(policy: Policy, work: Work, index: int) -> Step:
    rule = policy.contractless
    match rule.answer:
        case "tariff":
            return Step(rule.clause, N_("No contract in force: at the tariff"))
        case "order":
            return Step(rule.clause, N_("No contract is needed: an order was paid"))
        case "accepted_urgent" if work.urgent and work.accepted:
            text = N_("No contract in force: urgent, and the tariff was accepted beforehand")
            return Step(rule.exception_clause or rule.clause, text)
        case "accepted_urgent":
            text = N_(
                "There is no contract in force. Without one, only urgent support is given, "
                "after the customer has accepted its price"
            )
            raise NotServed("work", index, rule.clause, text)
        case "refused":
            raise NotServed("work", index, rule.clause, N_("There is no contract or licence in force that includes it"))


def _ordered_service(policy: Policy, work: Work, index: int) -> Service | None:
    """6: the service of the order that the work belongs to; None where there are no orders."""
    orders = policy.orders
    if orders is None or policy.contractless.answer != "order":
        return None
    known = ", ".join(orders.services)
    if work.service is None:
        text = N_("It names no service, and an order covers only its own ({clauses}; known: {known})")
        raise NotServed("work", index, orders.missing, text, clauses=f"{orders.missing}, {orders.unknown}", known=known)
    service = orders.services.get(work.service)
    if service is None:
        text = N_("“{service}” is no service that can be ordered ({clauses}; known: {known})")
        clauses = f"{orders.missing}, {orders.unknown}"
        raise NotServed("work", index, orders.unknown, text, service=work.service, clauses=clauses, known=known)
    only_local = service.local_only or (service.local_only_on_site if work.kind == "onsite" else None)
    if only_local and not work.local:
        text = N_("“{service}” is for one region only: {region}")
        raise NotServed("work", index, only_local, text, service=service.title.en, region=service.region or "-")
    return service


def _allowance(
    policy: Policy, standing: Standing, work: Work, day: date, seconds: int, steps: tuple[Step, ...]
) -> Ground | None:
    """8: short help by these channels is free, so many times a week; a longer one uses up none."""
    rule = policy.free_allowance
    if rule is None or work.kind not in rule.kinds or seconds > rule.up_to_minutes * 60:
        return None
    used = standing.free_used.get(monday(day), 0)
    if used >= rule.per_week:
        return None
    text = N_("Free: up to {minutes} min, number {number} of {per_week} this week")
    values = {"minutes": rule.up_to_minutes, "number": used + 1, "per_week": rule.per_week}
    return Ground(Basis.ALLOWANCE, (*steps, Step(rule.clause, text, values)))
