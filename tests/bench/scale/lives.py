"""A process of agents and consoles, reduced to the protocol, that do one thing over and over.

    python -m tests.bench.scale.lives PROVIDER TOKEN KIND WORKERS GROUP

Says `ready` when every worker has its console (and its agent); each line on standard input is a number of seconds for
which they work then, and is answered with JSON: how many, and how long each took.

KIND  pairing   the technician's request → both ends have keys; then the customer refuses
      session   code → pairing → lines joined → consent → a record each way → the customer ends it
      life      a new agent: connects, registers, is measured, one session, leaves
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

from protocol import control
from tests.bench.scale.doors import address
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer
from tests.support.peer import Provider
from tests.support.peers import join, pair

CODES = 100
"""Of one agent: a broker gives a run 120 in ten minutes."""


class Worker:
    """One console, and the agent that it helps at the moment.  `group` and `number`: whence its agents come."""

    def __init__(self, provider: Provider, token: str, group: int, number: int) -> None:
        self._provider, self._token, self._group = provider, token, group
        self._number, self._codes = number * 100_000, 0
        self._console: ConsolePeer | None = None
        self._agent: AgentPeer | None = None

    async def open(self) -> None:
        """A console, and an agent for what needs one already."""
        self._console = await ConsolePeer.connect(self._provider, self._token)
        service = self._console.welcome.services[0]
        self._console.provider = self._provider = Provider(**vars(self._provider) | {"service": service})
        self._agent = await self._new()

    async def pairing(self) -> float:
        """Seconds of one pairing."""
        console, agent = await self._ends()
        code = await agent.code()
        began = time.perf_counter()
        a, _ = await pair(agent, console, code)
        took = time.perf_counter() - began
        await agent.end(a, "refused")
        await console.expect(control.Ended)
        return took

    async def session(self) -> float:
        """Seconds of one session from the code to its end."""
        console, agent = await self._ends()
        return await self._session(console, agent)

    async def life(self) -> float:
        """Seconds of an agent's whole life."""
        console, _ = await self._ends()
        began = time.perf_counter()
        async with await self._new() as agent:
            await self._session(console, agent)
        return time.perf_counter() - began

    async def _session(self, console: ConsolePeer, agent: AgentPeer) -> float:
        began = time.perf_counter()
        joined = await join(agent, console)
        await joined.talk()
        await agent.end(joined.a)
        await console.expect(control.Ended)
        assert joined.c.line is not None
        await joined.c.line.close()
        return time.perf_counter() - began

    async def _ends(self) -> tuple[ConsolePeer, AgentPeer]:
        assert self._console is not None
        assert self._agent is not None
        if self._codes == CODES:
            await self._agent.socket.close()
            self._agent, self._codes = await self._new(), 0
        self._codes += 1
        for end in (self._console, self._agent):
            end.missed.clear()
        return self._console, self._agent

    async def _new(self) -> AgentPeer:
        agent = await AgentPeer.connect(self._provider, local_addr=(address(self._group, self._number), 0))
        self._number += 1
        await agent.register()
        return agent


async def work(act: Callable[[], Awaitable[float]], until: float) -> list[float]:
    """Over and over."""
    took = []
    while time.monotonic() < until:
        took.append(await act())
    return took


async def main(provider: Provider, token: str, kind: str, count: int, group: int) -> None:
    """As the module says."""
    workers = [Worker(provider, token, group, number) for number in range(count)]
    await asyncio.gather(*(worker.open() for worker in workers))
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        began = time.monotonic()
        until = began + float(line)
        done = await asyncio.gather(*(work(getattr(worker, kind), until) for worker in workers))
        took = [one for each in done for one in each]
        print(json.dumps({"seconds": time.monotonic() - began, "took": took}), flush=True)


if __name__ == "__main__":
    _, told, bearer, what, how_many, which = sys.argv
    asyncio.run(main(Provider(**json.loads(told)), bearer, what, int(how_many), int(which)))
