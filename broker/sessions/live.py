"""Live sessions: what their two ends say, and what has to happen next (steps 15–30).

Counterparts: the agent's and the console's sessions.  Every change is in the log (`SessionService`) before an end is
told.  What the log cannot know is kept in `registry.py` alone, and `lines.py` looks after the line between the ends;
after a restart `restore` takes it up from the log.  Must never hold a key of a session.
"""

from collections.abc import Awaitable, Callable, Iterator

from broker.agents.identities import Identities
from broker.agents.presence import AgentRun, Presence
from broker.clock import Clock
from broker.errors import NotSignedIn
from broker.log.events import EndedBy
from broker.operators.revocations import Revoked
from broker.pairing.consoles import Console, Consoles
from broker.sessions.lines import Relays, SessionLines
from broker.sessions.registry import Paired, Registry, Session, Stage, alone
from broker.sessions.seats import Seats
from broker.sessions.service import SessionService
from broker.timing import Timer
from protocol import control, limits
from protocol.errors import SignatureRefused
from protocol.receipt import Consent
from protocol.text import unb64url

FromAgent = (
    control.Refused
    | control.Receipt
    | control.PermissionChanged
    | control.ChannelDown
    | control.ResumeRequest
    | control.End
)
FromConsole = control.ChannelDown | control.ResumeRequest | control.EndRequest


Costs = Callable[[str, str], Awaitable[control.Meter | None]]
"""(organisation, session) → what it has come to, where there is a price."""


class LiveSessions:
    """Every session of this process that has not ended."""

    def __init__(
        self, *, sessions: SessionService, seats: Seats, presence: Presence, consoles: Consoles, relays: Relays,
        identities: Identities, timer: Timer, clock: Clock,
    ) -> None:  # fmt: skip
        self._log, self._seats, self._consoles, self._identities = sessions, seats, consoles, identities
        self._timer = timer
        self._registry = Registry(presence)
        self.lines = SessionLines(sessions=sessions, registry=self._registry, relays=relays, timer=timer, clock=clock)

    def __iter__(self) -> Iterator[Session]:
        return iter(self._registry)

    def __len__(self) -> int:
        return len(self._registry)

    def has(self, pk_agent: str) -> bool:
        """Whether the run with that key is in a session."""
        return self._registry.of_agent(pk_agent) is not None

    # Beginning -------------------------------------------------------------------------------------------------------

    async def begin(self, paired: Paired) -> None:
        """Both ends have said `PairOk` and the log has it: tickets go out (step 15), the customer is being asked."""
        who = paired.console.principal
        session = Session(
            id=paired.session_id, org_id=who.org_id, pk_agent=paired.agent.pk,
            operator_id=who.operator_id, sign_in_id=who.sign_in_id, console=paired.console, paired=paired,
        )  # fmt: skip
        self._registry.add(session)
        self.lines.wait(session, limits.CONSENT)
        await self._seats.take(session.id, session.sign_in_id)
        ended = await self._log.ended_message(session.id)
        async with session.lock:
            if session.stage is Stage.ENDED:
                return
            if ended is not None:  # the customer was quicker
                await self._close(session, ended)
            else:
                self.lines.open(session)

    async def restore(self) -> None:
        """After a start: what may still resume waits for its two ends."""
        recovered = await self._log.recover()
        seats = await self._seats.keep_only([opened.session_id for opened in recovered])
        for opened in recovered:
            session = Session(
                id=opened.session_id, org_id=opened.org_id, pk_agent=opened.pk_agent,
                operator_id=opened.operator_id, sign_in_id=seats.get(opened.session_id, ""), console=None, g=opened.g,
                stage=Stage.AGREED if opened.state == "consented" else Stage.PAUSED,
            )  # fmt: skip
            self._registry.add(session)
            self.lines.wait(session, limits.RESUME)

    async def tell_costs(self, so_far: Costs) -> None:
        """Both ends of every joined session hear what it has come to."""
        for session in [one for one in self._registry if one.stage is Stage.JOINED]:
            with alone(session):
                meter = await so_far(session.org_id, session.id)
                if meter is not None and session.stage is Stage.JOINED:
                    self._registry.tell(session, meter)

    # What agents do --------------------------------------------------------------------------------------------------

    async def from_agent(self, agent: AgentRun, message: FromAgent) -> None:
        """A message about a session.  Raises what `SessionService` raises; then nothing has changed."""
        if isinstance(message, control.End):
            await self._ended_by_agent(agent, message)
            return
        session = self._registry.get(message.session_id)
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
                await self.lines.lost(session, message.g, "agent")
            case control.ResumeRequest():
                await self.lines.asked(session, "agent", message.last_g)

    def agent_lost(self, agent: AgentRun) -> None:
        """Its control connection is gone; it has as long as without a line to come back."""
        session = self._registry.of_agent(agent.pk)
        if session is not None:
            session.asked.pop("agent", None)
            if session.deadline is None:
                self.lines.wait(session, limits.RESUME)

    def agent_back(self, agent: AgentRun) -> None:
        """It has connected again."""
        session = self._registry.of_agent(agent.pk)
        if session is not None:
            agent.session_id = session.id
            if session.stage is Stage.JOINED:
                session.deadline = None

    async def _ended_by_agent(self, agent: AgentRun, message: control.End) -> None:
        session = self._registry.get(message.session_id)
        if session is None:
            ended = await self._log.ended_by_agent(message)
            session = self._registry.get(message.session_id)  # it may have begun meanwhile
            if session is None:
                agent.post(ended)
                return
        async with session.lock:
            await self.lines.count_no_standstill(session)
            ended = await self._log.ended_by_agent(message, self.lines.lost_utc(session))
            await self._close(session, ended)

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
                self.lines.wait(session, limits.RESUME)
            self._registry.tell(session, ack)
            await self.lines.maybe_joined(session)

    # What consoles do ------------------------------------------------------------------------------------------------

    async def from_console(self, console: Console, message: FromConsole) -> None:
        """A message about a session; another operator's is as good as unknown."""
        session = self._registry.get(message.session_id)
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
                await self.lines.lost(session, message.g, "console")
            case control.ResumeRequest():
                session.console = console
                await self.lines.asked(session, "console", message.last_g)

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
                with alone(session):
                    await self._end(session, reason, by="broker")

    # What time does --------------------------------------------------------------------------------------------------

    async def end_overdue(self) -> None:
        """End what the agent should have ended itself by now."""
        now = self._timer.now()
        for session in self:
            if session.deadline is not None and session.deadline <= now:
                with alone(session):
                    await self._end(session, self._why_overdue(session), by="broker")

    def _why_overdue(self, session: Session) -> control.EndReason:
        agent = self._registry.agent(session)
        if agent is None or agent.line is None:
            return "no_end_message"
        return "consent_timeout" if session.stage is Stage.AGREEING else "line_lost"

    # The end ---------------------------------------------------------------------------------------------------------

    async def _end(self, session: Session, reason: control.EndReason, by: EndedBy) -> None:
        async with session.lock:
            if session.stage is not Stage.ENDED:
                await self.lines.count_no_standstill(session)
                ended = await self._log.ended(session.id, reason, by, self.lines.lost_utc(session))
                await self._close(session, ended)

    async def _close(self, session: Session, ended: control.Ended) -> None:
        """Step 29: it is in the log; tell everyone and forget.  The agent's next ID is a new one (step 30)."""
        session.stage = Stage.ENDED
        self._registry.tell(session, ended)
        self.lines.close(session)
        self._registry.remove(session)
        await self._seats.leave(session.id)
        await self._identities.retire(session.pk_agent)

    def _gone(self, message: FromAgent | FromConsole) -> control.Message:
        """What is answered about a session that does not live, or is another's."""
        if isinstance(message, control.ResumeRequest):
            return control.ResumeDenied(session_id=message.session_id, reason="ended")
        return control.Failure(reason="unknown_session", session_id=message.session_id)
