"""`relevo relay --workers 2` behind `relevo broker`, both as an administrator starts them: a worker that is killed.

The ends are the real agent's core and the real Python console; the desktops are drawn ones.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from client_agent import events as ev
from client_agent.build_config import Build, read
from operator_console.client import Console, Way
from operator_console.session import RemoteSession
from scripts.processes import Processes, Running, free_port
from scripts.product import Accounts, Broker
from tests.client_agent.support.customer import Customer
from tests.support import ways
from tests.support.patience import PATIENCE, eventually

pytestmark = pytest.mark.e2e


@dataclass
class Site:
    """Both programs, and what an administrator has of them."""

    broker: Broker
    accounts: Accounts
    build: Build
    relay: Running

    def said(self, event: str) -> list[dict[str, Any]]:
        """What the relay has written of that kind, its workers included."""
        lines = (line for line in self.relay.log.read_text().splitlines() if line.startswith("{"))
        return [said for said in map(json.loads, lines) if said["event"] == event]

    async def linked(self, times: int) -> None:
        """Until workers have joined the broker so often."""
        await eventually(lambda: len(self.said("linked")) >= times)

    def process(self, worker: int) -> int:
        """Its process."""
        return int(next(said["pid"] for said in self.said("worker_up") if said["worker"] == worker))

    async def session(self, session_id: str) -> dict[str, Any]:
        """What the log has of it."""
        arguments = ("log", "export", "--organisation", self.accounts.organisation_id, "--format", "json")
        items = json.loads(await asyncio.to_thread(self.broker.command, *arguments))["items"]
        return next(item for item in items if item["id"] == session_id)


@pytest.fixture
async def site(tmp_path: Path, processes: Processes) -> Site:
    port = free_port()
    settings = {"RELAY_URL": f"ws://127.0.0.1:{port}/relay", "RELAY_ID": "r1", "RELAY_CREDENTIAL": "a-relay's-own"}
    broker = Broker(tmp_path / "broker", settings=settings)
    accounts = await asyncio.to_thread(broker.accounts)
    await asyncio.to_thread(broker.start, processes)
    build = read(await asyncio.to_thread(broker.build_file, accounts.organisation_id))
    await asyncio.to_thread(
        ways.relay, processes, tmp_path, port, broker.origin, broker.env | {"RELEVO_LOG_JSON": "true"}, "--workers", "2"
    )
    made = Site(broker, accounts, build, next(one for one in processes.running if one.name == "relay"))
    await made.linked(2)
    return made


@dataclass
class Pair:
    """A customer and a technician in a session."""

    customer: Customer
    session: RemoteSession

    @property
    def worker(self) -> int:
        """Which one carries it."""
        line = self.session._socket
        assert line is not None
        assert line.request is not None
        return int(line.request.path.removeprefix("/relay/"))

    async def types(self, text: str) -> None:
        """The technician does, and it arrives."""
        self.session.type_text(text)
        await self.session.drained()
        assert ("text", text) in self.customer.injector.done


@asynccontextmanager
async def pair(site: Site, state: Path) -> AsyncIterator[Pair]:
    """They meet, and the customer agrees."""
    who = site.accounts.technician
    someone = Customer(site.build, state)
    running = asyncio.create_task(someone.core.run())
    try:
        async with Console.sign_in(Way(site.broker.origin), who.email, who.password) as console:
            code = await someone.expect(ev.CodeShown)
            session = await console.pair(code.id, code.password, console.welcome.services[0])
            await someone.consent()
            await session.whole_picture()
            yield Pair(someone, session)
    finally:
        someone.core.do(ev.Quit())
        async with asyncio.timeout(PATIENCE):
            await running


async def test_a_worker_that_is_killed_disturbs_no_session_of_the_other_and_its_own_go_on(
    site: Site, tmp_path: Path
) -> None:
    async with AsyncExitStack() as both:
        broken = await both.enter_async_context(pair(site, tmp_path / "one"))
        whole = await both.enter_async_context(pair(site, tmp_path / "other"))
        dead = broken.worker
        assert {dead, whole.worker} == {1, 2}

        os.kill(site.process(dead), signal.SIGKILL)
        await broken.customer.expect(ev.Paused)
        await whole.types("sigo aquí")
        await broken.customer.expect(ev.Resumed)
        assert broken.worker != dead
        await broken.types("y yo también")
        assert not [event for event in whole.customer.seen if isinstance(event, ev.Paused | ev.Ended)]
        await site.linked(3)  # it has come back

        for one in (broken, whole):
            one.customer.core.do(ev.Disconnect(at=0.0))
            await one.session.over()
        assert (await site.session(whole.session.session_id))["paused_s"] == 0
        told = await site.session(broken.session.session_id)
        assert told["end_reason"] == "customer"
        assert [said["status"] for said in site.said("worker_down")] == [-signal.SIGKILL]
