"""One broker for one data folder: two on the same SQLite file would each know half of the agents and codes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from broker.errors import StoreRefused

NAME: Final = "broker.lock"


@contextmanager
def only_broker(data_dir: Path) -> Iterator[None]:
    """Hold the folder for as long as the process lives.  Raises `StoreRefused` while another one does."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(data_dir / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreRefused(f"a broker is running on {data_dir} already") from None
        yield
    finally:
        os.close(handle)
