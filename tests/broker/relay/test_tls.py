"""A relay of its own with a certificate of its own: real agent, real console, and nobody else's certificate."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client_agent import events as ev
from client_agent.failures import FailureKind
from operator_console.errors import WrongCertificate
from protocol import control
from tests.client_agent.support.customer import joined
from tests.client_agent.support.web import authority, service
from tests.support.sealed_relay import Site, sealed_relay, sealed_site

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with sealed_site(tmp_path) as made, sealed_relay(made):
        yield made


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
async def impostor(site: Site) -> AsyncIterator[None]:
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
