"""What the customer's program costs while nothing happens, waiting and in a session, and how long a key takes in it.

Its lines pass `tests/support/link.py`, which counts what it sends: both WebSockets whole, without TLS and TCP headers.

    python -m tests.bench.at_rest
"""

import asyncio
import tempfile
import threading
import time
from pathlib import Path

from client_agent.gate import Gate
from client_agent.inject.worker import InputWorker
from client_agent.inject.x11 import X11Injector
from operator_console.client import Console, Way
from protocol import inner
from scripts import desktop as desktops
from scripts.desktop import Desktop
from scripts.processes import Processes
from scripts.product import Accounts, Broker, Customer
from tests.bench.cores import cpu_seconds
from tests.bench.ends import until
from tests.bench.felt import line
from tests.bench.felt.line import LinkProcess
from tests.bench.figures import Row, milliseconds
from tests.client_agent.support.customer import OpenGuard
from tests.support.accessible import Reader
from tests.support.link import Shape

SETTLE = 5.0
"""Seconds until the code or the first picture is behind it."""
WATCH = 30.0
"""Seconds in which is counted, waiting and in a session's first minute, when the clock in the window shows seconds."""
LATER, WATCH_LATER = 62.0, 60.0
"""Seconds after the first picture from which on is counted, and for how long: the minute changes once."""
KEYS = 200


async def figures(processes: Processes, broker: Broker, accounts: Accounts, folder: Path) -> list[Row]:
    """The rows for README."""
    desktop = desktops.start(processes, folder / "rest")
    link = line.start(processes, folder, broker.port, Shape(), tunnel=True)
    customer = Customer(processes, desktop, broker.build_file(accounts.organisation_id))
    customer.command += ["--proxy", f"http://127.0.0.1:{link.port}"]
    customer.open()
    async with Reader.of(desktop.env) as screen:
        await screen.find("push button", "Accept and go on", wait_s=60)
        await screen.press("Accept and go on")
        await until(customer, lambda status: bool(status.get("code")))
        await asyncio.sleep(SETTLE)
        waiting = await _watched(customer, link, WATCH)
        first_minute, later = await _session(broker, accounts, customer, screen, link)
    return [
        ("the agent while it waits, ID and password in view", waiting),
        ("a session in which nothing happens, the agent's window in view: the agent", later),
        ("the same in its first minute, in which the window's clock shows seconds", first_minute),
        ("key press → injected, within the agent", milliseconds(_keys(desktop))),
    ]


async def _session(
    broker: Broker, accounts: Accounts, customer: Customer, screen: Reader, link: LinkProcess
) -> tuple[str, str]:
    """In its first minute, and later."""
    technician = accounts.technician
    async with Console.sign_in(Way(broker.origin), technician.email, technician.password) as console:
        status = await until(customer, lambda status: bool(status.get("code")))
        asking = asyncio.create_task(console.pair(status["id"], status["code"], console.welcome.services[0]))
        button = await screen.find("push button", "Accept", "enabled", wait_s=30)
        await button.press()
        session = await asking
        await session.whole_picture()
        began = time.monotonic()
        await asyncio.sleep(SETTLE)
        first_minute = await _watched(customer, link, WATCH)
        await asyncio.sleep(began + LATER - time.monotonic())
        later = await _watched(customer, link, WATCH_LATER)
        await session.end()
    return first_minute, later


async def _watched(customer: Customer, link: LinkProcess, seconds: float) -> str:
    """What the customer's program uses and sends in so many seconds."""
    assert customer.running is not None
    pid = customer.running.process.pid
    used, (sent, _), began = cpu_seconds(pid), link.carried(), time.monotonic()
    await asyncio.sleep(seconds)
    took, (sent_now, _) = time.monotonic() - began, link.carried()
    share, kbit = 100 * (cpu_seconds(pid) - used) / took, (sent_now - sent) * 8 / 1000 / took
    return f"{share:.1f} % of a core, {kbit:.2f} kbit/s"


def _keys(desktop: Desktop) -> list[float]:
    """Seconds from an event's arrival until the X server has the key."""
    gate = Gate(time.monotonic)
    gate.allow(True, True)
    worker = InputWorker(X11Injector(desktop.display), gate, OpenGuard())
    worker.start()
    taken = []
    for number in range(KEYS):
        key, done = "abcdefñé€Ω"[number % 10], threading.Event()
        began = time.perf_counter()
        worker.give(inner.Key(key=key, code="", down=True))
        worker.after(done.set)
        done.wait()
        taken.append(time.perf_counter() - began)
        worker.give(inner.Key(key=key, code="", down=False))
        time.sleep(0.01)
    worker.stop()
    return taken


async def main() -> None:
    """Prints them."""
    with tempfile.TemporaryDirectory() as name, Processes(Path(name) / "logs") as processes:
        broker = Broker(Path(name))
        accounts = broker.accounts()
        broker.start(processes)
        for what, figure in await figures(processes, broker, accounts, Path(name)):
            print(f"{what}: {figure}")


if __name__ == "__main__":
    asyncio.run(main())
