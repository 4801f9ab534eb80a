"""The agent's core: reach the broker, accept terms, measure, show codes, pair, and keep one session.

Counterparts: the window and the terminal (`events.py`), the broker's `agents/` and `pairing/`.  One loop, one thread.
The order of things is pairing steps 1–14; `session.py` has the rest.  Must never show a code that the rules forbid,
and never let a command of the customer's wait for the network.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from client_agent import events as ev
from client_agent.afterwards import Afterwards
from client_agent.build_config import Build
from client_agent.code_desk import CodeDesk
from client_agent.desktop import Backends
from client_agent.errors import CaptureUnavailable, LinkFailure
from client_agent.failures import Failure, FailureKind
from client_agent.identity import Identity
from client_agent.link import BACKOFF, ControlLine, Lines
from client_agent.outbox import Outbox
from client_agent.pairing import Pairings
from client_agent.probe import Uploader
from client_agent.provider import Provider
from client_agent.registration import TermsChanged, denied, register
from client_agent.session import CustomerSession
from client_agent.surroundings import Surroundings
from client_agent.tasks import Tasks
from client_agent.terms import TermsDeclined, TermsDesk
from protocol import control, receipt
from protocol.control import EndReason
from protocol.errors import ProtocolError
from protocol.text import unb64url

log = logging.getLogger(__name__)

CLOSING = 2.0
"""Seconds that closing the program may take to tell the broker."""
DEFAULT_UP_KBIT = 4_000


class AgentCore:
    """Implements `events.Core`.  `run` once; it returns after `Closed`."""

    def __init__(
        self,
        build: Build,
        lines: Lines,
        identity: Identity,
        backends: Backends,
        guard: ev.WindowGuard,
        language: ev.Language,
        clock: Callable[[], float] = time.monotonic,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._build, self._lines, self._identity = build, lines, identity
        self._backends, self._guard = backends, guard
        self._language = identity.lang or language
        self._clock, self._utc = clock, utc
        self._listener: Callable[[ev.Event], None] = lambda _event: None
        self._tasks = Tasks()
        self._provider = Provider(lines, build.org_id)
        self._line: ControlLine | None = None
        self._terms = TermsDesk(identity, utc, self._emit)
        self._outbox = Outbox(identity, self._tasks, self._post)
        self._afterwards = Afterwards(self._post, self._emit)
        self._codes = CodeDesk(
            identity=identity, tasks=self._tasks, clock=clock, utc=utc, emit=self._emit, post=self._post,
            free=self._free,
        )  # fmt: skip
        self._pairing = Pairings(
            identity=identity, codes=self._codes.book, origin=build.public_origin, org_id=build.org_id,
            tasks=self._tasks, clock=clock, utc=utc, post=self._post, paired=self._paired,
            over=self._codes.run_over,
        )  # fmt: skip
        self._session: CustomerSession | None = None
        self._uploader: Uploader | None = None
        self._up_kbit = DEFAULT_UP_KBIT
        self._wake = asyncio.Event()
        self._quitting = False
        self._gone = asyncio.Event()

    # events.Core -----------------------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """See `events.Core`."""
        self._listener = listener

    def do(self, command: ev.Command) -> None:
        """See `events.Core`."""
        session = self._session
        match command:
            case ev.Disconnect() if session:
                session.end("customer")
            case ev.SetPermission() if session:
                session.set_permission(command.name, command.on)
            case ev.Consent() if session and session.id == command.session_id:
                session.consent(command.granted, command.language, command.limit_minutes)
            case ev.GoOn() if session and session.id == command.session_id:
                session.go_on(command.limit_minutes)
            case ev.Refuse() if session and session.id == command.session_id:
                session.refuse("refused")
            case ev.AcceptTerms() | ev.DeclineTerms():
                self._terms.answered(command)
            case ev.NewCode():
                self._codes.renew()
            case ev.ShowCodeAnyway():
                self._codes.want_anyway()
            case ev.ReportSuspicion():
                self._report(command.text)
            case ev.Rate():
                self._afterwards.rate(command)
            case ev.Retry():
                self._wake.set()
            case ev.SetLanguage():
                self._language = command.language
                self._identity.speak(command.language)
            case ev.Quit():
                self.quit("agent_closed")
            case _:
                pass  # too late, or twice: nothing is to be done

    @property
    def session(self) -> CustomerSession | None:
        """The one that lives, if any."""
        return self._session

    def end_session(self, reason: EndReason) -> None:
        """The computer sleeps or its screen is locked: a live session ends."""
        if self._session is not None:
            self._session.end(reason)

    def quit(self, reason: EndReason) -> None:
        """End what lives, tell the broker if it listens, and let `run` return."""
        if self._quitting:
            return
        self._quitting = True
        if self._session is not None:
            self._session.end(reason)
        self._tasks.start(self._leave(), "quit")

    async def _leave(self) -> None:
        """The codes die, an end is told; nobody is waited for longer than `CLOSING`."""
        try:
            async with asyncio.timeout(CLOSING):
                if self._line is not None:
                    self._codes.cancel()
                    await self._line.flush()
                    await self._outbox.all_told()
        except TimeoutError:
            pass  # what was not acknowledged is told at the next start
        self._gone.set()

    async def run(self) -> None:
        """Until `Quit`.  Whatever fails is told as `Failed`; the last event is `Closed`."""
        self._outbox.recover(self._utc())
        attempts = self._tasks.start(self._attempts(), "agent")
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait([attempts, gone], return_when=asyncio.FIRST_COMPLETED)
            if attempts.done():
                error = attempts.exception()
                if self._session is not None:
                    self._session.end("agent_closed")
                self._failed(Failure(kind=FailureKind.INTERNAL, detail=str(error or "")))
                await gone
        finally:
            gone.cancel()
            if self._session is not None:
                self._session.end("agent_closed")
                await self._session.desktop.stopped()
            await self._tasks.close()
            self._identity.close()
            self._emit(ev.Closed())

    # One attempt after the other -------------------------------------------------------------------------------------

    async def _attempts(self) -> None:
        failures = 0
        while not self._quitting:
            began = self._clock()
            try:
                await self._attempt()
            except TermsChanged:
                self._provider.forget()
                failures += 1
                if failures > 1 or self._session is not None:  # accepted as published, and refused all the same
                    contradiction = LinkFailure(FailureKind.BROKER_DOWN, "the service disagrees about its terms")
                    await self._failed_attempt(contradiction, failures)
            except TermsDeclined:
                self._failed(Failure(kind=FailureKind.TERMS_DECLINED))
                await self._wait(None)
            except CaptureUnavailable as unavailable:
                self._failed(Failure(kind=unavailable.kind, detail=unavailable.reason))
                await self._wait(None)
            except LinkFailure as failure:
                failures = 0 if self._clock() - began > BACKOFF[-1] else failures + 1
                await self._failed_attempt(failure, failures)

    async def _failed_attempt(self, failure: LinkFailure, failures: int) -> None:
        log.info("%s", failure)
        in_session = self._session is not None
        seconds: float | None = None
        if failure.retried or in_session:
            base = BACKOFF[min(max(failures, 1), len(BACKOFF)) - 1]
            seconds = 1.0 if in_session else base * (1 + secrets.randbelow(250) / 1000)
        if not in_session:
            retry_at = None if seconds is None else self._clock() + seconds
            self._failed(failure.failure(retry_at))
        await self._wait(seconds)

    async def _wait(self, seconds: float | None) -> None:
        """Until `Retry`, or so many seconds (None: only `Retry`)."""
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _attempt(self) -> None:
        """Steps 1–5 and then whatever comes, until the control line is lost."""
        if self._session is None:
            await asyncio.to_thread(self._say_where_no_screen_can_be_shown)
            self._step(ev.Step.REACH, ev.StepState.DOING)
            known = await self._provider.ask()
            self._emit(ev.ProviderKnown(name=known.name or self._build.org_name, logo=known.logo))
            self._step(ev.Step.REACH, ev.StepState.DONE)
            self._step(ev.Step.TERMS, ev.StepState.DOING)
            await self._terms.accepted(known)
            self._step(ev.Step.TERMS, ev.StepState.DONE)
        async with ControlLine.opened(self._lines) as line:
            try:
                await register(line, self._build, self._identity, self._language)
                self._line = line
                self._step(ev.Step.MEASURE, ev.StepState.DOING)
                self._outbox.line_up()
                self._afterwards.line_up()
                if self._session is not None:
                    self._session.broker_back()
                while True:
                    self._told(await line.receive())
            finally:
                self._line = None
                self._lost()

    def _say_where_no_screen_can_be_shown(self) -> None:
        self._backends.capture().close()

    def _lost(self) -> None:
        self._codes.line_lost()
        self._uploader = None
        self._pairing.interrupted()
        if self._session is not None:
            self._session.broker_lost()

    # What the broker says --------------------------------------------------------------------------------------------

    def _told(self, message: control.BrokerToAgent) -> None:
        match message:
            case control.Probe():
                self._post(control.ProbeAck(seq=message.seq))
            case control.ProbeUpload():
                self._uploader = Uploader(message, secrets.token_bytes)
                self._post_all(self._uploader.begin())
            case control.ProbeAck():
                if self._uploader is not None:
                    self._post_all(self._uploader.acked(message.seq))
            case control.ProbeResult():
                self._measured(message)
            case control.CodeIssued():
                self._codes.issued(message)
            case control.PairOffer() | control.CpaceA() | control.ConfirmA():
                self._pairing.told(message)
            case control.PairAbort():
                self._pairing.told(message)
                if self._session is not None and self._session.id == message.session_id:
                    self._session.told(message)
            case control.Ended():
                self._ended(message)
            case control.Bill():
                self._afterwards.billed(message)
            case control.OpinionAck():
                self._afterwards.stored(message)
            case control.SuspicionAck():
                if self._identity.suspicion_told(message.report_id):
                    self._emit(ev.SuspicionResult(stored=True))
            case control.RegistrationDenied():
                raise denied(message)
            case control.Failure():
                self._refused(message)
            case control.CodeDead():
                self._codes.dead(message)
            case control.NotServed():
                self._emit(ev.NotServed(es=message.es, en=message.en))
            case control.Challenge():
                raise LinkFailure(FailureKind.INTERNAL, "a second challenge")
            case _:
                if self._session is not None and self._session.id == message.session_id:
                    self._session.told(message)

    def _refused(self, message: control.Failure) -> None:
        log.info("the broker refused a message: %s", message.reason)
        if message.session_id is None:
            self._codes.refused()
        else:
            if message.reason == "unknown_session":
                self._told_end(message.session_id)
            if self._session is not None and self._session.id == message.session_id:
                self._session.told(message)

    def _measured(self, result: control.ProbeResult) -> None:
        self._uploader = None
        self._up_kbit = result.up_kbit
        if self._session is not None:
            return
        down, up, floor = result.down_kbit, result.up_kbit, result.floor_kbit
        self._emit(ev.Measured(down_kbit=down, up_kbit=up, rtt_ms=result.rtt_ms, floor_kbit=floor, ok=result.ok))
        if result.ok:
            self._step(ev.Step.MEASURE, ev.StepState.DONE)
            self._codes.ready()
        else:
            self._tasks.start(self._too_slow(result), "too slow")

    async def _too_slow(self, result: control.ProbeResult) -> None:
        """No credentials (Q10).  `Retry` measures again, on a new line."""
        down, up, floor = result.down_kbit, result.up_kbit, result.floor_kbit
        self._failed(Failure(kind=FailureKind.TOO_SLOW, down_kbit=down, up_kbit=up, floor_kbit=floor))
        line = self._line
        await self._wait(None)
        if line is not None and line is self._line:
            await line.cut()

    def _ended(self, message: control.Ended) -> None:
        if self._build.log_key is not None:
            try:
                receipt.check(message, unb64url(self._build.log_key))
            except ProtocolError as error:
                raise LinkFailure(FailureKind.INTERNAL, str(error)) from error
        self._identity.keep_ended(message)
        self._told_end(message.session_id)
        if self._session is not None and self._session.id == message.session_id:
            self._session.told(message)
        self._afterwards.acknowledged(message.session_id)

    def _told_end(self, session_id: str) -> None:
        """The broker has that end.  It measures a new line only where it knows of no session: then it is asked to."""
        if self._outbox.end_told(session_id):
            self._codes.ready()

    # Pairing and the session -----------------------------------------------------------------------------------------

    def _paired(self, pairing: Pairings.Paired) -> None:
        key = self._build.log_key
        around = Surroundings(
            identity=self._identity, lines=self._lines, log_key=None if key is None else unb64url(key),
            backends=self._backends, guard=self._guard, tasks=self._tasks, clock=self._clock, utc=self._utc,
            emit=self._emit, post=self._post, over=self._session_over,
        )  # fmt: skip
        self._session = CustomerSession(around, pairing.keys, pairing.offer, pairing.offer_bytes, self._up_kbit)

    def _session_over(self, session: CustomerSession) -> None:
        """Step 30: capture has stopped; a new ID and a new code may come."""
        if self._session is session:
            self._session = None
        if self._quitting:
            return
        self._outbox.ended(session.id)
        if session.agreed is not None:
            self._afterwards.over(session.id)
        if self._line is None:
            self._wake.set()
        else:
            self._codes.ready()  # where this line was not measured yet, the broker does it first

    def _report(self, text: str) -> None:
        """Q12."""
        if self._line is None:
            self._emit(ev.SuspicionResult(stored=False))
        self._outbox.report(text, self._session.id if self._session else None)

    # Small things ----------------------------------------------------------------------------------------------------

    def _free(self) -> bool:
        """Whether a code may be shown: no session, no run, not closing."""
        return self._session is None and not self._pairing.busy and not self._quitting

    def _emit(self, event: ev.Event) -> None:
        self._listener(event)

    def _step(self, step: ev.Step, state: ev.StepState) -> None:
        if self._session is None:
            self._emit(ev.StepChanged(step=step, state=state))

    def _failed(self, failure: Failure) -> None:
        self._emit(ev.Failed(failure=failure))

    def _post(self, message: control.AgentToBroker) -> None:
        if self._line is not None:
            self._line.post(message)

    def _post_all(self, messages: list[control.Probe]) -> None:
        for message in messages:
            self._post(message)
