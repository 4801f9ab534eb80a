"""Who is here: the agents' runs, by key and by ID.

A run outlives its connection, by `limits.RESUME` and for as long as it has a session, so that a dropped line changes
nothing. Kept in memory behind this class alone; nothing in it is secret but the customers' names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from broker.bandwidth import Figures
from broker.lines import Line
from broker.organisations.service import Organisation
from protocol import control

if TYPE_CHECKING:
    from broker.pairing.run import Pairing

AgentLine = Line[control.AgentToBroker]


@dataclass(slots=True, eq=False)
class AgentRun:
    """One run of the program on a customer's computer, named by its key."""

    pk: str
    """Ed25519, base64url."""
    org: Organisation
    hello: control.Hello = field(repr=False)
    address: str = field(repr=False)
    line: AgentLine | None = None
    id: str | None = None
    """The nine digits that it shows now, or shows again when it reconnects."""
    keeps_id: bool = False
    """The next code goes with the same ID: it has just reconnected with it."""
    ids: list[str] = field(default_factory=list)
    """IDs whose codes may still be good, oldest first."""
    figures: Figures | None = None
    """What was measured on its present line (Q10)."""
    pairing: "Pairing | None" = None
    session_id: str | None = None
    absent_since: float | None = None
    """When its line was lost, in monotonic seconds."""

    @property
    def measured(self) -> bool:
        """Whether its present line carries what its organisation asks for (Q10)."""
        return self.figures is not None and self.figures.result(self.org.bandwidth_floor_kbit).ok

    def post(self, message: control.Message) -> None:
        """Send, if it is there."""
        if self.line is not None:
            self.line.post(message)


class Presence:
    """The agents' runs that the broker knows."""

    def __init__(self) -> None:
        self._by_pk: dict[str, AgentRun] = {}
        self._by_id: dict[str, AgentRun] = {}

    def __iter__(self) -> Iterator[AgentRun]:
        return iter(list(self._by_pk.values()))

    def run(self, pk: str) -> AgentRun | None:
        """The run with that key."""
        return self._by_pk.get(pk)

    def holder(self, id: str) -> AgentRun | None:
        """The run that shows, or showed until just now, that ID."""
        return self._by_id.get(id)

    def waiting(self, org_id: str) -> int:
        """How many of an organisation's agents are here and in no session."""
        return sum(run.line is not None and run.session_id is None and run.org.id == org_id for run in self)

    def add(self, run: AgentRun) -> None:
        """A run that was not known."""
        self._by_pk[run.pk] = run
        if run.id is not None:
            self.name(run, run.id)

    def name(self, run: AgentRun, id: str) -> None:
        """`run` shows `id` from now on; codes of earlier IDs may still be good."""
        run.id = id
        if id not in run.ids:
            run.ids.append(id)
        self._by_id[id] = run

    def unname(self, run: AgentRun, id: str) -> None:
        """An ID of `run` is nobody's any more."""
        run.ids.remove(id)
        self._by_id.pop(id, None)

    def remove(self, run: AgentRun) -> None:
        """A run that will not come back."""
        self._by_pk.pop(run.pk, None)
        for id in run.ids:
            self._by_id.pop(id, None)
