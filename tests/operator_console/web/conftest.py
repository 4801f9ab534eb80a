"""One browser and one broker for a module's tests; for each test a technician, a customer and a window."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.operator_console.web.desk import Desk
from tests.operator_console.web.people import WAIT_MS
from tests.support.browser import browsing
from tests.support.live_broker import LiveBroker, live_broker

DIST = Path(__file__).parents[3] / "operator_console/web/dist"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveBroker]:
    async with live_broker(tmp_path_factory.mktemp("broker"), web_dist=DIST) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def desk(broker: LiveBroker, browser: Browser) -> AsyncIterator[Desk]:
    technician = await broker.hire("Teresa Núñez")
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": "relevo_session", "value": technician.token, "url": broker.provider.origin}])
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    agent = await broker.agent()
    desk = Desk(broker, technician, page, agent, await agent.code())
    page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    page.on("console", lambda said: desk.complaints.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: desk.sent.append(f"{request.url} {request.post_data or ''}"))
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: desk.sent.append(frame if isinstance(frame, str) else "")),
    )
    async with agent:
        yield desk
    await context.close()
