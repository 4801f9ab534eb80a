"""What a stalled session costs the relay: a bound that is stated and measured on the relay's own process."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from broker.relay.end import SESSION_BYTES
from tests.support.lone_relay import LoneRelay
from tests.support.peer import Line

STALLED = 24
RECORD = 60_000
TURNS = 500


@asynccontextmanager
async def relay_process() -> AsyncIterator[tuple[LoneRelay, int]]:
    """A relay in a process of its own, and that process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.lone_relay", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield LoneRelay(f"ws://127.0.0.1:{port}/relay"), process.pid
    finally:
        process.terminate()
        await process.wait()


def memory(pid: int) -> int:
    """Bytes that a process has in memory now."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


class Flood:
    """Sends into a line until nothing more goes in."""

    def __init__(self, line: Line) -> None:
        self.line, self.sent = line, 0

    async def run(self) -> None:
        while True:
            await self.line.send(bytes(RECORD))
            self.sent += 1


async def test_stalled_sessions_stay_within_the_bound_and_slow_nobody_down() -> None:
    async with relay_process() as (relay, pid):
        first, second = await relay.lines()
        for _ in range(50):  # warm
            await first.send(bytes(RECORD))
            await second.receive()
        pairs = [await relay.lines() for _ in range(STALLED)]
        before = memory(pid)
        floods = [Flood(line) for pair in pairs for line in pair]  # nobody reads, in either direction
        running = [asyncio.create_task(flood.run()) for flood in floods]
        seen = -1
        while seen != (now := sum(flood.sent for flood in floods)):
            seen = now
            # Meanwhile the free pair goes on; each way is a turn in which the relay serves everyone who can go on.
            for _ in range(TURNS):
                await first.send(b"there")
                assert await second.receive() == b"there"
                await second.send(b"back")
                assert await first.receive() == b"back"
        each = (memory(pid) - before) / STALLED
        print(f"{each / 1024:.0f} KiB for a session that is stalled both ways; {seen * RECORD >> 20} MiB sent")
        for task in running:
            task.cancel()
        assert each <= SESSION_BYTES
