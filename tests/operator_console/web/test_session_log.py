"""The session log in the console: each filter alone and all together, exports of what is seen, a session's page."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from broker.log.projections import SessionState
from broker.permissions import Role
from broker.sessions.repository import SessionRepository
from protocol import control
from tests.operator_console.web.people import address, barriers, settled, window, words
from tests.support.live_broker import LiveBroker, Operator
from tests.support.patience import eventually
from tests.support.peers import Joined, join

pytestmark = [pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

DAYS_AGO = 3


@dataclass
class Past:
    """Two technicians, two customers, two days, two endings.  Sessions are named by their computer."""

    marta: Operator
    pau: Operator
    day: str
    """That of the older sessions; `today` that of the others."""
    today: str


async def session(broker: LiveBroker, operator: Operator, computer: str, reason: control.EndReason) -> str:
    """One that has ended; its ID."""
    async with await broker.agent(computer=computer, user="ana") as agent, await broker.console(operator) as console:
        joined = await join(agent, console)
        await agent.end(joined.a, reason)
    return joined.id


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def past(broker: LiveBroker) -> Past:
    marta, pau = await broker.hire("Marta Soler"), await broker.hire("Pau Ferrer")
    now = broker.services.clock.utc()
    then = now - timedelta(days=DAYS_AGO)
    old = [await session(broker, marta, "PC-1", "customer"), await session(broker, pau, "PC-2", "inactivity")]
    async with broker.services.store.transaction() as db:
        sessions = SessionRepository(db)
        for at, one in enumerate(old):
            kept = await sessions.find(one)
            assert kept is not None
            requested = replace(kept.view.requested, utc=then + timedelta(seconds=at))
            await sessions.save(replace(kept.view, requested=requested))
    await session(broker, marta, "PC-3", "inactivity")
    await session(broker, pau, "=PC-4", "customer")
    return Past(marta, pau, then.astimezone().date().isoformat(), now.astimezone().date().isoformat())


@pytest_asyncio.fixture(loop_scope="module")
async def log(broker: LiveBroker, browser: Browser, past: Past) -> AsyncIterator[Page]:
    """An administrator's page of all sessions."""
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await page.goto(address(broker, "sessions"))
        yield page
    assert complaints == []


async def shows(page: Page, *computers: str) -> None:
    """The list holds the sessions with these computers, newest first, and no other; its sum says how many."""
    names = [re.compile(f"^{re.escape(name)} · ana$") for name in computers]
    await expect(page.locator("tbody tr td:nth-child(3)")).to_have_text(names)
    await expect(page.locator("tfoot")).to_contain_text(f"Sum of the {len(computers)} shown")


async def test_each_filter_alone(log: Page, past: Past) -> None:
    await shows(log, "=PC-4", "PC-3", "PC-2", "PC-1")
    technician = log.get_by_role("combobox", name="Technician")
    await technician.select_option("Marta Soler")
    await shows(log, "PC-3", "PC-1")
    await technician.select_option("All")

    await log.get_by_label("From").fill(past.today)
    await shows(log, "=PC-4", "PC-3")
    await log.get_by_label("From").fill("")
    await log.get_by_label("To", exact=True).fill(past.day)
    await shows(log, "PC-2", "PC-1")
    await log.get_by_label("To", exact=True).fill("")

    await log.get_by_role("searchbox", name="Customer").fill("pc-2")
    await log.keyboard.press("Enter")
    await shows(log, "PC-2")
    await log.get_by_role("searchbox", name="Customer").fill("")
    await log.keyboard.press("Enter")

    await log.get_by_label("How it ended").select_option("Nothing happened for too long")
    await shows(log, "PC-3", "PC-2")
    await log.get_by_label("How it ended").select_option("All")
    await shows(log, "=PC-4", "PC-3", "PC-2", "PC-1")


async def test_all_filters_together_stay_over_a_reload_and_are_what_is_exported(log: Page, past: Past) -> None:
    await log.get_by_label("From").fill(past.day)
    await log.get_by_label("To", exact=True).fill(past.day)
    await log.get_by_role("combobox", name="Technician").select_option("Pau Ferrer")
    await log.get_by_role("searchbox", name="Customer").fill("PC")
    await log.keyboard.press("Enter")
    await log.get_by_label("How it ended").select_option("Nothing happened for too long")
    await shows(log, "PC-2")
    await log.reload()
    await shows(log, "PC-2")
    await expect(log.get_by_role("combobox", name="Technician")).to_have_value(past.pau.id)
    assert await barriers(log) == set()

    [row] = json.loads(await exported(log, "JSON"))["items"]
    assert (row["customer"]["computer"], row["operator_name"], row["end_reason"]) == (
        "PC-2",
        "Pau Ferrer",
        "inactivity",
    )
    await log.get_by_role("searchbox", name="Customer").fill("nobody")
    await log.keyboard.press("Enter")
    await expect(log.get_by_text("No session matches.")).to_be_visible()
    assert await barriers(log) == set()


async def exported(page: Page, kind: str) -> str:
    """The file that the button saves."""
    async with page.expect_download() as download:
        await page.get_by_role("button", name=f"Export {kind}").click()
    file = await download.value
    assert file.suggested_filename == f"sessions.{kind.lower()}"
    return (await file.path()).read_text(encoding="utf-8-sig")


async def test_a_spreadsheet_has_what_is_seen_and_no_formula(log: Page, past: Past) -> None:
    await log.get_by_label("From").fill(past.today)
    await shows(log, "=PC-4", "PC-3")
    rows = list(csv.DictReader(io.StringIO(await exported(log, "CSV"))))
    assert [row["computer"] for row in rows] == ["'=PC-4", "PC-3"]
    assert [row["operator_name"] for row in rows] == ["Pau Ferrer", "Marta Soler"]


async def test_an_address_that_is_no_day_limits_nothing(broker: LiveBroker, log: Page) -> None:
    await log.goto(address(broker, "sessions?from=yesterday&to=<b>&reason=PC"))
    await expect(log.get_by_role("alert")).to_be_visible()  # the broker knows no such ending
    await log.goto(address(broker, "sessions?from=yesterday&to=2026-13-45"))
    await shows(log, "=PC-4", "PC-3", "PC-2", "PC-1")


async def test_an_address_that_changes_while_the_page_begins_is_not_missed(log: Page) -> None:
    await log.add_init_script("""
        new MutationObserver((_, observer) => {
            if (!document.querySelector("main")) return;
            observer.disconnect();
            location.hash = "#/sessions?customer=PC-3";
        }).observe(document, { childList: true, subtree: true });
    """)
    await log.reload()
    await shows(log, "PC-3")


async def test_a_long_list_goes_on_where_it_stopped(log: Page, past: Past) -> None:
    await log.route("**/api/v1/sessions?*", lambda route: route.continue_(url=f"{route.request.url}&limit=1"))
    await log.get_by_role("combobox", name="Technician").select_option("Marta Soler")
    await shows(log, "PC-3")
    await log.get_by_role("button", name="Show more").click()
    await shows(log, "PC-3", "PC-1")
    await expect(log.get_by_role("button", name="Show more")).to_have_count(0)


async def test_a_technician_sees_only_the_own_ones_and_an_auditor_types_a_name(
    broker: LiveBroker, browser: Browser, past: Past
) -> None:
    async with window(broker, browser, past.marta) as (page, _):
        await page.goto(address(broker, "sessions"))
        await shows(page, "PC-3", "PC-1")
        await expect(page.get_by_role("search").get_by_text("Technician", exact=True)).to_have_count(0)
        assert len(json.loads(await exported(page, "JSON"))["items"]) == 2
    async with window(broker, browser, Role.AUDITOR) as (page, _):
        typed = asyncio.Event()

        async def not_before_it_is_typed(route: Route) -> None:
            await typed.wait()
            await route.continue_()

        await page.route("**/api/v1/sessions", not_before_it_is_typed)
        await page.goto(address(broker, "sessions"))
        await page.get_by_role("searchbox", name="Technician").fill("ferr")
        typed.set()  # the list comes while somebody is still typing, which takes nothing away
        await shows(page, "=PC-4", "PC-3", "PC-2", "PC-1")
        await page.keyboard.press("Enter")
        await shows(page, "=PC-4", "PC-2")


async def lose_the_line_and_go_on(broker: LiveBroker, joined: Joined) -> None:
    """Steps 24 and 25."""

    async def becomes(state: SessionState) -> None:
        async def look() -> bool:
            view = await broker.services.sessions.open_session(joined.id)
            return view is not None and view.state is state

        await eventually(look)

    for line in joined.lines:
        await line.close()
    await joined.agent.send(control.ChannelDown(session_id=joined.id, g=joined.a.g))
    await becomes(SessionState.PAUSED)
    await joined.agent.send(control.ResumeRequest(session_id=joined.id, last_g=joined.a.g))
    await joined.console.send(control.ResumeRequest(session_id=joined.id, last_g=joined.c.g))
    await joined.agent.open_line(joined.a)
    await joined.console.open_line(joined.c)
    await becomes(SessionState.JOINED)


async def test_a_sessions_page_tells_its_whole_course_in_words(broker: LiveBroker, browser: Browser) -> None:
    async with await broker.agent(computer="PC-5", user="eva") as agent, await broker.console() as console:
        joined = await join(agent, console)
        await lose_the_line_and_go_on(broker, joined)
        await agent.end(joined.a)
    for lang in ("en", "es"):
        say = words(lang)
        async with window(broker, browser, Role.AUDITOR, lang) as (page, complaints):
            await page.goto(address(broker, f"sessions/{joined.id}"))
            await settled(page)
            facts = page.locator("dl.facts")
            for fact in ("PC-5 · eva · 127.0.0.1", broker.operator.name, say("The customer disconnected")):
                await expect(facts).to_contain_text(fact)
            await expect(facts).to_contain_text(f"{say('Seeing the screen')}, {say('Mouse and keyboard')}")
            events = [
                "The technician asked for the session", "ID and password were right", "The customer agreed",
                "Both were connected: time counts from here", "The line was lost: time stops",
                "The line is back: time goes on", "The session ended",
            ]  # fmt: skip
            told = await page.locator("tbody tr td:nth-child(3)").all_inner_texts()
            assert [word for word in told if word != say("What the relay carried")] == [say(word) for word in events]
            numbers = [int(seq) for seq in await page.locator("tbody tr td:nth-child(1)").all_inner_texts()]
            assert numbers == sorted(numbers)
            course = page.get_by_role("img", name=say("Course of the session"))
            kinds = await course.locator("rect").evaluate_all("bars => bars.map(bar => bar.getAttribute('class'))")
            assert [kind for at, kind in enumerate(kinds) if kind != kinds[at - 1] or at == 0] == [
                "before", "joined", "paused", "joined",
            ]  # fmt: skip
            details = " ".join(await page.locator("tbody tr td:nth-child(4)").all_inner_texts())
            assert not re.search(r"\b[a-z]+_[a-z]+:", details), f"a word of the protocol: {details}"
            assert await barriers(page) == set()
            assert complaints == []
