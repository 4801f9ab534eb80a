"""The states of a ticket and the one table of what leads from each to which."""

from enum import StrEnum
from typing import Final

from broker.errors import Conflict
from broker.i18n import N_


class State(StrEnum):
    """Whose turn it is."""

    WAITING = "waiting"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"


class Step(StrEnum):
    """What happens to a ticket."""

    TAKE = "take"
    RELEASE = "release"
    ANSWER = "answer"
    HEAR = "hear"
    """The customer says something."""
    CLOSE = "close"
    REFUSE = "refuse"


_S, _T = State, Step
TABLE: Final[dict[tuple[State, Step], State]] = {
    (_S.WAITING, _T.TAKE): _S.TAKEN,
    (_S.WAITING, _T.ANSWER): _S.ANSWERED,
    (_S.WAITING, _T.HEAR): _S.WAITING,
    (_S.WAITING, _T.CLOSE): _S.CLOSED,
    (_S.WAITING, _T.REFUSE): _S.REFUSED,
    (_S.TAKEN, _T.RELEASE): _S.WAITING,
    (_S.TAKEN, _T.ANSWER): _S.ANSWERED,
    (_S.TAKEN, _T.HEAR): _S.TAKEN,
    (_S.TAKEN, _T.CLOSE): _S.CLOSED,
    (_S.TAKEN, _T.REFUSE): _S.REFUSED,
    (_S.ANSWERED, _T.RELEASE): _S.WAITING,
    (_S.ANSWERED, _T.ANSWER): _S.ANSWERED,
    (_S.ANSWERED, _T.HEAR): _S.TAKEN,
    (_S.ANSWERED, _T.CLOSE): _S.CLOSED,
    (_S.CLOSED, _T.HEAR): _S.WAITING,
}
"""What a customer says to a closed ticket opens it again, for whoever takes it next (I14)."""

OPEN: Final = frozenset({_S.WAITING, _S.TAKEN, _S.ANSWERED})


def after(state: State, step: Step) -> State:
    """The state after `step`.  Raises `Conflict` where there is none."""
    try:
        return TABLE[state, step]
    except KeyError:
        raise Conflict(N_("The ticket's state does not allow that. Look again at where it stands.")) from None
