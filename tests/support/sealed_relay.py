"""A broker with a relay of its own that has TLS and a certificate of the provider's authority, and both real ends."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from client_agent import events as ev
from client_agent.link import Lines
from operator_console.client import Console, Way
from protocol import codec, control
from scripts.processes import Processes, free_port
from tests.client_agent.support.customer import Customer, build_of
from tests.client_agent.support.web import Authority, authority
from tests.support import ways
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually

CREDENTIAL = "a-relays-own-credential"
RELAY_ID = "sealed"


@dataclass
class Site:
    """A broker whose relay is reached through `line`, as `wss://localhost`; `ca`: the provider's own authority."""

    broker: LiveBroker
    ca: Authority
    line: ways.Cable
    folder: Path

    @property
    def way(self) -> Way:
        """How a technician's program reaches both."""
        return Way(self.broker.provider.origin, str(self.ca.file))

    @asynccontextmanager
    async def customer(self) -> AsyncIterator[Customer]:
        """The real agent's core with the provider's authority."""
        lines = Lines(self.broker.provider.origin, self.ca.file)
        someone = Customer(build_of(self.broker), self.folder / "state", lines)
        running = asyncio.create_task(someone.core.run())
        try:
            yield someone
        finally:
            someone.core.do(ev.Quit())
            await running

    @asynccontextmanager
    async def technician(self) -> AsyncIterator[Console]:
        """The real Python client with the provider's authority."""
        way = self.way
        async with way.socket("/ws/console", {"Authorization": f"Bearer {self.broker.operator.token}"}) as line:
            welcome = codec.TO_CONSOLE.read(await line.recv())
            assert isinstance(welcome, control.Welcome)
            yield Console(way, line, welcome)


@asynccontextmanager
async def sealed_site(folder: Path) -> AsyncIterator[Site]:
    """Broker, line and authority; no relay yet."""
    async with ways.cable(0) as line:
        url = f"wss://localhost:{line.port}/relay"
        data = folder / "broker"
        async with live_broker(data, relay_credential=CREDENTIAL, relay_id=RELAY_ID, relay_url=url) as broker:
            yield Site(broker, authority(folder / "ca"), line, folder)


@asynccontextmanager
async def sealed_relay(site: Site) -> AsyncIterator[None]:
    """`relevo relay` with a certificate of the provider's authority, linked to the broker."""
    site.ca.server("localhost")
    (certificate,) = site.ca.folder.glob("server-*.pem")
    port = free_port()
    env = os.environ | {"RELEVO_RELAY_CREDENTIAL": CREDENTIAL}
    own = ("--certificate", certificate, "--key", certificate)

    async def linked() -> bool:
        return site.broker.plane.relays.present.relay_id == RELAY_ID

    with Processes(site.folder / "logs") as processes:
        await asyncio.to_thread(ways.relay, processes, site.folder, port, site.broker.provider.origin, env, *own)
        await eventually(linked)
        site.line.target = port
        yield
