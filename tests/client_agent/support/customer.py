"""A real agent core with a person in front who answers at once: accepts terms, consents, disconnects."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from client_agent import events as ev
from client_agent.build_config import Build
from client_agent.capture.fake import FakeCapture
from client_agent.core import AgentCore
from client_agent.desktop import Backends
from client_agent.identity import Identity
from client_agent.inject.fake import FakeInjector
from client_agent.link import Lines
from operator_console.client import Console, Way
from operator_console.session import RemoteSession
from protocol.control import Permission
from tests.support.live_broker import LiveBroker
from tests.support.patience import PATIENCE

E = TypeVar("E")


class OpenGuard:
    """A guard that covers nothing, until a test says otherwise."""

    def __init__(self) -> None:
        self.covered = self.focused = self.prompt = False

    def covers(self, x: int, y: int) -> bool:
        return self.covered

    def has_focus(self) -> bool:
        return self.focused

    def prompt_open(self) -> bool:
        return self.prompt


class Customer:
    """`capture` and `injector` are the fakes of the latest session."""

    def __init__(
        self,
        build: Build,
        state: Path,
        lines: Lines | None = None,
        backends: Backends | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.capture, self.injector, self.guard = FakeCapture(), FakeInjector(), OpenGuard()
        self.identity = Identity.open(state)
        fakes = Backends(lambda: self.capture, lambda: self.injector)
        self.core = AgentCore(
            build, lines or Lines(build.public_origin), self.identity, backends or fakes, self.guard, "es", clock
        )
        self.core.listen(self._take)
        self.seen: list[ev.Event] = []
        self._read = 0
        self._more = asyncio.Event()
        self.accept_terms = True

    def _take(self, event: ev.Event) -> None:
        self.seen.append(event)
        self._more.set()
        if isinstance(event, ev.TermsNeeded) and self.accept_terms:
            answer = ev.AcceptTerms(version=event.version, language="es")
            asyncio.get_running_loop().call_soon(self.core.do, answer)

    async def expect(self, kind: type[E], wait: float = PATIENCE) -> E:
        """The next event of that kind that nobody has waited for; those before it are skipped."""
        async with asyncio.timeout(wait):
            while True:
                while self._read < len(self.seen):
                    event = self.seen[self._read]
                    self._read += 1
                    if isinstance(event, kind):
                        return event
                self._more.clear()
                await self._more.wait()

    async def consent(
        self, granted: frozenset[str] = frozenset({"view", "control"}), limit_minutes: int | None = None
    ) -> ev.Live:
        """Click *Accept*, and wait until the session is live."""
        asked = await self.expect(ev.ConsentAsked)
        names: frozenset[Permission] = granted  # type: ignore[assignment]
        self.core.do(ev.Consent(session_id=asked.session_id, granted=names, language="es", limit_minutes=limit_minutes))
        return await self.expect(ev.Live)


def build_of(broker: LiveBroker) -> Build:
    """What the organisation's program would have inside."""
    return Build(
        public_origin=broker.provider.origin, org_id=broker.provider.org_id, log_key=broker.services.log.public_key
    )


@asynccontextmanager
async def customer(
    broker: LiveBroker, state: Path, backends: Backends | None = None, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[Customer]:
    """A running agent, which quits at the end."""
    someone = Customer(build_of(broker), state, backends=backends, clock=clock)
    running = asyncio.create_task(someone.core.run())
    try:
        yield someone
    finally:
        someone.core.do(ev.Quit())
        async with asyncio.timeout(PATIENCE):
            await running


@asynccontextmanager
async def technician(broker: LiveBroker) -> AsyncIterator[Console]:
    """A signed-in technician with the real Python client."""
    way = Way(broker.provider.origin)
    async with way.socket("/ws/console", {"Authorization": f"Bearer {broker.operator.token}"}) as line:
        from protocol import codec, control

        welcome = codec.TO_CONSOLE.read(await line.recv())
        assert isinstance(welcome, control.Welcome)
        yield Console(way, line, welcome)


async def joined(console: Console, someone: Customer, service: str, limit_minutes: int | None = None) -> RemoteSession:
    """Pair with the code on show and be let in."""
    code = await someone.expect(ev.CodeShown)
    session = await console.pair(code.id, code.password, service)
    await someone.consent(limit_minutes=limit_minutes)
    await session.consent()
    return session
