"""Who works at a provider, each with a browser window of their own, and the sessions that they look at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from broker.permissions import Role
from tests.support.live_broker import LiveBroker
from tests.support.peers import join

PASSWORD = "correcto caballo batería"

Window = tuple[Page, list[str]]
"""A page, and what ran or was stopped in it: errors of scripts, dialogs, breaches of the page's policy."""


def address(broker: LiveBroker, path: str = "") -> str:
    """The console's page at `path`."""
    return f"{broker.provider.origin}/console/#/{path}"


@asynccontextmanager
async def window(
    broker: LiveBroker, browser: Browser, role: Role | None = None, lang: str = "en"
) -> AsyncIterator[Window]:
    """A window of its own; with a `role`, of somebody who is signed in."""
    context = await browser.new_context(locale="es-ES" if lang == "es" else "en-GB")
    await context.add_init_script(
        """document.addEventListener("securitypolicyviolation",
             (e) => console.error("policy: " + e.violatedDirective + " " + e.blockedURI))"""
    )
    if role is not None:
        person = await broker.hire("Ana Ruiz", role)
        await context.add_cookies([{"name": "relevo_session", "value": person.token, "url": broker.provider.origin}])
    page = await context.new_page()
    page.set_default_timeout(15_000)
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


async def past_session(broker: LiveBroker, **facts: str) -> str:
    """The ID of a session that counted and that the customer ended.  `facts`: what its computer says of itself."""
    async with await broker.agent(**facts) as agent, await broker.console() as console:
        joined = await join(agent, console)
        await agent.end(joined.a)
    return joined.id
