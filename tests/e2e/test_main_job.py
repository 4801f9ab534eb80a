"""The whole job on real parts: terms, code, consent, picture in Chromium, a typed sentence, Disconnect, the log.

Nothing is reached into: the customer's side is read and pressed as a screen reader does, the technician's in a browser.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.support.browser import SCREEN_PIXELS, browsing
from tests.support.demo import ROOT, Demo, running_demo
from tests.support.patience import PATIENCE

SENTENCE = "¿Qué tal, señor Núñez? Ánimo: la cigüeña vendrá mañana."
EDITOR = (340, 640)
"""A point in the editor's text, on the customer's desktop of 1280×800."""

PICTURE_THERE = f"() => new Set(({SCREEN_PIXELS})(0, 0, 1280, 800)).size > 50"

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """With a customer who has accepted the terms just now."""
    async with running_demo(tmp_path_factory.mktemp("e2e") / "demo", "--new-customer") as running:
        await running.accept_terms()
        await running.code()
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing(whole=True) as started:
        yield started


async def sign_in(browser: Browser, demo: Demo, who: str) -> Page:
    """A window of this person's own, signed in, in English."""
    context = await browser.new_context(locale="en", viewport={"width": 1400, "height": 950})
    context.set_default_timeout(PATIENCE * 1000)
    page = await context.new_page()
    await page.goto(demo.facts["console"])
    await page.get_by_label("E-mail").fill(demo.facts[who]["email"])
    await page.get_by_label("Password").fill(demo.facts[who]["password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Connect").wait_for()
    return page


async def connect(page: Page, agent_id: str, password: str) -> None:
    """Type what the customer read out."""
    await page.goto(page.url.split("#")[0] + "#/")
    await page.get_by_label("ID", exact=True).fill(agent_id)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Connect").click()


async def type_as_from_a_keyboard(page: Page, text: str) -> None:
    """Each character by a key of a Spanish keyboard, so that `key` is the character itself."""
    keyboard = await page.context.new_cdp_session(page)
    for character in text:
        for kind in ("keyDown", "keyUp"):
            letter = {"text": character} if kind == "keyDown" else {}
            await keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": character, **letter})


async def click_desktop(page: Page, x: int, y: int) -> None:
    """Click a point of the customer's desktop through the page's canvas."""
    canvas = page.locator("canvas.screen")
    box, width = await canvas.bounding_box(), await canvas.evaluate("canvas => canvas.width")
    assert box is not None
    scale = box["width"] / width
    await page.mouse.click(box["x"] + x * scale, box["y"] + y * scale)


def active_window(display: str) -> str:
    """The title of the window that has the keyboard, on the customer's desktop."""
    asked = ["xdotool", "getactivewindow", "getwindowname"]
    return subprocess.run(asked, env=os.environ | {"DISPLAY": display}, capture_output=True, text=True).stdout


async def test_from_code_to_log(demo: Demo, browser: Browser) -> None:
    page = await sign_in(browser, demo, "technician")
    await connect(page, *await demo.code())

    await demo.customer.find("push button", "Accept")
    asked = await demo.customer.text()
    assert "Tomás Técnico" in asked
    assert "Demo Support" in asked
    assert "o price" in asked  # "No price …": none is set
    assert not await page.locator("canvas.screen").is_visible(), "a picture before consent"
    asked_at = time.monotonic()
    await demo.customer.press("Accept")

    await demo.until("the session", lambda: demo.agent["state"] == "live")
    began = time.monotonic()
    await page.locator("canvas.screen").wait_for()
    await page.wait_for_function(PICTURE_THERE)

    await click_desktop(page, *EDITOR)
    # Keys are dropped while a window of the agent has the keyboard (pairing rule 6): the click has to arrive first.
    await demo.until("the editor to have the keyboard", lambda: "Mousepad" in active_window(demo.facts["display"]))
    await type_as_from_a_keyboard(page, SENTENCE)
    await page.keyboard.press("Control+s")
    note = Path(demo.facts["note"])
    await demo.until("the sentence in the file", lambda: SENTENCE in note.read_text())

    at_least = time.monotonic() - began
    await demo.customer.press("Disconnect")
    await page.locator('[data-ending$=":customer"]').wait_for()
    at_most = time.monotonic() - asked_at
    await demo.until("another code", lambda: demo.agent["state"] == "code")

    administrator = await sign_in(browser, demo, "administrator")
    await administrator.get_by_role("link", name="Sessions").click()
    row = administrator.locator("tbody tr").first
    await expect(row).to_contain_text("Tomás Técnico")
    await expect(row).to_contain_text("The customer disconnected")
    hours, minutes, seconds = map(int, (await row.locator("td").last.inner_text()).split(":"))
    assert at_least - 1 <= hours * 3600 + minutes * 60 + seconds <= at_most + 1

    await row.get_by_role("link").click()
    for step in ("asked for the session", "ID and password were right", "agreed", "time counts", "The session ended"):
        await expect(administrator.locator("tbody")).to_contain_text(step)


async def test_the_code_of_an_ended_session_opens_nothing(demo: Demo, browser: Browser) -> None:
    page = await sign_in(browser, demo, "technician")
    agent_id, password = await demo.code()
    await connect(page, agent_id, password)
    await demo.customer.press("Accept")
    await demo.until("the session", lambda: demo.agent["state"] == "live")
    await demo.customer.press("Disconnect")
    await page.locator('[data-ending$=":customer"]').wait_for()

    await demo.until("another code", lambda: demo.agent["state"] == "code")
    assert (await demo.code())[0] != agent_id
    await connect(page, agent_id, password)
    await page.locator("[data-ending]").wait_for()
    assert demo.agent["state"] == "code", "an old code reached the customer"


async def test_a_no_is_a_no(demo: Demo, browser: Browser) -> None:
    page = await sign_in(browser, demo, "technician")
    await connect(page, *await demo.code())
    await demo.customer.find("push button", "Accept")
    await demo.customer.press("No")
    await page.locator('[data-ending$=":refused"]').wait_for()
    assert demo.agent["state"] != "live"


async def test_the_command_line_sees_and_types(demo: Demo, tmp_path: Path) -> None:
    agent_id, password = await demo.code()
    technician, picture = demo.facts["technician"], tmp_path / "screen.png"
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relevo", "connect", agent_id, "--broker", demo.facts["broker"], "--email",
        technician["email"], "--screenshot", str(picture),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=ROOT,
    )  # fmt: skip
    working = asyncio.create_task(command.communicate(f"{technician['password']}\n{password}\n".encode()))
    await demo.customer.press("Accept")
    said, _ = await working
    assert command.returncode == 0, said.decode()
    with Image.open(picture) as seen:
        assert seen.size == (1280, 800)
        assert len(seen.convert("RGB").getcolors(1 << 20) or ()) > 50
    await demo.until("the end", lambda: demo.agent["state"] in ("ended", "making_code", "code"))
