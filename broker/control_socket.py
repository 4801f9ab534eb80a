"""An agent's WebSocket on a plain asyncio protocol: what thousands wait on holds little.

Counterparts: `handover.py`, from which a route takes the connection; `lines.py`, which makes typed messages of its
texts and uses it as it uses the framework's `WebSocket`.  Frames and their rules are the library's (`websockets`, its
protocol without I/O); here are the socket, the order of things, and the keepalive.  While it waits it is an object, a
timer and the transport: the web framework's connection takes ten times that.

    OPEN ─either closes, a frame that is none, a ping unanswered, the connection lost─▶ ENDED: `receive` says so once
    everything before it has been handed out; what still comes is thrown away.
"""

import asyncio
import logging
from collections.abc import MutableSet
from typing import Any, Final

from starlette.datastructures import Address
from starlette.types import Message
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN, SERVER, Protocol
from websockets.server import ServerProtocol

PING: Final = 20.0
"""Seconds without a word after which it is pinged, and after that until it is given up: the web server's figures.

An agent pings by itself every ten seconds, which is a word: of those that are there, none is ever asked.
"""
CLOSING: Final = 10.0
"""Seconds for the other end's part of closing."""
RESTART, LOST, UNANSWERED = 1012, 1006, 1011

_log: Final = logging.getLogger("relevo.websocket")
_log.setLevel(logging.WARNING)  # the library writes down every connection and, at DEBUG, every frame


class ControlSocket(asyncio.Protocol):
    """One connection whose handshake has come.  `message`: bytes of one at most; `connections`: the web server's.

    The server closes whatever is in `connections` when it stops, and waits until it is gone.
    """

    __slots__ = (
        "_arrived", "_asked", "_connections", "_ended", "_heard_at", "_parts", "_protocol", "_timer", "_transport",
        "_waiting", "_writable", "client",
    )  # fmt: skip

    def __init__(self, client: Address | None, message: int, connections: MutableSet[Any]) -> None:
        self.client = client
        self._connections = connections
        self._protocol = Protocol(SERVER, state=OPEN, max_size=message, logger=_log)
        self._transport: asyncio.Transport | None = None
        self._arrived: list[Message] = []
        """Messages that nobody has received; while there are any, the socket is not read."""
        self._parts: list[bytes] | None = None
        """Of a message that comes in several frames."""
        self._waiting: asyncio.Future[None] | None = None
        self._writable: asyncio.Event | None = None
        """While the other end takes nothing."""
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        """When anything came, in the loop's time."""
        self._asked = False
        """A ping is out, and nothing has come since."""
        self._ended: Message | None = None

    def begin(self, transport: asyncio.Transport, request: Request, rest: bytes) -> bool:
        """Answer the handshake and be the connection; `rest` came behind it.  False if it is no WebSocket's."""
        response = ServerProtocol().accept(request)
        transport.write(response.serialize())
        if response.status_code != 101:
            transport.close()
            return False
        self._transport = transport
        self._connections.add(self)
        transport.set_protocol(self)
        loop = asyncio.get_running_loop()
        self._heard_at, self._timer = loop.time(), loop.call_later(PING, self._keep_alive)
        transport.resume_reading()
        if rest:
            self.data_received(rest)
        return True

    # What a line does ------------------------------------------------------------------------------------------------

    async def receive(self) -> Message:
        """The next message, as ASGI has it: `websocket.receive`, or `websocket.disconnect` and nothing after that."""
        while not self._arrived:
            if self._ended is not None:
                return self._ended
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        message = self._arrived.pop(0)
        self._read_again()
        return message

    async def send_text(self, text: str) -> None:
        """One message, once the other end takes something.  Raises `OSError` when it is gone."""
        while self._writable is not None:
            await self._writable.wait()
        try:
            self._protocol.send_text(text.encode())
        except InvalidState:
            raise ConnectionResetError("the other end is gone") from None
        self._write()

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close, and wait elsewhere for the other end's part."""
        if self._ended is not None:
            return
        self._protocol.send_close(code, reason or "")
        self._write()
        self._end(code)
        if self._transport is not None:
            self._arrived.clear()
            self._read_again()
            self._timer = asyncio.get_running_loop().call_later(CLOSING, self._transport.abort)

    def leave(self) -> None:
        """Nobody will receive any more: cut it, unless it is closing."""
        if self._ended is None and self._transport is not None:
            self._end(LOST)
            self._transport.abort()

    # What the web server and asyncio call ----------------------------------------------------------------------------

    def shutdown(self) -> None:
        """The server stops."""
        if self._ended is None:
            self._protocol.send_close(RESTART)
            self._write()
            self._end(RESTART)
        self._hang_up()

    def data_received(self, data: bytes) -> None:
        self._heard_at, self._asked = asyncio.get_running_loop().time(), False
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            assert isinstance(event, Frame)
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._take(event)
        self._write()
        if self._protocol.close_sent is not None and self._ended is None:  # theirs, answered; or a frame that is none
            self._end((self._protocol.close_rcvd or self._protocol.close_sent).code)
            self._hang_up()
        elif self._protocol.close_rcvd is not None:  # ours, answered
            self._hang_up()
        elif self._arrived and self._transport is not None:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """They take nothing; nor are they read then, for whatever they say may want an answer."""
        self._writable = asyncio.Event()
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()
            self._writable = None
            self._read_again()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)
        self._protocol.receive_eof()
        self._end(LOST)
        self.resume_writing()

    # -----------------------------------------------------------------------------------------------------------------

    def _read_again(self) -> None:
        if not self._arrived and self._writable is None and self._transport is not None:
            self._transport.resume_reading()

    def _hang_up(self) -> None:
        """What was written may still go, if they take it soon."""
        if self._transport is not None:
            self._transport.close()
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(CLOSING, self._transport.abort)

    def _take(self, frame: Frame) -> None:
        if self._ended is not None:
            return
        if frame.fin and self._parts is None:
            self._put(frame.opcode is Opcode.TEXT, bytes(frame.data))
            return
        if self._parts is None:
            self._parts = [b"text" if frame.opcode is Opcode.TEXT else b""]
        self._parts.append(bytes(frame.data))
        if frame.fin:
            kind, *parts = self._parts
            self._parts = None
            self._put(bool(kind), b"".join(parts))

    def _put(self, is_text: bool, data: bytes) -> None:
        message: Message = {"type": "websocket.receive"}
        if is_text:
            try:
                message["text"] = data.decode()
            except UnicodeDecodeError:
                self._protocol.fail(1007, "no UTF-8")
                return
        else:
            message["bytes"] = data
        self._arrived.append(message)
        self._wake()

    def _write(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _keep_alive(self) -> None:
        """Ask one that has said nothing; that it says nothing to that either is an answer too."""
        loop = asyncio.get_running_loop()
        wait = PING - (loop.time() - self._heard_at)
        if self._asked:
            self._protocol.fail(UNANSWERED, "keepalive ping timeout")
            self._write()
            self.leave()
            return
        if wait <= 0:
            self._asked, wait = True, PING
            self._protocol.send_ping(b"")
            self._write()
        self._timer = loop.call_later(wait, self._keep_alive)

    def _end(self, code: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ended is None:
            self._ended = {"type": "websocket.disconnect", "code": code}
            self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
