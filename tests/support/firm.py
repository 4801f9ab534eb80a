"""One provider at work, for the stories of tests/providers: a real broker with the shipped policy, a real Chromium for
technician and administrator, a real mail server; the day and the hour are the test's.

Counterpart: `tests.support.customer_at_work`.  With RELEVO_PICTURES=FOLDER in the environment `picture` leaves the
screens of docs/providers there; otherwise it does nothing.
"""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, expect

from broker.permissions import Role
from broker.policies import files
from broker.sessions.registry import Stage
from client_agent.i18n import Language
from tests.support.browser import browsing
from tests.support.customer_at_work import CustomerAtWork, customer_at_work, picture_of_the_window
from tests.support.live_broker import LiveBroker, Operator, live_broker
from tests.support.log import HandClock
from tests.support.mail_server import Mailbox, free_port, mail_server
from tests.support.patience import PATIENCE, eventually

DIST = Path(__file__).parents[2] / "operator_console/web/dist"
MONTH = 31 * 86_400
"""Seconds that sign-ins last: stories go over days."""
COLOURS = 128
AROUND_MAIN = """() => {
  const { left, top, right, bottom } = document.querySelector("main").getBoundingClientRect();
  const [x, y] = [Math.max(0, left - 20 + scrollX), Math.max(0, top - 20 + scrollY)];
  return { x, y, width: right + 20 + scrollX - x, height: bottom + scrollY - y };
}"""
"""What a picture of a page shows: what is on it, without the bar above."""


@dataclass
class Firm:
    """`admin` and `technician` are pages of people who are signed in; `mailbox` has every letter to a customer."""

    broker: LiveBroker
    clock: HandClock
    zone: ZoneInfo
    folder: Path
    mailbox: Mailbox
    browser: Browser
    admin: Page = field(init=False)
    technician: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    """Errors of scripts in any page."""
    _contexts: list[BrowserContext] = field(default_factory=list)
    _present: list[CustomerAtWork] = field(default_factory=list)
    _customers: int = 0

    @property
    def org_id(self) -> str:
        return self.broker.provider.org_id

    # Time ------------------------------------------------------------------------------------------------------------

    async def at(self, local: str) -> None:
        """Go to this time of the provider's own: `2026-11-23 10:00`."""
        when = datetime.fromisoformat(local).replace(tzinfo=self.zone)
        self.clock.step((when - self.clock.utc()).total_seconds())
        await self._tell_browsers()

    async def passes(self, minutes: float) -> None:
        """So much time goes by: for whoever is connected it counts, to the second."""
        self.clock.advance(minutes * 60)
        await self._tell_browsers()

    async def _tell_browsers(self) -> None:
        for context in self._contexts:
            await context.clock.set_fixed_time(self.clock.utc())

    # People ----------------------------------------------------------------------------------------------------------

    async def page_of(self, who: Operator | None, **options: Any) -> Page:
        """A window of its own: of somebody who is signed in, or of the public."""
        given: dict[str, Any] = {
            "locale": "en-GB", "timezone_id": str(self.zone), "viewport": {"width": 1120, "height": 720},
        }  # fmt: skip
        context = await self.browser.new_context(**given | options)
        await context.clock.set_fixed_time(self.clock.utc())
        self._contexts.append(context)
        context.on("close", lambda closed: self._contexts.remove(closed))
        if who is not None:
            cookie = {"name": "relevo_session", "value": who.token, "url": self.broker.provider.origin}
            await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    @asynccontextmanager
    async def customer(
        self, language: Language = "es", clock: Callable[[], float] = time.monotonic
    ) -> AsyncIterator[CustomerAtWork]:
        """Somebody who has downloaded the program and starts it for the first time.  `clock`: the program's seconds."""
        self._customers += 1
        folder = self.folder / f"customer-{self._customers}"
        async with customer_at_work(self.broker, folder, language, clock=clock) as someone:
            self._present.append(someone)
            yield someone
            self._present.remove(someone)

    # What is done at the provider's ----------------------------------------------------------------------------------

    def address(self, path: str) -> str:
        """The console's page at `path`."""
        return f"{self.broker.provider.origin}/console/#/{path}"

    async def call(self, page: Page, method: str, path: str, body: object = None) -> Any:
        """A request of whoever is signed in on `page`: for what has no form there.  The answer, which must be good."""
        answer = await page.request.fetch(
            f"{self.broker.provider.origin}/api/v1{path}", method=method, data=body,
            headers={"Origin": self.broker.provider.origin, "Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.ok, (answer.status, await answer.text())
        return await answer.json() if await answer.body() else None

    async def connect(
        self, someone: CustomerAtWork, *, reference: str = "", service: str = "", urgent: bool = False,
        page: Page | None = None,
    ) -> None:  # fmt: skip
        """The technician types what the customer reads out, and who that is."""
        id, password = await someone.code()
        await self.connect_with(
            id, password, reference=reference, service=service, urgent=urgent, page=page or self.technician
        )

    async def connect_with(
        self, id: str, password: str, *, reference: str = "", service: str = "", urgent: bool = False,
        page: Page | None = None,
    ) -> None:  # fmt: skip
        """The same with what somebody claims to have heard."""
        page = page or self.technician
        if "#/session" in page.url:  # the technician hears a moment after the customer that it is over
            await expect(page.locator("[data-ending]")).to_be_visible()
        await page.goto(self.address(""))
        await page.get_by_label("ID", exact=True).fill(id)
        await page.get_by_label("Password", exact=True).fill(password)
        if service:
            await page.get_by_label("Service").select_option(service)
        if reference:
            await page.get_by_label("Customer (optional)").fill(reference)
            await page.get_by_role("button", name="Look up").click()
            await expect(page.locator(".quote strong")).to_be_visible()
        if urgent:
            await page.get_by_label("Urgent").check()
        await page.get_by_role("button", name="Connect").click()

    async def is_live(self, page: Page | None = None) -> None:
        """Wait until the technician sees the customer's screen and the log counts the time."""
        await expect((page or self.technician).locator(".desk")).to_have_attribute("data-state", "live")
        await eventually(lambda: any(session.stage is Stage.JOINED for session in self.broker.plane.live))

    async def tell_costs(self) -> None:
        """Both ends hear what their session has come to: a running broker does this every 15 seconds.

        Time counts while something passes between the ends, so something changes on the customers' screens.
        """
        live = self.broker.plane.live
        before = {session.id: session.beat for session in live if session.stage is Stage.JOINED}

        async def all_beat() -> bool:
            await live.lines.heartbeat()
            return all(session.beat != before.get(session.id) for session in live)

        for someone in self._present:
            someone.something_changes()
        await eventually(all_beat)
        await live.tell_costs(self.broker.plane.so_far)

    async def record_work(self) -> None:
        """Sessions that have ended become work, once the broker has heard of it: it does this every second."""
        await eventually(lambda: len(self.broker.plane.live) == 0)
        await self.broker.services.work.catch_up()

    async def letter(self, number: int, *texts: str) -> str:
        """The text of the letter with that number (from 1) that came in at the mail server, once it is there."""
        await self.broker.services.mail.send_due()
        await eventually(lambda: len(self.mailbox.letters) >= number)
        text = text_of(self.mailbox.letters[number - 1])
        for expected in texts:
            assert expected in text, (expected, text)
        return text

    # Pictures --------------------------------------------------------------------------------------------------------

    async def picture(self, of: Page | CustomerAtWork, name: str) -> None:
        """A screen for docs/providers, if the screens are being made."""
        if not (folder := os.environ.get("RELEVO_PICTURES")):
            return
        file = Path(folder) / f"{name}.png"
        if isinstance(of, CustomerAtWork):
            picture_of_the_window(of, file)
        else:
            clip = await of.evaluate(AROUND_MAIN)
            await of.screenshot(path=file, animations="disabled", full_page=True, clip=clip)
        Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def text_of(letter: EmailMessage) -> str:
    """What it says, with ordinary spaces."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\u00a0", " ")


@asynccontextmanager
async def firm(folder: Path, policy: str, name: str, services: tuple[str, ...], now: str) -> AsyncIterator[Firm]:
    """A provider that has set itself up on the console's pages: name, services, policy.  `now`: its own time."""
    zone = ZoneInfo(files.load(policy).time_zone)
    clock, mailbox, port = HandClock(), Mailbox(), free_port()
    clock.step((datetime.fromisoformat(now).replace(tzinfo=zone).astimezone(UTC) - clock.utc()).total_seconds())
    smtp = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "soporte@provider.example"}
    async with AsyncExitStack() as open_now:
        await open_now.enter_async_context(mail_server(port, mailbox))
        broker = await open_now.enter_async_context(
            live_broker(folder, clock=clock, web_dist=DIST, smtp=smtp, sign_in_life=MONTH, sign_in_idle=MONTH)
        )
        browser = await open_now.enter_async_context(browsing())
        made = Firm(broker, clock, zone, folder, mailbox, browser)
        made.admin = await made.page_of(await broker.hire("Eva Gil", Role.ADMIN))
        made.technician = await made.page_of(broker.operator)
        await _set_up(made, policy, name, services)
        yield made
        assert made.complaints == []


async def _set_up(made: Firm, policy: str, name: str, services: tuple[str, ...]) -> None:
    page = made.admin
    await page.goto(made.address("admin/organisation"))
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Services, one a line").fill("\n".join(services))
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved. It applies from the next session on.")).to_be_visible()
    await page.goto(made.address("records/policy"))
    await page.locator("summary", has_text="Adopt a policy").click()
    await page.get_by_label("Which").select_option(policy)
    await page.get_by_role("button", name="Adopt", exact=True).click()
    await expect(page.get_by_text("It is in force.")).to_be_visible()
