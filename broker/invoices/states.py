"""What may happen to an invoice, and what it then is.  One table; a step that is not in it is a `Conflict`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from broker.errors import Conflict
from broker.i18n import N_


class State(StrEnum):
    """What an invoice is."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    CREDIT = "credit"
    """A credit note: it takes another invoice back, and nothing happens to it any more."""


class Step(StrEnum):
    """What happens to an invoice."""

    PAY_PART = "pay_part"
    PAY_WHOLE = "pay_whole"
    CANCEL = "cancel"


AFTER: Final[Mapping[tuple[State, Step], State]] = {
    (State.OPEN, Step.PAY_PART): State.OPEN,
    (State.OPEN, Step.PAY_WHOLE): State.PAID,
    (State.OPEN, Step.CANCEL): State.CANCELLED,
    (State.PAID, Step.CANCEL): State.CANCELLED,
}
REASONS: Final[Mapping[State, str]] = {
    State.PAID: N_("This invoice is paid already."),
    State.CANCELLED: N_("This invoice is cancelled already."),
    State.CREDIT: N_("This is a credit note: it is neither paid nor cancelled."),
}


def after(state: State, step: Step) -> State:
    """The state after `step`.  Raises `Conflict`, which says why not."""
    following = AFTER.get((state, step))
    if following is None:
        raise Conflict(REASONS.get(state))
    return following
