"""When a ticket closes by itself: nobody answered for as long as the terms say (I14), or its service's warranty is over
(E13).  Pure.

Counterpart: `service.py`, which looks now and then.
"""

from datetime import datetime, timedelta

from broker.i18n import N_
from broker.rating.engine import Engine
from broker.store.desk_tables import TicketRow
from broker.tickets.reasons import Reason
from broker.tickets.states import State


def over(row: TicketRow, terms: Engine | None, served: int | None, now: datetime) -> Reason | None:
    """Why it closes now; None: not yet.  `served`: when the last work on it ended, in seconds since 1970."""
    if terms is None or row.state not in (State.ANSWERED, State.TAKEN):
        return None
    return _unanswered(row, terms, now) or _out_of_warranty(row, terms, served, now)


def _unanswered(row: TicketRow, terms: Engine, now: datetime) -> Reason | None:
    """The provider spoke last, and so many hours ago."""
    hours, said = terms.policy.tickets.close_after_hours, row.last_provider_utc
    if hours is None or row.state != State.ANSWERED or said is None:
        return None
    if (row.last_customer_utc or said) > said or now < said + timedelta(hours=hours):
        return None
    return Reason.of(None, N_("Closed by itself: no answer from the customer for {hours} hours."), hours=hours)


def _out_of_warranty(row: TicketRow, terms: Engine, served: int | None, now: datetime) -> Reason | None:
    """So many business days have gone by since the service, in which the customer found nothing wrong with it."""
    rule, hours = terms.policy.warranty, terms.hours
    if rule is None or served is None:
        return None
    if row.last_customer_utc is not None and row.last_customer_utc.timestamp() > served:
        return None
    last = hours.business_days_after(hours.local(served).date(), rule.business_days)
    if hours.local(int(now.timestamp())).date() <= last:
        return None
    text = N_("Closed by itself: the {days} business days of warranty since the service are over.")
    return Reason.of(rule.clause, text, days=rule.business_days)
