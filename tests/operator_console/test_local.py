"""`relevo console`: only this run's browser gets in, and the broker's cookie stays in the process (pairing rule 7)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2 as httpx
import pytest

from broker.permissions import Role
from operator_console.client import Way
from operator_console.errors import Unreachable
from operator_console.local import COOKIE, Upstream, create_app
from protocol import control
from protocol.codec import TO_CONSOLE, to_text
from tests.support.live_broker import live_broker

PASSWORD = "correct horse battery"
HERE = "http://127.0.0.1:4711"
TOKEN = "token-of-this-run"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has not opened the printed address yet."""
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>console</title>")
    async with live_broker(tmp_path / "broker") as live:
        await live.services.operators.add(live.provider.org_id, "ana@example.com", "Ana", Role.OPERATOR, PASSWORD)
        upstream = Upstream(Way(live.provider.origin))
        app = create_app(upstream, page, HERE, TOKEN)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HERE) as client:
            yield client
        await upstream.close()


async def open_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/open/{TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


@pytest.mark.parametrize("path", ["/", "/console/", "/console/config.json", "/api/v1/me", "/open/guessed"])
async def test_without_the_token_nothing_is_served(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 403


async def test_the_token_opens_once(browser: httpx.AsyncClient) -> None:
    await open_page(browser)
    assert (await browser.get("/console/")).status_code == 200
    browser.cookies.clear()
    assert (await browser.get(f"/open/{TOKEN}")).status_code == 403


async def test_another_name_for_loopback_is_refused(browser: httpx.AsyncClient) -> None:
    await open_page(browser)
    answer = await browser.get("/console/", headers={"Host": "evil.example:4711"})
    assert answer.status_code == 403


async def test_another_page_cannot_use_the_sign_in(browser: httpx.AsyncClient) -> None:
    await open_page(browser)
    foreign = {"Origin": "https://evil.example"}
    assert (await browser.post("/api/v1/sign-out", headers=foreign)).status_code == 403
    assert (await browser.post("/api/v1/sign-out")).status_code == 403


async def test_the_page_learns_the_brokers_origin_and_carries_its_policy(browser: httpx.AsyncClient) -> None:
    await open_page(browser)
    assert (await browser.get("/console/config.json")).json()["public_origin"].startswith("http://127.0.0.1:")
    policy = (await browser.get("/console/")).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy


async def test_the_brokers_cookie_stays_in_the_process(browser: httpx.AsyncClient) -> None:
    await open_page(browser)
    body = {"email": "ana@example.com", "password": PASSWORD, "want": "cookie"}
    answer = await browser.post("/api/v1/sign-in", json=body, headers={"Origin": HERE})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert set(browser.cookies) == {COOKIE}
    assert (await browser.get("/api/v1/me")).json()["email"] == "ana@example.com"


def ticket(relay_url: str) -> str:
    """A ticket as the broker sends it."""
    return to_text(control.Ticket(session_id="A" * 22, relay_url=relay_url, g=1, token="token"))


def named(frame: str) -> str:
    """The relay's address in a ticket that goes to the page."""
    message = TO_CONSOLE.read(frame)
    assert isinstance(message, control.Ticket)
    return message.relay_url


async def test_a_relay_elsewhere_is_named_to_the_page_by_a_path_of_ours() -> None:
    upstream = Upstream(Way("http://127.0.0.1:9"))
    elsewhere = named(upstream.for_the_page(ticket("wss://relay.example/relay")))
    assert elsewhere.startswith("/relay/")
    assert "relay.example" not in elsewhere
    assert named(upstream.for_the_page(ticket("wss://relay.example/relay"))) == elsewhere
    assert named(upstream.for_the_page(ticket("wss://other.example/relay"))) != elsewhere
    assert named(upstream.for_the_page(ticket("/relay"))) == "/relay"
    await upstream.close()


@pytest.mark.parametrize("frame", ["", "no message", '{"type":"ticket"}', '{"type":"ended"}', '"ticket"'])
async def test_what_is_no_ticket_passes_as_it_is(frame: str) -> None:
    upstream = Upstream(Way("http://127.0.0.1:9"))
    assert upstream.for_the_page(frame) == frame
    await upstream.close()


async def test_only_a_relay_that_a_ticket_named_is_dialled_and_never_without_tls() -> None:
    upstream = Upstream(Way("http://127.0.0.1:9"))
    for path in ("/relay/anything", "/relay/wss://evil.example", "/healthz"):
        with pytest.raises(Unreachable, match="named"):
            upstream.socket(path)
    plain = named(upstream.for_the_page(ticket("ws://relay.example/relay")))
    with pytest.raises(Unreachable, match="https"):
        async with upstream.socket(plain):
            pass
    await upstream.close()
