"""The technician's browser: Debian's Chromium driven by Playwright.

Most tests run it without its own windows (the package's headless shell: the same engine, a third of the work); whole
paths (tests/e2e) run the one that technicians start.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.patience import PATIENCE

NAMES = ("chromium", "chromium-browser", "google-chrome")
SHELL = "chromium-headless-shell"
# Containers that run as root have no sandbox to give; nothing but tests may say this.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")

SCREEN_PIXELS = """(x, y, width, height) => {
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(document.querySelector("canvas.screen"), x, y, width, height, 0, 0, width, height);
    return copy.getImageData(0, 0, width, height).data;
}"""
"""The customer's screen as it is on the console's page: R,G,B,A of a rectangle.  By way of another canvas: asking the
page's own for its pixels would change how the browser keeps them."""


async def reaches_nothing(page: Page) -> bool:
    """Whether the worker that reads what a customer's program sent has no way out, not even to where it came from."""
    worker = page.workers[0] if page.workers else await page.wait_for_event("worker")
    script = "fetch(new URL('/console/config.json', location.href)).then(() => false, () => true)"
    return bool(await worker.evaluate(script))


def chromium_path(*, whole: bool = False) -> str:
    """Where Chromium is; `whole`: with its windows.  Raises `FileNotFoundError` with what to do about it."""
    for name in NAMES if whole else (SHELL, *NAMES):
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("there is no Chromium: `make test` installs it, or says how")


@asynccontextmanager
async def browsing(*, whole: bool = False) -> AsyncIterator[Browser]:
    """A Chromium that needs no display, until the block ends; `whole`: the one that people start."""
    expect.set_options(timeout=PATIENCE * 1000)
    async with async_playwright() as playwright:
        path = chromium_path(whole=whole)
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            await browser.close()
