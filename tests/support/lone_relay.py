"""A relay on a free port of loopback, with tickets of a test's own: no broker, no session.

`python -m tests.support.lone_relay` runs one by itself, prints its port, and takes tickets of `KEY`: for figures.
`python -m tests.support.lone_relay --tickets [N]` runs one and prints, after the port, a line for each of N pairs: the
agent's ticket, a space, the console's.  A ticket opens once, within 30 s.

A load generator shows each ticket as one masked text frame after an ordinary WebSocket handshake on `/relay`.  The
console goes on as a client: masked frames out, unmasked ones in.  The agent waits for the unmasked text frame `joined`
(8 bytes: 81 06 and the word), then has the server's part: unmasked frames out, masked ones in.
"""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from broker.ids import new_id
from broker.relay.directory import TicketKey
from broker.relay.link import RelaySettings, StandaloneRelay
from broker.relay.server import RelayServer
from broker.relay.standalone import listening, stop_signal
from protocol import control, limits
from protocol.text import sha256
from protocol.ticket import RelayTicket, Role, issue
from tests.support.peer import Line, Provider

KEY = TicketKey(sha256(b"a test's"))
FAST = 1 << 40
"""Bytes per second: no limit."""


@dataclass
class LoneRelay:
    """Where it is, and what opens it.  `server`: its ends, if it runs in this process."""

    url: str
    server: RelayServer | None = None

    def ticket(self, pair_id: str, side: Role, g: int = 1, rate: int = FAST, **changes: Any) -> control.Ticket:
        """A ticket as the broker would issue it, but for `changes`."""
        now = time.time()
        fields: dict[str, Any] = {
            "kid": KEY.kid, "aud": "lone", "pair_id": pair_id, "role": side, "g": g, "jti": new_id(), "iat": now,
            "exp": now + limits.TICKET_LIFE, "rate_to_console": rate, "rate_to_agent": rate, "max_bytes": 1 << 50,
        }  # fmt: skip
        token = issue(RelayTicket(**fields | changes), KEY.sign)
        return control.Ticket(session_id=new_id(), relay_url=self.url, g=g, token=token)

    def tickets(self, pair_id: str | None = None) -> tuple[str, str]:
        """The agent's and the console's ticket of a pair, as they are shown."""
        name = pair_id or new_id()
        return self.ticket(name, "agent").token, self.ticket(name, "console").token

    async def lines(
        self, pair_id: str | None = None, g: int = 1, rate: int = FAST, **changes: Any
    ) -> tuple[Line, Line]:
        """An agent's and a console's line that are joined."""
        name, nobody = pair_id or new_id(), Provider("", "", "", 0, "")
        agent = await Line.open(nobody, self.ticket(name, "agent", g, rate, **changes), "agent", max_queue=2)
        console = await Line.open(nobody, self.ticket(name, "console", g, rate, **changes), "console", max_queue=2)
        await agent.send(b"?")
        assert await console.receive() == b"?"
        return agent, console


def make() -> tuple[StandaloneRelay, RelaySettings, socket.socket]:
    """A relay that is ready to listen on that socket."""
    settings = RelaySettings(broker="http://127.0.0.1:1", credential="none")
    relay = StandaloneRelay(settings)
    relay.trust("lone", {KEY.kid: KEY.public}, since=time.time() - 1)
    bound = socket.create_server(("127.0.0.1", 0))
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does it only for sockets that it makes
    return relay, settings, bound


@asynccontextmanager
async def lone_relay() -> AsyncIterator[LoneRelay]:
    """A relay within this process."""
    relay, settings, bound = make()
    async with listening(relay, settings, bound):
        yield LoneRelay(f"ws://127.0.0.1:{bound.getsockname()[1]}/relay", relay.server)


async def main(pairs: int) -> None:
    """Serve until told to stop."""
    told, (relay, settings, bound) = stop_signal(), make()
    async with listening(relay, settings, bound):
        port = bound.getsockname()[1]
        print(port, flush=True)
        for _ in range(pairs):
            print(*LoneRelay(f"ws://127.0.0.1:{port}/relay").tickets(), flush=True)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[2:] or ["1"])[0]) if sys.argv[1:2] == ["--tickets"] else 0))
