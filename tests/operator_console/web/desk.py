"""A technician at the web console in a real Chromium, a real broker and relay, and an agent that is all protocol."""

from dataclasses import dataclass, field

from playwright.async_api import Page, expect

from protocol import control, inner
from tests.operator_console.web.sealed_agent import SealedAgent, fill
from tests.support.agent_peer import AgentPeer, ShownCode
from tests.support.browser import SCREEN_PIXELS
from tests.support.live_broker import LiveBroker, Operator
from tests.support.patience import eventually

WIDTH, HEIGHT = 320, 200
"""The customer's screen, in pixels."""


@dataclass
class Desk:
    """A technician who is signed in, and a customer's computer that shows a code."""

    broker: LiveBroker
    technician: Operator
    page: Page
    agent: AgentPeer
    code: ShownCode
    sent: list[str] = field(default_factory=list)
    """Every text frame and request that left the page."""
    complaints: list[str] = field(default_factory=list)
    """Errors of scripts, and what the page's policy stopped."""

    async def type_code(self, password: str | None = None) -> None:
        await self.page.goto(f"{self.broker.provider.origin}/console/")
        await self.page.get_by_label("ID").fill(self.code.id)
        await self.page.get_by_label("Password").fill(password or self.code.password)
        await self.page.get_by_role("button", name="Connect").click()

    async def pair(self) -> SealedAgent:
        await self.type_code()
        agent = SealedAgent(self.agent, await self.agent.run(self.code))
        await agent.join()
        return agent

    async def go_live(self, *granted: control.Permission) -> SealedAgent:
        agent = await self.pair()
        await expect(self.page.get_by_role("status")).to_contain_text("Waiting for the customer to agree")
        await agent.agree(*(granted or ("view", "control")))
        await agent.show(inner.ScreenSize(width=WIDTH, height=HEIGHT))
        await agent.show(inner.Tiles(frame=1, last=True, tiles=(fill(0, 0, WIDTH, HEIGHT, (10, 20, 30)),)))
        await agent.drawn(2)
        return agent

    async def pixel(self, x: int, y: int) -> list[int]:
        """A pixel of the customer's screen as it is on the page now."""
        colour: list[int] = await self.page.evaluate(f"([x, y]) => [...({SCREEN_PIXELS})(x, y, 1, 1)]", [x, y])
        return colour[:3]

    async def shows(self, x: int, y: int, colour: list[int]) -> None:
        """Wait until a pixel has that colour: what is drawn is on the page with the browser's next frame."""

        async def seen() -> bool:
            return await self.pixel(x, y) == colour

        await eventually(seen)

    async def shows_about(self, x: int, y: int, colour: tuple[int, int, int]) -> None:
        """The same, as far as a coded picture keeps a colour."""

        async def seen() -> bool:
            return all(abs(one - other) <= 8 for one, other in zip(await self.pixel(x, y), colour, strict=True))

        await eventually(seen)

    async def ending(self) -> str:
        over = self.page.locator("[data-ending]")
        await over.wait_for()
        return await over.get_attribute("data-ending") or ""
