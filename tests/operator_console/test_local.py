"""`relevo console`: only this run's browser gets in, and the broker's cookie stays in the process (pairing rule 7)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2 as httpx
import pytest

from broker.permissions import Role
from operator_console.client import Way
from operator_console.local import COOKIE, Upstream, create_app
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
