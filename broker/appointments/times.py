"""Which starts may be agreed on, and what a cancellation counts as: pure rules of the policy (E4, T3, I11)."""

from typing import Final

from broker.appointments.states import State
from broker.errors import Unacceptable
from broker.i18n import N_
from broker.policies.clock_time import clock
from broker.policies.schema import Appointments
from broker.rating.engine import Engine

FARTHEST: Final = 366 * 86_400
"""Seconds ahead for which an appointment is made at most."""
HOUR: Final = 3600


def check_start(engine: Engine | None, at: int, now: int) -> None:
    """Raise `Unacceptable` unless somebody serves at `at`, a time to come.

    Extraordinary hours are served when a consultant is free (E4): to agree on one is to say so.
    """
    if not now < at <= now + FARTHEST:
        raise Unacceptable(N_("The appointment has to be at a time to come."))
    if engine is None:
        return
    hours, rules = engine.hours, engine.policy.appointments
    window = hours.window_at(at)
    if window is None:
        opening = hours.next_opening(at)
        if opening is None:
            raise Unacceptable(N_("Nobody is served at that time."))
        when = hours.local(opening).strftime("%Y-%m-%d %H:%M")
        raise Unacceptable(N_("Nobody is served at that time. The next opening is on {when}."), when=when)
    if rules is not None and rules.begins_by is not None and not window.extraordinary:
        local = hours.local(at)
        if (local.hour * 60 + local.minute, local.second) > (rules.begins_by, 0):
            raise Unacceptable(N_("Regular appointments begin by {time}."), time=clock(rules.begins_by))


def cancelled(rules: Appointments | None, at: int, now: int) -> State:
    """What a customer's cancellation counts as (I11): exactly so many hours before is still in time."""
    late = rules is not None and rules.cancel_hours is not None and at - now < rules.cancel_hours * HOUR
    return State.LATE_CANCEL if late else State.CANCELLED


def over_at(rules: Appointments | None, at: int) -> int | None:
    """Until when the technician waits (I12); None where the terms do not say."""
    return None if rules is None or rules.wait_minutes is None else at + rules.wait_minutes * 60
