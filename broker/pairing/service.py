"""Pairing as the broker does it: judge the server part, make the offer, carry the run (steps 6–14).

Counterpart: `protocol.pairing` at both ends.  Before a right server part every answer is `denied`, exactly
`limits.DENIED_AFTER` after the request.  Whatever ends a run that reached the agent kills every live code of that
agent. Must never see the agent's half of a password, nor make use of the shares and tags that it carries.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from broker.agents.codes import Code, CodeBook
from broker.agents.presence import AgentRun, Presence
from broker.ids import new_id
from broker.lines import REFUSALS, ended_by, failure
from broker.log.events import EndedBy
from broker.organisations.service import OrganisationService
from broker.pairing.consoles import Console
from broker.pairing.judge import Judge
from broker.pairing.offering import offer_of, requested
from broker.pairing.run import EARLY, Early, Pairing, State, Step, after
from broker.pairing.whom import Whom
from broker.sessions.live import LiveSessions
from broker.sessions.registry import Paired
from broker.sessions.service import SessionService
from broker.tasks import Tasks
from broker.timing import Timer
from broker.work.quote import Asked, Quote
from protocol import control, limits, receipt
from protocol.codec import offer_bytes
from protocol.errors import BadTransition, ProtocolError
from protocol.text import b64url, sha256, unb64url

log = structlog.get_logger(__name__)

LATENESS: Final = 2.0
"""Seconds that the broker gives a run beyond the agent's own `limits.PAIRING_RUN`."""
DENIALS_AT_ONCE: Final = 32
"""Of one console; a person does not ask faster than they come."""


class Impatient(ProtocolError):
    """A console that asks on and on without waiting for its denials."""

    close_code = 4429

    def __init__(self) -> None:
        super().__init__("Too many requests that have not been answered yet")


Quoting = Callable[[Asked], Awaitable[Quote | None]]
"""What the policy says about a session that is asked for; None: there is no policy."""
Knowing = Callable[[str, control.PairRequest], Awaitable[Whom | None]]
"""(organisation, request) → whom it is for; None: what it names is not the organisation's."""

FromAgent = control.CpaceB | control.ConfirmB | control.PairOk | control.PairAbort
FromConsole = control.CpaceA | control.ConfirmA | control.PairOk | control.PairAbort


class PairingService:
    """Every run of this process."""

    def __init__(
        self, *, presence: Presence, codes: CodeBook, organisations: OrganisationService, sessions: SessionService,
        live: LiveSessions, timer: Timer, tasks: Tasks, public_origin: str, quote: Quoting, known: Knowing,
    ) -> None:  # fmt: skip
        self._presence, self._codes, self._organisations = presence, codes, organisations
        self._sessions, self._live, self._timer, self._tasks = sessions, live, timer, tasks
        self._quote, self._known = quote, known
        self._judge = Judge(presence, codes, sessions, timer, tasks, public_origin)

    # What consoles do ------------------------------------------------------------------------------------------------

    async def request(self, console: Console, message: control.PairRequest) -> None:
        """Steps 6–9."""
        asked_at = self._timer.now()
        guess, refusal = await self._judge.guess(console, message, asked_at)
        pairing: Pairing | None = None
        if refusal is None and guess.code is not None:
            agent = self._presence.holder(guess.code.id)
            refusal = self._judge.policy(message, agent)
            if refusal is None and agent is not None:
                pairing = self._begin(console, message, agent, guess.code)
                pairing.spent = guess.spent
                try:
                    refusal = await self._offer(pairing, message)
                except Exception:
                    self._forget(pairing)
                    raise
            if refusal is None:
                return
        self._tell_spent(guess.spent)
        if console.denials == DENIALS_AT_ONCE:
            raise Impatient
        console.denials += 1
        why = pairing.why if pairing else ""
        denied = control.PairDenied(request_id=message.request_id, reason=refusal or "denied", why=why)
        self._tasks.start(self._deny(console, denied, asked_at + limits.DENIED_AFTER), "pair_denied")

    async def from_console(self, console: Console, message: FromConsole) -> None:
        """The console's part of a run."""
        pairing = console.pairings.get(message.session_id)
        if pairing is None:
            console.post(control.Failure(reason="unknown_session", session_id=message.session_id))
            return
        match message:
            case control.PairAbort():
                await self._fail(pairing, message.reason, by="technician")
            case control.CpaceA():
                share = unb64url(message.ya)  # first: one that cannot be read changes nothing
                pairing.state = after(pairing.state, Step.CPACE_A)
                pairing.ya = share
                pairing.agent.post(message)
            case control.ConfirmA():
                pairing.state = after(pairing.state, Step.CONFIRM_A)
                pairing.agent.post(message)
            case control.PairOk():
                pairing.state = after(pairing.state, Step.CONSOLE_OK)
                await self._maybe_paired(pairing)

    async def console_lost(self, console: Console) -> None:
        """Its connection is gone: its runs end."""
        for pairing in list(console.pairings.values()):
            await self._fail(pairing, "console_lost", by="technician")

    # What agents do --------------------------------------------------------------------------------------------------

    async def from_agent(self, agent: AgentRun, message: FromAgent) -> None:
        """The agent's part of a run."""
        pairing = agent.pairing
        if pairing is None or pairing.session_id != message.session_id:
            agent.post(control.Failure(reason="unknown_session", session_id=message.session_id))
            return
        match message:
            case control.PairAbort():
                await self._fail(pairing, message.reason, by="customer")
            case control.CpaceB():
                share = unb64url(message.yb)
                pairing.state = after(pairing.state, Step.CPACE_B)
                pairing.yb = share
                pairing.console.post(message)
            case control.ConfirmB():
                pairing.state = after(pairing.state, Step.CONFIRM_B)
                pairing.console.post(message)
            case control.PairOk():
                pairing.state = after(pairing.state, Step.AGENT_OK)
                await self._maybe_paired(pairing)

    def hold(self, agent: AgentRun, message: Early) -> bool:
        """Keep what overtook the console's `PairOk`, or its commit.  False when it belongs to no run, or need not wait.

        An end need not: before the console has agreed it is written down at once, and there will be no session.
        """
        pairing = agent.pairing
        if pairing is None or pairing.session_id != message.session_id or len(pairing.early) == EARLY:
            return False
        if isinstance(message, control.End) and pairing.state is not State.PAIRED:
            return False
        pairing.early.append(message)
        return True

    async def code_dead(self, agent: AgentRun, message: control.CodeDead) -> None:
        """The agent says that a code opens nothing any more (rule 4: a rotated one alone, otherwise every one)."""
        if message.reason == "rotated":
            for id in agent.ids:
                await self._codes.kill(id, message.code_id)
            return
        await self._kill_codes(agent)
        if message.reason != "used" and agent.pairing is not None:
            await self._fail(agent.pairing, message.reason, by="customer")

    async def agent_lost(self, agent: AgentRun) -> None:
        """Its connection is gone: its run ends."""
        if agent.pairing is not None:
            await self._fail(agent.pairing, "agent_lost", by="customer")

    # Denying --------------------------------------------------------------------------------------------------------

    async def _deny(self, console: Console, denied: control.PairDenied, at: float) -> None:
        await self._timer.until(at)
        console.denials -= 1
        console.post(denied)

    def _tell_spent(self, code: Code | None) -> None:
        """A code's last try is gone: it is on the customer's screen but opens nothing, so the agent gets another.

        During a run it hears of that later: the run may be this code's own.
        """
        agent = self._presence.holder(code.id) if code is not None else None
        if code is not None and agent is not None and agent.pairing is not None:
            agent.pairing.spent = code
        elif code is not None and agent is not None:
            reason: Final = "tries_spent" if code.guessed else "tries_refused"
            agent.post(control.CodeDead(code_id=code.code_id, reason=reason))

    # A run -----------------------------------------------------------------------------------------------------------

    def _begin(self, console: Console, message: control.PairRequest, agent: AgentRun, code: Code) -> Pairing:
        """From here the agent is taken: nothing is awaited between the judgement and this."""
        pairing = Pairing(new_id(), agent, console, code, message.nonce_console)
        agent.pairing = pairing
        console.pairings[pairing.session_id] = pairing
        return pairing

    async def _offer(self, pairing: Pairing, message: control.PairRequest) -> control.DenialReason | None:
        """Steps 8 and 9: commit, then tell both ends."""
        agent, console = pairing.agent, pairing.console
        organisation = await self._organisations.get(console.principal.org_id)
        if message.service not in organisation.services:
            self._forget(pairing)
            return "unknown_service"
        whom = await self._known(organisation.id, message)
        if whom is None:
            self._forget(pairing)
            return "unknown_record"
        said = await self._quote(Asked(organisation.id, whom.customer_id, whom.order_id, whom.urgent))
        if said is not None and said.refused is not None:
            self._forget(pairing)
            pairing.why = said.why(console.principal.lang)
            agent.post(control.NotServed(es=said.why("es"), en=said.why("en")))
            return "not_served"
        pairing.offer = offer_of(console, agent, organisation, message, said)
        pairing.offer_bytes = offer_bytes(pairing.offer)
        await self._sessions.requested(requested(pairing, whom))
        pairing.logged = True
        if pairing.state is State.FAILED:  # an end was lost meanwhile
            await self._sessions.ended(pairing.session_id, "pairing_failed")
            return "agent_silent"
        offered = control.PairOffer(
            session_id=pairing.session_id, request_id=message.request_id, code_id=pairing.code.code_id,
            nonce_console=pairing.nonce_console, nonce_agent=pairing.code.nonce_agent,
            offer=b64url(pairing.offer_bytes),
        )  # fmt: skip
        console.post(offered)
        agent.post(offered)
        self._tasks.start(self._time_out(pairing), "pairing_deadline")
        return None

    async def _time_out(self, pairing: Pairing) -> None:
        await self._timer.until(self._timer.now() + limits.PAIRING_RUN + LATENESS)
        if pairing.state not in (State.PAIRED, State.FAILED):
            await self._fail(pairing, "timeout", by="broker")

    async def _maybe_paired(self, pairing: Pairing) -> None:
        if pairing.state is not State.PAIRED or pairing.offer is None:
            return
        try:
            await self._sessions.paired(pairing.session_id)
        except BadTransition:  # the customer was quicker and has ended it
            self._forget(pairing)
            ended = await self._sessions.ended_message(pairing.session_id)
            if ended is not None:
                pairing.console.post(ended)
            return
        except Exception:  # a full disk, a locked database: nobody is paired, and both ends are free again
            log.exception("pairing_not_recorded", session_id=pairing.session_id)
            await self._give_up(pairing)
            return
        await self._kill_codes(pairing.agent)
        self._forget(pairing)
        paired = Paired(
            session_id=pairing.session_id, agent=pairing.agent, console=pairing.console,
            sid=receipt.sid(pairing.session_id, pairing.nonce_console, pairing.code.nonce_agent),
            shares_sha256=sha256(pairing.ya, pairing.yb), offer_sha256=sha256(pairing.offer_bytes),
        )  # fmt: skip
        await self._live.begin(paired)
        for message in pairing.early:
            try:
                await self._live.from_agent(pairing.agent, message)
            except REFUSALS as error:
                pairing.agent.post(failure(message, error))
            except ProtocolError as error:
                if pairing.agent.line is not None:
                    ended_by(pairing.agent.line, error)

    async def _fail(self, pairing: Pairing, reason: str, by: EndedBy) -> None:
        if pairing.state in (State.PAIRED, State.FAILED):
            return
        reached_agent, pairing.state = pairing.reached_agent, State.FAILED
        self._forget(pairing)
        if reached_agent:
            await self._kill_codes(pairing.agent)
            self._judge.burned(pairing, reason)
        else:
            self._tell_spent(pairing.spent)
        if pairing.logged:
            await self._sessions.ended(pairing.session_id, "pairing_failed", by)
        abort = control.PairAbort(session_id=pairing.session_id, reason=reason)
        if by != "technician":
            pairing.console.post(abort)
        if by != "customer":
            pairing.agent.post(abort)

    async def _give_up(self, pairing: Pairing) -> None:
        """Both ends have agreed, but the log could not take it: the run is over, its code used."""
        pairing.state = State.FAILED
        self._forget(pairing)
        await self._kill_codes(pairing.agent)
        self._tasks.start(self._sessions.ended(pairing.session_id, "pairing_failed", "broker"), "pairing_failed")
        abort = control.PairAbort(session_id=pairing.session_id, reason="timeout")
        pairing.console.post(abort)
        pairing.agent.post(abort)

    def _forget(self, pairing: Pairing) -> None:
        pairing.console.pairings.pop(pairing.session_id, None)
        if pairing.agent.pairing is pairing:
            pairing.agent.pairing = None

    async def _kill_codes(self, agent: AgentRun) -> None:
        for id in agent.ids:
            await self._codes.kill(id)
