"""The broker's real process, killed with `kill -9` twice in one session of real sockets.

Counterpart: `tests/broker/log/test_kill.py`, which kills only the log's process, but at fifty points.
"""

import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from broker.clock import SystemClock
from broker.keys import Keys
from broker.log.key import LogKey
from broker.log.projections import SessionState
from broker.log.service import LogService
from broker.organisations.service import OrganisationService
from broker.sessions.service import SessionService
from broker.settings import Settings
from broker.store.engine import Store
from protocol import control, receipt
from protocol.text import unb64url
from scripts.processes import Processes, Running, free_port, listening
from tests.support.agent_peer import AgentPeer, AgentSession
from tests.support.console_peer import ConsolePeer, ConsoleSession
from tests.support.live_broker import Operator, empty_database, hire, provider
from tests.support.patience import eventually
from tests.support.peer import Line, Provider
from tests.support.peers import Joined, pair

ROOT = Path(__file__).parents[2]


class MortalBroker:
    """`relevo broker` on a port of its own: it can be killed and started again."""

    def __init__(self, processes: Processes, data_dir: Path) -> None:
        self._processes, self._data_dir, self._lives = processes, data_dir, 0
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._running: Running | None = None

    async def start(self) -> None:
        """Return when it answers."""
        self._lives += 1
        command = [
            sys.executable, ROOT / "relevo.py", "broker", "--data", self._data_dir, "--port", self.port,
            "--public-origin", self.origin,
        ]  # fmt: skip
        name = f"broker-{self._lives}"
        self._running = self._processes.start(name, list(map(str, command)), cwd=ROOT, essential=False)
        await eventually(lambda: listening(self.port))

    def kill(self) -> None:
        """`kill -9`, and it is dead when this returns."""
        assert self._running is not None
        self._running.process.send_signal(signal.SIGKILL)
        self._running.process.wait()


class Ends:
    """The two ends of one session, through all lives of the broker.

    `at_most_s`: the longest that they can have been on a line.  `log` is read as another process may.
    """

    def __init__(self, known: Provider, operator: Operator, log: SessionService) -> None:
        self._known, self._operator, self._log = known, operator, log
        self.at_most_s = 0.0
        self._since = time.monotonic()
        self.a: AgentSession | None = None
        self.c: ConsoleSession | None = None

    async def connect(self, stack: AsyncExitStack, agent: AgentPeer | None = None) -> tuple[AgentPeer, ConsolePeer]:
        """Both control connections; an `agent` that was known before comes back."""
        fresh = await stack.enter_async_context(await AgentPeer.connect(self._known, agent.key if agent else None))
        if agent is None:
            assert (await fresh.register()).ok
        else:
            await fresh.greet()
        return fresh, await stack.enter_async_context(await ConsolePeer.connect(self._known, self._operator.token))

    async def resume(self, agent: AgentPeer, console: ConsolePeer) -> Joined:
        """Step 25, and a record each way."""
        assert self.a is not None
        assert self.c is not None
        session = Joined(agent, console, self.a, self.c)
        await agent.send(control.ResumeRequest(session_id=session.id, last_g=self.a.g))
        await console.send(control.ResumeRequest(session_id=session.id, last_g=self.c.g))
        self._since = time.monotonic()
        await agent.open_line(self.a)
        await console.open_line(self.c)
        await session.talk()
        await eventually(self._counts)
        return session

    async def _counts(self) -> bool:
        assert self.a is not None
        opened = await self._log.open_session(self.a.keys.session_id)
        return opened is not None and opened.state is SessionState.JOINED

    async def line_is_gone(self, lines: tuple[Line, ...] = ()) -> None:
        """Both ends have seen it."""
        for line in lines:
            await line.closed()
        self.at_most_s += time.monotonic() - self._since


async def test_what_an_end_was_told_survives_the_brokers_death(processes: Processes, tmp_path: Path) -> None:
    mortal = MortalBroker(processes, tmp_path / "data")
    settings = Settings(data_dir=tmp_path / "data", public_origin=mortal.origin)
    await empty_database(settings)
    store, clock, key = Store(settings.store_url), SystemClock(), LogKey.of(Keys.open(settings.data_dir))
    log = LogService(store, clock, key)
    known = await provider(OrganisationService(store, clock), mortal.origin, "Soporte Cuásar")
    operator = await hire(store, clock, known.org_id, "Teresa Núñez")
    ends = Ends(known, operator, SessionService(store, clock, key))
    await mortal.start()
    async with AsyncExitStack() as stack:
        # Killed as soon as the consent was acknowledged.
        agent, console = await ends.connect(stack)
        ends.a, ends.c = await pair(agent, console, await agent.code())
        lines = (await agent.open_line(ends.a), await console.open_line(ends.c))
        ack = await agent.consent(ends.a)
        mortal.kill()
        await ends.line_is_gone(lines)
        assert await log.contradiction(ack) is None

        # Killed as soon as the end was acknowledged: the agent repeats it and gets the same answer.
        await mortal.start()
        agent, console = await ends.connect(stack, agent)
        session = await ends.resume(agent, console)
        ended = await agent.end(session.a)
        mortal.kill()
        await ends.line_is_gone()
        await mortal.start()
        agent, console = await ends.connect(stack, agent)
        await agent.send(agent.ending(session.a, "customer"))
        assert await agent.expect(control.Ended) == ended
        await console.send(control.ResumeRequest(session_id=session.id, last_g=session.c.g))
        assert (await console.expect(control.ResumeDenied)).reason == "ended"
        mortal.kill()

    receipt.check(ended, unb64url(log.public_key))
    assert ended.reason == "customer"
    assert ended.connected_s <= ends.at_most_s
    assert await log.contradiction(ended) is None
    verified = await log.verify(known.org_id)
    assert verified.ok, verified.problems
    await store.close()
