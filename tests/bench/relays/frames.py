"""WebSocket by hand on blocking sockets: just enough to bring a pair to where `load` takes over (RFC 6455).

Nothing is read beyond what was asked for, since the socket is then handed on to another process.
"""

import base64
import os
import socket
from enum import Enum

from tests.bench.errors import BenchFailed

WAIT_S = 30.0
TEXT, BINARY = 1, 2


class Framing(Enum):
    """What an end puts on the wire."""

    MASKED = "masked"
    """A WebSocket client's frames."""
    PLAIN = "plain"
    """A WebSocket server's."""


def opened(port: int, path: str, host: str = "127.0.0.1") -> socket.socket:
    """A WebSocket connection on loopback, past its handshake.  Raises `BenchFailed` when it is refused."""
    connection = connected(port)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += exactly(connection, 1)
    status = answer.splitlines()[0].decode(errors="replace")
    if " 101 " not in status:
        raise BenchFailed(f"{path} on port {port} answered {status}")
    return connection


def connected(port: int) -> socket.socket:
    """A TCP connection on loopback without Nagle's delay."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def frame(payload: bytes, framing: Framing, opcode: int = BINARY) -> bytes:
    """One whole message under 64 KiB."""
    size, mask_bit = len(payload), 0x80 if framing is Framing.MASKED else 0
    wide = size >= 126
    head = bytes([0x80 | opcode, mask_bit | (126 if wide else size)]) + (size.to_bytes(2, "big") if wide else b"")
    if framing is Framing.PLAIN:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def read_frame(connection: socket.socket) -> tuple[int, bytes]:
    """The next frame's opcode and payload, unmasked."""
    first, second = exactly(connection, 2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(exactly(connection, 2 if size == 126 else 8), "big")
    mask = exactly(connection, 4) if second & 0x80 else b""
    payload = exactly(connection, size)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else payload


def read_message(connection: socket.socket) -> bytes:
    """The next binary message; what a relay says of its own (texts, pings) is passed over."""
    while True:
        opcode, payload = read_frame(connection)
        if opcode == BINARY:
            return payload


def exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes.  Raises `BenchFailed` when the connection ends before."""
    parts = bytearray()
    while len(parts) < size:
        if not (part := connection.recv(size - len(parts))):
            raise BenchFailed(f"the connection ended after {len(parts)} of {size} bytes")
        parts += part
    return bytes(parts)
