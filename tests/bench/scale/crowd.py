"""A process of agents that wait: registered, measured, a code on each screen, and nothing more.

    python -m tests.bench.scale.crowd PROVIDER

PROVIDER: `Provider` as JSON.  Each line on standard input says how many there are to be in all; the same number comes
back when they are there.  They leave when standard input ends.  Many addresses of loopback, for a broker lets only so
many in from one.
"""

import asyncio
import json
import sys

from client_agent.link import PING_INTERVAL
from tests.bench.scale.doors import AT_ONCE, address
from tests.support.agent_peer import AgentPeer
from tests.support.peer import Provider


async def main(provider: Provider) -> None:
    """Grow as told."""
    here: list[AgentPeer] = []
    turns = asyncio.Semaphore(AT_ONCE)

    async def come(number: int) -> AgentPeer:
        async with turns:
            agent = await AgentPeer.connect(
                provider, local_addr=(address(0, number), 0), ping_interval=PING_INTERVAL, ping_timeout=None
            )
            await agent.register()
            await agent.code()
            return agent

    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        here += await asyncio.gather(*(come(number) for number in range(len(here), int(line))))
        print(len(here), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Provider(**json.loads(sys.argv[1]))))
