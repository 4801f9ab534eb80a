"""Relevo: the real broker with its relay, the customer's program on Xvfb, the web console in Chromium, all encrypted.

The line is between the customer's program and the broker.  The program reaches it as it would reach an HTTP proxy, so
that the broker's public origin stays the one that both ends sign.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from playwright.async_api import Page

from scripts import desktop as desktops
from scripts import former_visit
from scripts.processes import Processes
from scripts.product import Accounts, Broker, Customer
from tests.bench.control_plane import signed_in
from tests.bench.felt import line, workload
from tests.bench.felt.page import WatchedPage
from tests.bench.felt.peer import Peer, beginnings, give_keyboard, group, watched
from tests.bench.felt.truth import desktop_pixels
from tests.bench.felt.workloads import place
from tests.support.accessible import Reader
from tests.support.link import Shape
from tests.support.patience import PATIENCE, eventually

CANVAS = "canvas.screen"
FLOOR_KBIT = 64
"""What the organisation asks of a line: less than the slowest that is measured has."""


@asynccontextmanager
async def session(folder: Path, shape: Shape) -> AsyncIterator[Peer]:
    """A desktop with wall, echo window and the customer's program, seen through the line in the console."""
    with Processes(folder / "logs") as processes:
        broker = Broker(folder)
        accounts = broker.accounts()
        running = broker.start(processes)
        await _lower_floor(broker, accounts)
        desktop = desktops.start(processes, folder / "customer", place.SIZE)
        build = broker.build_file(accounts.organisation_id)
        await asyncio.to_thread(former_visit.accept_terms, desktop, build, "en")
        for name in ("wall", "echo"):
            workload.start(processes, desktop, folder, name)
        link = line.start(processes, folder, broker.port, shape, tunnel=True)
        customer = Customer(processes, desktop, build)
        customer.command += ["--proxy", f"http://127.0.0.1:{link.port}"]
        customer.open()
        async with watched(CANVAS) as page:
            await _sign_in(page.page, broker, accounts)
            await page.start()
            firsts = []
            async with Reader.of(desktop.env) as screen:
                for left in reversed(range(beginnings(shape))):
                    firsts.append(await _begin(customer, page, screen))
                    if left:
                        await page.page.get_by_role("button", name="End session").click()
                        await page.page.locator("[data-ending]").wait_for()
                        await page.page.evaluate("() => { location.hash = '#/'; }")
            await give_keyboard(page, CANVAS)
            groups = {
                "X server (Xvfb)": [group(processes, "Xvfb")],
                "customer's program": [group(processes, "agent")],
                "broker with relay": [running.process.pid],
                "link (the bench's own)": [link.running.process.pid],
            }
            yield Peer("ours", processes, desktop, link, page, 0, firsts, groups, folder)


async def _begin(customer: Customer, page: WatchedPage, screen: Reader) -> float:
    """A session, from the code that is on show to a whole picture: how long after the consent that was."""
    await eventually(lambda: customer.status().get("code"))
    shown = customer.status()
    await _connect(page.page, shown["id"], shown["code"])
    accept = await screen.find("push button", "Accept", "enabled")
    wanted = desktop_pixels(customer.desktop.display)
    seen = asyncio.create_task(page.whole(place.WALL, wanted))
    begun = time.monotonic()
    await accept.press()
    return await asyncio.wait_for(seen, PATIENCE) - begun


async def _lower_floor(broker: Broker, accounts: Accounts) -> None:
    admin = accounts.administrator
    headers = {"Authorization": f"Bearer {await signed_in(broker, admin.email, admin.password)}"}
    async with httpx2.AsyncClient(base_url=broker.origin, headers=headers) as page:
        answer = await page.patch("/api/v1/organisation", json={"bandwidth_floor_kbit": FLOOR_KBIT})
        assert answer.is_success, json.dumps(answer.json())


async def _sign_in(page: Page, broker: Broker, accounts: Accounts) -> None:
    await page.goto(f"{broker.origin}/console/")
    await page.get_by_label("E-mail").fill(accounts.technician.email)
    await page.get_by_label("Password").fill(accounts.technician.password)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Connect").wait_for()


async def _connect(page: Page, agent_id: str, password: str) -> None:
    await page.get_by_label("ID", exact=True).fill(agent_id)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Connect").click()
