"""A relay of its own with a certificate of its own: real agent, real console, and nobody else's certificate."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from client_agent import events as ev
from client_agent.failures import FailureKind
from client_agent.link import Lines
from operator_console.client import Console, Way
from operator_console.errors import WrongCertificate
from protocol import codec, control
from scripts.processes import Processes, free_port
from tests.client_agent.support.customer import Customer, build_of, joined
from tests.client_agent.support.web import Authority, authority, service
from tests.support import ways
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually

pytestmark = pytest.mark.timeout(180)

CREDENTIAL = "a-relays-own-credential"


@dataclass
class Site:
    """A broker whose relay is reached through `line`, as `wss://localhost`; `ca`: the provider's own authority."""

    broker: LiveBroker
    ca: Authority
    line: ways.Cable
    folder: Path

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
        way = Way(self.broker.provider.origin, str(self.ca.file))
        async with way.socket("/ws/console", {"Authorization": f"Bearer {self.broker.operator.token}"}) as line:
            welcome = codec.TO_CONSOLE.read(await line.recv())
            assert isinstance(welcome, control.Welcome)
            yield Console(way, line, welcome)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with ways.cable(0) as line:
        url = f"wss://localhost:{line.port}/relay"
        async with live_broker(
            tmp_path / "broker", relay_credential=CREDENTIAL, relay_id="sealed", relay_url=url
        ) as broker:
            yield Site(broker, authority(tmp_path / "ca"), line, tmp_path)


@pytest.fixture
async def relay(site: Site) -> AsyncIterator[None]:
    """`relevo relay` with a certificate of the provider's authority, linked to the broker."""
    site.ca.server("localhost")
    (certificate,) = site.ca.folder.glob("server-*.pem")
    port = free_port()
    env = os.environ | {"RELEVO_RELAY_CREDENTIAL": CREDENTIAL}
    own = ("--certificate", certificate, "--key", certificate)
    with Processes(site.folder / "logs") as processes:
        origin = site.broker.provider.origin
        await asyncio.to_thread(ways.relay, processes, site.folder, port, origin, env, *own)

        async def linked() -> bool:
            return site.broker.plane.relays.present.relay_id == "sealed"

        await eventually(linked)
        site.line.target = port
        yield


@pytest.mark.usefixtures("relay")
async def test_a_whole_session_through_a_relay_with_tls_of_its_own(site: Site) -> None:
    async with site.customer() as customer, site.technician() as console:
        session = await joined(console, customer, site.broker.provider.service)
        before = site.line.passed
        assert (await session.whole_picture()).whole
        session.type_text("hola")
        await session.drained()
        assert site.line.passed > before, "the picture went another way"
        customer.core.do(ev.Disconnect(at=time.monotonic()))
        assert "customer" in str(await session.over())
        await session.end()


@pytest.fixture
async def impostor(site: Site, relay: None) -> AsyncIterator[None]:
    """Somebody else where the relay should be, with a good certificate of another authority; they hear nothing."""
    async with service(authority(site.folder / "others").server("localhost")) as other:
        site.line.target = other.port
        yield
        assert other.visits == 0, "something was sent to who could not prove who they are"


@pytest.mark.usefixtures("impostor")
async def test_the_console_sends_no_ticket_to_a_wrong_certificate(site: Site) -> None:
    async with await site.broker.agent() as agent, site.technician() as console:
        code = await agent.code()
        pairing = asyncio.create_task(console.pair(code.id, code.password, site.broker.provider.service))
        own = await agent.run(code)
        session = await pairing
        with pytest.raises(WrongCertificate, match="could not prove who it is"):
            await session.consent()
        assert (await agent.expect(control.Ended)).session_id == own.keys.session_id
        await session.end()
    assert site.line.dialled == 1, "it was tried again"


@pytest.mark.usefixtures("impostor")
async def test_the_agent_sends_no_ticket_to_a_wrong_certificate_and_says_so(site: Site) -> None:
    async with site.customer() as customer, await site.broker.console() as console:
        code = await customer.expect(ev.CodeShown)
        await console.pair(code.id, code.password)
        assert (await customer.expect(ev.Failed)).failure.kind is FailureKind.CERTIFICATE
        assert (await customer.expect(ev.Ended)).reason == "line_lost"
        assert (await console.expect(control.Ended)).reason == "line_lost"
    assert site.line.dialled == 1, "it was tried again"
