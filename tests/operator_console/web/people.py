"""Who works at a provider, each with a browser window of their own, and the sessions that they look at."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from tests.support.live_broker import LiveBroker, Operator
from tests.support.patience import PATIENCE
from tests.support.peers import join

PASSWORD = "correcto caballo batería"
CATALOGUE = Path(__file__).parents[3] / "operator_console/web/src/i18n"

WAIT_MS = PATIENCE * 1000
"""What will happen is waited for this long, and not a moment longer than it takes."""
expect.set_options(timeout=WAIT_MS)

Window = tuple[Page, list[str]]
"""A page, and what ran or was stopped in it: errors of scripts, dialogs, breaches of the page's policy."""


def address(broker: LiveBroker, path: str = "") -> str:
    """The console's page at `path`."""
    return f"{broker.provider.origin}/console/#/{path}"


def words(lang: str) -> Callable[[str], str]:
    """The console's sentences, given in English, as it says them in `lang`.  A sentence that it has not is an error."""
    text = "".join(
        (CATALOGUE / name).read_text()
        for name in ("es.ts", "es.bills.ts", "es.dashboard.ts", "es.desk.ts", "es.records.ts", "es.session.ts")
    )
    found = re.findall(r'^  ("(?:[^"\\]|\\.)*"|\w+):\s+("(?:[^"\\]|\\.)*"),$', text, re.MULTILINE)
    spanish = {json.loads(key) if key[0] == '"' else key: json.loads(value) for key, value in found}
    return lambda english: spanish[english] if lang == "es" else {key: key for key in spanish}[english]


@asynccontextmanager
async def window(
    broker: LiveBroker, browser: Browser, who: Role | Operator | None = None, lang: str = "en"
) -> AsyncIterator[Window]:
    """A window of its own, of somebody who is signed in: that account, or a new one of that role."""
    context = await browser.new_context(locale="es-ES" if lang == "es" else "en-GB")
    await context.add_init_script(
        """document.addEventListener("securitypolicyviolation",
             (e) => console.error("policy: " + e.violatedDirective + " " + e.blockedURI))"""
    )
    if who is not None:
        person = who if isinstance(who, Operator) else await broker.hire("Ana Ruiz", who)
        await context.add_cookies([{"name": "relevo_session", "value": person.token, "url": broker.provider.origin}])
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "policy" in said.text.lower() else None)

    async def dismissed(dialog: object) -> None:
        complaints.append(f"dialog: {dialog}")

    page.on("dialog", dismissed)
    try:
        yield page, complaints
    finally:
        await context.close()


async def settled(page: Page) -> None:
    """What the page asked for has come."""
    await expect(page.locator("h1")).to_be_visible()
    await expect(page.locator("p[aria-busy=true]")).to_have_count(0)


async def barriers(page: Page) -> set[str]:
    """What axe finds, told apart by rule and element."""
    found = await Axe().run(page)
    return {f"{rule['id']}: {node['html'][:200]}" for rule in found.response["violations"] for node in rule["nodes"]}


async def past_session(broker: LiveBroker, **facts: str) -> str:
    """The ID of a session that counted and that the customer ended.  `facts`: what its computer says of itself."""
    async with await broker.agent(**facts) as agent, await broker.console() as console:
        joined = await join(agent, console)
        await agent.end(joined.a)
    return joined.id
