"""What an agent and a console reduced to the protocol have in common: a control connection and a line, step by step.

They do one step at a time, so that a test can leave one out, repeat it or lie; sockets and cryptography are real.
"""

import asyncio
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from client_agent.dataconnection import DataConnection
from protocol import codec, control
from protocol.codec import Reader
from protocol.text import b64url
from protocol.ticket import Role
from tests.support.patience import PATIENCE

M = TypeVar("M")
In = TypeVar("In")


@dataclass(frozen=True)
class Provider:
    """What the programs of one provider know before they connect."""

    origin: str
    org_id: str
    org_name: str
    terms_version: int
    terms_sha256: str
    service: str = "Soporte general"

    def socket(self, path: str) -> str:
        """The WebSocket address of a path of the broker's."""
        return path if "://" in path else "ws" + self.origin.removeprefix("http") + path


def nonce() -> str:
    """16 random bytes as text: an ID or a nonce."""
    return b64url(secrets.token_bytes(16))


class Hung(AssertionError):
    """The other end said nothing for too long."""


class Peer(Generic[In]):
    """One control connection from the far end.  Messages that a step does not wait for are kept in `missed`."""

    def __init__(self, socket: ClientConnection, reader: Reader[In]) -> None:
        self.socket, self._reader = socket, reader
        self.missed: list[In] = []
        self.way: dict[str, Any] = {}
        """How the socket was opened, for its lines too: TLS, an address."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.socket.close()

    async def send(self, message: control.Message) -> None:
        """One message to the broker."""
        await self.socket.send(codec.to_text(message))

    async def receive(self, wait: float = PATIENCE) -> In:
        """The broker's next message, whichever it is."""
        async with asyncio.timeout(wait):
            return self._reader.read(await self.socket.recv())

    async def expect(self, kind: type[M], wait: float = PATIENCE) -> M:
        """The next message of that kind; one that was missed before counts."""
        for at, known in enumerate(self.missed):
            if isinstance(known, kind):
                del self.missed[at]
                return known
        try:
            async with asyncio.timeout(wait):
                while True:
                    message = self._reader.read(await self.socket.recv())
                    if isinstance(message, kind):
                        return message
                    self.missed.append(message)
        except TimeoutError:
            raise Hung(f"no {kind.__name__} in {wait} s, but {self.missed}") from None

    async def closed(self, wait: float = PATIENCE) -> int:
        """Wait until the broker closes; the close code."""
        try:
            async with asyncio.timeout(wait):
                while True:
                    self.missed.append(self._reader.read(await self.socket.recv()))
        except ConnectionClosed:
            return self.socket.close_code or 0


class Line:
    """One data connection: a ticket shown, then records."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    @classmethod
    async def open(cls, provider: Provider, ticket: control.Ticket, side: Role, **options: Any) -> "Line":
        """Connect to the relay that the ticket names and show it."""
        kind = DataConnection if side == "agent" else ClientConnection
        socket = await connect(
            provider.socket(ticket.relay_url), compression=None, proxy=None, create_connection=kind, **options
        )
        await socket.send(ticket.token)
        return cls(socket)

    async def joined(self) -> None:
        """Wait for the other end, before which an agent may say nothing.  A console sees nothing of it."""
        if isinstance(self.socket, DataConnection):
            await self.socket.joined()

    async def send(self, record: bytes) -> None:
        """One record."""
        await self.joined()
        await self.socket.send(record)

    async def receive(self, wait: float = PATIENCE) -> bytes:
        """The other end's next record."""
        async with asyncio.timeout(wait):
            await self.joined()
            record = await self.socket.recv()
        assert isinstance(record, bytes)
        return record

    async def close(self) -> None:
        """Leave.  What the other end still says is nobody's any more, but for its answer to this."""
        leaving = asyncio.ensure_future(self.socket.close())
        try:
            async for _ in self.socket:
                pass
        except ConnectionClosed:
            pass
        await leaving

    async def closed(self, wait: float = PATIENCE) -> int:
        """Wait until the line is closed; the other end's close code, 1006 if nobody said one."""
        try:
            async with asyncio.timeout(wait):
                while True:
                    await self.socket.recv()
        except ConnectionClosed:
            return self.socket.close_code or 0
