"""What people wait for: the prompt after the code, the picture after the consent, the program's start."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from operator_console.client import Console, Way
from scripts import build_agent
from scripts import desktop as desktops
from scripts.processes import Processes
from scripts.product import Accounts, Broker, Customer
from tests.bench.figures import Row, milliseconds
from tests.support.accessible import Reader

ROUNDS, STARTS = 10, 5


async def pairing(processes: Processes, broker: Broker, accounts: Accounts, folder: Path) -> list[Row]:
    """ROUNDS whole sessions with the real program on a real desktop."""
    desktop = desktops.start(processes, folder / "pairing")
    desktops.open_programs(processes, desktop, desktop.home / "note.txt")
    customer = Customer(processes, desktop, broker.build_file(accounts.organisation_id))
    customer.open()
    prompts, pictures = [], []
    async with Reader.of(desktop.env) as screen:
        await screen.find("push button", "Accept and go on", wait_s=60)
        await screen.press("Accept and go on")
        for _ in range(ROUNDS):
            prompt, picture = await _session(broker, accounts, customer, screen)
            prompts.append(prompt)
            pictures.append(picture)
    return [
        ("pairing: *Connect* → the customer's prompt", milliseconds(prompts)),
        ("consent → whole first picture (1280×800)", milliseconds(pictures)),
    ]


async def _session(broker: Broker, accounts: Accounts, customer: Customer, screen: Reader) -> tuple[float, float]:
    """One session: seconds from the code to the prompt, and from the consent to the whole picture."""
    technician = accounts.technician
    async with Console.sign_in(Way(broker.origin), technician.email, technician.password) as console:
        shown = await until(customer, lambda status: bool(status.get("code")))
        began = time.monotonic()
        asking = asyncio.create_task(console.pair(shown["id"], shown["code"], console.welcome.services[0]))
        await until(customer, lambda status: status["state"] == "consent")
        prompt = time.monotonic() - began
        session = await asking
        button = await screen.find("push button", "Accept", "enabled")
        began = time.monotonic()
        await button.press()
        await session.whole_picture()
        picture = time.monotonic() - began
        await session.end()
    return prompt, picture


async def program(processes: Processes, broker: Broker, accounts: Accounts, folder: Path) -> list[Row]:
    """Size of the one-file program, and how long from its start until its window can be read."""
    made = build_agent.build(broker.build_file(accounts.organisation_id), folder / "program")
    starts = []
    for number in range(STARTS):
        desktop = desktops.start(processes, folder / f"start-{number}")
        began = time.monotonic()
        running = processes.start(f"program-{number}", [made], env=desktop.env, essential=False)
        async with Reader.of(desktop.env) as screen:
            await screen.find("push button", "Accept and go on", wait_s=60)
            starts.append(time.monotonic() - began)
        processes.stop(running)
    return [
        ("size of the customer's one-file program", f"{made.stat().st_size / 1e6:.0f} MB"),
        ("its start → its terms on the screen", milliseconds(starts)),
    ]


async def until(customer: Customer, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What the program says when the condition holds.  Looks every 2 ms: finer than the figures are given."""
    deadline = time.monotonic() + 60
    while not condition(status := customer.status() or {"state": ""}):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the customer's program stays at {status}")
        await asyncio.sleep(0.002)
    return status
