"""The lines that sessions are measured on, each a process of its own, so that it disturbs nobody's clock."""

import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import Processes, Running
from tests.support.link import COUNTERS, KBIT, Shape

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
        there, back, _ = self._read()
        return there, back

    def waits(self) -> float:
        """Seconds that what went last towards the target waits for the wire."""
        return self._read()[2] / 1e6

    def reshape(self, kbit: int) -> None:
        """It has so many kbit/s from the next byte on."""
        with self._counters.open("r+b") as file:
            file.seek(COUNTERS.size)
            file.write(KBIT.pack(kbit))

    def _read(self) -> tuple[int, int, int]:
        there, back, waits = COUNTERS.unpack_from(self._counters.read_bytes())
        return there, back, waits


def start(processes: Processes, folder: Path, target: int, shape: Shape, tunnel: bool = False) -> LinkProcess:
    """A line to a port of loopback, open until `processes` stops it."""
    counters = folder / "link-counters"
    counters.write_bytes(bytes(COUNTERS.size + KBIT.size))
    words = [str(target), str(shape.kbit), str(shape.rtt_ms), "tunnel" if tunnel else "plain", str(counters)]
    running = processes.start("link", [sys.executable, "-m", "tests.support.link", *words], cwd=ROOT)
    processes.wait_for("the link", lambda: running.log.read_text().endswith("\n"))
    return LinkProcess(running, int(running.log.read_text()), counters)
