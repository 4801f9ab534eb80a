"""The programs of `workloads/` on a peer's desktop."""

import sys
from pathlib import Path

import numpy as np

from scripts.desktop import Desktop
from scripts.processes import Processes, Running
from tests.bench.felt.line import ROOT


def start(processes: Processes, desktop: Desktop, folder: Path, name: str) -> tuple[Running, Path]:
    """Returns when it has drawn its first step; the file is where it notes them."""
    file = folder / f"{name}.times"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.bench.felt.workloads", name, str(file)]
    running = processes.start(name, command, env=desktop.env, cwd=ROOT)
    processes.wait_for(f"the workload “{name}”", lambda: bool(len(times(file))))
    return running, file


def times(file: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """When each step was on the desktop, seconds of CLOCK_MONOTONIC, from step 0 on."""
    if not file.exists():
        return np.empty(0)
    noted = np.fromfile(file, np.float64)
    return noted[: int(np.count_nonzero(noted))]
