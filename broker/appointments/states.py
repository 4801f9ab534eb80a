"""The states of an appointment: agreed, and then once and for all one of the others."""

from enum import StrEnum
from typing import Final

from broker.errors import Conflict
from broker.i18n import N_


class State(StrEnum):
    """What became of an agreed start."""

    AGREED = "agreed"
    KEPT = "kept"
    """The customer was there."""
    CANCELLED = "cancelled"
    """In time, or by the provider: it costs nothing."""
    LATE_CANCEL = "late_cancel"
    NO_SHOW = "no_show"
    FAILED = "failed"
    """The connection failed, and not through the customer's set-up: it costs nothing."""


MISSED: Final = frozenset({State.LATE_CANCEL, State.NO_SHOW})
"""What the customer is charged for, as the terms say (I11, I12)."""


def settled(state: str, to: State) -> State:
    """`to`, for one that is still agreed.  Raises `Conflict` for one that was settled, however often it is asked."""
    if state != State.AGREED:
        raise Conflict(N_("This appointment has been settled already."))
    return to
