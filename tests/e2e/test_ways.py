"""The ways on which a session passes: TLS in front, a provider's own authority, a proxy, a relay, a line that is cut.

Broker, agent with its window, command line, nginx, tinyproxy and relay are the real programs.
"""

import asyncio
import json
import re
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from scripts import desktop as desktops
from scripts.desktop import Desktop
from scripts.processes import Processes, free_port
from scripts.product import RELEVO, Accounts, Broker, Customer
from tests.client_agent.support.web import Authority, authority
from tests.support import ways
from tests.support.accessible import Reader
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


class Technician:
    """`relevo connect` while it works."""

    def __init__(self, process: asyncio.subprocess.Process, given: str) -> None:
        self.process = process
        self._working = asyncio.create_task(process.communicate(given.encode()))

    async def over(self) -> tuple[int | None, str]:
        """Its exit status and all that it printed."""
        async with asyncio.timeout(PATIENCE):
            said, _ = await self._working
        return self.process.returncode, said.decode()


@dataclass(kw_only=True)
class Site:
    """A provider's broker with its accounts, and a customer's desktop.  `terms_accepted`: they are asked for once."""

    broker: Broker
    accounts: Accounts
    processes: Processes
    desktop: Desktop
    reader: Reader
    build_file: Path
    terms_accepted: bool = False

    @asynccontextmanager
    async def customer(self, *options: str | Path) -> AsyncIterator["Caller"]:
        """The customer's program with these options, until it is closed."""
        customer = Customer(self.processes, self.desktop, self.build_file)
        customer.command += [str(option) for option in options]
        customer.open()
        try:
            yield Caller(self, customer)
        finally:
            assert customer.running is not None
            await asyncio.to_thread(self.processes.stop, customer.running)

    async def connect(self, code: tuple[str, str], *options: str | Path) -> Technician:
        """`relevo connect` with these options."""
        technician = self.accounts.technician
        command = [RELEVO, "connect", code[0], "--broker", self.broker.origin, "--email", technician.email, *options]
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return Technician(process, f"{technician.password}\n{code[1]}\n")

    async def session(self) -> dict[str, Any]:
        """The latest session, as the log has it."""
        arguments = ("log", "export", "--organisation", self.accounts.organisation_id, "--format", "json")
        items = json.loads(await asyncio.to_thread(self.broker.command, *arguments))["items"]
        latest: dict[str, Any] = items[0]
        return latest


@dataclass
class Caller:
    """A customer in front of their program."""

    site: Site
    program: Customer

    async def until(self, *states: str) -> dict[str, Any]:
        """What the program says of itself once it is in one of these states; `code`: once it shows one."""

        def there() -> bool:
            state = self.said().get("state")
            return state in states and (state != "code" or "code" in self.said())

        what = f"the customer's program: {' or '.join(states)}"
        await asyncio.to_thread(self.site.processes.wait_for, what, there, PATIENCE)
        return self.said()

    def said(self) -> dict[str, Any]:
        """What the program last said of itself."""
        return self.program.status()

    async def code(self) -> tuple[str, str]:
        """ID and password; the terms are accepted on the way."""
        if not self.site.terms_accepted:
            await self.until("terms")
            await self.site.reader.press("Accept and go on")
            self.site.terms_accepted = True
        shown = await self.until("code")
        return shown["id"], shown["code"]

    async def agree(self) -> None:
        """Let the technician in."""
        await self.site.reader.press("Accept")


@asynccontextmanager
async def site_of(folder: Path, processes: Processes, broker: Broker) -> AsyncIterator[Site]:
    """A running broker with a customer's desktop."""
    accounts = await asyncio.to_thread(broker.accounts)
    await asyncio.to_thread(broker.start, processes)
    build_file = await asyncio.to_thread(broker.build_file, accounts.organisation_id)
    desktop = desktops.start(processes, folder / "customer")
    async with Reader.of(desktop.env) as reader:
        yield Site(
            broker=broker,
            accounts=accounts,
            processes=processes,
            desktop=desktop,
            reader=reader,
            build_file=build_file,
        )


async def work_through(site: Site, agent: Sequence[str | Path], console: Sequence[str | Path], folder: Path) -> None:
    """A whole session with these options of both programs: a code, consent, a picture, an end."""
    picture = folder / "screen.png"
    async with site.customer(*agent) as customer:
        technician = await site.connect(await customer.code(), *console, "--screenshot", picture)
        await customer.agree()
        status, said = await technician.over()
        assert status == 0, said
        await customer.until("ended", "code")
    with Image.open(picture) as seen:
        assert seen.size == desktops.SIZE


# TLS in front, and a proxy on the way --------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Public(Site):
    """A broker behind nginx, with a certificate of the provider's own authority."""

    ca: Authority
    front: ways.Nginx
    proxy: ways.Tinyproxy


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def public(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Public]:
    folder, port = tmp_path_factory.mktemp("public"), free_port()
    origin, ca = f"https://localhost:{port}", authority(folder / "ca")
    ca.server("localhost")
    (certificate,) = ca.folder.glob("server-*.pem")
    with Processes(folder / "logs") as processes:
        settings = {"PUBLIC_ORIGIN": origin, "TRUSTED_PROXIES": '["127.0.0.1"]'}
        broker = Broker(folder / "broker", settings=settings)
        inside = broker.port
        broker.origin = origin
        front = await asyncio.to_thread(ways.nginx, processes, folder / "nginx", port, inside, certificate)
        proxy = await asyncio.to_thread(ways.tinyproxy, processes, folder / "proxy", port)
        async with site_of(folder, processes, broker) as site:
            yield Public(**vars(site), ca=ca, front=front, proxy=proxy)


async def test_a_session_through_nginx_with_a_providers_own_authority(public: Public, tmp_path: Path) -> None:
    own = ("--ca", public.ca.file)
    await work_through(public, own, own, tmp_path)
    session = await public.session()
    assert session["end_reason"] == "technician"
    assert session["customer"]["address"] == "127.0.0.1"


async def test_without_that_authority_nothing_is_sent(public: Public) -> None:
    visits = public.front.visits.read_text()
    async with public.customer() as customer:
        assert (await customer.until("failed"))["failure"] == "certificate"
        assert "could not prove who it is" in await public.reader.text()
        status, said = await (await public.connect(("123456789", "K7QU-9XDT"))).over()
    assert status == 4, said
    assert "certificate" in said.lower()
    assert public.front.visits.read_text() == visits, "a request went to someone who could not prove who they are"


async def test_the_plain_port_only_sends_on_to_https(public: Public) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
    with pytest.raises(urllib.error.HTTPError) as answer:
        await asyncio.to_thread(opener.open, f"http://localhost:{public.front.plain_port}/console/")
    answer.value.close()
    assert answer.value.code == 301
    assert answer.value.headers["Location"] == "https://localhost/console/"


async def test_a_session_through_a_proxy_with_a_password(public: Public, tmp_path: Path) -> None:
    way = ("--ca", public.ca.file, "--proxy", public.proxy.address())
    await work_through(public, way, way, tmp_path)
    # Agent: control line and data line; console: the same and the sign-in, at least.
    assert len(re.findall(r"CONNECT localhost", public.proxy.log.read_text())) >= 5
    session = await public.session()
    assert session["end_reason"] == "technician"
    assert session["customer"]["address"] == ways.PROXY_ADDRESS, "the visitor's address got lost behind nginx"


async def test_a_proxy_that_wants_another_password_is_told_apart(public: Public) -> None:
    visits = public.front.visits.read_text()
    way = ("--ca", public.ca.file, "--proxy", public.proxy.address("wrong"))
    async with public.customer(*way) as customer:
        assert (await customer.until("failed"))["failure"] == "proxy_auth"
        assert "user name and password" in await public.reader.text()
        status, said = await (await public.connect(("123456789", "K7QU-9XDT"), *way)).over()
    assert status == 4, said
    assert "wrong" not in said, "the proxy's password was printed"
    assert public.front.visits.read_text() == visits


# A relay of its own, and a line that is cut --------------------------------------------------------------------------


@dataclass(kw_only=True)
class Relayed(Site):
    """A broker with a relay beside it, which is reached through `line`."""

    line: ways.Cable


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def relayed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Relayed]:
    folder, port = tmp_path_factory.mktemp("relayed"), free_port()
    with Processes(folder / "logs") as processes:
        async with ways.cable(port) as line:
            settings = {
                "RELAY_URL": f"ws://127.0.0.1:{line.port}/relay",
                "RELAY_ID": "beside",
                "RELAY_CREDENTIAL": "a-relay's-own-credential",
            }
            broker = Broker(folder / "broker", settings=settings)
            async with site_of(folder, processes, broker) as site:
                await asyncio.to_thread(ways.relay, processes, folder, port, broker.origin, broker.env)
                yield Relayed(**vars(site), line=line)


async def test_a_session_through_a_relay_of_its_own(relayed: Relayed, tmp_path: Path) -> None:
    before = relayed.line.passed
    await work_through(relayed, (), (), tmp_path)
    assert relayed.line.passed - before > (tmp_path / "screen.png").stat().st_size, "the picture went another way"


async def test_a_line_that_is_cut_comes_back_without_a_new_code(relayed: Relayed) -> None:
    async with relayed.customer() as customer:
        technician = await relayed.connect(await customer.code(), "--stay")
        await customer.agree()
        await customer.until("live")
        loop = asyncio.get_running_loop()
        before, began = relayed.line.passed, loop.time()

        relayed.line.cut()
        lost = loop.time()
        await customer.until("paused")
        noticed = loop.time()
        # What is proved is that a pause does not count: it has to be long enough to be seen in whole seconds.
        await asyncio.sleep(4)
        assert customer.said()["state"] == "paused"
        found = loop.time()
        relayed.line.mend()
        resumed = await customer.until("live")
        back = loop.time()
        assert "code" not in resumed, "a new code in the middle of a session"
        assert relayed.line.passed > before

        await relayed.reader.press("Disconnect")
        assert (await customer.until("ended", "code"))["state"] in ("ended", "code")
        whole = loop.time() - began
        status, said = await technician.over()
    assert status == 7 or "customer" in said, said
    session = await relayed.session()
    assert session["end_reason"] == "customer"
    assert int(found - noticed) - 1 <= session["paused_s"] <= back - lost + 2
    assert session["connected_s"] + session["paused_s"] <= whole + 3
    assert session["connected_s"] < whole - (found - noticed) + 2, "the pause was counted"
