"""A session on a Wayland desktop: consent, the desktop's own question, the picture in Chromium, text typed, the end."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page

from scripts.desktop import Desktop
from scripts.processes import Processes
from scripts.product import Broker, Customer
from tests.support import wayland
from tests.support.accessible import Reader
from tests.support.browser import SCREEN_PIXELS, browsing
from tests.support.patience import PATIENCE, eventually

PICTURE_THERE = f"() => new Set(({SCREEN_PIXELS})(0, 0, 1280, 800)).size > 50"
SENTENCE = "¿Qué tal, señor Núñez? 100 €"
TERMINAL = (300, 400)
"""A point of the terminal that the agent's window leaves free."""

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True)
class Both:
    """The person at their desktop, and the technician's page, which has just asked for it and been let in."""

    person: Desktop
    reader: Reader
    customer: Customer
    page: Page
    typed: Path

    async def keyboard_is_elsewhere(self) -> bool:
        """Whether the agent's window has it no more: until then the technician's keys are dropped."""
        return not any("active" in node.states for node in await self.reader.read())


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("broker")
    with Processes(folder / "logs") as started:
        made = Broker(folder)
        made.accounts()
        made.start(started)
        yield made


@pytest.fixture
async def both(broker: Broker, processes: Processes, tmp_path: Path) -> AsyncIterator[Both]:
    accounts = broker.accounts()
    person = wayland.start(processes, tmp_path / "c", layout="es")
    async with wayland.Hand.of(person), a_page() as page:
        typed = tmp_path / "typed.txt"
        command = f"stty -echo; exec cat > {typed}"
        processes.start("terminal", ["foot", "sh", "-c", command], env=person.env)
        processes.wait_for("the terminal", typed.exists)
        customer = Customer(processes, person, broker.build_file(accounts.organisation_id))
        customer.open()
        await page.goto(f"{broker.origin}/console/")
        await page.get_by_label("E-mail").fill(accounts.technician.email)
        await page.get_by_label("Password").fill(accounts.technician.password)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("heading", name="Connect").wait_for()
        await eventually(customer.status_file.exists)
        async with Reader.of(person.env) as reader:
            await reader.press("Accept and go on")
            await eventually(lambda: customer.status().get("state") == "code")
            code = customer.status()
            await page.get_by_label("ID", exact=True).fill(code["id"])
            await page.get_by_label("Password", exact=True).fill(code["code"])
            await page.get_by_role("button", name="Connect").click()
            await reader.press("Accept")
            yield Both(person, reader, customer, page, typed)


@asynccontextmanager
async def a_page() -> AsyncIterator[Page]:
    async with browsing(whole=True) as browser:
        context = await browser.new_context(locale="en", viewport={"width": 1400, "height": 950})
        context.set_default_timeout(PATIENCE * 1000)
        yield await context.new_page()


async def click_desktop(page: Page, x: int, y: int) -> None:
    box = await page.locator("canvas.screen").bounding_box()
    assert box is not None
    scale = box["width"] / 1280
    await page.mouse.click(box["x"] + x * scale, box["y"] + y * scale)


async def type_as_from_a_keyboard(page: Page, text: str) -> None:
    """Each character by a key of a Spanish keyboard, so that `key` is the character itself."""
    keyboard = await page.context.new_cdp_session(page)
    for character in text:
        for kind in ("keyDown", "keyUp"):
            letter = {"text": character} if kind == "keyDown" else {}
            await keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": character, **letter})


async def test_from_consent_to_disconnect(both: Both) -> None:
    assert not await both.page.locator("canvas.screen").is_visible(), "a picture before the person shared it"
    await wayland.share(both.person)
    await both.page.locator("canvas.screen").wait_for()
    await both.page.wait_for_function(PICTURE_THERE)
    await click_desktop(both.page, *TERMINAL)
    await eventually(both.keyboard_is_elsewhere)
    await type_as_from_a_keyboard(both.page, SENTENCE)
    await both.page.keyboard.press("Enter")
    await eventually(lambda: both.typed.read_text() == SENTENCE + "\n")
    await both.reader.press("Disconnect")
    await both.page.locator('[data-ending$=":customer"]').wait_for()


async def test_a_no_to_the_desktop_ends_the_session_and_says_so(both: Both) -> None:
    await wayland.refuse(both.person)
    await both.page.locator('[data-ending$=":customer"]').wait_for()
    assert not await both.page.locator("canvas.screen").is_visible()

    async def said() -> bool:
        return "Your desktop does not share the screen" in await both.reader.text()

    await eventually(said)


async def test_control_that_the_desktop_withholds_is_shown_as_off_at_both_ends(both: Both) -> None:
    await wayland.share(both.person, control=False)
    await both.page.wait_for_function(PICTURE_THERE)
    await both.page.locator("li.off", has_text="Mouse and keyboard").wait_for()
    await both.reader.find("label", "Tomás Técnico can see your screen, but touch nothing.")
