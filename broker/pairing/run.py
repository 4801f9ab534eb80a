"""Where a pairing run stands, as the broker that carries its messages sees it (steps 9–14): one table.

Counterpart: `protocol.pairing`, the two ends' machines.  Every message has its one place; another is refused and
changes nothing.

    OFFERED ─cpace_a─▶ ASKED ─cpace_b─▶ ANSWERED ─confirm_a─▶ CONSOLE_CONFIRMED ─confirm_b─▶ BOTH_CONFIRMED
    BOTH_CONFIRMED ─pair_ok of one─▶ AGENT_OK | CONSOLE_OK ─pair_ok of the other─▶ PAIRED        any ─abort─▶ FAILED
"""

from enum import Enum

from protocol.errors import BadTransition


class State(Enum):
    """Where a run stands."""

    OFFERED = "offered"
    ASKED = "asked"
    ANSWERED = "answered"
    CONSOLE_CONFIRMED = "confirmed by the console"
    BOTH_CONFIRMED = "confirmed by both"
    AGENT_OK = "accepted by the agent"
    CONSOLE_OK = "accepted by the console"
    PAIRED = "paired"
    FAILED = "failed"


class Step(Enum):
    """What an end can do."""

    CPACE_A = "the console's share"
    CPACE_B = "the agent's share"
    CONFIRM_A = "the console's tag"
    CONFIRM_B = "the agent's tag"
    AGENT_OK = "the agent's acceptance"
    CONSOLE_OK = "the console's acceptance"
    ABORT = "an abort"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.OFFERED, Step.CPACE_A): State.ASKED,
    (State.ASKED, Step.CPACE_B): State.ANSWERED,
    (State.ANSWERED, Step.CONFIRM_A): State.CONSOLE_CONFIRMED,
    (State.CONSOLE_CONFIRMED, Step.CONFIRM_B): State.BOTH_CONFIRMED,
    (State.BOTH_CONFIRMED, Step.AGENT_OK): State.AGENT_OK,
    (State.BOTH_CONFIRMED, Step.CONSOLE_OK): State.CONSOLE_OK,
    (State.AGENT_OK, Step.CONSOLE_OK): State.PAIRED,
    (State.CONSOLE_OK, Step.AGENT_OK): State.PAIRED,
    **{(state, Step.ABORT): State.FAILED for state in State if state not in (State.PAIRED, State.FAILED)},
}


def after(state: State, step: Step) -> State:
    """The next state.  Raises `BadTransition`."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise BadTransition("A pairing run", state.value, step.value) from None
