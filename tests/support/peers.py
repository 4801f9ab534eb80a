"""An agent and a console reduced to the protocol, together: paired, and in a session that counts."""

import asyncio
from dataclasses import dataclass
from typing import Any

from protocol import control
from tests.support.agent_peer import AgentPeer, AgentSession, ShownCode
from tests.support.console_peer import ConsolePeer, ConsoleSession
from tests.support.peer import Line


@dataclass
class Joined:
    """Two ends in a session that counts."""

    agent: AgentPeer
    console: ConsolePeer
    a: AgentSession
    c: ConsoleSession

    @property
    def id(self) -> str:
        return self.a.keys.session_id

    @property
    def lines(self) -> tuple[Line, Line]:
        """The agent's and the console's."""
        assert self.a.line is not None
        assert self.c.line is not None
        return self.a.line, self.c.line

    async def talk(self) -> None:
        """A record each way."""
        up, down = self.lines
        await up.send(b"from the agent")
        await down.send(b"from the console")
        assert await down.receive() == b"from the agent"
        assert await up.receive() == b"from the console"


async def pair(
    agent: AgentPeer, console: ConsolePeer, code: ShownCode, **facts: Any
) -> tuple[AgentSession, ConsoleSession]:
    """Steps 6 to 14 at both ends.  `facts`: fields of the request."""
    async with asyncio.TaskGroup() as both:
        a = both.create_task(agent.run(code))
        c = both.create_task(console.pair(code.id, code.password, **facts))
    assert a.result().keys.psk(1) == c.result().keys.psk(1)
    return a.result(), c.result()


async def join(agent: AgentPeer, console: ConsolePeer, code: ShownCode | None = None, **facts: Any) -> Joined:
    """Steps 4 to 23: from a registered agent to a session that counts."""
    a, c = await pair(agent, console, code or await agent.code(), **facts)
    await agent.open_line(a)
    await console.open_line(c)
    await agent.consent(a)
    await console.expect(control.ReceiptAck)
    await agent.expect(control.Joined)
    await console.expect(control.Joined)
    return Joined(agent, console, a, c)
