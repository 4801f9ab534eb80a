"""Warranty: one's own work is put right for nothing, within so many business days of it (E13).

Rating takes the mark as it stands; whether it may stand is asked here, when somebody sets it.
"""

from broker.errors import Unacceptable
from broker.i18n import N_
from broker.rating.engine import Engine
from broker.work.repository import WorkRepository


async def refuse_too_late(works: WorkRepository, engine: Engine, customer_id: str | None, start: int, but: str) -> None:
    """Raise `Unacceptable` where no service of this customer is recent enough at `start` (seconds since 1970).

    `but`: the work that is to stand under warranty.  A policy without such a rule leaves it to the provider.
    """
    rule, hours = engine.policy.warranty, engine.hours
    if rule is None:
        return
    ended = await works.last_service(customer_id, start, but) if customer_id else None
    day = hours.local(start).date()
    if ended is None or day > hours.business_days_after(hours.local(ended).date(), rule.business_days):
        text = N_("Under warranty ({clause}) is only what puts right a service of the {days} business days before it.")
        raise Unacceptable(text, clause=rule.clause, days=rule.business_days)
