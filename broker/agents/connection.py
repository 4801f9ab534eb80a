"""One agent's control connection, from challenge to last message: steps 1–5 here, what follows is handed on.

Counterpart: `client_agent/link.py`.  Gives no credentials before the broker itself has measured the line (Q10).
Never sees the agent's half of a password.
"""

import asyncio
import secrets
from typing import Final, assert_never

import structlog

from broker.agents.presence import AgentLine, AgentRun
from broker.agents.service import AgentService, Denied
from broker.bandwidth import Figures, Measurement
from broker.clock import Clock, rfc3339
from broker.ids import new_id
from broker.lines import REFUSALS, TIMED_OUT, failure
from broker.sessions.service import SessionService
from broker.tasks import Tasks
from protocol import control, limits
from protocol.errors import BadTransition, Malformed

log = structlog.get_logger(__name__)

PATH: Final = "/ws/agent"


class AgentConnection:
    """Serves one accepted connection."""

    __slots__ = (
        "_clock", "_line", "_measured", "_measurement", "_measuring", "_service", "_sessions", "_tasks", "_wanted",
    )  # fmt: skip

    def __init__(
        self, line: AgentLine, service: AgentService, sessions: SessionService, clock: Clock, tasks: Tasks
    ) -> None:
        self._line, self._service, self._sessions = line, service, sessions
        self._clock, self._tasks = clock, tasks
        self._measurement: Measurement | None = None
        self._measured: asyncio.Event | None = None
        """Set when it has figures."""
        self._measuring: asyncio.Task[None] | None = None
        """While a measurement is under way or waits for its turn."""
        self._wanted: control.CodeRequest | None = None
        """A code that is to be issued when the line has been measured."""

    async def register(self) -> AgentRun:
        """Steps 1 and 2.  Raises `Denied` after telling the agent, `LineClosed`, or `ProtocolError`."""
        nonce_b = new_id()
        challenge = control.Challenge(nonce_b=nonce_b, versions=(limits.VERSION,), utc=rfc3339(self._clock.utc()))
        self._line.post(challenge)
        patience = self._tasks.start(self._lose_patience(), "hello_deadline")
        try:
            hello = await self._line.receive()
        finally:
            patience.cancel()
        if not isinstance(hello, control.Hello):
            raise Malformed("The first message", "it is no hello")
        try:
            return await self._service.admit(hello, nonce_b, self._line)
        except Denied as denied:
            self._line.post(control.RegistrationDenied(reason=denied.reason, update_url=denied.update_url))
            raise

    async def _lose_patience(self) -> None:
        await self._service.timer.until(self._service.timer.now() + limits.HELLO)
        self._line.close(TIMED_OUT, "no hello")

    async def serve(self, agent: AgentRun) -> None:
        """Handle messages until the connection ends.  Raises `LineClosed` or `ProtocolError`."""
        try:
            if agent.session_id is None:
                self._measure(agent)
            while True:
                message = await self._line.receive()
                try:
                    await self._handle(agent, message)
                except REFUSALS as error:
                    self._line.post(failure(message, error))
        finally:
            if self._measuring is not None:
                self._measuring.cancel()
            await self._service.left(agent, self._line)

    async def _handle(self, agent: AgentRun, message: control.AgentToBroker) -> None:
        match message:
            case control.Probe() | control.ProbeAck():
                self._probed(message)
            case control.CodeRequest():
                await self._code_requested(agent, message)
            case control.CodeDead():
                await self._service.pairing.code_dead(agent, message)
            case control.CpaceB() | control.ConfirmB() | control.PairOk() | control.PairAbort():
                await self._service.pairing.from_agent(agent, message)
            case control.Receipt() | control.Refused() | control.End():
                if not self._service.pairing.hold(agent, message):
                    await self._service.live.from_agent(agent, message)
            case control.PermissionChanged() | control.ChannelDown() | control.ResumeRequest():
                await self._service.live.from_agent(agent, message)
            case control.BillRequest() | control.Opinion():
                self._line.post(await self._service.afterwards(agent, message))
            case control.Suspicion() if not self._service.may_report(agent):
                self._line.post(control.Failure(reason="too_many"))
            case control.Suspicion():
                self._line.post(await self._sessions.suspicion(agent.org.id, message, agent.address))
            case control.Hello():
                raise Malformed("A message from the agent", "a second hello")
            case _:
                assert_never(message)

    async def _code_requested(self, agent: AgentRun, request: control.CodeRequest) -> None:
        if agent.measured:
            self._line.post(await self._service.issue(agent, request))
            return
        self._wanted = request
        self._measure(agent)

    # The gate (step 3) -----------------------------------------------------------------------------------------------

    def _measure(self, agent: AgentRun) -> None:
        """Start a measurement, unless one is under way: one at a time per run (rule 9)."""
        if self._measuring is not None:
            return
        if not self._service.may_probe(agent):
            self._line.post(control.RegistrationDenied(reason="too_many"))
            raise Denied("too_many", 4429)
        self._measuring = self._tasks.start(self._take_measure(agent), "probe")

    async def _take_measure(self, agent: AgentRun) -> None:
        try:
            async with self._service.probing:
                figures = await self._figures(agent)
        finally:
            self._measured = self._measuring = None
        if agent.line is not self._line:
            return  # a newer connection has taken over, and is measured itself
        agent.figures = figures
        result = figures.result(agent.org.bandwidth_floor_kbit)
        log.info("probe", down_kbit=result.down_kbit, up_kbit=result.up_kbit, rtt_ms=result.rtt_ms, ok=result.ok)
        self._line.post(result)
        wanted, self._wanted = self._wanted, None
        if wanted is not None and result.ok:
            self._line.post(await self._service.issue(agent, wanted))

    async def _figures(self, agent: AgentRun) -> Figures:
        now = self._service.timer.now
        measurement = self._measurement = Measurement(agent.org.bandwidth_floor_kbit, secrets.token_bytes)
        measured = self._measured = asyncio.Event()
        self._post_all(measurement.begin(now()))
        while measurement.figures is None:
            try:
                await asyncio.wait_for(measured.wait(), measurement.deadline - now())
            except TimeoutError:
                if now() >= measurement.deadline:
                    self._post_all(measurement.expired(now()))
        return measurement.figures

    def _probed(self, message: control.Probe | control.ProbeAck) -> None:
        measurement, now = self._measurement, self._service.timer.now()
        if measurement is None:
            raise BadTransition("A measurement", "not under way", type(message).__name__)
        if isinstance(message, control.Probe):
            self._post_all(measurement.received(message, now))
        else:
            self._post_all(measurement.acked(message, now))
        if measurement.figures is not None and self._measured is not None:
            self._measured.set()

    def _post_all(self, messages: list[control.Message]) -> None:
        for message in messages:
            self._line.post(message)
