"""A broker's log to be killed: forks processes that write to one log as fast as they can and say what was acknowledged.

Counterpart: `tests/broker/log/test_kill.py`, which kills them.  `python -m tests.support.log_worker FOLDER`; each
line on standard input is a seed and forks one; what it says is JSON, a line each, on standard output.  Forking saves
50 starts of Python.
"""

import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from broker.clock import SystemClock
from broker.log.moment import boot_id
from broker.log.projections import SessionState
from broker.log.repository import LogRepository
from broker.sessions.model import OpenSession
from broker.store.engine import Store
from protocol.text import b64url
from tests.support.log import ORG, LogWorld, open_world, sqlite

MOST_OPEN = 4


def say(**what: object) -> None:
    """One line, in one write: it arrives whole or not at all."""
    os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


class Worker:
    """Takes the next step of a random open session, again and again, until it is killed."""

    def __init__(self, world: LogWorld, seed: str) -> None:
        self._world, self._chance = world, random.Random(seed)
        self._open: dict[str, OpenSession] = {}

    async def run(self) -> None:
        await self._world.sessions.recover()
        say(ready=os.getpid())
        while True:
            self._open = {one.session_id: one for one in await self._world.sessions.open_sessions()}
            await self._step()

    async def _step(self) -> None:
        sessions, world, chance = self._world.sessions, self._world, self._chance
        if len(self._open) < MOST_OPEN and chance.random() < 0.3:
            session = world.request()
            await self._did("requested", session.session_id, sessions.requested(session))
            await self._did("paired", session.session_id, sessions.paired(session.session_id))
            await self._did("consented", session.session_id, sessions.consented(world.agent.receipt(session)))
            return
        if chance.random() < 0.4:
            joined = [one.session_id for one in self._open.values() if one.state is SessionState.JOINED]
            await self._did("heartbeat", ",".join(joined), sessions.heartbeat(joined))
            return
        if not self._open:
            return
        one = chance.choice(list(self._open.values()))
        match one.state:
            case SessionState.CONSENTED:
                await self._did("joined", one.session_id, sessions.joined(one.session_id))
            case SessionState.PAUSED if chance.random() < 0.8:
                await self._did("resumed", one.session_id, sessions.resumed(one.session_id, one.g + 1))
            case SessionState.JOINED if chance.random() < 0.5:
                await self._did("paused", one.session_id, sessions.paused(one.session_id, one.g, "relay"))
            case _ if chance.random() < 0.3:
                await self._did("ended", one.session_id, sessions.ended(one.session_id, "technician", "technician"))

    async def _did(self, what: str, session_id: str, work: object) -> None:
        """Say when it was asked for and when acknowledged, with the chain's head, which nobody else moves."""
        say(asked=what, session=session_id, ms=_now())
        assert asyncio.iscoroutine(work)
        await work
        done = _now()
        async with self._world.store.reading() as db:
            seq, head = await LogRepository(db).head(ORG)
        say(done=what, session=session_id, ms=done, seq=seq, head=b64url(head))


def _now() -> float:
    return time.monotonic() * 1000


async def _work(folder: Path, seed: str) -> None:
    world = LogWorld(Store(sqlite(folder)), SystemClock(), boot_id())
    await Worker(world, seed).run()


async def _warm_up() -> None:
    """Load and compile what every worker needs, once for all."""
    with TemporaryDirectory() as folder:
        async with open_world(sqlite(Path(folder))) as world:
            session = await world.joined()
            await world.beat(session)
            await world.sessions.ended(session.session_id, "customer")


def main() -> None:
    """Fork one worker for each seed, and say when it is dead."""
    asyncio.run(_warm_up())
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(_work(Path(sys.argv[1]), line.strip()))
        _, status = os.waitpid(pid, 0)
        say(dead=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
