"""Seconds of processor that the parts of a peer have used, by process group."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds(groups: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """By the names of `groups`; a process that has ended counts no more."""
    used: Counter[int] = Counter()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        used[int(fields[2])] += int(fields[11]) + int(fields[12])
    return {name: sum(used[pid] for pid in pids) / _TICKS for name, pids in groups.items()}
