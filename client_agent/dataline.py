"""One connection of a session through the relay: ticket, handshake, sealed records both ways, until it is lost.

Steps 16–18 of docs/protocol.md; the agent answers, and once both are joined it is the WebSocket server of the two
(`dataconnection.py`).  Counterpart: the console's line.  Holds the keys of one generation only; `drop` forgets them at
once.
"""

import asyncio
import secrets
import time
from collections.abc import Callable

from websockets.exceptions import ConnectionClosed

from client_agent.dataconnection import DataConnection
from client_agent.errors import LinkFailure
from client_agent.link import Lines
from protocol import control, inner, limits
from protocol.channel import Channel
from protocol.errors import IntegrityError, ProtocolError
from protocol.inner import Lane
from protocol.inner_codec import INNER_FROM_CONSOLE
from protocol.lanes import Frame, Inbox, LaneScheduler
from protocol.noise import respond
from protocol.pairing import SessionKeys

HANDSHAKE = 30.0
"""Seconds for the console to come and prove its key."""
SILENCE = 20.0
"""Seconds without a record after which a line is taken for lost: the console answers a ping every two."""


class HandshakeFailed(Exception):
    """The generation is spent and gave no line.  The session may ask for another."""


class DataLine:
    """`take` is called with each message and its frame, in order."""

    def __init__(
        self,
        ticket: control.Ticket,
        keys: SessionKeys,
        inbox: Inbox,
        lanes: LaneScheduler,
        take: Callable[[inner.ConsoleToAgent, Frame], None],
    ) -> None:
        self.g = ticket.g
        self._ticket, self._keys, self._inbox, self._lanes, self._take = ticket, keys, inbox, lanes, take
        self._socket: DataConnection | None = None
        self._channel: Channel | None = None
        self._wake = asyncio.Event()
        self.first_screen: int | None = None
        """The number of the first screen message of this line."""
        self._heard = time.monotonic()

    async def run(self, lines: Lines, ready: Callable[["DataLine", inner.Ready], None]) -> None:
        """Until the line is lost, which is a normal return.  `ready` is called when the console's first record came.

        Raises `HandshakeFailed` before that, `LinkFailure` if the relay could not prove who it is, and `ProtocolError`
        for a bad record.
        """
        try:
            self._socket = await lines.open_data(self._ticket.relay_url)
        except LinkFailure as failure:
            if failure.unproved:
                raise
            raise HandshakeFailed(str(failure)) from failure
        try:
            try:
                async with asyncio.timeout(HANDSHAKE):
                    first, further = await self._handshake(self._socket)
            except (TimeoutError, ProtocolError, ConnectionClosed) as failure:
                raise HandshakeFailed(str(failure)) from failure
            ready(self, first)
            self._handle(further)
            await self._both_ways(self._socket)
        finally:
            self._channel = None
            self._socket.transport.abort()

    async def _handshake(self, socket: DataConnection) -> tuple[inner.Ready, list[Frame]]:
        """Steps 16–18: nothing is sent before the console has proved the key with its first record."""
        await socket.show(self._ticket.token)
        message = await self._record(socket)
        answer, transport = respond(
            self._keys.psk(self.g), self._keys.prologue(self.g), secrets.token_bytes(32), message
        )
        await socket.send(answer)
        channel = Channel(transport, self._inbox)
        frames = channel.open(await self._record(socket))
        first = INNER_FROM_CONSOLE.read(frames[0].payload)
        if not isinstance(first, inner.Ready) or first.g != self.g:
            raise IntegrityError("The first record is not the console's ready")
        self._channel = channel
        return first, frames[1:]

    async def _both_ways(self, socket: DataConnection) -> None:
        self._heard = time.monotonic()
        tasks = [asyncio.ensure_future(work) for work in (self._send(socket), self._receive(socket), self._listen())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        for task in done:
            failure = task.exception() if not task.cancelled() else None
            if failure is not None and not isinstance(failure, ConnectionClosed):
                raise failure

    async def _send(self, socket: DataConnection) -> None:
        while True:
            self._wake.clear()
            while self._channel is not None and (frames := self._lanes.next_record()):
                record = self._channel.seal(frames)
                if self.first_screen is None:
                    self.first_screen = next((f.number for f in frames if f.lane is Lane.SCREEN), None)
                await socket.send(record)
            await self._wake.wait()

    async def _receive(self, socket: DataConnection) -> None:
        while True:
            record = await self._record(socket)
            self._heard = time.monotonic()
            if self._channel is not None:  # else the last word is on its way: what comes is nobody's any more
                self._handle(self._channel.open(record))

    def _handle(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._take(INNER_FROM_CONSOLE.read(frame.payload), frame)

    async def _listen(self) -> None:
        """Returns when the other end has been silent for too long."""
        left = SILENCE
        while left > 0:
            await asyncio.sleep(left)
            left = self._heard + SILENCE - time.monotonic()

    async def _record(self, socket: DataConnection) -> bytes:
        data = await socket.recv()
        if isinstance(data, str):
            raise IntegrityError("A record is not binary")
        return data

    def wake(self) -> None:
        """Something waits in the lanes."""
        self._wake.set()

    def farewell(self, frames: list[Frame]) -> bytes | None:
        """Seal the last record, then forget the keys.  None when there is no line."""
        channel, self._channel = self._channel, None
        return channel.seal(frames) if channel is not None and frames else None

    async def close(self, last: bytes | None) -> None:
        """Send `last` if the line takes it within `limits.END_MESSAGE`, then cut."""
        socket = self._socket
        if socket is None:
            return
        try:
            async with asyncio.timeout(limits.END_MESSAGE):
                if last is not None:
                    await socket.send(last)
                await socket.close()
        except (TimeoutError, ConnectionClosed):
            pass
        finally:
            socket.transport.abort()

    def drop(self) -> None:
        """Cut now."""
        self._channel = None
        if self._socket is not None:
            self._socket.transport.abort()
