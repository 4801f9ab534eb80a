"""One data connection, from its ticket to its last byte: an asyncio protocol that copies what it reads to the other's.

Counterparts: `server.py`, which knows every end and performs what `core.py` decides; `opening.py` for what is read
before the copying begins.  From the join on nothing here looks at what passes: one read is one write.

    OPENING ─a ticket that opens─▶ WAITING ─join─▶ JOINED ─either leaves, or is closed─▶ LEAVING ─▶ gone
                                     (a ticket that does not, and every deadline, leads to LEAVING too)

Memory: a direction holds at most one `READ` that is being written, `HIGH` in the other's write buffer and one `READ` on
top, for an end is not read while its other end's buffer is above `HIGH`.
"""

import asyncio
import socket
from enum import Enum, auto
from typing import Final, Protocol

from broker.relay.opening import Hung, TicketReader, closing, joined_frame
from protocol.errors import ProtocolError

READ: Final = 128 * 1024
"""Bytes of one read."""
HIGH, LOW = 64 * 1024, 16 * 1024
"""Bytes in an end's write buffer at which the other is not read any more, and is again."""
EARLY: Final = 8 * 1024
"""Bytes kept of a console that comes first: it says 60 before it has to wait."""
SESSION_BYTES: Final = 1024 * 1024
"""What one session can take of this process's memory, stalled both ways; the kernel's socket buffers come to it, and
where this process speaks TLS, its buffers: 1.4 MB in all."""
KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
"""An end whose computer is gone is noticed after 90 s: nobody here can send a ping between others' frames."""


class State(Enum):
    OPENING = auto()
    WAITING = auto()
    JOINED = auto()
    LEAVING = auto()


class Ends(Protocol):
    """What an end tells: `RelayServer`."""

    def shown(self, end: "End", token: str, more: bool) -> None:
        """Its ticket; whether anything came behind it.  Raises `ProtocolError` if it does not open."""

    def early(self, end: "End") -> None:
        """It said more, and is not joined."""

    def passed(self, end: "End", size: int) -> None:
        """It sent so many bytes; unless this closes it they are copied."""

    def left(self, end: "End") -> None:
        """It will send nothing more."""

    def gone(self, end: "End") -> None:
        """Its connection is closed."""

    def refused(self, end: "End", error: ProtocolError) -> None:
        """What it sent is no ticket, or opens nothing."""


class Scratch:
    """The one buffer into which every end of a process reads: a read is over before the next begins."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(READ))

    def renew(self) -> None:
        """A transport has kept a part of it: take another."""
        self.view = memoryview(bytearray(READ))


class End(asyncio.BufferedProtocol):
    """`number` is its name to the rules; `rest`: bytes that came behind its handshake."""

    def __init__(self, number: int, ends: Ends, scratch: Scratch) -> None:
        self.number, self.state = number, State.OPENING
        self._ends, self._scratch = ends, scratch
        self._ticket: TicketReader | None = TicketReader()
        self._transport: asyncio.Transport | None = None
        self._other: End | None = None
        self._early = bytearray()
        self._piece = READ
        self._holds, self._full = 0, False
        """Not read: ahead of its rate so many times over; its other end takes nothing."""

    @property
    def waiting(self) -> int:
        """Bytes that it has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    # What the server does to it --------------------------------------------------------------------------------------

    def begin(self, transport: asyncio.Transport, answer: bytes, rest: bytes) -> None:
        """Take over a connection whose handshake is answered with `answer`; `rest`: what came behind it."""
        self._transport = transport
        transport.set_write_buffer_limits(HIGH, LOW)
        _keep_alive(transport)
        transport.write(answer)
        transport.set_protocol(self)
        transport.resume_reading()
        if rest:
            self._opening(rest)

    def join(self, other: "End", piece: int, *, agent: bool) -> None:
        """Copy to `other` from now on, at most `piece` bytes at once.  `agent`: it is told."""
        self.state, self._other, self._piece = State.JOINED, other, min(piece, READ)
        if agent:
            self._write(joined_frame)

    def start(self) -> None:
        """Both are joined: what came early goes first."""
        early, self._early = bytes(self._early), bytearray()
        if early:
            self._ends.passed(self, len(early))
            if self._other is not None:
                self._other._write(early)
        self._read_or_not()

    def hold(self, held: bool) -> None:
        """Do not read it for its rate, or do again; each hold is let go once."""
        self._holds += 1 if held else -1
        self._read_or_not()

    def close(self, code: int, reason: str) -> None:
        """Say why, if the last frame that it got was ours; send what it was to get; take nothing from it any more."""
        if self.state is State.LEAVING:
            return
        if self.state is not State.JOINED:
            self._write(closing(code, reason))
        self._finish()

    def abort(self) -> None:
        """Cut now."""
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls ----------------------------------------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._scratch.view if self._piece == READ else self._scratch.view[: self._piece]

    def buffer_updated(self, nbytes: int) -> None:
        if self.state is State.JOINED:
            self._ends.passed(self, nbytes)
            if self._other is not None:
                self._other._copy(nbytes)
        elif self.state is State.OPENING:
            self._opening(bytes(self._scratch.view[:nbytes]))
        elif self.state is State.WAITING:
            self._waiting(bytes(self._scratch.view[:nbytes]))

    def eof_received(self) -> bool:
        self._part()
        self._ends.left(self)
        return False  # what it was to get is still sent

    def connection_lost(self, exc: Exception | None) -> None:
        self._part()
        self._ends.left(self)
        self._ends.gone(self)
        self._transport = None

    def pause_writing(self) -> None:
        if self._other is not None:
            self._other._fill(True)

    def resume_writing(self) -> None:
        if self._other is not None:
            self._other._fill(False)

    # Inside ----------------------------------------------------------------------------------------------------------

    def _opening(self, data: bytes) -> None:
        assert self._ticket is not None
        try:
            token, reply = self._ticket.feed(data)
            if reply:
                self._write(reply)
            if token is None:
                return
            self._early += self._ticket.rest
            self._ticket, self.state = None, State.WAITING
            self._ends.shown(self, token, bool(self._early))
            self._read_or_not()
        except Hung as hung:
            self._write(hung.answer)
            self._finish()
            self._ends.left(self)
        except ProtocolError as error:
            self._ends.refused(self, error)

    def _waiting(self, data: bytes) -> None:
        self._early += data
        self._ends.early(self)
        self._read_or_not()

    def _copy(self, size: int) -> None:
        """Write what was read last, without a copy of our own where the transport needs none."""
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.write(bytes(self._scratch.view[:size]))
            return
        transport.write(self._scratch.view[:size])
        if transport.get_write_buffer_size():
            self._scratch.renew()  # from Python 3.12 on it keeps the memory itself

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing() and self.state is not State.LEAVING:
            self._transport.write(data)

    def _fill(self, full: bool) -> None:
        self._full = full
        self._read_or_not()

    def _read_or_not(self) -> None:
        if self._transport is None:
            return
        waits = self.state is State.WAITING and len(self._early) >= EARLY
        if self.state is not State.LEAVING and (self._holds or self._full or waits):
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _finish(self) -> None:
        """Nothing more is written; what was, is sent."""
        self._part()
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.can_write_eof():
            # Only half: closed with something unread, the kernel takes back what is still under way to them.
            try:
                self._transport.write_eof()
            except OSError:  # they have reset it, which nobody has read yet
                self._transport.abort()
            else:
                self._transport.resume_reading()
        else:
            self._transport.close()

    def _part(self) -> None:
        other, self._other, self.state = self._other, None, State.LEAVING
        self._early.clear()
        if other is not None:
            other._other = None


def _keep_alive(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is None:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
