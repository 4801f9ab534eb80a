"""The promise of Disconnect (Q4): from the click to the last grab or injection less than half a second, on the agent's
own clock, with the broker and the relay stopped, the line full and the console frozen."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from client_agent import build_config
from client_agent import events as ev
from client_agent.build_config import Build
from client_agent.capture.base import Pixels
from client_agent.capture.fake import FakeCapture
from client_agent.capture.x11 import X11Capture
from client_agent.desktop import Backends
from client_agent.encode.pacer import SMALLEST
from client_agent.gate import Gate
from client_agent.inject.fake import FakeInjector
from client_agent.inject.worker import InputWorker
from client_agent.inject.x11 import X11Injector
from protocol import inner, limits
from scripts.desktop import Desktop
from scripts.processes import Processes, Running
from scripts.product import Accounts, Broker
from tests.client_agent.support.customer import Customer, OpenGuard
from tests.support.patience import PATIENCE, at_last, eventually

pytestmark = pytest.mark.promise


@dataclass
class Provider:
    broker: Broker
    running: Running
    accounts: Accounts
    build: Build


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A broker with its relay, in a process of its own."""
    folder = tmp_path_factory.mktemp("provider")
    broker = Broker(folder / "broker")
    accounts = broker.accounts()
    with Processes(folder / "logs") as processes:
        build = build_config.read(broker.build_file(accounts.organisation_id))
        yield Provider(broker, broker.start(processes), accounts, build)


class Snow(FakeCapture):
    """A desktop that is another photo each time it is looked at: as much as any line takes."""

    def __init__(self) -> None:
        super().__init__(800, 600)
        self._random = np.random.default_rng(1)

    def wait(self, timeout: float) -> bool:
        super().wait(0)
        return True

    def grab(self) -> Pixels:
        self.grabs += 1
        return self._random.integers(0, 256, (600, 800, 4), np.uint8)


@pytest.fixture
def stopped() -> Iterator[list[int]]:
    """Processes that a test has stopped; they go on when it is over."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with_group(pid, signal.SIGCONT)


def with_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


@pytest.fixture
async def someone(provider: Provider, tmp_path: Path) -> AsyncIterator[Customer]:
    running_customer = Customer(provider.build, tmp_path / "agent", backends=Backends(Snow, FakeInjector))
    running = asyncio.create_task(running_customer.core.run())
    yield running_customer
    running_customer.core.do(ev.Quit())
    await asyncio.wait_for(running, PATIENCE)


async def typist(provider: Provider, someone: Customer) -> subprocess.Popen[bytes]:
    """A technician's process that has seen the first picture and types."""
    code = await someone.expect(ev.CodeShown)
    account = provider.accounts.technician
    command = ["tests.client_agent.support.typist", provider.broker.origin, account.email, code.id]
    process = subprocess.Popen(  # noqa: ASYNC220 - it is stopped and killed as a whole group
        [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{account.password}\n{code.password}\n".encode())
    process.stdin.close()
    await someone.consent()
    assert await asyncio.to_thread(process.stdout.readline) == b"typing\n"
    return process


@pytest.mark.parametrize("who", ["broker", "console", "both"])
@pytest.mark.clause("Q4")
async def test_disconnect_waits_for_nobody(provider: Provider, someone: Customer, stopped: list[int], who: str) -> None:
    process = await typist(provider, someone)
    session = someone.core.session
    assert session is not None
    desktop, gate = session.desktop, session.desktop.gate
    try:
        frozen = {"broker": [provider.running.process.pid], "console": [process.pid]}
        for pid in frozen.get(who, frozen["broker"] + frozen["console"]):
            stopped.append(pid)
            with_group(pid, signal.SIGSTOP)
        await eventually(lambda: desktop.pacer.in_flight >= max(desktop.pacer.window, SMALLEST))
        feeding = threading.Event()
        feeder = threading.Thread(target=_feed, args=(desktop, feeding), daemon=True)
        began = time.monotonic()
        feeder.start()  # what the frozen console had sent before is still being injected
        await eventually(lambda: (gate.last_injection or 0) > began)

        click = time.monotonic()
        someone.core.do(ev.Disconnect(at=click))
        took = time.monotonic() - click

        await asyncio.sleep(limits.DISCONNECT_PROMISE + 0.2)  # what may not happen has no event
        feeding.set()
        feeder.join()
        assert took < 0.2
        assert gate.last_injection is not None
        assert gate.last_grab is not None
        assert gate.last_injection - click < limits.DISCONNECT_PROMISE
        assert gate.last_grab - click < limits.DISCONNECT_PROMISE
        assert (await someone.expect(ev.Ended)).reason == "customer"
        assert not any(session._keys.resume_key)
        assert someone.identity.has_ended(session.id)

        for pid in stopped:
            with_group(pid, signal.SIGCONT)
        await eventually(lambda: not someone.identity.ends)
    finally:
        with_group(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _feed(desktop: object, stop: threading.Event) -> None:
    while not stop.wait(0.001):
        desktop.give(inner.Text(text="x" * 200))  # type: ignore[attr-defined]


@pytest.mark.clause("Q4")
def test_a_real_keyboard_in_the_middle_of_a_long_text_stops(desktop: Desktop) -> None:
    """4,096 characters, most of which must wait for a spare key: half a minute of typing."""
    gate = Gate(time.monotonic)
    worker = InputWorker(X11Injector(desktop.display), gate, OpenGuard())
    worker.start()
    gate.allow(True, True)
    worker.give(inner.Text(text="".join(chr(0x4E00 + n % 500) for n in range(4096))))
    began = time.monotonic()
    at_last(lambda: (gate.last_injection or 0) > began + 0.7)  # in full swing
    click = time.monotonic()
    gate.shut_for_good()
    worker.stop()
    worker.join(PATIENCE)
    assert gate.last_injection is not None
    assert gate.last_injection < click + limits.DISCONNECT_PROMISE


@pytest.mark.clause("Q4", "Q5")
def test_a_real_capture_stops_with_the_gate(desktop: Desktop) -> None:
    from client_agent.encode.chooser import ScreenEncoder
    from client_agent.encode.pacer import Pacer
    from client_agent.screen import ScreenPump

    gate = Gate(time.monotonic)
    seen = threading.Event()
    pump = ScreenPump(
        lambda: X11Capture(desktop.display), ScreenEncoder(), gate, Pacer(time.monotonic),
        lambda lane, _data: seen.set() if lane is inner.Lane.SCREEN else None, lambda _failure: None,
        lambda _place: False,
    )  # fmt: skip
    pump.start()
    time.sleep(0.2)  # what may not happen has no event
    assert gate.last_grab is None
    gate.allow(True, True)
    pump.gate_changed()
    assert seen.wait(PATIENCE)
    click = time.monotonic()
    gate.shut_for_good()
    pump.stop()
    pump.join(PATIENCE)
    assert gate.last_grab is not None
    assert gate.last_grab < click + limits.DISCONNECT_PROMISE
