"""The demo as a newcomer starts it, in a folder of a test's own: real broker, relay, desktop, agent and console."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.processes import Processes
from tests.support.accessible import Reader

ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0
STATUS = "customer/agent-status.json"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo.  `customer` reads and presses what is on the customer's screen."""

    folder: Path
    customer: Reader
    processes: Processes

    @property
    def facts(self) -> dict[str, Any]:
        """`demo.json`, as it is now."""
        found: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return found

    @property
    def agent(self) -> dict[str, Any]:
        """What the customer's program last said of itself."""
        found: dict[str, Any] = json.loads((self.folder / STATUS).read_text())
        return found

    async def until(self, what: str, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait until `condition()`; fails when a part of the demo dies meanwhile."""
        await asyncio.to_thread(self.processes.wait_for, what, condition, timeout_s)

    async def code(self) -> tuple[str, str]:
        """ID and password, once the customer's window shows them; the terms are accepted on the way."""
        await self.until("a code, or the terms", lambda: self.agent.get("state") in ("terms", "code"), START_S)
        if self.agent["state"] == "terms":
            await self.customer.press("Accept and go on")
        await self.until("a code", lambda: bool(self.agent.get("code")) and self.facts["id"] == self.agent["id"])
        return self.facts["id"], self.facts["password"]


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[Demo]:
    """`make demo` without make, in English."""
    env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    env |= {"RELEVO_DEMO_FOLDER": str(folder), "LANG": "C.UTF-8", "LANGUAGE": "en", "PYTHONPATH": str(ROOT)}
    with Processes(folder.parent / "demo-log") as processes:
        running = processes.start("demo", [sys.executable, "-m", "scripts.demo"], env=env, cwd=ROOT)
        agent = folder / STATUS
        await asyncio.to_thread(
            processes.wait_for, "the demo", lambda: (folder / "demo.json").exists() and agent.exists(), START_S
        )
        bus = bus_of(json.loads(agent.read_text())["pid"])
        async with Reader.of({"DBUS_SESSION_BUS_ADDRESS": bus}) as customer:
            yield Demo(folder, customer, processes)
        os.kill(running.process.pid, signal.SIGINT)
        assert await asyncio.to_thread(running.process.wait, 30) == 0


def bus_of(pid: int) -> str:
    """The session bus that a program runs with."""
    pairs = (entry.partition("=") for entry in Path(f"/proc/{pid}/environ").read_text().split("\0"))
    return next(value for name, _, value in pairs if name == "DBUS_SESSION_BUS_ADDRESS")
