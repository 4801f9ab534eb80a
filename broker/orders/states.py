"""The states of an order, and the only steps between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from broker.errors import Conflict
from broker.i18n import N_


class State(StrEnum):
    """`paid`: on the technicians' call list.  `delivered`: done without a report within the policy's days (E18)."""

    UNPAID = "unpaid"
    PAID = "paid"
    DELIVERED = "delivered"
    DONE = "done"
    CANCELLED = "cancelled"


STEPS: Final[Mapping[State, frozenset[State]]] = {
    State.UNPAID: frozenset({State.PAID, State.CANCELLED}),
    State.PAID: frozenset({State.DELIVERED, State.DONE, State.CANCELLED}),
    State.DELIVERED: frozenset({State.PAID, State.DONE}),
    State.DONE: frozenset(),
    State.CANCELLED: frozenset(),
}


class BadStep(Conflict):
    """The order's state does not lead there."""

    word = "bad_step"
    text = N_("The order is {state}: that can no longer be done with it.")


def step(present: State, to: State) -> State:
    """`to`, if the table leads there.  Raises `BadStep`."""
    if to not in STEPS[present]:
        raise BadStep(state=present.value)
    return to
