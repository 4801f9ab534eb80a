"""A page with a peer's canvas in it, watched by `watch.js`: presses keys, tells what was seen, on the bench's clock."""

import base64
import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.async_api import CDPSession, Page

from tests.bench.felt.workloads import code, place
from tests.bench.felt.workloads.window import type_pixels

WATCH = Path(__file__).with_name("watch.js")
_SETTLES_S = 5.0


@dataclass(frozen=True, slots=True)
class Press:
    """Seconds from when the page heard a key press, or Chromium had it, until the canvas had its answer, or a frame.

    All are the time limit when it was not seen within that.
    """

    heard_to_canvas: float
    had_to_canvas: float
    heard_to_frame: float
    seen: bool


class WatchedPage:
    """`canvas`: the selector of the peer's canvas.  All times are seconds of CLOCK_MONOTONIC."""

    def __init__(self, page: Page, canvas: str) -> None:
        self.page, self._canvas = page, canvas
        self._ahead_s = 0.0
        self._browser: CDPSession | None = None

    async def start(self) -> None:
        """After the page is loaded."""
        x, y, width, height = place.ECHO_BLOCK
        settings = {
            "selector": self._canvas,
            "echo": [place.ECHO[0] + x + width // 2, place.ECHO[1] + y + height // 2],
            "colours": place.ECHO_COLOURS,
        }
        await self.page.evaluate("settings => { Object.assign(felt, settings); felt.start(); }", settings)
        best = float("inf")
        for _ in range(30):
            before = time.monotonic()
            now_ms: float = await self.page.evaluate("performance.now()")
            took = time.monotonic() - before
            if took < best:
                best, self._ahead_s = took, before + took / 2 - now_ms / 1000

    async def cpu_s(self) -> float:
        """Seconds of processor that all of Chromium's processes have used."""
        if self._browser is None:
            browser = self.page.context.browser
            assert browser is not None
            self._browser = await browser.new_browser_cdp_session()
        found = await self._browser.send("SystemInfo.getProcessInfo")
        return float(sum(process["cpuTime"] for process in found["processInfo"]))

    def monotonic(self, page_ms: float) -> float:
        """The page's performance.now() on the bench's clock, to about a millisecond."""
        return page_ms / 1000 + self._ahead_s

    async def press(self, key: str, limit_s: float) -> Press:
        """Press a key that the echo window answers."""
        before: int = await self.page.evaluate("felt.colour()")
        await self.page.evaluate("wanted => felt.expect(wanted)", (before + 1) % len(place.ECHO_COLOURS))
        await self.page.keyboard.press(key)
        found: dict[str, Any] | None = await self.page.evaluate("limit => felt.answer(limit)", 1000 * limit_s)
        if found is None:
            await self._settle(before)
            return Press(limit_s, limit_s, limit_s, False)
        heard, seen = found["heard"] / 1000, found["seen"] / 1000
        return Press(seen - heard, seen - found["at"] / 1000, found["framed"] / 1000 - heard, True)

    async def _settle(self, before: int) -> None:
        """A late answer must not pass for the next one's."""
        until = time.monotonic() + _SETTLES_S
        while time.monotonic() < until and await self.page.evaluate("felt.colour()") == before:
            await self.page.wait_for_timeout(50)

    async def watch_steps(self, workload: str) -> None:
        """From now on: which step of a moving workload the canvas shows."""
        await self.page.evaluate("steps => { felt.steps = steps; felt.log = []; }", _where(workload))

    async def stop_steps(self) -> list[tuple[float, int, int]]:
        """What was seen since, each time that it changed: when, and what was read at its top and at its bottom."""
        found: list[list[float]] = await self.page.evaluate("() => { felt.steps = null; return felt.log; }")
        return [(self.monotonic(at), int(top), int(bottom)) for at, top, bottom in found]

    async def whole(self, area: tuple[int, int, int, int], wanted: type_pixels) -> float:
        """When the canvas had the picture `wanted` (BGRX of the desktop) in `area`."""
        x, y, width, height = area
        rgb = wanted[y + 4 : y + height : 8, x + 4 : x + width : 8, 2::-1]
        text = base64.b64encode(np.ascontiguousarray(rgb).tobytes()).decode()
        return self.monotonic(
            await self.page.evaluate("([area, wanted]) => felt.whole(area, wanted)", [list(area), text])
        )

    async def keep_at(self, name: str, area: tuple[int, int, int, int], at: float) -> float:
        """Keep the canvas as it is at that moment; when it was."""
        delay_ms = 1000 * max(0.0, at - time.monotonic())
        taken = await self.page.evaluate(
            "([name, area, delay]) => new Promise((done) => setTimeout(() => done(felt.keep(name, area)), delay))",
            [name, list(area), delay_ms],
        )
        return self.monotonic(taken)

    async def kept(self, name: str) -> type_pixels:
        """What was kept, RGB."""
        png = base64.b64decode(await self.page.evaluate("name => felt.kept_png(name)", name))
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _where(workload: str) -> dict[str, Any]:
    if workload == "drag":
        top = place.DRAG_FROM[1] + 12
        return {
            "kind": "place",
            "rows": [top + row for row in place.DRAG_ROWS],
            "bar": place.DRAG_MARK,
            "colours": place.DRAG_COLOURS,
        }
    if workload == "scroll":
        x, y, _, height = place.SCROLL
        half = place.SCROLL_LINE // 2
        rows = [y + half, y + height - place.SCROLL_LINE + half]
    else:
        x, y, _, height = place.VIDEO
        rows = [y + code.BLOCK // 2, y + height - code.BLOCK // 2]
    return {"kind": "code", "x": x, "rows": rows, "block": code.BLOCK, "bits": code.BITS}
