"""A real X server under a real agent core, seen in a browser: one that dies and returns, one that is resized in a film.

The core runs in the test's process; capture, encoder, input, broker, relay and console are the product's own.
"""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageGrab
from playwright.async_api import Browser, Page, expect

from client_agent import events as ev
from client_agent.capture.x11 import X11Capture
from client_agent.desktop import Backends
from client_agent.failures import FailureKind
from client_agent.inject.x11 import X11Injector
from scripts.desktop import Desktop
from scripts.processes import Processes, Running
from tests.bench.felt import workload
from tests.client_agent.support.customer import Customer, customer
from tests.e2e.test_main_job import connect, type_as_from_a_keyboard
from tests.operator_console.web.people import address, window
from tests.support.browser import SCREEN_PIXELS, browsing
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

DIST = Path(__file__).parents[2] / "operator_console/web/dist"
DIGEST = f"""async ([x, y, width, height]) => {{
    const found = await crypto.subtle.digest("SHA-256", ({SCREEN_PIXELS})(x, y, width, height));
    return [...new Uint8Array(found)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}}"""
"""Of a rectangle of the customer's screen as it is on the console's page."""


FILM = (192, 640)
"""The rows of tiles in which the film plays: what stands still in them is exact when it rests."""


class Screen:
    """An X server of a size, with nothing on it; started again, it has the display that it had."""

    def __init__(self, processes: Processes, width: int, height: int) -> None:
        self._processes, self._size = processes, f"{width}x{height}x24"
        # Not one that another test's server picks by itself, which may be while this one is dead.
        self.display = f":{1_000 + os.getpid() % 30_000}"
        self.running: Running | None = None

    def start(self, colour: str) -> None:
        """Returns when it answers and its background has that colour."""
        reading, writing = os.pipe()
        command = ["Xvfb", self.display, "-screen", "0", self._size, "-noreset"]
        options = ["-nolisten", "tcp", "-displayfd", str(writing)]
        self.running = self._processes.start("Xvfb", [*command, *options], pass_fds=[writing], essential=False)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert pipe.readline().strip() == self.display[1:], "the X server did not start"
        self.run("xsetroot", "-solid", colour)

    def kill(self) -> None:
        """As a crash does."""
        assert self.running is not None
        self.running.process.kill()
        self.running.process.wait()

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {"DISPLAY": self.display}

    def run(self, *command: str) -> None:
        subprocess.run(command, env=self.env, check=True, capture_output=True)

    def resize(self, width: int, height: int) -> None:
        """To no more than it had at first."""
        # It complains that the only mode it knows is larger, and does it.
        command = ["xrandr", "--fb", f"{width}x{height}"]
        subprocess.run(command, env=self.env, check=False, capture_output=True)

    def picture(self) -> Image.Image:
        """What it shows now."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGBA")

    def backends(self) -> Backends:
        return Backends(lambda: X11Capture(self.display), lambda: X11Injector(self.display))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveBroker]:
    async with live_broker(tmp_path_factory.mktemp("broker"), web_dist=DIST) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as started:
        yield started


@asynccontextmanager
async def session(
    broker: LiveBroker, browser: Browser, screen: Screen, state: Path, lives: bool = True
) -> AsyncIterator[tuple[Customer, Page]]:
    """A technician at the console who sees that screen, if it `lives` so long."""
    technician = await broker.hire("Teresa Núñez")
    async with customer(broker, state, screen.backends()) as someone, window(broker, browser, technician) as (page, _):
        code = await someone.expect(ev.CodeShown)
        await page.goto(address(broker))
        await connect(page, code.id, code.password)
        if not lives:
            screen.kill()
        await someone.consent()
        await page.locator("canvas.screen").wait_for(state="attached")
        yield someone, page


async def shows(page: Page, screen: Screen, x: int, y: int, width: int, height: int) -> None:
    """Wait until the page has that part of the screen, pixel for pixel."""

    async def same() -> bool:
        there = screen.picture().crop((x, y, x + width, y + height))
        wanted = hashlib.sha256(there.tobytes()).hexdigest()
        return bool(await page.evaluate(DIGEST, [x, y, width, height]) == wanted)

    await eventually(same)


@pytest.mark.parametrize("lives", [True, False], ids=["in the session", "before the consent"])
async def test_a_desktop_that_dies_is_told_and_the_next_one_is_seen_and_used(
    broker: LiveBroker, browser: Browser, processes: Processes, tmp_path: Path, lives: bool
) -> None:
    screen, typed = Screen(processes, 640, 480), tmp_path / "typed"
    screen.start("#204060")
    async with session(broker, browser, screen, tmp_path / "agent", lives) as (someone, page):
        if lives:
            await shows(page, screen, 0, 0, 640, 480)
            screen.kill()
        failure = (await someone.expect(ev.PictureNow)).failure
        assert failure is not None
        assert (failure.kind, failure.detail) == (FailureKind.CAPTURE, "x11_connection")
        await expect(page.get_by_text("The customer's computer cannot show its screen now.")).to_be_visible()

        screen.start("#604020")
        command = ["xterm", "-geometry", "80x24+40+60", "-e", f"cat > {typed}"]
        processes.start("xterm", command, env=screen.env, essential=False)
        await eventually(typed.exists)
        assert (await someone.expect(ev.PictureNow)).failure is None
        await expect(page.locator(".veil")).to_be_hidden()
        # The pointer of a new server is in its middle, and the keyboard with it: nothing comes before the first key.
        await type_as_from_a_keyboard(page, "ya está")
        await page.keyboard.press("Enter")
        await eventually(lambda: typed.read_text() == "ya está\n")
        await shows(page, screen, 0, 0, 640, 480)


async def test_a_desktop_that_is_resized_while_a_film_plays_is_seen_in_its_new_size(
    broker: LiveBroker, browser: Browser, processes: Processes, tmp_path: Path
) -> None:
    screen = Screen(processes, 1280, 800)
    screen.start("#204060")
    desktop = Desktop(screen.display, tmp_path, screen.env)
    film, _ = await asyncio.to_thread(workload.start, processes, desktop, tmp_path, "video")
    async with session(broker, browser, screen, tmp_path / "agent") as (_, page):
        moving = page.locator(".meter .making")
        await expect(moving).to_contain_text("H.264")
        for width, height, colour in ((1000, 700, "#406020"), (1280, 800, "#602040")):
            screen.resize(width, height)
            screen.run("xsetroot", "-solid", colour)
            await expect(page.locator("canvas.screen")).to_have_js_property("width", width)
            await expect(page.locator("canvas.screen")).to_have_js_property("height", height)
            for beside in ((0, 0, width, FILM[0]), (0, FILM[1], width, height - FILM[1])):
                await shows(page, screen, *beside)
            await expect(moving).to_contain_text("H.264")
        await asyncio.to_thread(processes.stop, film)
        await shows(page, screen, 0, 0, 1280, 800)
