"""Where a pairing run stands, as the broker that carries its messages sees it (steps 9–14): one table.

Counterpart: `protocol.pairing`, the two ends' machines.  Every message has its one place; another is refused and
changes nothing.

    OFFERED ─cpace_a─▶ ASKED ─cpace_b─▶ ANSWERED ─confirm_a─▶ CONSOLE_CONFIRMED ─confirm_b─▶ BOTH_CONFIRMED
    BOTH_CONFIRMED ─pair_ok of one─▶ AGENT_OK | CONSOLE_OK ─pair_ok of the other─▶ PAIRED        any ─abort─▶ FAILED
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from broker.agents.codes import Code
from broker.agents.presence import AgentRun
from broker.pairing.consoles import Console
from protocol import control
from protocol.errors import BadTransition
from protocol.offer import Offer

Early = control.Receipt | control.Refused | control.End
EARLY: Final = 2
"""An agreement and an end: more an agent has not to say so early."""


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


@dataclass(slots=True, eq=False)
class Pairing:
    """One run between an agent and a console."""

    session_id: str
    agent: AgentRun
    console: Console
    code: Code
    nonce_console: str
    offer: Offer | None = field(default=None, repr=False)
    offer_bytes: bytes = field(default=b"", repr=False)
    logged: bool = False
    """The log has it: whatever comes, it needs an end there."""
    state: State = State.OFFERED
    ya: bytes = b""
    yb: bytes = b""
    spent: Code | None = None
    """A code whose last try is gone; its agent hears of it if this run does not kill it anyway."""
    why: str = ""
    """Why the policy does not serve, in the operator's language."""
    early: list[Early] = field(default_factory=list)
    """What the agent said before the console's `PairOk` had come."""

    @property
    def reached_agent(self) -> bool:
        """The agent has been asked for a share: the code is spent, whatever comes."""
        return self.state is not State.OFFERED
