"""`relevo console` in a real Chromium, beside a relay with an address and a certificate of its own.

The page comes from loopback and may reach nothing else; everything passes through the local server.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.async_api import expect

from broker.permissions import Role
from client_agent import events as ev
from operator_console.local import Upstream, create_app
from tests.support.browser import SCREEN_PIXELS, browsing, reaches_nothing
from tests.support.patience import eventually
from tests.support.sealed_relay import Site, sealed_relay, sealed_site
from tests.support.serving import served

pytestmark = pytest.mark.timeout(240)

DIST = Path(__file__).parents[3] / "operator_console/web/dist"
TOKEN, EMAIL, PASSWORD = "token-of-this-run", "ana@example.com", "correct horse battery"
GREY = 90
COLOUR = f"document.querySelector('canvas.screen') ? [...({SCREEN_PIXELS})(9, 9, 1, 1)] : []"
"""A pixel of the customer's screen as the page has drawn it; nothing before there is one."""


@dataclass
class OwnPage:
    """Where the technician's own server listens, and what its page did."""

    origin: str
    site: Site


@asynccontextmanager
async def own_page(site: Site) -> AsyncIterator[OwnPage]:
    """What `relevo console` starts."""
    config = uvicorn.Config(lambda: None, host="127.0.0.1", port=0, ws="websockets-sansio", log_level="warning")
    listener = config.bind_socket()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config.app = create_app(Upstream(site.way), DIST, origin, TOKEN)
    async with served(uvicorn.Server(config), listener):
        yield OwnPage(origin, site)


async def test_a_session_through_a_relay_elsewhere_on_the_technicians_own_page(tmp_path: Path) -> None:
    reached, complaints = set[str](), list[str]()
    async with sealed_site(tmp_path) as site, sealed_relay(site), own_page(site) as own, browsing() as browser:
        await site.broker.services.operators.add(
            site.broker.provider.org_id, EMAIL, "Ana Ruiz", Role.OPERATOR, PASSWORD
        )
        page = await (await browser.new_context(locale="en-GB")).new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda request: reached.add(urlsplit(request.url).netloc))
        page.on("websocket", lambda socket: reached.add(urlsplit(socket.url).netloc))

        await page.goto(f"{own.origin}/open/{TOKEN}")
        await page.get_by_label("E-mail").fill(EMAIL)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()

        async with site.customer() as customer:
            customer.capture.picture[:] = (GREY, GREY, GREY, 255)
            code = await customer.expect(ev.CodeShown)
            await page.get_by_label("ID").fill(code.id)
            await page.get_by_label("Password").fill(code.password)
            await page.get_by_role("button", name="Connect").click()
            await customer.consent()

            async def drawn() -> bool:
                return list(await page.evaluate(COLOUR))[:3] == [GREY] * 3

            await eventually(drawn)
            assert await reaches_nothing(page)
            await page.locator("canvas.screen").click(position={"x": 5, "y": 5})
            await page.keyboard.insert_text("¿Año?")

            async def typed() -> bool:
                return ("text", "¿Año?") in customer.injector.done

            await eventually(typed)
            await page.get_by_role("button", name="End session").click()
            assert (await customer.expect(ev.Ended)).reason == "technician"
            await expect(page.locator("[data-ending]")).to_have_attribute("data-ending", "ended:technician")
    assert reached == {urlsplit(own.origin).netloc}, "the page went past the local server"
    assert complaints == []
    assert site.line.passed > 0
