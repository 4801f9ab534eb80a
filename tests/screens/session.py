"""Pictures of a session in the console: waiting for consent, live, ended.  The customer's end is a test's agent."""

from pathlib import Path

import httpx2
from playwright.async_api import Page

from protocol import inner
from scripts.product import ORGANISATION, Broker
from tests.operator_console.web.sealed_agent import SealedAgent, fill
from tests.screens.variants import Variant
from tests.support.agent_peer import AgentPeer
from tests.support.peer import Provider

DESKTOP = (
    fill(0, 0, 1280, 800, (38, 70, 83)),
    fill(0, 0, 1280, 28, (20, 30, 38)),
    fill(120, 90, 760, 520, (248, 249, 250)),
    fill(120, 90, 760, 34, (42, 157, 143)),
    fill(150, 160, 420, 18, (173, 181, 189)),
    fill(150, 196, 560, 18, (206, 212, 218)),
    fill(150, 232, 340, 18, (206, 212, 218)),
    fill(700, 420, 420, 300, (233, 236, 239)),
    fill(700, 420, 420, 34, (231, 111, 81)),
)
"""A customer's screen with two windows."""
TWO_SCREENS = inner.ScreenSize(
    width=1280, height=800, monitors=(inner.Area(x=0, y=0, w=900, h=800), inner.Area(x=900, y=0, w=380, h=800))
)


def provider(broker: Broker, organisation_id: str) -> Provider:
    """What the customer's program knows of the organisation."""
    found = httpx2.get(f"{broker.origin}/api/v1/public/organisations/{organisation_id}").raise_for_status().json()
    return Provider(
        broker.origin, organisation_id, ORGANISATION, int(found["terms_version"]), str(found["terms_sha256"])
    )


async def photograph(page: Page, of: Provider, variant: Variant, folder: Path) -> None:
    """A PNG of each state into `folder`; `page` is a technician's."""

    async def take(name: str) -> None:
        await page.screenshot(path=folder / f"web-session-{name}-{variant.name}.png")

    async with await AgentPeer.connect(of) as customer:
        assert (await customer.register()).ok
        code = await customer.code()
        await page.goto(f"{of.origin}/console/#/")
        await page.fill("input[name=id]", code.id)
        await page.fill("input[name=code]", code.password)
        await page.press("input[name=code]", "Enter")
        agent = SealedAgent(customer, await customer.run(code))
        await agent.join()
        await page.locator("progress").wait_for()
        await take("1-waiting")
        await agent.agree("view", "control")
        await agent.show(inner.ScreenSize(width=1280, height=800))
        await agent.show(inner.Tiles(frame=1, last=True, tiles=DESKTOP))
        await agent.drawn(2)
        await page.locator(".veil[hidden]").wait_for(state="attached")
        await take("2-live")
        await agent.show(TWO_SCREENS, inner.Tiles(frame=2, last=True, tiles=DESKTOP))
        await agent.drawn(4)
        await page.locator(".meter").focus()
        await page.locator(".monitors").wait_for()
        await take("3-two-screens")
        await agent.send(inner.Goodbye(reason="customer"))
        await customer.end(agent.session)
        await page.locator("a[download]").wait_for()
        await take("4-ended")
