"""Performs what `core.py` decides on data connections: `/relay`, inside the broker or in a process of its own.

Counterparts: the data connections of agent and console; whoever accepts them, who hands them over with `take`
(`handover.py` in the broker, `front.py` in `relevo relay`).  A socket is closed if it shows no ticket within
`limits.HELLO`, however it dribbles.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

import structlog
from websockets.http11 import Request

from broker.lines import TIMED_OUT, TOO_MANY, Doorkeeper, Visit
from broker.relay.core import Close, Closed, Command, Hold, Join, Opened, Relay, Report
from broker.relay.end import End, Scratch
from broker.relay.opening import accept
from broker.tasks import Tasks
from broker.timing import Timer
from protocol import limits
from protocol.errors import ProtocolError

LINGER: Final = 5.0
"""Seconds that an end which is being closed has to take what is still its own."""
STOP: Final = 1.0
"""The same when the process is to stop."""

log = structlog.get_logger(__name__)


class RelayServer:
    """Every data connection of this process.  `report` is told what the broker should know."""

    def __init__(
        self, relay: Relay, *, door: Doorkeeper, timer: Timer, tasks: Tasks, report: Callable[[Report], None],
        utc: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._relay, self._door, self._timer, self._tasks = relay, door, timer, tasks
        self._report, self._utc = report, utc
        self._ends: dict[int, End] = {}
        self._visits: dict[int, tuple[Visit, asyncio.Task[None]]] = {}
        """Ends that have shown no ticket yet, and what closes them if they never do."""
        self._lingering: dict[int, asyncio.Task[None]] = {}
        self._empty = asyncio.Event()
        self._numbers, self._scratch = count(), Scratch()
        self._stopping = False

    @property
    def ends(self) -> tuple[End, ...]:
        """Every connection that is here."""
        return tuple(self._ends.values())

    def take(self, transport: asyncio.Transport, address: str, request: Request, rest: bytes = b"") -> None:
        """Serve a connection from here on: its handshake came, and `rest` behind it.  `address`: who counts for it.

        A request that is no WebSocket's is answered as HTTP and the connection closed.
        """
        if transport.is_closing():
            return
        if self._stopping:
            transport.close()
            return
        response = accept(request)
        if response.status_code != 101:
            transport.write(response.serialize())
            transport.close()
            return
        end = End(next(self._numbers), self, self._scratch)
        self._ends[end.number] = end
        self._empty.clear()
        visit = self._door.enter(address)
        if visit is not None:
            self._visits[end.number] = visit, self._tasks.start(self._lose_patience(end), "ticket_deadline")
        end.begin(transport, response.serialize(), rest if visit else b"")
        if visit is None:
            self._close(end, TOO_MANY, "too many connections")

    def drop(self, pair_id: str) -> None:
        """The broker wants that pair gone."""
        self._perform(self._relay.dropped(pair_id))

    def close_overdue(self) -> None:
        """Call now and then: closes what has waited too long."""
        self._perform(self._relay.overdue(self._utc()))

    async def stop(self) -> None:
        """Close every connection, and return when they are gone or had `STOP` for it."""
        self._stopping = True
        for end in list(self._ends.values()):
            self.left(end)
            self._close(end, 1001, "the relay stops")
        try:
            async with asyncio.timeout(STOP):
                while self._ends:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            for end in list(self._ends.values()):
                end.abort()

    # What an end tells -----------------------------------------------------------------------------------------------

    def shown(self, end: End, token: str, more: bool) -> None:
        commands = self._relay.shown(end.number, token, self._utc(), more=more)
        self._settle(end)
        self._perform(commands)

    def early(self, end: End) -> None:
        self._perform(self._relay.early(end.number))

    def passed(self, end: End, size: int) -> None:
        if commands := self._relay.passed(end.number, size, self._timer.now()):
            self._perform(commands)

    def left(self, end: End) -> None:
        self._settle(end)
        self._linger(end)
        self._perform(self._relay.left(end.number))

    def gone(self, end: End) -> None:
        self._ends.pop(end.number, None)
        if (lingering := self._lingering.pop(end.number, None)) is not None:
            lingering.cancel()
        if not self._ends:
            self._empty.set()

    def refused(self, end: End, error: ProtocolError) -> None:
        log.info("relay_refused", error=str(error))
        self._close(end, error.close_code, str(error))

    # Performing ------------------------------------------------------------------------------------------------------

    def _perform(self, commands: Sequence[Command]) -> None:
        for command in commands:
            match command:
                case Join(agent=a, console=c):
                    agent, console = self._ends[a], self._ends[c]
                    agent.join(console, self._relay.piece(a), agent=True)
                    console.join(agent, self._relay.piece(c), agent=False)
                    agent.start()
                    console.start()
                case Hold(socket=number, seconds=seconds):
                    self._ends[number].hold(True)
                    self._tasks.start(self._let_go(self._ends[number], seconds), "relay_hold")
                case Close(socket=number, code=code, reason=reason):
                    if (end := self._ends.get(number)) is not None:
                        self._close(end, code, reason)
                case Opened() | Closed():
                    self._report(command)

    def _close(self, end: End, code: int, reason: str) -> None:
        self._settle(end)
        self._linger(end)
        end.close(code, reason)

    def _settle(self, end: End) -> None:
        """It has said who it is, or is on its way out."""
        if (found := self._visits.pop(end.number, None)) is not None:
            visit, deadline = found
            visit.leave()
            deadline.cancel()

    def _linger(self, end: End) -> None:
        if end.number in self._ends and end.number not in self._lingering:
            self._lingering[end.number] = self._tasks.start(self._abort(end), "relay_linger")

    async def _abort(self, end: End) -> None:
        await self._timer.until(self._timer.now() + LINGER)
        end.abort()

    async def _lose_patience(self, end: End) -> None:
        await self._timer.until(self._timer.now() + limits.HELLO)
        self._visits[end.number][0].leave()
        del self._visits[end.number]
        self._close(end, TIMED_OUT, "no ticket")

    async def _let_go(self, end: End, seconds: float) -> None:
        await self._timer.until(self._timer.now() + seconds)
        end.hold(False)
