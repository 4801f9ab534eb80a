"""A control connection as typed messages: one WebSocket, one closed union in, posted messages out, in order.

Counterpart: the agent's `link.py`, the console's control socket.  A frame over its limit or that is no message is
raised as a typed error with a close code, and nothing else changes.  Sending never makes another line wait: messages
are queued, boundedly, and a line whose end does not read is closed.
"""

import asyncio
from collections import deque
from typing import Any, Generic, Protocol, TypeVar

import structlog
from starlette.datastructures import Address
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from broker.errors import Refused
from broker.tasks import Tasks
from protocol import control
from protocol.codec import Reader, to_text
from protocol.errors import BadTransition, Malformed, ProtocolError, SignatureRefused

log = structlog.get_logger(__name__)

In = TypeVar("In")

QUEUE_BYTES = 1024 * 1024
"""Text waiting for an end that does not read; more closes the line."""

TIMED_OUT, REPLACED, TOO_MANY, FORBIDDEN, GOING_AWAY = 4408, 4409, 4429, 4403, 1001
"""Close codes that belong to no error."""
REASON_LIMIT = 120
"""Characters of a close reason: RFC 6455 allows 123 bytes."""


class LineClosed(Exception):
    """The other end, or this one, has closed the connection."""


class Socket(Protocol):
    """What carries a line: the web framework's `WebSocket`, or a `ControlSocket`."""

    @property
    def client(self) -> Address | None:
        """The other end's."""
        ...

    async def receive(self) -> Message:
        """What came, as ASGI has it.  Raises `RuntimeError` after it said `websocket.disconnect`."""
        ...

    async def send_text(self, data: str) -> None:
        """One message.  Raises `WebSocketDisconnect`, `RuntimeError` or `OSError` when the other end is gone."""
        ...

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close.  Raises the same."""
        ...


class Line(Generic[In]):
    """One accepted control connection.  `address` is the other end's, as text."""

    __slots__ = ("_drain", "_queue", "_queued_bytes", "_reader", "_socket", "_tasks", "address", "open")

    def __init__(self, socket: Socket, reader: Reader[In], tasks: Tasks) -> None:
        self._socket, self._reader, self._tasks = socket, reader, tasks
        self.address = peer_address(socket)
        self.open = True
        self._queue: deque[str | tuple[int, str]] | None = None
        """Only while there is something in it: thousands of lines wait."""
        self._queued_bytes = 0
        self._drain: asyncio.Task[Any] | None = None

    async def receive(self) -> In:
        """The next message.  Raises `LineClosed`, or `Malformed`/`TooLarge` for what is none."""
        try:
            event = await self._socket.receive()
        except RuntimeError:  # it was disconnected before
            raise LineClosed from None
        if not self.open or event["type"] != "websocket.receive":  # what comes after our close is nobody's any more
            self.open = False
            raise LineClosed
        text = event.get("text")
        if text is None:
            raise Malformed("A control frame", "it is binary")
        return self._reader.read(text)

    def post(self, message: control.Message) -> None:
        """Send, after everything posted before; never waits and never raises.  A closed line swallows it."""
        if not self.open:
            return
        text = to_text(message)
        self._queued_bytes += len(text)
        if self._queued_bytes > QUEUE_BYTES:
            self.close(TOO_MANY, "not reading")
            return
        self._put(text)

    def close(self, code: int, reason: str = "") -> None:
        """Close, after what was posted before."""
        if self.open:
            self.open = False
            self._put((code, reason))

    async def finish(self) -> None:
        """Wait until what was posted has gone out (or cannot)."""
        if self._drain is not None:
            await asyncio.wait([self._drain])

    def _put(self, item: str | tuple[int, str]) -> None:
        if self._queue is None:
            self._queue = deque()
        self._queue.append(item)
        if self._drain is None:
            self._drain = self._tasks.start(self._send_queued(self._queue), "line")

    async def _send_queued(self, queue: deque[str | tuple[int, str]]) -> None:
        try:
            while queue:
                item = queue.popleft()
                if isinstance(item, str):
                    await self._socket.send_text(item)
                    self._queued_bytes -= len(item)
                else:
                    await self._socket.close(*item)
        except (WebSocketDisconnect, RuntimeError, OSError):
            self.open = False
        finally:
            self._drain = self._queue = None


def peer_address(socket: Socket) -> str:
    """The other end's address; behind a listed proxy, what that says (uvicorn's `forwarded_allow_ips`)."""
    return socket.client.host if socket.client else "unknown"


class Visit:
    """One connection that has not yet said who it is."""

    def __init__(self, door: "Doorkeeper", address: str) -> None:
        self._door, self._address, self._inside = door, address, True

    def leave(self) -> None:
        """It has said so, or is gone.  Repeating it does nothing."""
        if self._inside:
            self._inside = False
            self._door._left(self._address)


class Doorkeeper:
    """Limits how many connections may be open without having said who they are, per address and in all."""

    def __init__(self, per_address: int, in_all: int) -> None:
        self._per_address, self._in_all = per_address, in_all
        self._here: dict[str, int] = {}

    def enter(self, address: str) -> Visit | None:
        """A visit, or None when there are too many."""
        if self._here.get(address, 0) >= self._per_address or sum(self._here.values()) >= self._in_all:
            return None
        self._here[address] = self._here.get(address, 0) + 1
        return Visit(self, address)

    def _left(self, address: str) -> None:
        self._here[address] -= 1
        if not self._here[address]:
            del self._here[address]


def ended_by(line: Line[In], end: Exception) -> None:
    """Close a line as the reason asks for: with the code of the typed error, or not at all if it is closed."""
    if isinstance(end, ProtocolError | Refused):
        line.close(end.close_code, str(end)[:REASON_LIMIT])


REFUSALS = (BadTransition, SignatureRefused, Refused)
"""What a message can be refused for while its connection stays."""


def failure(message: object, error: Exception) -> control.Failure:
    """What the sender of a refused message is told; nothing has changed."""
    if isinstance(error, Refused):
        word = error.word
    else:
        word = "out_of_order" if isinstance(error, BadTransition) else "signature"
    log.info("refused", message=type(message).__name__, error=str(error))
    return control.Failure(reason=word, session_id=getattr(message, "session_id", None))
