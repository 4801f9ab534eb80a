"""Performs what `core.py` decides, on ASGI WebSockets: `/relay`, inside the broker or in a process of its own.

Counterpart: the data connections of agent and console.  Reads a socket again only when what it sent has been handed
on, so a stalled reader stops its sender and nobody else: per direction there are at most one read of the server's
(256 KiB), a record, and the connection's write buffer (64 KiB and a record) in memory.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from broker.lines import TIMED_OUT, TOO_MANY, Doorkeeper, peer_address
from broker.relay.core import Close, Closed, Command, Hand, Hold, Join, Opened, Relay, Report
from broker.tasks import Tasks
from broker.timing import Timer
from protocol import limits
from protocol.errors import Malformed, ProtocolError

SESSION_BYTES: Final = 1024 * 1024
"""What one session can take of this process's memory, stalled both ways; the kernel's socket buffers come to it."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Socket:
    socket: WebSocket
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it may be read, and when it is closed."""


class RelayServer:
    """Every data connection of this process.  `report` is told what the broker should know."""

    def __init__(
        self, relay: Relay, *, door: Doorkeeper, timer: Timer, tasks: Tasks, report: Callable[[Report], None],
        utc: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._relay, self._door, self._timer, self._tasks = relay, door, timer, tasks
        self._report, self._utc = report, utc
        self._sockets: dict[int, _Socket] = {}
        self._numbers = count()

    async def serve(self, socket: WebSocket) -> None:
        """One connection: its ticket, then its records."""
        visit = self._door.enter(peer_address(socket))
        await socket.accept()
        if visit is None:
            await socket.close(TOO_MANY, "too many connections")
            return
        number = next(self._numbers)
        self._sockets[number] = own = _Socket(socket)
        try:
            patience = self._tasks.start(self._lose_patience(socket), "ticket_deadline")
            try:
                token = await _token(socket)
            finally:
                patience.cancel()
            await self._perform(self._relay.shown(number, token, self._utc()))
            visit.leave()
            await own.joined.wait()
            while True:
                await self._perform(self._relay.received(number, await _record(socket), self._timer.now()))
        except ProtocolError as error:
            log.info("relay_refused", error=str(error))
            await _close(socket, error.close_code, str(error))
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # it is gone
        finally:
            visit.leave()
            del self._sockets[number]
            await self._perform(self._relay.left(number))

    async def drop(self, pair_id: str) -> None:
        """The broker wants that pair gone."""
        await self._perform(self._relay.dropped(pair_id))

    async def close_overdue(self) -> None:
        """Call now and then: closes what has waited too long."""
        await self._perform(self._relay.overdue(self._utc()))

    async def _lose_patience(self, socket: WebSocket) -> None:
        await self._timer.until(self._timer.now() + limits.HELLO)
        await _close(socket, TIMED_OUT, "no ticket")

    async def _perform(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Hand():
                    receiver = self._sockets.get(command.to)
                    if receiver is not None:
                        await _hand(receiver.socket, command.data)
                case Hold():
                    await self._timer.until(self._timer.now() + command.seconds)
                case Join():
                    for number in command.sockets:
                        self._sockets[number].joined.set()
                case Close():
                    closing = self._sockets.get(command.socket)
                    if closing is not None:
                        closing.joined.set()
                        self._tasks.start(_close(closing.socket, command.code, command.reason), "relay_close")
                case Opened() | Closed():
                    self._report(command)


async def _token(socket: WebSocket) -> str:
    event = await socket.receive()
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    text = event.get("text")
    if not isinstance(text, str):
        raise Malformed("A ticket", "it is not text")
    return text


async def _record(socket: WebSocket) -> bytes:
    event = await socket.receive()
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    data = event.get("bytes")
    if not isinstance(data, bytes):
        raise Malformed("A record", "it is not binary")
    return data


async def _hand(receiver: WebSocket, data: bytes) -> None:
    try:
        await receiver.send({"type": "websocket.send", "bytes": data})
    except (RuntimeError, OSError, WebSocketDisconnect):
        pass  # it is gone: its own coroutine says so, and then the sender is closed too


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await socket.close(code, reason)
    except (RuntimeError, OSError, WebSocketDisconnect):
        pass  # it is gone already
