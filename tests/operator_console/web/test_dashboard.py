"""The dashboard in a real Chromium: figures lead to exactly what stands behind them, by pointer and by keyboard."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from broker.permissions import Role
from broker.policies import files
from tests.operator_console.web.people import address, barriers, settled, window, words
from tests.operator_console.web.test_records import WORKING_DAY, add_customer
from tests.support.live_broker import LiveBroker, Operator
from tests.support.log import HandClock, LogWorld

pytestmark = [pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Past:
    """One working day: Marta helped the bakery for 65 and 20 minutes, Pau nobody known for 40."""

    marta: Operator
    pau: Operator
    customer: str
    sessions: dict[str, list[str]]
    """By technician's name, newest first."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def past(broker: LiveBroker, browser: Browser) -> Past:
    services, org = broker.services, broker.provider.org_id
    marta, pau = await broker.hire("Marta Soler"), await broker.hire("Pau Ferrer")
    await services.policies.adopt(org, files.load("quasar"), marta.id)
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await add_customer(page, broker, "Panadería Ñandú")
        customer = page.url.rsplit("/", 1)[-1]
    clock = HandClock()
    clock.step((datetime.combine(WORKING_DAY, time(9), UTC) - clock.utc()).total_seconds())
    world, sessions = LogWorld(services.store, clock), dict[str, list[str]]()
    for who, minutes, whose in ((marta, 65, customer), (pau, 40, None), (marta, 20, customer)):
        asked = world.request(org, operator=who.name, operator_id=who.id)
        session = await world.joined(replace(asked, customer_id=whose))
        clock.advance(minutes * 60)
        await world.sessions.ended_by_agent(world.agent.end(session.session_id))
        sessions.setdefault(who.name, []).insert(0, session.session_id)
        clock.advance(60)
    await services.work.catch_up()
    return Past(marta, pau, customer, sessions)


@pytest_asyncio.fixture(loop_scope="module")
async def page(broker: LiveBroker, browser: Browser, past: Past) -> AsyncIterator[Page]:
    """An administrator's dashboard."""
    async with window(broker, browser, Role.ADMIN) as (page, complaints):
        await page.goto(address(broker, "dashboard"))
        await expect(page.get_by_role("heading", name="By technician")).to_be_visible()
        yield page
    assert complaints == []


def part(page: Page, title: str) -> Locator:
    """One figure with its chart and its table."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


async def listed(page: Page) -> list[str]:
    """The sessions that the list shows."""
    await expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
    await settled(page)
    links = await page.locator("tbody a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [link.rsplit("/", 1)[-1] for link in links]


async def test_the_sums_are_seen_and_each_leads_to_its_list(page: Page, past: Past) -> None:
    tiles = page.locator(".tiles li")
    await expect(tiles.filter(has_text="Sessions").locator("strong")).to_have_text("3")
    await expect(tiles.filter(has_text="Connected").locator("strong")).to_have_text("2:05:00")
    charged = await tiles.filter(has_text="Charged").locator("strong").inner_text()
    await tiles.filter(has_text="Charged").get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()
    await expect(page.locator("tfoot tr").last.locator(".money")).to_have_text(charged)
    await page.go_back()
    await tiles.filter(has_text="Sessions").get_by_role("link").click()
    assert sorted(await listed(page)) == sorted(one for own in past.sessions.values() for one in own)


async def test_a_row_of_the_table_leads_to_its_sessions_by_keyboard(page: Page, past: Past) -> None:
    await part(page, "By technician").locator("summary").focus()
    await page.keyboard.press("Enter")
    row = part(page, "By technician").get_by_role("row", name="Marta Soler")
    await expect(row).to_contain_text("1:25:00")
    await page.keyboard.press("Tab")  # the table, which may be scrolled
    await page.keyboard.press("Tab")
    await expect(row.get_by_role("link")).to_be_focused()
    await page.keyboard.press("Enter")
    assert await listed(page) == past.sessions["Marta Soler"]
    await expect(page.locator("tfoot")).to_contain_text("1:25:00")


async def test_a_bar_leads_to_its_sessions_by_pointer(page: Page, past: Past) -> None:
    bars = part(page, "By technician").locator(".u-over")
    box = await bars.bounding_box()
    assert box is not None
    await bars.hover(position={"x": 20, "y": box["height"] * 0.75})
    await expect(part(page, "By technician").locator(".pointed")).to_contain_text("Pau Ferrer: 0:40:00")
    await bars.click(position={"x": 20, "y": box["height"] * 0.75})
    assert await listed(page) == past.sessions["Pau Ferrer"]
    await page.go_back()
    customers = part(page, "By customer")
    await customers.locator("summary").click()
    await customers.get_by_role("row", name="no customer's").get_by_role("link").click()
    assert await listed(page) == past.sessions["Pau Ferrer"]
    await expect(page.get_by_text("Customer: no customer's")).to_be_visible()


async def test_filters_stand_in_the_address_and_the_export_has_the_same_sums(page: Page, past: Past) -> None:
    await page.get_by_label("Customer", exact=True).select_option(past.customer)
    await expect(page.locator(".tiles li").filter(has_text="Connected").locator("strong")).to_have_text("1:25:00")
    assert f"customer={past.customer}" in page.url
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Export JSON").click()
    lines = json.loads((await (await download.value).path()).read_text())["items"]
    for figure in ("total", "day", "operator", "customer", "service"):
        own = [line for line in lines if line["figure"] == figure]
        assert sum(line["connected_s"] for line in own) == 85 * 60, figure
        assert sum(line["sessions"] for line in own) == 2, figure

    await page.get_by_label("To", exact=True).fill(str(WORKING_DAY - timedelta(days=1)))
    await expect(page.get_by_text("Nothing happened in this time.")).to_be_visible()


@pytest.mark.parametrize(("lang", "dark", "role"), [("en", False, Role.ADMIN), ("es", True, Role.AUDITOR)])
async def test_it_has_no_barriers_in_either_language_and_light(
    broker: LiveBroker, browser: Browser, past: Past, lang: str, dark: bool, role: Role
) -> None:
    say = words(lang)
    async with window(broker, browser, role, lang) as (page, complaints):
        await page.emulate_media(color_scheme="dark" if dark else "light")
        await page.goto(address(broker))
        await page.get_by_role("link", name=say("Dashboard"), exact=True).click()
        await expect(part(page, say("By technician")).locator("canvas")).to_be_visible()
        for table in await page.locator("summary").all():
            await table.click()
        await expect(part(page, say("By customer"))).to_contain_text("Panadería Ñandú")
        assert await barriers(page) == set()
    assert complaints == []


async def test_a_technician_is_not_offered_the_dashboard(broker: LiveBroker, browser: Browser, past: Past) -> None:
    async with window(broker, browser, past.marta) as (page, _):
        await page.goto(address(broker))
        await expect(page.get_by_role("link", name="Records", exact=True)).to_be_visible()
        await expect(page.get_by_role("link", name="Dashboard", exact=True)).to_have_count(0)
        await page.goto(address(broker, "dashboard"))
        await expect(page.get_by_role("alert")).to_be_visible()
