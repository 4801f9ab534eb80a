"""What sealing and opening records costs at both ends, in MB/s of one thread: `python -m tests.bench.sealing`.

The agent's end is Python's channel, frames and numbers included; the console's is the page's cipher, in Node.
"""

import json
import subprocess
import time

from protocol.channel import Channel
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox
from protocol.noise import CipherState, Transport
from scripts import web
from tests.bench.figures import Row

SIZES = (100, 16_000, 65_000)
SECONDS = 0.3


def figures() -> list[Row]:
    """A row for each end."""
    return [("seal / open, agent's end", _said(_python())), ("seal / open, console's end", _said(_javascript()))]


def _said(rates: dict[int, tuple[float, float]]) -> str:
    return "; ".join(f"{size:,} B: {sealed:,.0f} / {opened:,.0f} MB/s" for size, (sealed, opened) in rates.items())


def _python() -> dict[int, tuple[float, float]]:
    return {size: _rate(size) for size in SIZES}


def _rate(size: int) -> tuple[float, float]:
    key = bytes(range(32))
    ours, theirs = CipherState(key), CipherState(key)
    sending = Channel(Transport(ours, CipherState(bytes(32)), b"", b""), Inbox())
    receiving = Channel(Transport(CipherState(bytes(32)), theirs, b"", b""), Inbox())
    payload, sealed, number = bytes(size), [], 0
    began = time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        number += 1
        sealed.append(sending.seal([Frame(Lane.SCREEN, number, payload)]))
    seal = len(sealed) * size / 1e6 / (time.perf_counter() - began)
    began = time.perf_counter()
    for record in sealed:
        receiving.open(record)
    return seal, len(sealed) * size / 1e6 / (time.perf_counter() - began)


def _javascript() -> dict[int, tuple[float, float]]:
    node = ["node", "interop/sealing.ts"]
    done = subprocess.run(node, cwd=web.WEB, env=web.node_environment(), check=True, capture_output=True, text=True)
    return {int(size): (found["seal"], found["open"]) for size, found in json.loads(done.stdout).items()}


if __name__ == "__main__":
    for what, figure in figures():
        print(f"{what}: {figure}")
