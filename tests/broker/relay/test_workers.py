"""Several processes behind one port: both ends in the same one, new lines spread, one that dies takes its own alone."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from broker.relay.front import HEAD
from broker.relay.link import RelaySettings
from broker.relay.workers import Workers
from protocol import control
from tests.broker.sessions.test_live import is_, resume
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually
from tests.support.peers import Joined, join

CREDENTIAL = "a-relays-own-credential"


@dataclass
class Site:
    """A broker and a relay of two workers, linked."""

    broker: LiveBroker
    workers: Workers
    port: int

    def linked(self) -> set[str]:
        """Of which workers the link is up."""
        return {relay.relay_id for relay in self.broker.plane.relays.attached if relay.site == "r1"}

    async def both(self) -> None:
        """Return when both are there."""
        await eventually(lambda: self.linked() == {"r1/1", "r1/2"})


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    bound = socket.create_server(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    url = f"ws://127.0.0.1:{port}/relay"
    async with live_broker(tmp_path, relay_credential=CREDENTIAL, relay_id="r1", relay_url=url) as broker:
        workers = Workers(RelaySettings(broker=broker.provider.origin, credential=CREDENTIAL), 2)
        await workers.start(bound)
        try:
            made = Site(broker, workers, port)
            await made.both()
            yield made
        finally:
            await workers.stop()


def worker_of(session: Joined) -> int:
    """Which worker carries it: both ends went to the same."""
    paths = {line.socket.request.path for line in session.lines if line.socket.request}
    assert len(paths) == 1
    return int(paths.pop().removeprefix("/relay/"))


async def test_new_lines_are_spread_and_both_ends_meet(site: Site) -> None:
    broker = site.broker
    async with await broker.agent() as first, await broker.agent() as second, await broker.console() as console:
        one, other = await join(first, console), await join(second, console)
        assert {worker_of(one), worker_of(other)} == {1, 2}
        await one.talk()
        await other.talk()
        await first.end(one.a)
        await console.expect(control.Ended)
        async with await broker.agent() as third:  # where one has left there is room
            assert worker_of(await join(third, console)) == worker_of(one)


async def test_a_worker_that_is_killed_takes_its_own_lines_alone(site: Site) -> None:
    broker = site.broker
    async with await broker.agent() as first, await broker.agent() as second, await broker.console() as console:
        one, other = await join(first, console), await join(second, console)
        dead = worker_of(one)
        site.workers.processes[dead].kill()
        for line in one.lines:
            assert await line.closed() == 1006
        await other.talk()
        await eventually(lambda: f"r1/{dead}" not in site.linked())
        await resume(one)
        assert worker_of(one) != dead
        await one.talk()
        await is_(broker, one.id, "joined")
        await site.both()  # it has come back
        async with await broker.agent() as third:
            assert worker_of(await join(third, console)) == dead


async def test_the_port_answers_for_what_is_no_line(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{site.port}") as asking:
        assert (await asking.get("/healthz")).text == "ok"
        assert (await asking.get("/relay/7")).status_code == 503
        assert (await asking.get("/relay/1")).status_code == 426  # handed over, and no WebSocket
        for nothing in ("/relay", "/relay/", "/relay/01", "/", "/relay/1/2"):
            assert (await asking.get(nothing)).status_code == 404, nothing
        assert (await asking.get("/relay/1", headers={"X-Long": "x" * HEAD})).status_code == 431
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"\x16\x03\x01 not HTTP\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGKILL])
async def test_the_command_runs_several_that_stop_with_it(
    tmp_path: Path, unused_tcp_port: int, told: signal.Signals
) -> None:
    url = f"ws://127.0.0.1:{unused_tcp_port}/relay"
    async with live_broker(tmp_path, relay_credential=CREDENTIAL, relay_id="r1", relay_url=url) as broker:
        relay = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "relevo", "relay", "--broker", broker.provider.origin, "--workers", "2",
            "--port", str(unused_tcp_port), env=os.environ | {"RELEVO_RELAY_CREDENTIAL": CREDENTIAL},
        )  # fmt: skip
        try:
            await eventually(lambda: len(broker.plane.relays.attached) == 3)  # and the one inside
            async with await broker.agent() as agent, await broker.console() as console:
                session = await join(agent, console)
                await session.talk()
                relay.send_signal(told)
                for line in session.lines:
                    await line.closed()
            await eventually(lambda: len(broker.plane.relays.attached) == 1)
        finally:
            if relay.returncode is None:
                relay.terminate()
        assert await relay.wait() == (0 if told is signal.SIGTERM else -told)


async def test_with_a_certificate_of_its_own_there_is_one_process() -> None:
    relay = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relevo", "relay", "--broker", "https://ayuda.example", "--workers", "2",
        "--certificate", __file__, "--key", __file__, env=os.environ | {"RELEVO_RELAY_CREDENTIAL": CREDENTIAL},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, why = await relay.communicate()
    assert relay.returncode == 1
    assert "TLS has to end in a proxy" in why.decode()


async def test_ends_without_a_worker_are_told(tmp_path: Path) -> None:
    """The owner of the port alone: its workers have not come up, or all of them died."""
    bound = socket.create_server(("127.0.0.1", 0))
    workers = Workers(RelaySettings(broker="http://127.0.0.1:1", credential="none"), 0)
    await workers.start(bound)
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}") as asking:
            for path in ("/healthz", "/relay/1"):
                assert (await asking.get(path)).status_code == 503
    finally:
        await workers.stop()
