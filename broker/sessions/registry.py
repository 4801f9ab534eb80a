"""The sessions that have not ended, and how their two ends are reached.

Counterparts: `live.py`, which hears both ends, and `lines.py`, which looks after the lines between them.  Kept in
memory alone; the log has what must last.  Must never hold a key of a session.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

import structlog

from broker.agents.presence import AgentRun, Presence
from broker.ids import new_id
from broker.log.events import LossReporter
from broker.pairing.consoles import Console
from protocol import control

log = structlog.get_logger(__name__)

Side = Literal["agent", "console"]


class Stage(Enum):
    """Where a session stands."""

    AGREEING = "waiting for the customer"
    AGREED = "agreed, waiting for the line"
    JOINED = "joined"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Paired:
    """What a pairing run leaves for the session that it begins."""

    session_id: str
    agent: AgentRun
    console: Console
    sid: bytes
    shares_sha256: bytes
    offer_sha256: bytes


@dataclass(frozen=True, slots=True)
class Loss:
    """A line that is gone, of which the log has not heard yet.  `at`: monotonic seconds."""

    g: int
    reporter: LossReporter
    at: float


@dataclass(slots=True, eq=False)
class Session:
    """One session that has not ended."""

    id: str
    org_id: str
    pk_agent: str
    operator_id: str
    sign_in_id: str
    """The only one that may take the console's end up again."""
    console: Console | None
    stage: Stage = Stage.AGREEING
    pair_id: str = field(default_factory=new_id)
    """What the relay knows the session by."""
    paired: Paired | None = None
    g: int = 0
    """The last generation for which tickets went out."""
    open_g: int = 0
    """The generation whose line is open; 0 for none."""
    loss: Loss | None = None
    """Only while paused: what is still to be written down."""
    asked: dict[Side, int] = field(default_factory=dict)
    """Who asks for a new line, with the last generation that it used."""
    deadline: float | None = None
    """When the broker ends it by itself, in monotonic seconds."""
    beat: tuple[int, int] = (0, 0)
    """Bytes counted at the last heartbeat."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held across each change of stage and its commit."""


@contextmanager
def alone(session: Session) -> Iterator[None]:
    """What fails with one session is logged, and keeps nobody from the next one."""
    try:
        yield
    except Exception:
        log.exception("session_failed", session_id=session.id)


class Registry:
    """Every session of this process that has not ended."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._by_id: dict[str, Session] = {}
        self._by_pair: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, session_id: str) -> Session | None:
        """The session with that ID."""
        return self._by_id.get(session_id)

    def of_pair(self, pair_id: str) -> Session | None:
        """The session that the relay knows by that name; one that has ended, until its line is gone."""
        return self._by_pair.get(pair_id)

    def of_agent(self, pk: str) -> Session | None:
        """The session of the run with that key."""
        return next((session for session in self._by_id.values() if session.pk_agent == pk), None)

    def add(self, session: Session) -> None:
        """It begins, or is taken up after a restart."""
        self._by_id[session.id] = session
        self._by_pair[session.pair_id] = session
        if (agent := self.agent(session)) is not None:
            agent.session_id = session.id

    def remove(self, session: Session) -> None:
        """It has ended: its agent is free, and gets another ID (step 30)."""
        self._by_id.pop(session.id, None)
        if not session.open_g:
            self._by_pair.pop(session.pair_id, None)
        agent = self.agent(session)
        if agent is not None and agent.session_id == session.id:
            agent.session_id, agent.id, agent.keeps_id = None, None, False

    def forget_pair(self, pair_id: str) -> None:
        """The line of a session that has ended is gone."""
        del self._by_pair[pair_id]

    # Its two ends ----------------------------------------------------------------------------------------------------

    def agent(self, session: Session) -> AgentRun | None:
        """The agent's run, if it is known now."""
        return self._presence.run(session.pk_agent)

    def post(self, session: Session, side: Side, message: control.Message) -> None:
        """Tell one end, if it is there."""
        end = self.agent(session) if side == "agent" else session.console
        if end is not None:
            end.post(message)

    def tell(self, session: Session, message: control.Message) -> None:
        """Tell both."""
        self.post(session, "agent", message)
        self.post(session, "console", message)
