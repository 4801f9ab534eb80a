"""Whatever a customer's computer or a person says of itself is text in the console: nothing of it runs."""

from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, expect

from broker.ids import new_id
from broker.permissions import Role
from protocol import control, inner
from protocol.inner import Lane
from tests.operator_console.web.desk import Desk
from tests.operator_console.web.people import address, past_session, settled, window
from tests.support.live_broker import LiveBroker
from tests.support.peers import join

pytestmark = [pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

RAN = "window.ran=1"
PLAIN = (
    f"<script>{RAN}</script>",
    f"</td></table><script>{RAN}</script>",
    f"<img src=x onerror={RAN}>",
    f"\"><img src=x onerror='{RAN}'>",
    f"' autofocus onfocus='{RAN}",
    f"<svg onload={RAN}><a xlink:href='javascript:{RAN}'>x</a></svg>",
    f"javascript:{RAN}//",
    f"<a href='javascript:{RAN}'>click</a>",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    f"<style onload={RAN}>*{{display:none}}</style>",
    f"{{{{constructor.constructor('{RAN}')()}}}} ${{{RAN}}} <%= 1 %> {{name}}",
    f"&lt;script&gt;{RAN}&lt;/script&gt; &#x3c;b&#x3e;",
    '=HYPERLINK("http://example.com")',
)
"""One line of print: what a name may be."""
ODD = ("a\u202egnp.exe\u2066\u2069", "\x1b[31mred\x1b[0m \x07", "line\none\ttwo\u2028three")
"""What only an agent can say: text that turns round, control characters, more lines than one."""

PAGES = ("", "sessions", "account", "admin/operators", "admin/organisation", "admin/terms", "admin/suspicions",
         "admin/alerts", "admin/log")  # fmt: skip


async def shows(page: Page, text: str) -> bool:
    """The page holds `text` as text, or as what a field has in it."""
    found: bool = await page.evaluate(
        """text => [...document.querySelectorAll("textarea, input, option")].some(one => one.value.includes(text))
             || document.body.textContent.includes(text)""",
        text,
    )
    return found


async def harmless(page: Page, complaints: list[str]) -> None:
    """Nothing ran, nothing was stopped by the policy, and no element was made of a name."""
    assert complaints == []
    assert await page.evaluate("window.ran") is None
    assert await page.locator("main script, main iframe, main style, main [onerror], main [onload]").count() == 0
    assert await page.locator("a[href^='javascript:' i], main img[src=x]").count() == 0


async def hostile_session(broker: LiveBroker, text: str) -> str:
    """A session whose computer, user and suspicion say `text`; its ID."""
    session = await past_session(broker, computer=text, user=text)
    async with await broker.agent() as agent:
        await agent.send(control.Suspicion(report_id=new_id(), text=text))
        await agent.expect(control.SuspicionAck)
    return session


async def test_what_an_agent_says_is_text_on_every_page(broker: LiveBroker, browser: Browser) -> None:
    corpus = ("|".join(PLAIN[:4]), "|".join(PLAIN[4:7]), "|".join(PLAIN[7:10]), "|".join(PLAIN[10:]), *ODD)
    sessions = {text: await hostile_session(broker, text) for text in corpus}
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await page.goto(address(broker, "sessions"))
        await expect(page.locator("tbody tr")).to_have_count(len(corpus))
        for text in corpus:
            assert await shows(page, text), text
        await harmless(page, complaints)
        await page.goto(address(broker, "admin/suspicions"))
        await expect(page.locator("p.words")).to_have_count(len(corpus))
        for text in corpus:
            assert await shows(page, text), text
        await harmless(page, complaints)
        for text, session in sessions.items():
            await page.goto(address(broker, f"sessions/{session}"))
            await page.reload()
            await expect(page.locator("dl.facts")).to_be_visible()
            assert await shows(page, text), text
            await harmless(page, complaints)


async def test_what_an_organisation_calls_itself_is_text_on_every_page(broker: LiveBroker, browser: Browser) -> None:
    hostile = " ".join(PLAIN[:4])
    home, organisations = broker.provider, broker.services.organisations
    await organisations.change(home.org_id, {"name": hostile, "services": PLAIN, "price_note": PLAIN[5]})
    await organisations.add_terms(home.org_id, "\n".join(PLAIN), "\n".join(PLAIN), hostile)
    terms = await organisations.terms(home.org_id, 2)
    broker.provider = replace(
        home, org_name=hostile, service=PLAIN[0], terms_version=terms.version, terms_sha256=terms.sha256
    )
    try:
        session = await hostile_session(broker, PLAIN[1])
        async with window(broker, browser, Role.ADMIN) as (page, complaints):
            for path in (*PAGES, f"sessions/{session}"):
                await page.goto(address(broker, path))
                await expect(page.locator("h1")).to_be_visible()
                await expect(page.locator("p[aria-busy=true]")).to_have_count(0)
                assert await shows(page, hostile), path
                await harmless(page, complaints)
            assert await shows(page, PLAIN[0])  # the service, on the session's page
    finally:
        await organisations.change(home.org_id, {"name": home.org_name, "services": (home.service,), "price_note": ""})
        broker.provider = replace(home, terms_version=terms.version, terms_sha256=terms.sha256)


async def test_what_an_operator_is_called_is_text_on_every_page(broker: LiveBroker, browser: Browser) -> None:
    hostile = await broker.hire(" ".join(PLAIN[:4]), Role.ADMIN)
    for name in PLAIN[4:]:
        await broker.hire(name)
    async with await broker.agent() as agent, await broker.console(hostile) as console:
        joined = await join(agent, console)
        await agent.end(joined.a)
    async with window(broker, browser, hostile) as (page, complaints):
        for path in (*PAGES, f"sessions/{joined.id}"):
            await page.goto(address(broker, path))
            await settled(page)
            assert await shows(page, hostile.name), path
            if path == "admin/operators":
                for name in PLAIN[4:]:
                    row = page.get_by_role("row").filter(has=page.get_by_text(name, exact=True).first)
                    await row.get_by_role("button", name="Disable").first.click()  # a question that names the person
                    assert await shows(page, f"Ends the live sessions of {name}."), name
            await harmless(page, complaints)


async def test_nobody_puts_anything_into_the_page_of_a_session(desk: Desk, browser: Browser) -> None:
    """Waiting, live and over: names of all who take part, and a message with a field that no agent has."""
    broker, hostile = desk.broker, " ".join(PLAIN[:4])
    home, organisations = broker.provider, broker.services.organisations
    technician = await broker.hire(hostile)
    await organisations.change(home.org_id, {"name": hostile, "services": PLAIN[:2], "price_note": hostile})
    broker.provider = replace(home, org_name=hostile, service=PLAIN[0])
    try:
        async with (
            window(broker, browser, technician) as (page, complaints),
            await broker.agent(computer=hostile, user=PLAIN[6]) as customer,
        ):
            at = Desk(broker, technician, page, customer, await customer.code())
            agent = await at.pair()
            await expect(page.get_by_role("progressbar")).to_be_visible()
            assert await shows(page, f"{hostile} · {hostile}")
            assert await shows(page, PLAIN[0])
            await harmless(page, complaints)
            await agent.agree("view", "control")
            await agent.show(inner.ScreenSize(width=320, height=200))
            await expect(page.locator(".desk")).to_have_attribute("data-state", "live")
            await harmless(page, complaints)
            await agent.send_raw({"t": "screen", "width": 320, "height": 200, "title": hostile}, Lane.SCREEN)
            assert await at.ending() == "ended:integrity"
            await harmless(page, complaints)
    finally:
        await organisations.change(home.org_id, {"name": home.org_name, "services": (home.service,), "price_note": ""})
        broker.provider = home
