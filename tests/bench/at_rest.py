"""What a live session costs in which nothing happens, and how long a key takes within the agent.

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
from tests.bench.control_plane import cpu
from tests.bench.ends import until
from tests.bench.figures import Row, milliseconds
from tests.client_agent.support.customer import OpenGuard
from tests.support.accessible import Reader

SETTLE, WATCH = 5.0, 20.0
"""Seconds after the first picture, and those in which is counted."""
KEYS = 200


async def figures(processes: Processes, broker: Broker, accounts: Accounts, folder: Path) -> list[Row]:
    """The rows for README."""
    desktop = desktops.start(processes, folder / "rest")
    customer = Customer(processes, desktop, broker.build_file(accounts.organisation_id))
    customer.open()
    async with Reader.of(desktop.env) as screen:
        await screen.find("push button", "Accept and go on", wait_s=60)
        await screen.press("Accept and go on")
        share, kbit = await _session(broker, accounts, customer, screen)
    return [
        ("a session in which nothing happens: the agent", f"{share:.1f} % of a core, {kbit:.1f} kbit/s"),
        ("key press → injected, within the agent", milliseconds(_keys(desktop))),
    ]


async def _session(broker: Broker, accounts: Accounts, customer: Customer, screen: Reader) -> tuple[float, float]:
    """Percent of a core, and kbit/s of records that come to the console."""
    technician = accounts.technician
    async with Console.sign_in(Way(broker.origin), technician.email, technician.password) as console:
        status = await until(customer, lambda status: bool(status.get("code")))
        asking = asyncio.create_task(console.pair(status["id"], status["code"], console.welcome.services[0]))
        button = await screen.find("push button", "Accept", "enabled", wait_s=30)
        await button.press()
        session = await asking
        await session.whole_picture()
        received = 0
        handle = session._received

        async def counted(channel: object, record: str | bytes) -> None:
            nonlocal received
            received += len(record)
            await handle(channel, record)  # type: ignore[arg-type]

        session._received = counted  # type: ignore[method-assign]
        await asyncio.sleep(SETTLE)
        assert customer.running is not None
        pid, received = customer.running.process.pid, 0
        before, began = cpu(pid), time.monotonic()
        await asyncio.sleep(WATCH)
        seconds = time.monotonic() - began
        found = 100 * (cpu(pid) - before) / seconds, received * 8 / 1000 / seconds
        await session.end()
    return found


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
