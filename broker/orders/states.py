"""The states of an order, and the only steps between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from broker.errors import Conflict
from broker.i18n import N_


class State(StrEnum):
    """`paid`: on the technicians' call list."""

    UNPAID = "unpaid"
    PAID = "paid"
    DONE = "done"
    CANCELLED = "cancelled"


STEPS: Final[Mapping[State, frozenset[State]]] = {
    State.UNPAID: frozenset({State.PAID, State.CANCELLED}),
    State.PAID: frozenset({State.DONE, State.CANCELLED}),
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
