"""What wants an administrator's eye: suspicions of customers, and alerts that the broker raised."""

import asyncio
import re

import httpx2
import pytest
from playwright.async_api import Browser, expect

from broker.ids import new_id
from broker.permissions import Role
from protocol import control
from protocol.errors import PairingFailed
from tests.operator_console.web.people import PASSWORD, address, barriers, past_session, settled, window, words
from tests.support.console_peer import Denied
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

SAID = "El técnico llamó él mismo.\nPidió mi contraseña; ¿es normal?"


async def suspect(broker: LiveBroker, text: str, session_id: str | None = None) -> None:
    """A customer reports from the program."""
    async with await broker.agent() as agent:
        await agent.send(control.Suspicion(report_id=new_id(), session_id=session_id, text=text))
        await agent.expect(control.SuspicionAck)


@pytest.mark.parametrize("lang", ["en", "es"])
async def test_a_suspicion_from_the_web_page_is_seen_handled_and_stays_so(
    broker: LiveBroker, browser: Browser, lang: str
) -> None:
    say = words(lang)
    async with window(broker, browser, None, lang) as (customer, _):
        await customer.goto(f"{broker.provider.origin}/report/{broker.provider.org_id}")
        await customer.locator("textarea[name=text]").fill(f"{SAID} {lang}")
        await customer.locator("input[name=contact]").fill("ana@example.com")
        await customer.locator("form button").click()
        await expect(customer.get_by_role("status")).to_be_visible()
        assert await barriers(customer) == set()

    async with window(broker, browser, Role.ADMIN, lang) as (page, complaints):
        await page.goto(address(broker, "admin/suspicions"))
        card = page.get_by_role("article").filter(has_text=f"{SAID} {lang}")
        await expect(card.locator("mark")).to_have_text(say("open"))
        await expect(card).to_contain_text(say("Contact: {contact}").replace("{contact}", "ana@example.com"))
        note = card.get_by_label(say("What was found and done"))
        await card.get_by_role("button", name=say("Mark as handled")).click()
        await expect(note).to_be_focused()  # nothing is handled without a word
        await note.fill("Ha llamado otra empresa: avisados todos.")
        await card.get_by_role("button", name=say("Mark as handled")).click()
        await expect(card.locator("mark")).to_have_text(say("handled"))
        await page.reload()
        await expect(card).to_contain_text("Ha llamado otra empresa: avisados todos.")
        await expect(card.get_by_role("button")).to_have_count(0)
        assert await barriers(page) == set()
        assert complaints == []


async def test_a_suspicion_about_a_session_leads_to_it_and_only_one_administrator_handles_it(
    broker: LiveBroker, browser: Browser
) -> None:
    session = await past_session(broker, computer="PC-DE-LEO")
    await suspect(broker, "He saw my photographs.", session)
    async with window(broker, browser, Role.ADMIN) as (one, _), window(broker, browser, Role.ADMIN) as (other, _):
        for page in (one, other):
            await page.goto(address(broker, "admin/suspicions"))
            card = page.get_by_role("article").filter(has_text="He saw my photographs.")
            await card.get_by_label("What was found and done").fill("Talked to both.")
        mine, theirs = (page.get_by_role("article").filter(has_text="photographs") for page in (one, other))
        await mine.get_by_role("button", name="Mark as handled").click()
        await expect(mine.get_by_text("handled", exact=True)).to_be_visible()
        await theirs.get_by_role("button", name="Mark as handled").click()
        await expect(theirs.get_by_role("alert")).to_have_text("Somebody has dealt with this report already.")
        await mine.get_by_role("link", name="Its session").click()
        await expect(one.locator("dl.facts")).to_contain_text("PC-DE-LEO")


async def test_an_auditor_reads_suspicions_and_handles_none(broker: LiveBroker, browser: Browser) -> None:
    await suspect(broker, "Something is odd.")
    async with window(broker, browser, Role.AUDITOR) as (page, _):
        await page.goto(address(broker, "admin/suspicions"))
        card = page.get_by_role("article").filter(has_text="Something is odd.")
        await expect(card.locator("mark")).to_have_text("open")
        await expect(card.get_by_role("button")).to_have_count(0)


async def raise_every_alert(broker: LiveBroker) -> None:
    """A wrong server part, a wrong agent part, and a sign-in that was tried too often."""
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        wrong = "AAA" if code.server_part != "AAA" else "CCC"
        with pytest.raises(Denied):
            await console.pair(code.id, wrong + code.agent_part)
        request = console.request(code.id, code.server_part)
        offer = await console.ask(request)
        other = "AAAAA" if code.agent_part != "AAAAA" else "CCCCC"
        guess = asyncio.create_task(console.run(request, offer, other))
        with pytest.raises(PairingFailed, match="wrong_tag"):
            await agent.run(code)
        guess.cancel()
        await asyncio.wait({guess})
        await agent.send(control.PairAbort(session_id=offer.session_id, reason="wrong_tag"))
        await console.expect(control.PairAbort)
    await broker.services.operators.add(broker.provider.org_id, "olvido@example.com", "Olvido", Role.OPERATOR, PASSWORD)
    async with httpx2.AsyncClient(base_url=broker.provider.origin) as guesser:
        body = {"email": "olvido@example.com", "password": "no es esta", "want": "bearer"}
        answers = [(await guesser.post("/api/v1/sign-in", json=body)).status_code for _ in range(6)]
    assert answers[-1] == 429


async def test_alerts_say_in_words_what_happened(broker: LiveBroker, browser: Browser) -> None:
    await raise_every_alert(broker)
    for lang in ("en", "es"):
        say = words(lang)
        async with window(broker, browser, Role.AUDITOR, lang) as (page, complaints):
            await page.goto(address(broker, "admin/alerts"))
            await settled(page)
            table = page.get_by_role("table")
            for word in (
                "A wrong ID or password", "A code was burnt in a failed pairing", "Many failed sign-ins",
            ):  # fmt: skip
                await expect(table.get_by_role("cell", name=say(word), exact=True).first).to_be_visible()
            await expect(table).to_contain_text(f"{say('Technician')}: {broker.operator.name}")
            await expect(table).to_contain_text(f"{say('Address')}: 127.0.0.1")
            text = re.sub(r"[\w-]{22}", "(an ID)", await table.inner_text())
            assert not re.search(r"[a-z]_[a-z]", text), "a word of the protocol is shown"
            assert await barriers(page) == set()
            assert complaints == []
