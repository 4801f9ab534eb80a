"""The lines that sessions are measured on, each a process of its own, so that it disturbs nobody's clock."""

import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import Processes, Running
from tests.support.link import COUNTERS, Shape

ROOT = Path(__file__).resolve().parents[3]

LINES = {"fast": Shape(), "1024": Shape(1024, 40), "256": Shape(256, 200)}
"""By the word that names them on the command line."""


def described(shape: Shape) -> str:
    """For a table's head."""
    return f"{shape.kbit} kbit/s + {shape.rtt_ms:.0f} ms" if shape.kbit else "loopback, unshaped"


@dataclass(frozen=True, slots=True)
class LinkProcess:
    """A running `tests.support.link`."""

    running: Running
    port: int
    _counters: Path

    def carried(self) -> tuple[int, int]:
        """Bytes so far: towards the target, and back."""
        there, back = COUNTERS.unpack(self._counters.read_bytes())
        return there, back


def start(processes: Processes, folder: Path, target: int, shape: Shape, tunnel: bool = False) -> LinkProcess:
    """A line to a port of loopback, open until `processes` stops it."""
    counters = folder / "link-counters"
    counters.write_bytes(bytes(COUNTERS.size))
    words = [str(target), str(shape.kbit), str(shape.rtt_ms), "tunnel" if tunnel else "plain", str(counters)]
    running = processes.start("link", [sys.executable, "-m", "tests.support.link", *words], cwd=ROOT)
    processes.wait_for("the link", lambda: running.log.read_text().endswith("\n"))
    return LinkProcess(running, int(running.log.read_text()), counters)
