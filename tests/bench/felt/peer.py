"""What either side of the comparison is: a desktop with a program that shares it, a line, and a page that shows it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Page

from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.bench.felt.line import LinkProcess
from tests.bench.felt.page import WATCH, WatchedPage
from tests.bench.felt.workloads import place
from tests.support.browser import browsing
from tests.support.link import Shape

VIEWPORT = {"width": 1920, "height": 1160}
"""Room for 1920×1080 pixels beside our console's toolbar, so that both canvases are shown as large as they are."""


@dataclass(slots=True)
class Peer:
    """A session that is up.  `first_pictures_s`: from the consent (ours) or from connecting until it was whole.

    `groups`: the process groups that belong to it, by the name of the part; `upward`: which of the link's two counters
    is the customer's sending.
    """

    name: str
    processes: Processes
    desktop: Desktop
    link: LinkProcess
    page: WatchedPage
    upward: int
    first_pictures_s: list[float]
    groups: dict[str, list[int]] = field(default_factory=dict)
    folder: Path = Path()

    def sent(self) -> tuple[int, int]:
        """Bytes over the line so far: from the customer, to the customer."""
        carried = self.link.carried()
        return carried[self.upward], carried[1 - self.upward]


def beginnings(shape: Shape) -> int:
    """How often a session is begun, for its first picture; the last one stays.  On the slowest line that takes long."""
    return 1 if 0 < shape.kbit < 1000 else 3


@asynccontextmanager
async def watched(canvas: str) -> AsyncIterator[WatchedPage]:
    """An empty page in a browser of its own, that will watch the canvas of that selector."""
    async with browsing() as browser:
        page: Page = await browser.new_page(
            viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]}, locale="en"
        )
        await page.add_init_script(path=WATCH)
        yield WatchedPage(page, canvas)


async def give_keyboard(page: WatchedPage, canvas: str) -> None:
    """Click the echo window through the page, as a technician would before typing."""
    x, y, width, height = place.ECHO
    picture = page.page.locator(canvas)
    box = await picture.bounding_box()
    assert box is not None
    scale = box["width"] / place.SIZE[0]
    await page.page.mouse.click(box["x"] + (x + width - 20) * scale, box["y"] + (y + height / 2) * scale)


def group(processes: Processes, name: str) -> int:
    """The process group of a program that was started."""
    return next(running.process.pid for running in processes.running if running.name == name)
