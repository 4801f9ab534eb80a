"""A relay of its own, in front of a broker: its credential, its link, a whole session through it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus

from broker.ids import new_id
from broker.relay.core import Closed, Opened, Report
from broker.relay.directory import LineEvents, pass_on
from broker.relay.link import RelaySettings, StandaloneRelay
from broker.relay.messages import RelayWelcome
from broker.relay.remote import RemoteRelay
from broker.relay.standalone import listening
from protocol import control
from protocol.codec import to_text
from tests.broker.sessions.test_live import is_
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import PATIENCE, eventually
from tests.support.peers import join

CREDENTIAL = "a-relays-own-credential"


@asynccontextmanager
async def relay_of(broker_origin: str, port: int, credential: str = CREDENTIAL) -> AsyncIterator[StandaloneRelay]:
    """A relay whose link is being kept up."""
    settings = RelaySettings(broker=broker_origin, credential=credential, port=port)
    relay = StandaloneRelay(settings)
    async with listening(relay, settings):
        linking = asyncio.create_task(relay.run())
        try:
            yield relay
        finally:
            linking.cancel()
            await asyncio.wait([linking])


@asynccontextmanager
async def broker_and_relay(data_dir: Path, free_port: int) -> AsyncIterator[tuple[LiveBroker, StandaloneRelay]]:
    """Both, with the link up."""
    url = f"ws://127.0.0.1:{free_port}/relay"
    async with (
        live_broker(data_dir, relay_credential=CREDENTIAL, relay_id="r1", relay_url=url) as broker,
        relay_of(broker.provider.origin, free_port) as relay,
    ):
        async with asyncio.timeout(PATIENCE):
            await relay.linked.wait()
        yield broker, relay


async def test_a_session_goes_through_a_relay_of_its_own(tmp_path: Path, unused_tcp_port: int) -> None:
    async with broker_and_relay(tmp_path, unused_tcp_port) as (broker, _):
        async with await broker.agent() as agent, await broker.console() as console:
            session = await join(agent, console)
            assert str(unused_tcp_port) in str(session.lines[0].socket.remote_address)
            await session.talk()
            session.lines[0].socket.transport.abort()
            await is_(broker, session.id, "paused")  # the relay said so
            await agent.end(session.a)
            assert (await console.expect(control.Ended)).reason == "customer"


async def test_the_command_runs_one(tmp_path: Path, unused_tcp_port: int) -> None:
    url = f"ws://127.0.0.1:{unused_tcp_port}/relay"
    async with live_broker(tmp_path, relay_credential=CREDENTIAL, relay_id="r1", relay_url=url) as broker:
        command = [sys.executable, "-m", "relevo", "relay", "--broker", broker.provider.origin]
        relay = await asyncio.create_subprocess_exec(
            *command, "--port", str(unused_tcp_port), env=os.environ | {"RELEVO_RELAY_CREDENTIAL": CREDENTIAL}
        )
        try:
            await eventually(lambda: broker.plane.relays.present.url == url)  # another process comes up
            async with await broker.agent() as agent, await broker.console() as console:
                session = await join(agent, console)
                await session.talk()
                await agent.end(session.a)
        finally:
            relay.terminate()
            await relay.wait()


async def test_a_relay_whose_authority_cannot_be_read_does_not_start(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("not a certificate")
    relay = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relevo", "relay", "--broker", "https://ayuda.example", "--ca", str(authority),
        "--port", "0", env=os.environ | {"RELEVO_RELAY_CREDENTIAL": CREDENTIAL},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        said, why = await relay.communicate()
    assert (relay.returncode, said) == (1, b"")
    assert f"no CA certificate can be read from {authority}" in why.decode()
    assert "Traceback" not in why.decode()


async def test_the_brokers_end_closes_both_lines_at_the_relay(tmp_path: Path, unused_tcp_port: int) -> None:
    async with broker_and_relay(tmp_path, unused_tcp_port) as (broker, _):
        async with await broker.agent() as agent, await broker.console() as console:
            session = await join(agent, console)
            await console.send(control.EndRequest(session_id=session.id))
            for line in session.lines:
                assert await line.closed() == 1006


async def test_a_link_that_comes_back_tells_what_is_open(tmp_path: Path, unused_tcp_port: int) -> None:
    async with broker_and_relay(tmp_path, unused_tcp_port) as (broker, relay):
        async with await broker.agent() as agent, await broker.console() as console:
            session = await join(agent, console)
            link = broker.plane.relays.present
            assert isinstance(link, RemoteRelay)
            link.hang_up()
            await eventually(lambda: not relay.linked.is_set())
            await session.talk()  # the line never noticed
            async with asyncio.timeout(PATIENCE):
                await relay.linked.wait()
            await console.send(control.EndRequest(session_id=session.id))
            assert await session.lines[0].closed() == 1006


async def test_a_line_whose_session_ended_while_the_link_was_down_is_closed_when_it_is_back(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with broker_and_relay(tmp_path, unused_tcp_port) as (broker, relay):
        async with await broker.agent() as agent, await broker.console() as console:
            session = await join(agent, console)
            link = broker.plane.relays.present
            assert isinstance(link, RemoteRelay)
            link.hang_up()
            await eventually(lambda: broker.plane.relays.present is not link)
            await console.send(control.EndRequest(session_id=session.id))
            await console.expect(control.Ended)
            assert not relay.linked.is_set()
            assert await session.lines[0].closed() == 1006


async def test_a_link_that_was_up_is_tried_again_soon_however_often_it_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.relay.link.RETRY", (0.01, 30.0))
    links = 0

    async def broken(link: ServerConnection) -> None:
        nonlocal links
        await link.send(to_text(RelayWelcome(relay_id="r1", keys={})))
        await link.send("{}")
        await link.wait_closed()
        links += 1

    async with serve(broken, "127.0.0.1", 0) as broker:
        port = next(iter(broker.sockets)).getsockname()[1]
        with capture_logs() as said:
            async with relay_of(f"http://127.0.0.1:{port}", 0):
                await eventually(lambda: links >= 4)
    assert {entry["again_in_s"] for entry in said if entry["event"] == "link_down"} == {0.01}


async def test_what_has_passed_is_told_however_much_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.relay.link.COUNTS_EVERY", 0.1)
    counted = asyncio.Event()

    async def count(relay: StandaloneRelay, link: object) -> None:
        counted.set()

    async def report_always(relay: StandaloneRelay) -> None:
        while True:
            relay._report(Opened(new_id(), 1))
            await asyncio.sleep(0.01)

    async def listens(link: ServerConnection) -> None:
        await link.send(to_text(RelayWelcome(relay_id="r1", keys={})))
        async for _ in link:
            pass

    monkeypatch.setattr(StandaloneRelay, "_send_counts", count)
    async with serve(listens, "127.0.0.1", 0) as broker:
        port = next(iter(broker.sockets)).getsockname()[1]
        async with relay_of(f"http://127.0.0.1:{port}", 0) as relay:
            reporting = asyncio.create_task(report_always(relay))
            async with asyncio.timeout(PATIENCE):
                await counted.wait()
            reporting.cancel()


async def test_a_report_that_cannot_be_taken_costs_the_others_nothing(
    tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def failing(report: Report, events: LineEvents) -> None:
        if isinstance(report, Closed) and not failed.is_set():
            failed.set()
            raise RuntimeError("the database is locked")
        await pass_on(report, events)

    monkeypatch.setattr("broker.relay.remote.pass_on", failing)
    async with broker_and_relay(tmp_path, unused_tcp_port) as (broker, _):
        link = broker.plane.relays.present
        async with await broker.agent() as agent, await broker.console() as console:
            await join(agent, console)
        async with asyncio.timeout(PATIENCE):
            await failed.wait()
        async with await broker.agent() as agent, await broker.console() as console:
            session = await join(agent, console)
            await is_(broker, session.id, "joined")
        assert broker.plane.relays.present is link


async def test_a_wrong_credential_or_a_page_gets_no_link(tmp_path: Path) -> None:
    async with live_broker(tmp_path, relay_credential=CREDENTIAL, relay_url="ws://127.0.0.1:1/relay") as broker:
        url = broker.provider.socket("/ws/relay")
        right = {"Authorization": f"Bearer {CREDENTIAL}"}
        for headers in ({}, {"Authorization": "Bearer wrong"}, right | {"Origin": broker.provider.origin}):
            with pytest.raises(InvalidStatus):
                await connect(url, additional_headers=headers, proxy=None)
        async with connect(url, additional_headers=right, proxy=None) as link:
            await link.recv()
            await link.send("{}")
            await link.wait_closed()
            assert link.close_code == 4400


async def test_without_a_credential_of_its_own_a_broker_takes_no_relay(broker: LiveBroker) -> None:
    for shown in ("", "None", "null"):
        with pytest.raises(InvalidStatus):
            await connect(
                broker.provider.socket("/ws/relay"), additional_headers={"Authorization": f"Bearer {shown}"}, proxy=None
            )
