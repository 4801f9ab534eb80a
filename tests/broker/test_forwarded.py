"""Whose address counts: behind the shipped nginx the visitor's own, whatever they say of themselves (pairing rule 7).

nginx is real and has `deploy/nginx.conf`; visitors come from different addresses of loopback.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from broker.operators.throttle import ADDRESS
from scripts.processes import Processes, free_port
from tests.client_agent.support.web import authority
from tests.support import ways
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer, Denied
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

VISITOR, OTHER = "127.0.0.7", "127.0.0.8"
STRANGERS = 3
"""Sockets of one address that may be open without having said who they are."""


def forged(number: int = 9) -> dict[str, str]:
    """What a visitor says who wants to be somebody else."""
    address = f"203.0.113.{number}"
    return {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}


@dataclass
class Front:
    """A broker as its visitors reach it.  `tls` is for sockets, None without."""

    broker: LiveBroker
    tls: ssl.SSLContext | None

    def way(self, address: str) -> dict[str, Any]:
        """Options of a socket from that address."""
        return {"local_addr": (address, 0), **({"ssl": self.tls} if self.tls else {})}

    def http(self, address: str) -> httpx2.AsyncClient:
        """A visitor's requests from that address."""
        transport = httpx2.AsyncHTTPTransport(local_address=address, verify=self.tls or True)
        return httpx2.AsyncClient(transport=transport, base_url=self.broker.provider.origin, timeout=60)

    async def alerts(self) -> list[str]:
        """Addresses in alerts, newest first."""
        found = await self.broker.services.alerts.newest(self.broker.provider.org_id, 50)
        return [str(alert.data["address"]) for alert in found]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["behind nginx", "without a proxy"])
async def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    """Behind nginx its word counts; without a proxy nobody's does."""
    folder = tmp_path_factory.mktemp("front")
    make = behind_nginx if request.param == "behind nginx" else without_a_proxy
    async with make(folder) as made:
        yield made


@asynccontextmanager
async def behind_nginx(folder: Path) -> AsyncIterator[Front]:
    port, inside, ca = free_port(), free_port(), authority(folder / "ca")
    ca.server("localhost", "127.0.0.1")
    (certificate,) = ca.folder.glob("server-*.pem")
    tls = ssl.create_default_context(cafile=str(ca.file))
    with Processes(folder / "logs") as processes:
        await asyncio.to_thread(ways.nginx, processes, folder / "nginx", port, inside, certificate)
        async with live_broker(
            folder / "broker", port=inside, origin=f"https://127.0.0.1:{port}", trusted_proxies=("127.0.0.1",),
            unauthenticated_per_address=STRANGERS,
        ) as broker:  # fmt: skip
            yield Front(broker, tls)


@asynccontextmanager
async def without_a_proxy(folder: Path) -> AsyncIterator[Front]:
    async with live_broker(folder / "broker", unauthenticated_per_address=STRANGERS) as broker:
        yield Front(broker, None)


async def test_the_session_log_has_the_agents_own_address(front: Front) -> None:
    broker = front.broker
    agent = await AgentPeer.connect(broker.provider, **front.way(VISITOR), additional_headers=forged())
    assert (await agent.register()).ok
    console = await ConsolePeer.connect(
        broker.provider, "", headers={"Authorization": f"Bearer {broker.operator.token}"}, **front.way(OTHER)
    )
    async with agent, console:
        code = await agent.code()
        offer = await console.ask(console.request(code.id, code.server_part))
        story = await broker.services.archive.story(broker.provider.org_id, offer.session_id)
        assert story.entry.personal["address"] == VISITOR


async def test_a_failed_pairing_is_logged_with_the_consoles_own_address(front: Front) -> None:
    broker = front.broker
    headers = {"Authorization": f"Bearer {broker.operator.token}", **forged()}
    async with await ConsolePeer.connect(broker.provider, "", headers=headers, **front.way(VISITOR)) as console:
        with pytest.raises(Denied):
            await console.ask(console.request("000000000", "000"))

        async def told() -> bool:
            return (await front.alerts())[:1] == [VISITOR]

        await eventually(told)


@pytest.mark.parametrize("path", ["/ws/agent", "/relay"])
async def test_strangers_are_counted_by_their_own_address(front: Front, path: str) -> None:
    url = front.broker.provider.socket(path)

    async def knock(address: str, number: int) -> Any:
        return await connect(url, additional_headers=forged(number), proxy=None, **front.way(address))

    async with AsyncExitStack() as open_ones:
        for number in range(STRANGERS):
            open_ones.push_async_callback((await knock(VISITOR, number)).close)
        one_more = await knock(VISITOR, 99)
        await one_more.wait_closed()
        assert one_more.close_code == 4429
        other = await knock(OTHER, 1)
        open_ones.push_async_callback(other.close)
        assert other.close_code is None
        if path == "/ws/agent":
            assert '"challenge"' in await other.recv()
        else:
            await other.send("no ticket")
            with pytest.raises(ConnectionClosed):
                await other.recv()
            assert other.close_code == 4403


async def test_tries_to_sign_in_are_counted_by_their_own_address(front: Front) -> None:
    async with front.http(VISITOR) as visitor, front.http(OTHER) as other:

        async def sign_in(client: httpx2.AsyncClient, number: int) -> int:
            body = {"email": f"nobody{number}@example.com", "password": "x" * 12, "want": "bearer"}
            return (await client.post("/api/v1/sign-in", json=body, headers=forged(number))).status_code

        assert await sign_in(other, 0) == 401
        answers = [await sign_in(visitor, number) for number in range(1, ADDRESS.amount + 2)]
        assert answers[-1] == 429, "a new address for each try"
        assert await sign_in(other, 250) == 401, "the others pay for it"


async def test_a_report_from_the_page_has_its_senders_own_address(front: Front) -> None:
    broker = front.broker
    async with front.http(VISITOR) as visitor:
        path = f"/api/v1/public/organisations/{broker.provider.org_id}/suspicions"
        assert (await visitor.post(path, json={"text": "Me llamó alguien"}, headers=forged())).status_code < 300
    async with broker.services.store.reading() as db:
        found = (await db.execute(text("select value from log_personal where field = 'address'"))).scalars().all()
    assert VISITOR in found
    assert not [address for address in found if address.startswith("203.")]


async def test_metrics_are_passed_on_to_nobody(front: Front) -> None:
    async with front.http(VISITOR) as visitor:
        assert (await visitor.get("/metrics")).status_code == (401 if front.tls is None else 404)
