"""Files written whole, one after the other, in a thread of their own: a slow disk never delays a click.

Counterpart: `identity.py`, which waits where something must be on disk before it has an effect.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path


class Disk:
    """What is asked for first is on disk first."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="disk")

    def do(self, work: Callable[[], None]) -> Future[None]:
        """Run `work` after all that was asked for before.  The future has its `OSError`, if any."""
        return self._thread.submit(work)

    def write(self, file: Path, content: bytes) -> Future[None]:
        """Replace `file`, as `replace` does."""
        return self.do(lambda: replace(file, content))

    def close(self) -> None:
        """Wait for all of it."""
        self._thread.shutdown()


def replace(file: Path, content: bytes) -> None:
    """The whole new content or the whole old one, synced, for this person's eyes.  Raises `OSError`."""
    file.parent.mkdir(exist_ok=True, mode=0o700)
    new = file.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
