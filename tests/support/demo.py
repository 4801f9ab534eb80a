"""The demo as a newcomer starts it, in a folder of a test's own: real broker, relay, desktop, agent and console."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.processes import Processes
from tests.support.accessible import Reader
from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
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

    async def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait until `condition()`; fails when a part of the demo dies meanwhile."""
        await asyncio.to_thread(self.processes.wait_for, what, condition, PATIENCE)

    async def accept_terms(self) -> None:
        """What a new customer does first."""
        await self.until("the terms", lambda: self.agent["state"] == "terms")
        await self.customer.press("Accept and go on")

    async def code(self) -> tuple[str, str]:
        """ID and password, once the customer's window shows them and `demo.json` has them."""
        await self.until("a code", lambda: self.agent["state"] == "code" and self.known_id() == self.agent["id"])
        return self.facts["id"], self.facts["password"]

    def known_id(self) -> str | None:
        """The ID in `demo.json`; None before there is one."""
        with suppress(FileNotFoundError):
            return str(self.facts["id"])
        return None


@asynccontextmanager
async def running_demo(folder: Path, *options: str) -> AsyncIterator[Demo]:
    """`make demo` without make, in English, once the customer's program is there."""
    env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    env |= {"RELEVO_DEMO_FOLDER": str(folder), "LANG": "C.UTF-8", "LANGUAGE": "en", "PYTHONPATH": str(ROOT)}
    with Processes(folder.parent / "demo-log") as processes:
        running = processes.start("demo", [sys.executable, "-m", "scripts.demo", *options], env=env, cwd=ROOT)
        agent = folder / STATUS
        await asyncio.to_thread(processes.wait_for, "the demo", agent.exists, PATIENCE)
        bus = bus_of(json.loads(agent.read_text())["pid"])
        async with Reader.of({"DBUS_SESSION_BUS_ADDRESS": bus}) as customer:
            yield Demo(folder, customer, processes)
        os.kill(running.process.pid, signal.SIGINT)
        assert await asyncio.to_thread(running.process.wait, PATIENCE) == 0


def bus_of(pid: int) -> str:
    """The session bus that a program runs with."""
    pairs = (entry.partition("=") for entry in Path(f"/proc/{pid}/environ").read_text().split("\0"))
    return next(value for name, _, value in pairs if name == "DBUS_SESSION_BUS_ADDRESS")
