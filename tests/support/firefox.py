"""Debian's Firefox, driven over WebDriver BiDi (W3C), which it speaks by itself: nothing but the browser is needed.

Playwright drives a Firefox of its own making only.  `apt install firefox-esr` brings the one that people have.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.support.patience import PATIENCE, eventually

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
LISTENING = "WebDriver BiDi listening on "
ENTER = "\ue007"
"""As WebDriver names the key."""


class Firefox:
    """One tab.  Each command is answered before the next is sent."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers, self._tab = socket, count(1), ""

    async def begin(self) -> None:
        """Its first words."""
        await self.send("session.new", capabilities={})
        self._tab = (await self.send("browsingContext.getTree"))["contexts"][0]["context"]

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to a command; events are left out."""
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(PATIENCE):
            while (answer := json.loads(await self._socket.recv())).get("id") != number:
                pass
        assert answer["type"] == "success", answer
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str) -> None:
        """Go there."""
        await self.send("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """What a script's expression, or its promise, comes to in the page."""
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self._tab}
        answer = await self.send("script.evaluate", expression=wrapped, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str) -> Any:
        """What it comes to as soon as that is true."""
        return await eventually(lambda: self.evaluate(expression))

    async def type(self, text: Iterable[str]) -> None:
        """Each as a key of its own."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": keys}]
        await self.send("input.performActions", context=self._tab, actions=actions)

    async def fill(self, selector: str, text: Iterable[str]) -> None:
        """Type into a field."""
        await self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.type(text)

    async def press(self, name: str) -> None:
        """Click the button with that text."""
        x, y = await self.until(
            "(() => { const box = [...document.querySelectorAll('button')]"
            f".find((one) => one.textContent.trim() === {json.dumps(name)})?.getBoundingClientRect();"
            " return box && [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        await self.click(x, y)

    async def click(self, x: float, y: float) -> None:
        """With the mouse, at a place of the window."""
        steps = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        actions = [{"type": "pointer", "id": "mouse", "actions": steps}]
        await self.send("input.performActions", context=self._tab, actions=actions)


@asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[Firefox]:
    """One without windows of its own, until the block ends."""
    assert PROGRAM is not None
    profile.mkdir()
    (profile / "user.js").write_text('user_pref("intl.accept_languages", "en-GB");\n')
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE):
            while LISTENING not in (line := (await process.stderr.readline()).decode()):
                assert line, "Firefox ended before it listened"
        drained = asyncio.ensure_future(process.stderr.read())
        address = line.partition(LISTENING)[2].strip()
        async with connect(f"{address}/session", max_size=None, proxy=None) as socket:
            driven = Firefox(socket)
            await driven.begin()
            yield driven
        process.terminate()
        await drained
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
