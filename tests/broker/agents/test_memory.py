"""What an agent that waits costs the broker: a bound that is stated, and counted by the interpreter itself."""

import asyncio
import gc
import json
import sys
import tracemalloc
from asyncio.subprocess import PIPE
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.support.live_broker import live_broker

EACH: Final = 24 * 1024
"""Bytes: its control connection, its run and its code."""
FIRST, MORE = 20, 40


async def test_a_waiting_agent_costs_little(tmp_path: Path) -> None:
    async with live_broker(tmp_path) as broker:
        told = json.dumps(asdict(broker.provider))
        crowd = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.scale.crowd", told, stdin=PIPE, stdout=PIPE
        )
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        try:
            for number in (FIRST, FIRST + MORE):
                if number > FIRST:
                    gc.collect()
                    tracemalloc.start()
                crowd.stdin.write(b"%d\n" % number)
                assert await crowd.stdout.readline() == b"%d\n" % number
            gc.collect()
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            crowd.kill()
            await crowd.wait()
    assert held < MORE * EACH
