"""Which core runs what, and what processes have used: CPU seconds and memory, of a program and all that it started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.errors import Missing


def two_cores() -> tuple[int, int]:
    """One for what is measured, one for the load.  Raises `Missing`."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Missing("two cores: one for what is measured, one for the load")
    return cores[-1], cores[0]


@contextmanager
def on(core: int) -> Iterator[None]:
    """What is started within runs on that core, and so does this thread."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += (int(child) for child in children.read_text().split())
            except OSError:
                continue  # that thread has ended
    return found


def cpu_seconds(pid: int) -> float:
    """CPU that a process and its descendants have used."""
    return sum(_cpu(one) for one in family(pid))


def private_bytes(pid: int) -> int:
    """Memory that a process and its descendants share with nobody else: what would be free without them."""
    return sum(_private(one) for one in family(pid))


def _cpu(pid: int) -> float:
    """In nanoseconds as the scheduler counts them, thread by thread: a hundredth of a second is too coarse."""
    spent = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            spent += int(thread.read_text().split()[0])
        except OSError:
            continue  # it has ended
    return spent / 1e9


def _private(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
