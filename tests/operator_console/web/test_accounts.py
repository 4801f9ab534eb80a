"""How people come in and what ends it: links, second factor, roles, a disabled account."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from broker.permissions import Role
from broker.store.tables import OperatorRow
from protocol import control
from scripts.processes import Processes
from scripts.product import Broker
from tests.operator_console.web.desk import Desk
from tests.operator_console.web.people import PASSWORD, WAIT_MS, address, barriers, settled, window, words
from tests.support.live_broker import LiveBroker

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

Say = Callable[[str], str]
ENGLISH = words("en")


async def sign_in(page: Page, email: str, password: str = PASSWORD, say: Say = ENGLISH) -> None:
    """Fill in the form and send it."""
    await page.get_by_label(say("E-mail")).fill(email)
    await page.get_by_label(say("Password"), exact=True).fill(password)
    await page.get_by_role("button", name=say("Sign in")).click()


async def choose_password(page: Page, password: str = PASSWORD, say: Say = ENGLISH) -> None:
    await page.get_by_label(say("New password"), exact=True).fill(password)
    await page.get_by_label(say("New password, once more")).fill(password)


async def enters(page: Page, code: str, button: str, say: Say) -> None:
    """A code of the authenticator."""
    field = page.get_by_label(say("Code from your authenticator"))
    await expect(field).to_be_focused()
    await field.fill(code)
    await page.get_by_role("button", name=say(button)).click()


def wrong_code(secret: str) -> str:
    """Six digits that are no code of this secret, now or near now."""
    near = {pyotp.TOTP(secret).at(time.time() + seconds) for seconds in range(-120, 150, 30)}
    return next(code for code in map("{:06}".format, range(1000)) if code not in near)


@pytest.mark.parametrize("lang", ["en", "es"])
async def test_a_second_factor_is_set_up_asked_for_and_switched_off(
    broker: LiveBroker, browser: Browser, lang: str
) -> None:
    say, email = words(lang), f"noa-{lang}@example.com"
    await broker.services.operators.add(broker.provider.org_id, email, "Noa", Role.OPERATOR, PASSWORD)
    async with window(broker, browser, None, lang) as (page, complaints):
        await page.goto(address(broker, "account"))
        await sign_in(page, email, say=say)
        await page.get_by_role("button", name=say("Set up")).click()
        picture = page.get_by_alt_text(say("QR code for the authenticator"))
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        assert await barriers(page) == set()
        secret = await page.locator("small code").inner_text()
        await enters(page, wrong_code(secret), "Confirm", say)
        await expect(page.get_by_role("alert")).to_be_visible()
        first = pyotp.TOTP(secret).now()
        await page.get_by_label(say("Code from your authenticator")).fill(f"{first[:3]} {first[3:]}")
        await page.get_by_role("button", name=say("Confirm")).click()
        await expect(page.get_by_text(say("On. Each sign-in asks for a code."))).to_be_visible()

        await page.get_by_role("button", name=say("Sign out")).click()
        await sign_in(page, email, say=say)
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await barriers(page) == set()
        await enters(page, wrong_code(secret), "Sign in", say)
        await expect(page.get_by_role("button", name=say("Sign out"))).to_have_count(0)
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label(say("Code from your authenticator")).fill(first)  # each is good once
        await page.get_by_role("button", name=say("Sign in")).click()
        await expect(page.get_by_role("button", name=say("Sign in"))).to_be_enabled()
        await page.get_by_label(say("Code from your authenticator")).fill(pyotp.TOTP(secret).at(time.time() + 30))
        await page.get_by_role("button", name=say("Sign in")).click()
        await expect(page.get_by_role("button", name=say("Sign out"))).to_be_visible()

        await page.goto(address(broker, "account"))
        off = page.get_by_role("article").filter(has_text=say("On. Each sign-in asks for a code."))
        for password in ("no es esta", PASSWORD):
            await off.get_by_label(say("Password now")).fill(password)
            await off.get_by_role("button", name=say("Switch off")).click()
            if password != PASSWORD:
                await expect(off.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_role("button", name=say("Set up"))).to_be_visible()
        await page.get_by_role("button", name=say("Sign out")).click()
        await sign_in(page, email, say=say)
        await expect(page.get_by_role("button", name=say("Sign out"))).to_be_visible()
        assert complaints == []


async def test_whoever_lost_the_phone_comes_in_again_through_an_administrator(
    broker: LiveBroker, browser: Browser
) -> None:
    someone = await broker.hire("Sin Teléfono")
    async with broker.services.store.transaction() as session:
        row = await session.get(OperatorRow, someone.id)
        assert row is not None
        row.totp_enabled = True
    async with window(broker, browser, Role.ADMIN) as (page, _):
        await page.goto(address(broker, "admin/operators"))
        line = page.get_by_role("row", name="Sin Teléfono")
        factor = line.get_by_role("cell").nth(3)
        await expect(factor).to_contain_text("on")
        await factor.get_by_role("button", name="Remove").click()
        assert await barriers(page) == set()
        await factor.get_by_role("group").get_by_role("button", name="Remove").click()
        await expect(factor).to_have_text("off")


@pytest.mark.parametrize("lang", ["es"])
async def test_from_a_fresh_broker_to_its_first_administrator(
    browser: Browser, processes: Processes, tmp_path: Path, lang: str
) -> None:
    say = words(lang)
    provider = Broker(tmp_path / "provider")
    running = provider.start(processes)
    processes.wait_for("the link", lambda: "#/setup?token=" in running.log.read_text())
    found = re.search(r"http://\S+#/setup\?token=(\S+)", running.log.read_text())
    assert found
    link, token = found[0], found[1]

    context = await browser.new_context(locale="es-ES")
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    await page.goto(link[:-3])
    await expect(page.get_by_role("alert")).to_have_text(
        say("This link is not complete. Copy the whole of it, or ask for a new one.")
    )
    await page.goto(link)
    await page.get_by_label(say("Name of the organisation")).fill("Soporte Quásar")
    await page.get_by_label(say("Your name")).fill("Luz Gil")
    await page.get_by_label(say("E-mail")).fill("Luz@Example.com")
    await page.get_by_label(say("New password"), exact=True).fill(PASSWORD)
    await page.get_by_label(say("New password, once more")).fill(PASSWORD + "!")
    await page.get_by_role("button", name=say("Create")).click()
    await expect(page.get_by_role("alert")).to_have_text(say("The two passwords differ."))
    assert await barriers(page) == set()
    await choose_password(page, say=say)
    await page.get_by_role("button", name=say("Create")).click()
    await expect(page.get_by_role("heading", name=say("Sign in"))).to_be_visible()
    await sign_in(page, "luz@example.com", say=say)
    await page.get_by_role("link", name=say("Administration")).click()
    await expect(page.get_by_role("row", name=re.compile("Luz Gil.*luz@example.com"))).to_be_visible()
    await expect(page.get_by_role("banner")).to_contain_text("Soporte Quásar")
    assert not [address for address in asked if token in address], "the token left the address's fragment"

    stranger = await (await browser.new_context(locale="es-ES")).new_page()
    await stranger.goto(link)
    for label, value in (("Name of the organisation", "Otra"), ("Your name", "X"), ("E-mail", "x@example.com")):
        await stranger.get_by_label(say(label)).fill(value)
    await choose_password(stranger, say=say)
    await stranger.get_by_role("button", name=say("Create")).click()
    await expect(stranger.get_by_role("alert")).to_contain_text("Este enlace ya se usó")
    await stranger.context.close()
    await context.close()


async def test_an_invitation_can_be_made_anew_and_its_older_link_opens_nothing(
    broker: LiveBroker, browser: Browser
) -> None:
    async with window(broker, browser, Role.ADMIN) as (admin, _), window(broker, browser) as (guest, complaints):
        await admin.goto(address(broker, "admin/operators"))
        await admin.locator("summary").click()
        form = admin.locator("details")
        for _ in range(2):
            await form.get_by_label("Name").fill("Aitana")
            await form.get_by_label("E-mail").fill("aitana@example.com")
            await form.get_by_label("Role").select_option("auditor")
            await form.get_by_role("button", name="Make an invitation").click()
            await expect(form.locator(".copy code, [role=alert]").last).to_be_visible()
        await expect(form.get_by_role("alert")).to_have_text("This e-mail address already has an account.")
        old = await form.locator(".copy code").inner_text()
        line = admin.get_by_role("row", name=re.compile("Aitana"))
        await expect(line.get_by_text("invited", exact=True)).to_be_visible()
        await line.get_by_role("button", name="New password link").click()
        await line.get_by_role("group").get_by_role("button", name="New password link").click()
        new = await line.locator("code").inner_text()
        assert new != old
        assert await barriers(admin) == set()

        for link, works in ((old, False), (new, True)):
            await guest.goto(link)
            await guest.get_by_label("Your name").fill("Aitana Oliva")
            await choose_password(guest)
            await guest.get_by_role("button", name="Create my account").click()
            if not works:
                await expect(guest.get_by_role("alert")).to_contain_text("already used or is too old")
                assert await barriers(guest) == set()
        await expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()
        await sign_in(guest, "aitana@example.com")
        await expect(guest.get_by_role("link", name="Administration")).to_be_visible()
        await expect(guest.get_by_role("link", name="Connect")).to_have_count(0)  # an auditor starts no session
        assert complaints == []


async def test_a_new_password_ends_what_the_old_one_opened(broker: LiveBroker, browser: Browser) -> None:
    await broker.services.operators.add(broker.provider.org_id, "olga@example.com", "Olga", Role.OPERATOR, PASSWORD)
    async with window(broker, browser, Role.ADMIN) as (admin, _), window(broker, browser) as (olga, _):
        await olga.goto(address(broker, "account"))
        await sign_in(olga, "olga@example.com")
        await expect(olga.get_by_role("heading", name="Olga")).to_be_visible()
        await admin.goto(address(broker, "admin/operators"))
        line = admin.get_by_role("row", name=re.compile("Olga"))
        await line.get_by_role("button", name="New password link").click()
        await line.get_by_role("group").get_by_role("button", name="New password link").click()
        fresh = await olga.context.new_page()
        await fresh.goto(await line.locator("code").inner_text())
        await choose_password(fresh, "una contraseña nueva")
        await fresh.get_by_role("button", name="Save").click()
        await expect(fresh.get_by_role("heading", name="Sign in")).to_be_visible()

        await olga.get_by_role("link", name="My sessions").click()
        await expect(olga.get_by_role("heading", name="Sign in")).to_be_visible()
        await sign_in(olga, "olga@example.com")
        await expect(olga.get_by_role("alert")).to_have_text("E-mail, password or code is wrong.")
        await sign_in(olga, "olga@example.com", "una contraseña nueva")
        await expect(olga.get_by_role("heading", name="My sessions")).to_be_visible()


async def test_a_new_role_shows_in_what_one_may_do(broker: LiveBroker, browser: Browser) -> None:
    person = await broker.hire("Quim Rius")
    async with window(broker, browser, Role.ADMIN) as (admin, _), window(broker, browser, person) as (page, _):
        await page.goto(address(broker, "sessions"))
        await expect(page.get_by_role("heading", name="My sessions")).to_be_visible()
        await admin.goto(address(broker, "admin/operators"))
        line = admin.get_by_role("row", name=re.compile("Quim Rius"))
        await line.get_by_label("Role of Quim Rius").select_option("Administrator")
        await line.get_by_role("button", name="Save").click()
        await expect(line.get_by_role("button", name="Save")).to_have_count(0)
        await page.reload()
        await page.get_by_role("link", name="Administration").click()
        await settled(page)
        own = page.get_by_role("row", name=re.compile("Quim Rius"))
        await expect(own.get_by_label("Role of Quim Rius")).to_be_disabled()
        await expect(own.get_by_role("button", name="Disable")).to_have_count(0)


async def test_whoever_is_disabled_loses_the_session_and_the_page(desk: Desk, browser: Browser) -> None:
    agent = await desk.go_live()
    async with window(desk.broker, browser, Role.ADMIN) as (admin, _):
        await admin.goto(address(desk.broker, "admin/operators"))
        await admin.locator("tbody tr").last.wait_for()
        me = await desk.page.evaluate("fetch('/api/v1/me').then(answer => answer.json()).then(me => me.email)")
        line = admin.get_by_role("row", name=re.compile(re.escape(me)))
        await line.get_by_role("button", name="Disable").click()
        await line.get_by_role("group").get_by_role("button", name="Disable").click()
        await expect(line.get_by_text("disabled", exact=True)).to_be_visible()
    assert (await agent.peer.expect(control.Ended)).reason == "operator_disabled"
    await expect(desk.page.get_by_role("alert")).to_contain_text("Your account was disabled.")
    await desk.page.get_by_role("button", name="Sessions", exact=True).click()
    await expect(desk.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(desk.page.get_by_role("button", name="Sign out")).to_have_count(0)
