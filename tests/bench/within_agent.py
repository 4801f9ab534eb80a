"""How long a small change stays within the agent while something moves: from the desktop to what is handed over.

    python -m tests.bench.within_agent

The real capture and encoder on a real desktop, with a console that draws at once on a fast line.
"""

import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from client_agent.capture.x11 import X11Capture
from client_agent.encode.chooser import ScreenEncoder
from client_agent.encode.pacer import Pacer
from client_agent.gate import Gate
from client_agent.inject.worker import InputWorker
from client_agent.inject.x11 import X11Injector
from client_agent.screen import ScreenPump
from protocol import inner
from protocol.inner import Lane
from protocol.inner_codec import INNER_FROM_AGENT
from scripts import desktop as desktops
from scripts.processes import Processes
from tests.bench.felt import workload
from tests.bench.felt.workloads import place
from tests.bench.figures import Row, milliseconds
from tests.client_agent.support.customer import OpenGuard

KEYS, GAP_S = 120, 0.09
FAST_KBIT, WAY_S = 200_000, 0.004
WARM_S = 2.0
NAMES = {
    "rest": "at rest",
    "video": "while a film plays",
    "scroll": "while text scrolls",
    "drag": "while a window is dragged",
}
X, Y = place.ECHO[0] + place.ECHO_BLOCK[0] + 20, place.ECHO[1] + place.ECHO_BLOCK[1] + 20


class Console:
    """Draws at once; knows when it was given the answer to a key."""

    def __init__(self) -> None:
        self.room: Callable[[], None] = lambda: None
        self.pacer = Pacer(time.monotonic, FAST_KBIT, lambda: self.room())
        self._due: deque[float] = deque()
        self._something = threading.Semaphore(0)
        self.answered_at, self.answer = 0.0, threading.Event()
        threading.Thread(target=self._draw, daemon=True).start()

    def give(self, lane: Lane, data: bytes) -> None:
        """As `session.py` is given it, in the capture thread."""
        now = time.monotonic()
        if lane is not Lane.SCREEN:
            return
        message = INNER_FROM_AGENT.read(data)
        if isinstance(message, inner.Tiles) and any(_holds(tile) for tile in message.tiles):
            self.answered_at = now
            self.answer.set()
        self._due.append(now + WAY_S)
        self._something.release()

    def _draw(self) -> None:
        while self._something.acquire():
            time.sleep(max(0.0, self._due.popleft() - time.monotonic()))
            self.pacer.acked(1, WAY_S / 2)


def _holds(tile: inner.Tile) -> bool:
    return tile.encoding != "copy" and tile.x <= X < tile.x + tile.w and tile.y <= Y < tile.y + tile.h


def figures(processes: Processes, folder: Path, works: Sequence[str] = ("rest", "video")) -> list[Row]:
    """From the change on the desktop to the message with it, at rest and beside each of the workloads."""
    desktop = desktops.start(processes, folder / "within", place.SIZE)
    for name in ("wall", "echo"):
        _, times = workload.start(processes, desktop, folder, name)
    gate, console = Gate(time.monotonic), Console()
    pump = ScreenPump(
        lambda: X11Capture(desktop.display), ScreenEncoder(), gate, console.pacer, console.give,
        lambda failure: print(failure, file=sys.stderr), lambda at: False,
    )  # fmt: skip
    console.room = pump.wake
    pump.decodes(("h264",))
    pump.start()
    gate.allow(True, True)
    pump.gate_changed()
    worker = InputWorker(X11Injector(desktop.display), gate, OpenGuard())
    worker.start()
    found = []
    for work in works:
        moving = workload.start(processes, desktop, folder, work)[0] if work != "rest" else None
        time.sleep(WARM_S)
        found.append(
            (
                f"a change on the desktop → handed over, within the agent, {NAMES[work]}",
                milliseconds(_keys(worker, console, times)),
            )
        )
        if moving:
            processes.stop(moving)
    worker.stop()
    gate.shut_for_good()
    pump.stop()
    return found


def _keys(worker: InputWorker, console: Console, times: Path) -> list[float]:
    taken = []
    for number in range(KEYS):
        console.answer.clear()
        before = len(workload.times(times))
        for down in (True, False):
            worker.give(inner.Key(key="asdfgh"[number % 6], code="", down=down))
        if console.answer.wait(2.0):
            while len(drawn := workload.times(times)) == before:
                time.sleep(0.0005)
            taken.append(max(0.0, console.answered_at - drawn[-1]))
        time.sleep(GAP_S + 0.013 * (number % 5))
    return taken


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, Processes(Path(name) / "logs") as running:
        for what, figure in figures(running, Path(name), sys.argv[1:] or list(NAMES)):
            print(f"{what}: {figure}", flush=True)
