"""What a piece of work comes to, from the standing of its customer: pure.

Counterparts: `service.py`, which gathers the standing from the database, and `verify.py`, which gathers it from the
log; both ask here, so that a bill and its check cannot part.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from broker.i18n import N_
from broker.log.billing_events import AppointmentMissed, WorkCharged, WorkHeld, WorkRecorded
from broker.policies import files
from broker.rating.engine import Engine
from broker.rating.errors import NotServed
from broker.rating.explanation import to_json
from broker.rating.model import Charge, Contract, Event, Standing, Work, monday

OVERLAP = N_("It overlaps other work for the same customer: decide which counts.")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known when a work is rated: by which policy, and what earlier work has used up.

    `overlaps`: other charged work of the customer shares its time; `free_used`: free entries in its week;
    `order_service`: the service of its paid order, `order_charged`: whether that order's price is charged already.
    """

    engine: Engine
    contract: Contract | None
    balance_minutes: int | None
    free_used: int = 0
    overlaps: bool = False
    order_service: str | None = None
    order_charged: bool = False


def assess(recorded: WorkRecorded | AppointmentMissed, by: Circumstances) -> Charge | NotServed:
    """The charge, or why there is none yet."""
    orders = frozenset({by.order_service} if by.order_service and by.order_charged else ())
    try:
        if isinstance(recorded, AppointmentMissed):
            standing = Standing(by.balance_minutes)
            return by.engine.charge_event(by.contract, standing, Event(recorded.what, recorded.at))[0]
        if by.overlaps:
            return NotServed("work", 0, "-", OVERLAP)
        week = monday(by.engine.hours.local(recorded.start).date())
        standing = Standing(by.balance_minutes, {week: by.free_used}, orders)
        return by.engine.charge_work(by.contract, standing, _work(recorded, by))[0]
    except NotServed as refused:
        return refused


def outcome(work_id: str, revision: int, engine: Engine, result: Charge | NotServed) -> WorkCharged | WorkHeld:
    """The event that says what rating made of a work."""
    if isinstance(result, NotServed):
        return WorkHeld(work_id=work_id, revision=revision, clause=result.clause, reason=result.sentence("en"))
    return WorkCharged(
        work_id=work_id,
        revision=revision,
        policy_sha256=files.version(engine.policy),
        basis=result.basis.value,
        currency=engine.policy.currency,
        billable_seconds=result.billable_seconds,
        counted_minutes=str(result.counted_minutes),
        rounded_minutes=result.rounded_minutes,
        from_balance_minutes=result.from_balance_minutes,
        charged_minutes=result.charged_minutes,
        net=str(result.net),
        steps_sha256=steps_sha256([to_json(step) for step in result.steps]),
    )


def steps_sha256(steps: object) -> str:
    """The digest by which the log holds an explanation that stands outside of it."""
    return hashlib.sha256(json.dumps(steps, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def contract_of(
    plan: str, start: date, end: date, balance_minutes: int | None, excess_hourly: str | None
) -> Contract | None:
    """A contract as rating reads it; None for one that was taken back before it began."""
    if end < start:
        return None
    return Contract(plan, start, end, balance_minutes, Decimal(excess_hourly) if excess_hourly is not None else None)


def _work(recorded: WorkRecorded, by: Circumstances) -> Work:
    by_order = by.engine.policy.contractless.answer == "order"
    return Work(
        kind=recorded.means,
        start=recorded.start,
        end=recorded.end,
        pauses=recorded.pauses,
        urgent=recorded.urgent,
        accepted=recorded.accepted,
        warranty=recorded.warranty,
        covered=recorded.covered,
        # A service counts only through its paid order (T1, T6).
        service=by.order_service if by_order else recorded.service,
        local=recorded.local,
        prepaid=None if by_order else by.order_service,
    )
