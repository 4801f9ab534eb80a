"""The Python client against a live broker and an agent reduced to the protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from broker.permissions import Role
from broker.policies import files
from operator_console.client import Console, Way, Whom
from operator_console.errors import (
    BadAuthority,
    NotSignedIn,
    NotTheService,
    PairingDenied,
    SessionOver,
    Tampering,
    Unreachable,
)
from protocol import control, inner
from protocol.errors import InvalidCode, PairingFailed
from tests.operator_console.web.sealed_agent import SealedAgent
from tests.support.live_broker import LiveBroker, live_broker

PASSWORD = "correct horse battery"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[LiveBroker]:
    async with live_broker(tmp_path) as live:
        await live.services.operators.add(live.provider.org_id, "ana@example.com", "Ana", Role.OPERATOR, PASSWORD)
        yield live


@pytest.fixture
async def console(broker: LiveBroker) -> AsyncIterator[Console]:
    async with Console.sign_in(Way(broker.provider.origin), "ana@example.com", PASSWORD) as signed_in:
        yield signed_in


async def test_a_wrong_password_signs_nobody_in(broker: LiveBroker) -> None:
    with pytest.raises(NotSignedIn):
        async with Console.sign_in(Way(broker.provider.origin), "ana@example.com", "wrong horse battery"):
            pass


async def test_a_broker_that_is_not_there_is_said_to_be_out_of_reach() -> None:
    with pytest.raises(Unreachable):
        async with Console.sign_in(Way("http://127.0.0.1:9"), "ana@example.com", PASSWORD):
            pass


async def test_a_broker_that_goes_away_is_what_is_said(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        live = await stack.enter_async_context(live_broker(tmp_path))
        await live.services.operators.add(live.provider.org_id, "ana@example.com", "Ana", Role.OPERATOR, PASSWORD)

        async def work() -> None:
            async with Console.sign_in(Way(live.provider.origin), "ana@example.com", PASSWORD) as signed_in:
                await stack.aclose()
                await signed_in.pair("123 456 789", "K7QU-9XDT", "")

        with pytest.raises(Unreachable, match="can't be reached"):
            await work()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 19\r\n\r\n<h1>Hotel WiFi</h1>",
        b"HTTP/1.1 302 Found\r\nLocation: http://hotel.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["a page", "elsewhere", "a proxy's refusal", "other JSON"],
)
async def test_a_network_that_answers_itself_is_not_taken_for_the_service(answer: bytes) -> None:
    async def portal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(portal, "127.0.0.1", 0) as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(NotTheService, match="sign in to it first"):
            async with Console.sign_in(Way(origin), "ana@example.com", PASSWORD):
                pass


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")
    for file in (tmp_path / "absent.pem", empty, tmp_path):
        with pytest.raises(BadAuthority, match=file.name):
            Way("https://support.example", str(file))


@pytest.mark.parametrize(
    "origin", ["http://support.example", "http://10.0.0.1:8000", "support.example", "ftp://127.0.0.1"]
)
def test_no_password_goes_over_plain_http(origin: str) -> None:
    with pytest.raises(Unreachable, match="https"):
        Way(origin)


async def test_no_ticket_goes_over_a_plain_socket() -> None:
    with pytest.raises(Unreachable, match="https"):
        async with Way("http://127.0.0.1:9").socket("ws://relay.example/relay"):
            pass


async def test_a_typing_mistake_is_found_before_anything_is_sent(console: Console) -> None:
    with pytest.raises(InvalidCode):
        await console.pair("12 34", "K7QU-9XDT", "")


async def test_an_unknown_id_is_denied(console: Console, broker: LiveBroker) -> None:
    with pytest.raises(PairingDenied, match="Denied"):
        await console.pair("123456789", "K7QU-9XDT", broker.provider.service)


async def test_a_wrong_agent_part_is_denied_and_gives_no_key(console: Console, broker: LiveBroker) -> None:
    agent = await broker.agent()
    code = await agent.code()
    wrong = code.password[:-1] + ("A" if code.password[-1] != "A" else "C")
    pairing = asyncio.create_task(console.pair(code.id, wrong, broker.provider.service))
    with pytest.raises(PairingFailed, match="wrong_tag"):
        await agent.run(code)
    await agent.send(control.CodeDead(code_id=code.code_id, reason="wrong_tag"))
    with pytest.raises(PairingDenied):
        await pairing


async def test_a_refusal_ends_the_session_for_good(console: Console, broker: LiveBroker) -> None:
    agent = await broker.agent()
    code = await agent.code()
    session, own = await asyncio.gather(
        console.pair(code.id, code.password.lower(), broker.provider.service), agent.run(code)
    )
    await agent.send(control.Refused(session_id=own.keys.session_id, reason="refused"))
    with pytest.raises(SessionOver, match="the customer said no"):
        await session.consent()
    await session.end()


async def test_it_asks_for_tiles_only_and_trusts_nobody_who_sends_moving_pictures(
    console: Console, broker: LiveBroker
) -> None:
    agent = await broker.agent()
    code = await agent.code()
    session, own = await asyncio.gather(console.pair(code.id, code.password, broker.provider.service), agent.run(code))
    customer = SealedAgent(agent, own)
    await customer.join()
    assert (await customer.expect(inner.Decodes)).video == ()
    await customer.agree("view")
    place = inner.Area(x=0, y=0, w=64, h=64)
    await customer.show(
        inner.ScreenSize(width=64, height=64),
        inner.VideoStart(codec="vp9", profile="vp09.00.41.08", place=place, width=64, height=64),
    )
    assert isinstance(await session.over(), Tampering)


async def test_a_session_is_for_the_customer_whose_reference_is_given(broker: LiveBroker, console: Console) -> None:
    org, operator = broker.provider.org_id, console.welcome.operator_id
    await broker.services.policies.adopt(org, files.load("quasar"), operator)
    facts = {"name": "Talleres Núñez", "email": "taller@example.com"}
    known = await broker.services.customers.add(org, facts)
    assert await console.customer("taller@example.com") == known.id
    with pytest.raises(PairingDenied, match="not known"):
        await console.customer("nobody@example.com")
    async with await broker.agent() as agent:
        code = await agent.code()
        with pytest.raises(PairingDenied, match="not known"):
            await console.pair(code.id, code.password, console.welcome.services[0], whom=Whom(ticket_id="A" * 22))
