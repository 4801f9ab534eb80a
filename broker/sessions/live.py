"""Live sessions: who holds which end now, which line is open, what has to happen next (steps 15–30).

Counterparts: the agent's and the console's sessions, the relay.  Every change is in the log (`SessionService`) before
an end is told.  What the log cannot know, who is connected and which generation of the line is open, is kept here
alone; after a restart `restore` takes it up from the log.  Must never hold a key of a session.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final, Literal, Protocol

from broker.agents.presence import AgentRun, Presence
from broker.clock import Clock
from broker.errors import NotSignedIn
from broker.ids import new_id
from broker.log.events import EndedBy, LossReporter
from broker.operators.revocations import Revoked
from broker.pairing.consoles import Console, Consoles
from broker.sessions.seats import Seats
from broker.sessions.service import SessionService
from broker.timing import Timer
from protocol import control, limits
from protocol.errors import SignatureRefused
from protocol.receipt import Consent
from protocol.text import unb64url

Side = Literal["agent", "console"]

FromAgent = (
    control.Refused
    | control.Receipt
    | control.PermissionChanged
    | control.ChannelDown
    | control.ResumeRequest
    | control.End
)
FromConsole = control.ChannelDown | control.ResumeRequest | control.EndRequest

SLACK: Final = 15.0
"""Seconds that the broker waits beyond the agent's own deadlines, which are the ones that count."""


STANDSTILL: Final = 2 * limits.HEARTBEAT
"""Seconds without a heartbeat of the broker's own after which it cannot vouch for a session's time."""


class Stage(Enum):
    """Where a session stands."""

    AGREEING = "waiting for the customer"
    AGREED = "agreed, waiting for the line"
    JOINED = "joined"
    PAUSED = "paused"
    ENDED = "ended"


class Relays(Protocol):
    """What carries the data; `broker.relay.directory` is the one."""

    def ticket(self, pair_id: str, side: Side, g: int) -> tuple[str, str]:
        """Where the relay is, and a ticket that opens it once."""
        ...

    def drop(self, pair_id: str) -> None:
        """Close both ends' lines."""
        ...

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        """Bytes so far, agent → console and back, on the line that is open; None without one."""
        ...


@dataclass(frozen=True, slots=True)
class Paired:
    """What a pairing run leaves for the session that it begins."""

    session_id: str
    agent: AgentRun
    console: Console
    sid: bytes
    shares_sha256: bytes
    offer_sha256: bytes


@dataclass(slots=True, eq=False)
class Session:
    """One session that has not ended."""

    id: str
    org_id: str
    pk_agent: str
    agent_id: str
    """The nine digits that its code went with."""
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
    asked: dict[Side, int] = field(default_factory=dict)
    """Who asks for a new line, with the last generation that it used."""
    deadline: float | None = None
    """When the broker ends it by itself, in monotonic seconds."""
    beat: tuple[int, int] = (0, 0)
    """Bytes counted at the last heartbeat."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held across each change of stage and its commit."""


class LiveSessions:
    """Every session of this process that has not ended."""

    def __init__(
        self, *, sessions: SessionService, seats: Seats, presence: Presence, consoles: Consoles, relays: Relays,
        timer: Timer, clock: Clock,
    ) -> None:  # fmt: skip
        self._clock, self._awake = clock, timer.now()
        self._log, self._seats, self._presence, self._consoles = sessions, seats, presence, consoles
        self._relays, self._timer = relays, timer
        self._by_id: dict[str, Session] = {}
        self._by_pair: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    # Beginning -------------------------------------------------------------------------------------------------------

    async def begin(self, paired: Paired) -> None:
        """Both ends have said `PairOk` and the log has it: tickets go out (step 15), the customer is being asked."""
        who = paired.console.principal
        session = Session(
            id=paired.session_id, org_id=who.org_id, pk_agent=paired.agent.pk, agent_id=paired.agent.id or "",
            operator_id=who.operator_id, sign_in_id=who.sign_in_id, console=paired.console, paired=paired,
        )  # fmt: skip
        self._add(session, paired.agent)
        self._wait(session, limits.CONSENT)
        await self._seats.take(session.id, session.sign_in_id)
        ended = await self._log.ended_message(session.id)
        async with session.lock:
            if session.stage is Stage.ENDED:
                return
            if ended is not None:  # the customer was quicker
                await self._close(session, ended)
            else:
                self._open_line(session)

    async def restore(self) -> None:
        """After a start: what may still resume waits for its two ends."""
        recovered = await self._log.recover()
        seats = await self._seats.keep_only([opened.session_id for opened in recovered])
        for opened in recovered:
            session = Session(
                id=opened.session_id, org_id=opened.org_id, pk_agent=opened.pk_agent, agent_id=opened.agent_id,
                operator_id=opened.operator_id, sign_in_id=seats.get(opened.session_id, ""), console=None, g=opened.g,
                stage=Stage.AGREED if opened.state == "consented" else Stage.PAUSED,
            )  # fmt: skip
            self._add(session, self._presence.run(opened.pk_agent))
            self._wait(session, limits.RESUME)

    def of_agent(self, pk: str) -> Session | None:
        """The session of the run with that key."""
        return next((session for session in self._by_id.values() if session.pk_agent == pk), None)

    def _add(self, session: Session, agent: AgentRun | None) -> None:
        self._by_id[session.id] = session
        self._by_pair[session.pair_id] = session
        if agent is not None:
            agent.session_id = session.id

    # What agents do --------------------------------------------------------------------------------------------------

    async def from_agent(self, agent: AgentRun, message: FromAgent) -> None:
        """A message about a session.  Raises what `SessionService` raises; then nothing has changed."""
        if isinstance(message, control.End):
            await self._ended_by_agent(agent, message)
            return
        session = self._by_id.get(message.session_id)
        if session is None or session.pk_agent != agent.pk:
            agent.post(self._gone(message))
            return
        match message:
            case control.Refused():
                await self._end(session, message.reason, by="customer")
            case control.Receipt():
                await self._consented(session, message)
            case control.PermissionChanged():
                agent.post(await self._log.permission_changed(message))
            case control.ChannelDown():
                await self._lost(session, message.g, "agent")
            case control.ResumeRequest():
                await self._asks(session, "agent", message.last_g)

    def agent_lost(self, agent: AgentRun) -> None:
        """Its control connection is gone; it has as long as without a line to come back."""
        session = self.of_agent(agent.pk)
        if session is not None:
            session.asked.pop("agent", None)
            if session.deadline is None:
                self._wait(session, limits.RESUME)

    def agent_back(self, agent: AgentRun) -> None:
        """It has connected again."""
        session = self.of_agent(agent.pk)
        if session is not None:
            agent.session_id = session.id
            if session.stage is Stage.JOINED:
                session.deadline = None

    async def _ended_by_agent(self, agent: AgentRun, message: control.End) -> None:
        session = self._by_id.get(message.session_id)
        if session is None:
            ended = await self._log.ended_by_agent(message)
            session = self._by_id.get(message.session_id)  # it may have begun meanwhile
            if session is None:
                agent.post(ended)
                return
        async with session.lock:
            await self._count_no_standstill(session)
            await self._close(session, await self._log.ended_by_agent(message))

    async def _consented(self, session: Session, receipt: control.Receipt) -> None:
        """Steps 20 and 21.  Run, shares and offer are checked here, where they are known; the rest by the log."""
        if session.paired is not None:
            consent = Consent.read(unb64url(receipt.body), receipt.sig, unb64url(session.pk_agent))
            expected = (session.id, session.paired.sid, session.paired.shares_sha256, session.paired.offer_sha256)
            if (consent.session_id, consent.sid, consent.shares_sha256, consent.offer_sha256) != expected:
                raise SignatureRefused("a consent to this session")
        async with session.lock:
            ack = await self._log.consented(receipt)
            if session.stage is Stage.AGREEING:
                session.stage = Stage.AGREED
                self._wait(session, limits.RESUME)
            self._tell(session, ack)
            await self._maybe_joined(session)

    # What consoles do ------------------------------------------------------------------------------------------------

    async def from_console(self, console: Console, message: FromConsole) -> None:
        """A message about a session; another operator's is as good as unknown."""
        session = self._by_id.get(message.session_id)
        if session is None or session.operator_id != console.principal.operator_id:
            console.post(self._gone(message))
            return
        if session.sign_in_id != console.principal.sign_in_id:
            console.post(control.ResumeDenied(session_id=session.id, reason="not_yours"))
            return
        match message:
            case control.EndRequest():
                await self._end(session, "technician", by="technician")
            case control.ChannelDown():
                await self._lost(session, message.g, "console")
            case control.ResumeRequest():
                session.console = console
                await self._asks(session, "console", message.last_g)

    def console_lost(self, console: Console) -> None:
        """Its control connection is gone; the session goes on while its line does, and may be resumed."""
        for session in self:
            if session.console is console:
                session.console = None
                session.asked.pop("console", None)

    async def revoked(self, revoked: Revoked) -> None:
        """A sign-in or an account is over (pairing rule 7): its sockets close, its sessions end."""
        for console in self._consoles:
            if revoked.covers(console.principal.operator_id, console.principal.sign_in_id):
                console.line.close(NotSignedIn.close_code, revoked.reason)
        reason: control.EndReason = "operator_disabled" if revoked.reason == "operator_disabled" else "signed_out"
        for session in self:
            if revoked.covers(session.operator_id, session.sign_in_id):
                await self._end(session, reason, by="broker")

    # What the relay saw ----------------------------------------------------------------------------------------------

    async def line_opened(self, pair_id: str, g: int) -> None:
        """Both ends are on the relay (step 16)."""
        session = self._by_pair.get(pair_id)
        if session is None:
            self._relays.drop(pair_id)
            return
        async with session.lock:
            if session.stage is Stage.ENDED or g != session.g:
                return
            session.open_g, session.beat = g, (0, 0)
            await self._maybe_joined(session)

    async def line_closed(self, pair_id: str, g: int, up: int, down: int) -> None:
        """One end or both have left the relay, which carried so many bytes agent → console (`up`) and back."""
        session = self._by_pair.get(pair_id)
        if session is None:
            return
        if session.stage is Stage.ENDED:
            del self._by_pair[pair_id]
        else:
            await self._lost(session, g, "relay")
        await self._log.note_bytes(session.id, g, up, down)

    # What time does --------------------------------------------------------------------------------------------------

    async def heartbeat(self) -> None:
        """Step 23: every session of which the relay has seen bytes both ways since the last one is alive."""
        for session in self:
            async with session.lock:
                await self._count_no_standstill(session)
        self._awake = self._timer.now()
        alive: list[str] = []
        for session in self:
            counted = self._relays.counted(session.pair_id)
            if session.stage is not Stage.JOINED or counted is None:
                continue
            if counted[0] > session.beat[0] and counted[1] > session.beat[1]:
                alive.append(session.id)
                session.beat = counted
        if alive:
            await self._log.heartbeat(alive)

    async def end_overdue(self) -> None:
        """End what the agent should have ended itself by now."""
        now = self._timer.now()
        for session in self:
            if session.deadline is not None and session.deadline <= now:
                agent = self._presence.run(session.pk_agent)
                if agent is None or agent.line is None:
                    await self._end(session, "no_end_message", by="broker")
                elif session.stage is Stage.AGREEING:
                    await self._end(session, "consent_timeout", by="broker")
                else:
                    await self._end(session, "line_lost", by="broker")

    # Changes of stage ------------------------------------------------------------------------------------------------

    def _open_line(self, session: Session) -> None:
        """Step 15: tickets of the next generation for both."""
        session.g = max(session.g, *session.asked.values(), 0) + 1
        session.asked.clear()
        self._post_agent(session, self._ticket(session, "agent"))
        self._post_console(session, self._ticket(session, "console"))

    def _ticket(self, session: Session, side: Side) -> control.Ticket:
        url, token = self._relays.ticket(session.pair_id, side, session.g)
        return control.Ticket(session_id=session.id, relay_url=url, g=session.g, token=token)

    async def _asks(self, session: Session, side: Side, last_g: int) -> None:
        """Step 25: when both have asked, a new line is made; asking means that the old one is no use."""
        if session.open_g:
            await self._lost(session, session.open_g, side)
        session.asked[side] = last_g
        if len(session.asked) == 2:
            self._open_line(session)
        else:
            self._relays.drop(session.pair_id)  # the other may be waiting there, and has to ask too

    async def _lost(self, session: Session, g: int, reporter: LossReporter) -> None:
        async with session.lock:
            await self._count_no_standstill(session)
            if session.stage is Stage.ENDED or g != session.g or g != session.open_g:
                return
            if session.stage is Stage.JOINED:
                await self._log.paused(session.id, g, reporter)
            self._line_gone(session)

    def _line_gone(self, session: Session) -> None:
        session.open_g = 0
        self._relays.drop(session.pair_id)
        if session.stage is Stage.JOINED:
            session.stage = Stage.PAUSED
            self._wait(session, limits.RESUME)

    async def _count_no_standstill(self, session: Session) -> None:
        """A broker that stood still (stopped, a sleeping machine) saw nothing: the line is lost since its last beat."""
        still = self._timer.now() - self._awake
        if session.stage is Stage.JOINED and still > STANDSTILL:
            since = self._clock.utc() - timedelta(seconds=still)
            await self._log.paused(session.id, session.open_g, "broker", since)
            self._line_gone(session)

    async def _maybe_joined(self, session: Session) -> None:
        """Step 23: agreed, and both on the line."""
        if not session.open_g or session.stage not in (Stage.AGREED, Stage.PAUSED):
            return
        if session.stage is Stage.AGREED:
            joined = await self._log.joined(session.id, session.open_g)
            self._tell(session, joined)
        else:
            await self._log.resumed(session.id, session.open_g)
        session.stage, session.deadline = Stage.JOINED, None

    async def _end(self, session: Session, reason: control.EndReason, by: EndedBy) -> None:
        async with session.lock:
            if session.stage is not Stage.ENDED:
                await self._count_no_standstill(session)
                await self._close(session, await self._log.ended(session.id, reason, by))

    async def _close(self, session: Session, ended: control.Ended) -> None:
        """Step 29: it is in the log; tell everyone and forget."""
        session.stage = Stage.ENDED
        self._tell(session, ended)
        self._relays.drop(session.pair_id)
        self._by_id.pop(session.id, None)
        if not session.open_g:
            self._by_pair.pop(session.pair_id, None)
        agent = self._presence.run(session.pk_agent)
        if agent is not None and agent.session_id == session.id:
            agent.session_id = None
        await self._seats.leave(session.id)

    def _gone(self, message: FromAgent | FromConsole) -> control.Message:
        """What is answered about a session that does not live, or is another's."""
        if isinstance(message, control.ResumeRequest):
            return control.ResumeDenied(session_id=message.session_id, reason="ended")
        return control.Failure(reason="unknown_session", session_id=message.session_id)

    def _wait(self, session: Session, seconds: float) -> None:
        session.deadline = self._timer.now() + seconds + SLACK

    def _tell(self, session: Session, message: control.Message) -> None:
        self._post_agent(session, message)
        self._post_console(session, message)

    def _post_agent(self, session: Session, message: control.Message) -> None:
        agent = self._presence.run(session.pk_agent)
        if agent is not None:
            agent.post(message)

    def _post_console(self, session: Session, message: control.Message) -> None:
        if session.console is not None:
            session.console.post(message)
