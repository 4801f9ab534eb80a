"""The relay on the broker's one public port: plain, with TLS of uvicorn's, behind the shipped nginx with TLS.

Both ends are real WebSocket connections over the same way as everything else; nginx is real.
"""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from broker.app import create_app
from broker.handover import Handed, handed
from broker.relay.opening import accept
from broker.server import server
from broker.settings import Settings
from protocol import control, limits
from scripts.processes import Processes, free_port
from tests.client_agent.support.web import authority
from tests.support import ways
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import PATIENCE, eventually
from tests.support.peer import Line
from tests.support.peers import join
from tests.support.serving import served

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Port:
    """A broker, and how a socket to its public port is opened."""

    broker: LiveBroker
    way: dict[str, Any]

    @asynccontextmanager
    async def ends(self) -> AsyncIterator[tuple[AgentPeer, ConsolePeer]]:
        """Both with their control connections; the agent has registered."""
        token = self.broker.operator.token
        async with await AgentPeer.connect(self.broker.provider, **self.way) as agent:
            assert (await agent.register()).ok
            async with await ConsolePeer.connect(self.broker.provider, token, **self.way) as console:
                yield agent, console


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["plain", "TLS", "nginx"])
async def public(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Port]:
    folder, port = tmp_path_factory.mktemp("port"), free_port()
    if request.param == "plain":
        async with live_broker(folder) as broker:
            yield Port(broker, {})
        return
    ca = authority(folder / "ca")
    ca.server("localhost")
    (certificate,) = ca.folder.glob("server-*.pem")
    way = {"ssl": ssl.create_default_context(cafile=str(ca.file))}
    origin = f"https://localhost:{port}"
    if request.param == "TLS":
        async with live_broker(
            folder / "broker", port=port, origin=origin, tls_certificate=certificate, tls_key=certificate
        ) as broker:
            yield Port(broker, way)
        return
    inside = free_port()
    with Processes(folder / "logs") as processes:
        await asyncio.to_thread(ways.nginx, processes, folder / "nginx", port, inside, certificate)
        trusted = ("127.0.0.1",)
        async with live_broker(folder / "broker", port=inside, origin=origin, trusted_proxies=trusted) as broker:
            yield Port(broker, way)


async def test_records_pass_whole_and_in_order_both_ways(public: Port) -> None:
    async with public.ends() as (agent, console):
        up, down = (await join(agent, console)).lines
        records = [secrets.token_bytes(1 + secrets.randbelow(limits.RECORD)) for _ in range(150)]

        async def send(line: Line) -> None:
            for record in records:
                await line.send(record)

        async def receive(line: Line) -> list[bytes]:
            return [await line.receive() for _ in records]

        _, _, at_console, at_agent = await asyncio.gather(send(up), send(down), receive(down), receive(up))
        assert at_console == records
        assert at_agent == records
        await up.close()
        assert await down.closed() == 1000


async def test_a_stalled_console_stops_the_agent_and_gets_everything(public: Port) -> None:
    async with public.ends() as (agent, console):
        session = await join(agent, console)
        up, down = session.lines
        sent = 0

        async def flood() -> None:
            nonlocal sent
            while True:
                await up.send(sent.to_bytes(4) * 10_000)
                sent += 1

        flooding = asyncio.create_task(flood())
        seen = -1
        while seen != sent:  # until nothing more goes in; each probe is a way through the broker and back
            seen = sent
            for _ in range(20):
                await (await console.socket.ping())
        assert public.broker.plane.relay.server.ends
        for number in range(sent):
            assert (await down.receive())[:4] == number.to_bytes(4)
        flooding.cancel()
        for line in session.lines:
            line.socket.transport.abort()


async def test_an_end_that_vanishes_is_seen_by_the_other(public: Port) -> None:
    async with public.ends() as (agent, console):
        up, down = (await join(agent, console)).lines
        down.socket.transport.abort()
        assert await up.closed() == 1006


async def test_the_brokers_end_closes_both(public: Port) -> None:
    async with public.ends() as (agent, console):
        session = await join(agent, console)
        await console.send(control.EndRequest(session_id=session.id))
        for line in session.lines:
            assert await line.closed() == 1006
    await eventually(lambda: not public.broker.plane.relay.server.ends)


async def test_what_is_no_handshake_is_answered_as_http(public: Port) -> None:
    relay = public.broker.provider.socket("/relay")
    with pytest.raises(InvalidStatus) as answer:
        await connect(relay + "/elsewhere", proxy=None, **public.way)
    assert answer.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as answer:
        await connect(relay, additional_headers={"Sec-WebSocket-Version": "7"}, proxy=None, **public.way)
    assert answer.value.response.status_code in (400, 426)


async def test_a_head_that_never_ends_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.handover.HEAD", 0.2)
    async with live_broker(tmp_path) as broker:
        host, _, port = broker.provider.origin.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /relay HTTP/1.1\r\nHost: dribbled")
        async with asyncio.timeout(PATIENCE):
            try:
                assert await reader.read() == b""
            except ConnectionResetError:
                pass


async def test_a_websocket_is_no_request_that_never_ends(public: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that is handed over nor one that stays the web server's."""
    monkeypatch.setattr("broker.handover.HEAD", 0.1)
    async with public.ends() as (agent, console):
        session = await join(agent, console)
        await asyncio.sleep(0.3)  # what may not happen has no event
        await session.talk()
        await console.send(control.EndRequest(session_id=session.id))
        assert (await agent.expect(control.Ended)).session_id == session.id


@pytest.mark.parametrize(
    "unfinished",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /healthz HTTP/1.1\r\nHost: drib",
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
    ],
    ids=["a further head", "a body"],
)
async def test_a_request_that_never_ends_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unfinished: bytes
) -> None:
    monkeypatch.setattr("broker.handover.HEAD", 0.3)
    async with live_broker(tmp_path) as broker:
        host, _, port = broker.provider.origin.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        if unfinished.startswith(b"GET"):
            whole, unfinished = unfinished[:35], unfinished[35:]
            writer.write(whole)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 ")
        writer.write(unfinished)
        async with asyncio.timeout(PATIENCE):
            try:
                await reader.read()
            except ConnectionResetError:
                pass


async def test_a_broker_that_stops_closes_its_lines_and_writes_the_loss_down(tmp_path: Path) -> None:
    async with live_broker(tmp_path) as broker:
        agent, console = await broker.agent(), await broker.console()
        session = await join(agent, console)
        await session.talk()
    for line in session.lines:
        assert await line.closed() == 1006
    assert broker.plane.relay.server.ends == ()


async def test_a_connection_that_no_route_takes_is_refused(tmp_path: Path) -> None:
    seen: list[Handed] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            seen.append(handed(scope))
            assert accept(seen[0].request).status_code == 101
            assert (await receive())["type"] == "websocket.connect"

    settings, port = Settings(data_dir=tmp_path), free_port()
    running = server(create_app(settings), Settings(data_dir=tmp_path, port=port))
    running.config.app = app
    running.config.lifespan = "off"
    async with served(running):
        with pytest.raises(InvalidStatus) as answer:
            await connect(f"ws://127.0.0.1:{port}/relay", proxy=None)
        assert answer.value.response.status_code == 403
    assert len(seen) == 1
