"""An instant on both clocks, and which boot the monotonic one belongs to (pairing rule 8)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from broker.clock import Clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """`mono_ms`: monotonic milliseconds, comparable only with those of the same `boot`.

    They go on through a restart of the broker, not through one of the computer.
    """

    utc: datetime
    mono_ms: int
    boot: str

    def ms_since(self, earlier: "Moment") -> int:
        """Milliseconds from `earlier` to this instant, never negative: monotonic within a boot, else by wall time."""
        if self.boot == earlier.boot:
            return max(0, self.mono_ms - earlier.mono_ms)
        return max(0, int((self.utc - earlier.utc).total_seconds() * 1000))


def now(clock: Clock, boot: str) -> Moment:
    """This instant.  `boot` as `boot_id()` gave it."""
    return Moment(clock.utc(), int(clock.monotonic() * 1000), boot)


@cache
def boot_id() -> str:
    """The kernel's name for this boot; where there is none, a name for this run alone, which is always safe."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)
