"""The desk in a real Chromium: tickets, appointments and prepaid orders from their beginning to their end."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from broker.appointments.service import NewAppointment
from broker.permissions import Role
from broker.policies import files
from broker.policies.schema import Policy
from broker.tickets.terms import Request
from protocol import inner
from tests.broker.tickets.test_life import picture
from tests.operator_console.web.desk import HEIGHT, WIDTH, Desk
from tests.operator_console.web.people import Window, address, barriers, settled, window, words
from tests.operator_console.web.sealed_agent import SealedAgent, fill
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

ALWAYS = files.load("quasar").hours
"""The tests may run at any hour."""
PAGES = ("tickets", "appointments", "orders", "orders?state=paid")


def shop() -> Policy:
    """ITPLUSNET with informapuntcom's appointments, queue and excluded work, at all hours."""
    plans = files.load("informapuntcom")
    tickets = plans.tickets.model_copy(update={"channels": ("phone", "ticket"), "required": ()})
    return files.load("itplusnet").model_copy(
        update={"hours": ALWAYS, "appointments": plans.appointments, "queue": plans.queue, "tickets": tickets}
    )


async def customer(broker: LiveBroker, name: str, policy: Policy | None = None) -> str:
    """Somebody to help, by the policy that is now in force."""
    services, org_id = broker.services, broker.provider.org_id
    await services.policies.adopt(org_id, policy or shop(), broker.operator.id)
    return (await services.customers.add(org_id, {"name": name, "phone": "+56 9 1234 5678"})).id


@asynccontextmanager
async def seated(broker: LiveBroker, browser: Browser, role: Role = Role.OPERATOR) -> AsyncIterator[Page]:
    """A page in English, on which nothing may go wrong unseen."""
    opened: Window
    async with window(broker, browser, role) as opened:
        page, complaints = opened
        yield page
    assert complaints == []


def fact(page: Page, name: str) -> Locator:
    """What a page says under `name`."""
    return page.locator("dl.facts > div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


@pytest.mark.clause("I3")
@pytest.mark.clause("I16")
async def test_a_ticket_is_written_down_by_keyboard_classified_shown_and_closed(
    broker: LiveBroker, browser: Browser, tmp_path: Path
) -> None:
    await customer(broker, "Almacén Ruiz")
    shot = tmp_path / "caja.png"
    shot.write_bytes(picture())
    async with seated(broker, browser) as page:
        await page.goto(address(broker, "records/tickets"))
        await page.locator("summary", has_text="Write a request down").press("Enter")
        await page.get_by_label("For the customer").select_option("Almacén Ruiz")
        await page.get_by_label("Subject", exact=True).focus()
        await page.keyboard.type("No abre la caja")
        assert await barriers(page) == set()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="No abre la caja")).to_be_visible()
        await expect(fact(page, "Customer")).to_have_text("Almacén Ruiz")

        await page.get_by_role("button", name="Take it").press("Enter")
        await expect(fact(page, "State")).to_have_text("Taken")
        await page.get_by_role("button", name="Classify").press("Enter")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Category").select_option("incident")
        await dialog.get_by_label("Urgent").check()
        await dialog.get_by_role("button", name="Save").press("Enter")
        await expect(fact(page, "Priority")).to_have_text("Urgent · incident")

        await page.get_by_label("Add a screenshot").set_input_files(shot)
        await expect(page.get_by_role("link", name="caja.png")).to_be_visible()
        drawn = page.locator(".screenshots img")
        assert await drawn.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
        shot.write_bytes(b"no picture")
        await page.get_by_label("Add a screenshot").set_input_files(shot)
        await expect(page.get_by_role("alert")).not_to_be_empty()

        await page.get_by_label("Message", exact=True).fill("Reinicie la caja")
        await page.get_by_role("button", name="Answer").press("Enter")
        await expect(page.get_by_role("article").filter(has_text="Reinicie")).to_contain_text("Support, Ana Ruiz")
        assert await barriers(page) == set()
        await page.get_by_role("button", name="Close as solved").press("Enter")
        await page.get_by_role("group").get_by_role("button", name="Close as solved").press("Enter")
        await expect(fact(page, "State")).to_have_text("Closed")

        await page.goto(address(broker, "records/tickets"))
        await page.get_by_label("Number, subject or company").fill("caja")
        await page.keyboard.press("Enter")
        await page.get_by_label("State").select_option("Closed")
        await expect(page.get_by_role("row").filter(has_text="No abre la caja")).to_contain_text("Almacén Ruiz")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Export CSV").click()
        await (await download.value).save_as(tmp_path / "tickets.csv")
        assert "No abre la caja" in (tmp_path / "tickets.csv").read_text()
        await page.get_by_label("State").select_option("Refused")
        await expect(page.get_by_text("No ticket matches.")).to_be_visible()


@pytest.mark.clause("I17")
async def test_excluded_work_is_refused_by_its_place_and_anything_else_in_words(
    broker: LiveBroker, browser: Browser
) -> None:
    who, org_id = await customer(broker, "Óptica del Río"), broker.provider.org_id
    tickets = [
        (await broker.services.tickets.open(org_id, Request("phone", subject), who)).row.id
        for subject in ("Enséñenos", "Otra cosa")
    ]
    async with seated(broker, browser) as page:
        await page.goto(address(broker, f"records/tickets/{tickets[0]}"))
        await page.get_by_role("button", name="Refuse").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").select_option("Training")
        assert await barriers(page) == set()
        await dialog.get_by_role("button", name="Refuse").click()
        await expect(fact(page, "Reason")).to_have_text("I17: Not part of the service: Training.")
        await expect(page.get_by_role("button", name="Refuse")).to_have_count(0)

        await page.goto(address(broker, f"records/tickets/{tickets[1]}"))
        await page.get_by_role("button", name="Refuse").click()
        await dialog.get_by_label("Reason").select_option("another reason")
        await dialog.get_by_label("In words").fill("No es nuestro")
        await dialog.get_by_role("button", name="Refuse").click()
        await expect(fact(page, "Reason")).to_have_text("No es nuestro")


@pytest.mark.clause("I10")
@pytest.mark.clause("I12")
async def test_an_appointment_is_agreed_within_hours_waited_for_and_kept(broker: LiveBroker, browser: Browser) -> None:
    closed = shop().model_copy(update={"hours": files.load("informapuntcom").hours, "time_zone": "Europe/Madrid"})
    who, org_id, services = await customer(broker, "Talleres Núñez", closed), broker.provider.org_id, broker.services
    ticket = (await services.tickets.open(org_id, Request("phone", "Lento"), who)).row.id
    async with seated(broker, browser) as page:
        await page.goto(address(broker, "records/appointments"))
        await page.locator("summary", has_text="New appointment").click()
        await page.get_by_label("For the customer").select_option("Talleres Núñez")
        await page.locator("summary", has_text="Support hours in Europe/Madrid").click()
        await expect(page.get_by_text("The technician waits 15 minutes.")).to_be_visible()
        tomorrow = datetime.now().astimezone() + timedelta(days=1)
        sunday = tomorrow + timedelta(days=6 - tomorrow.weekday())
        await page.get_by_label("Start", exact=True).fill(f"{sunday:%Y-%m-%dT12:00}")
        assert await barriers(page) == set()
        await page.get_by_role("button", name="Agree", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("Nobody is served at that time. The next opening is")

        await services.policies.adopt(org_id, shop(), broker.operator.id)
        await page.get_by_role("button", name="Agree", exact=True).click()
        link = page.locator(".copy code")
        await expect(link).to_have_text(re.compile(r"/appointment#[\w-]{43}$"))
        row = page.get_by_role("row").filter(has_text="Talleres Núñez")
        await expect(row).to_contain_text("Arranged")
        await row.get_by_role("button", name="Call off").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Who calls it off").select_option("we do")
        await expect(dialog).to_contain_text("It costs nothing")
        await dialog.get_by_role("button", name="Call off the appointment").click()
        await expect(row).to_contain_text("Called off")

        at = int(datetime.now(UTC).timestamp()) + 5  # none is made for a moment that has passed
        await services.appointments.make(org_id, NewAppointment(at, ticket_id=ticket), broker.operator.id)
        await page.goto(address(broker, f"records/tickets/{ticket}"))
        await expect(page.get_by_text(re.compile(r"waited for: 0:14:\d\d left"))).to_be_visible()
        assert await barriers(page) == set()
        await page.get_by_role("button", name="The customer is there").press("Enter")
        await expect(page.get_by_role("region", name="Appointments")).to_contain_text("Kept")


@pytest.mark.clause("I13")
async def test_without_a_connection_it_counts_as_whose_fault_it_was(broker: LiveBroker, browser: Browser) -> None:
    who, org_id = await customer(broker, "Bar Iruña"), broker.provider.org_id
    at = int(datetime.now(UTC).timestamp()) + 5  # none is made for a moment that has passed
    for length in (20, 30):
        await broker.services.appointments.make(org_id, NewAppointment(at, length, who), broker.operator.id)
    await asyncio.sleep(max(0.0, at - datetime.now(UTC).timestamp()))
    async with seated(broker, browser) as page:
        await page.goto(address(broker, "records/appointments"))
        for minutes, why, became in (("20", "another reason", "No connection"), ("30", "set-up", "Missed")):
            row = page.get_by_role("row").filter(has_text="Bar Iruña").filter(
                has=page.get_by_role("cell", name=minutes, exact=True)
            )  # fmt: skip
            await row.get_by_role("button", name="No connection").click()
            dialog = page.get_by_role("dialog")
            option = dialog.get_by_role("option", name=re.compile(why))
            await dialog.get_by_label("Why there was none").select_option(await option.inner_text())
            await dialog.get_by_role("button", name="Write down").click()
            await expect(row.get_by_role("button")).to_have_count(0)
            await expect(row.get_by_text(became)).to_be_visible()


@pytest.mark.clause("T1")
@pytest.mark.clause("T2")
@pytest.mark.clause("T4")
async def test_an_order_is_made_paid_in_parts_called_and_carried_out(broker: LiveBroker, browser: Browser) -> None:
    who = await customer(broker, "Ferretería Soto")
    async with seated(broker, browser) as technician, seated(broker, browser, Role.ADMIN) as admin:
        await technician.goto(address(broker, "records/orders"))
        await technician.locator("summary", has_text="New order").click()
        await technician.get_by_label("For the customer").select_option("Ferretería Soto")
        await technician.get_by_label("Which service").select_option("Reinstallation of the point-of-sale software")
        await expect(fact(technician, "Net price")).to_have_text("CLP 45,000")
        await expect(fact(technician, "Expected length")).to_contain_text("90 min")
        assert await barriers(technician) == set()
        await technician.get_by_role("button", name="Place the order").click()
        page_of_customer = await technician.locator(".copy code").inner_text()
        await technician.get_by_role("link", name=re.compile("Open order")).click()
        await expect(fact(technician, "Missing")).to_have_text("CLP 53,550")
        await expect(technician.get_by_role("button", name="Record a payment")).to_have_count(0)

        await admin.goto(technician.url)
        for amount, missing in (("20000", "CLP 33,550"), ("", "CLP 0")):
            await admin.get_by_role("button", name="Record a payment").click()
            dialog = admin.get_by_role("dialog")
            if amount:
                await dialog.get_by_label("Amount").fill(amount)
            await dialog.get_by_role("button", name="Record", exact=True).click()
            await expect(fact(admin, "Missing")).to_have_text(missing)
        await expect(admin.locator(".timeline li")).to_have_count(4)
        assert await barriers(admin) == set()

        await technician.goto(address(broker, "records/orders?state=paid"))
        call = technician.get_by_role("row").filter(has_text="Ferretería Soto")
        await expect(call.get_by_role("link", name="+56 9 1234 5678")).to_have_attribute("href", "tel:+56912345678")
        await call.get_by_role("link", name=re.compile(r"^\d+$")).click()
        await expect(technician.get_by_text("Telephone: +56 2 2345 6789")).to_be_visible()
        await expect(technician.get_by_role("button", name="Start a session for it")).to_have_attribute(
            "href", re.compile(f"customer={who}&order=")
        )
        await technician.get_by_role("button", name="New address").click()
        await technician.get_by_role("group").get_by_role("button", name="New address").click()
        await expect(technician.locator(".copy code")).not_to_have_text(page_of_customer)
        await technician.get_by_role("button", name="It is done").click()
        await technician.get_by_role("group").get_by_role("button", name="It is done").click()
        await expect(fact(technician, "State")).to_have_text("Done")
        assert await barriers(technician) == set()


@pytest.mark.clause("T4")
@pytest.mark.clause("T5")
async def test_the_checklist_is_ticked_in_the_orders_session_and_kept(broker: LiveBroker, desk: Desk) -> None:
    who, services, page = await customer(broker, "Botica Lagos"), broker.services, desk.page
    org_id, by = broker.provider.org_id, broker.operator.id
    order = (await services.orders.make(org_id, who, "reinstall", None, None, by)).order.row.id
    await services.order_payments.confirm(org_id, order, None, None, by)
    await page.goto(address(broker, f"records/orders/{order}"))
    await page.get_by_role("button", name="Start a session for it").click()
    await page.get_by_label("ID").fill(desk.code.id)
    await page.get_by_label("Password").fill(desk.code.password)
    await expect(page.get_by_text("It takes about 90 minutes.")).to_be_visible()
    await page.get_by_role("button", name="Connect").click()
    agent = SealedAgent(desk.agent, await desk.agent.run(desk.code))
    await agent.join()
    await agent.agree("view")
    await agent.show(inner.ScreenSize(width=WIDTH, height=HEIGHT))
    await agent.show(inner.Tiles(frame=1, last=True, tiles=(fill(0, 0, WIDTH, HEIGHT, (10, 20, 30)),)))
    await agent.drawn(2)

    await page.get_by_role("button", name="Checklist").press("Enter")
    task = page.get_by_label("Back-up of the database (on a server)")
    await task.press("Space")
    await expect(task).to_be_checked()
    await expect(task).to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("Space")
    await expect(task).to_be_checked()
    await expect(task).to_be_focused()
    for width in (1280, 640):  # the latter is 200 %
        await page.set_viewport_size({"width": width, "height": 800})
        where = await page.locator(".keys .checklist").bounding_box()
        assert where is not None
        assert where["x"] >= 0, width
        assert where["x"] + where["width"] <= width, width
    await broker.plane.live.tell_costs(broker.plane.so_far)  # a running broker does so every 15 seconds
    await expect(page.locator(".meter")).to_contain_text("of about 90 min")
    assert await barriers(page) == set()
    await agent.send(inner.Goodbye(reason="customer"))
    await desk.agent.end(agent.session)
    await desk.ending()

    await services.work.catch_up()
    await page.goto(address(broker, f"records/orders/{order}"))
    await expect(task).to_be_checked()
    await page.get_by_role("link", name=re.compile("Session of")).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Session of")
    await expect(page.get_by_role("heading", name="Checklist")).to_be_visible()
    await expect(page.get_by_label("Reports restored (on a server)")).not_to_be_checked()
    assert await barriers(page) == set()
    assert desk.complaints == []


@pytest.mark.parametrize(("role", "lang", "scheme"), [(Role.OPERATOR, "es", "dark"), (Role.AUDITOR, "es", "light")])
async def test_each_role_sees_what_it_may_without_a_barrier(
    broker: LiveBroker, browser: Browser, role: Role, lang: str, scheme: Literal["light", "dark"]
) -> None:
    who, say = await customer(broker, "Café Iruña"), words(lang)
    services, org_id, by = broker.services, broker.provider.org_id, broker.operator.id
    ticket = (await services.tickets.open(org_id, Request("phone", "Lento"), who)).row.id
    order = (await services.orders.make(org_id, who, "reinstall", None, None, by)).order.row.id
    await services.appointments.make(
        org_id, NewAppointment(int(datetime.now(UTC).timestamp()) + 90_000, customer_id=who), by
    )
    hidden = ["Record a payment"]
    if role is Role.AUDITOR:
        hidden += ["New order", "New appointment", "Write a request down", "Take it", "Call off", "Add a screenshot"]
    async with window(broker, browser, role, lang) as (page, complaints):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name in (*PAGES, f"tickets/{ticket}", f"orders/{order}"):
            await page.goto(address(broker, f"records/{name}"))
            await settled(page)
            assert await barriers(page) == set(), name
            for label in hidden:
                await expect(page.get_by_text(say(label), exact=True)).to_have_count(0)
    assert complaints == []
