"""A relay on a free port of loopback, with tickets of a test's own: no broker, no session.

`python -m tests.support.lone_relay` runs one by itself, prints its port, and takes tickets of `KEY`: for figures.
"""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn

from broker.ids import new_id
from broker.relay.directory import TicketKey
from broker.relay.link import RelaySettings, StandaloneRelay, server
from protocol import control, limits
from protocol.text import sha256
from protocol.ticket import RelayTicket, Role, issue
from tests.support.peers import Line, Provider
from tests.support.serving import served

KEY = TicketKey(sha256(b"a test's"))
FAST = 1 << 40
"""Bytes per second: no limit."""


@dataclass
class LoneRelay:
    """Where it is, and what opens it."""

    url: str

    def ticket(self, pair_id: str, side: Role, g: int = 1, rate: int = FAST) -> control.Ticket:
        """A ticket as the broker would issue it."""
        now = time.time()
        ticket = RelayTicket(
            kid=KEY.kid, aud="lone", pair_id=pair_id, role=side, g=g, jti=new_id(), iat=now,
            exp=now + limits.TICKET_LIFE, rate_to_console=rate, rate_to_agent=rate, max_bytes=1 << 50,
        )  # fmt: skip
        return control.Ticket(session_id=new_id(), relay_url=self.url, g=g, token=issue(ticket, KEY.sign))

    async def lines(self, pair_id: str | None = None, g: int = 1, rate: int = FAST) -> tuple[Line, Line]:
        """An agent's and a console's line that are joined."""
        name, nobody = pair_id or new_id(), Provider("", "", "", 0, "")
        agent = await Line.open(nobody, self.ticket(name, "agent", g, rate), max_queue=2)
        console = await Line.open(nobody, self.ticket(name, "console", g, rate), max_queue=2)
        await agent.send(b"?")
        assert await console.receive() == b"?"
        return agent, console


def make() -> tuple[uvicorn.Server, socket.socket]:
    """A relay that is ready to be served on that socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does it only to sockets that it makes
    settings = RelaySettings(broker="http://127.0.0.1:1", credential="none")
    relay = StandaloneRelay(settings)
    relay.trust("lone", {KEY.kid: KEY.public}, since=time.time() - 1)
    return server(relay, settings), listening


@asynccontextmanager
async def lone_relay() -> AsyncIterator[LoneRelay]:
    """A relay within this process."""
    running, listening = make()
    async with served(running, listening):
        yield LoneRelay(f"ws://127.0.0.1:{listening.getsockname()[1]}/relay")


if __name__ == "__main__":
    alone, bound = make()
    print(bound.getsockname()[1], flush=True)
    sys.exit(asyncio.run(alone.serve(sockets=[bound])))
