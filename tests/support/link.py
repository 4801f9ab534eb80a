"""A customer's line in user space: a TCP port of loopback that leads to another at a rate and with a delay.

What it models, each direction by itself: a router with one queue of `QUEUE` bytes, first in first out, whose wire
carries `kbit` kilobits a second and takes half of `rtt_ms` to the other end.  Bytes are counted as Ethernet carries
them (`HEADERS` for every `SEGMENT`); all connections of the port share the wire.  A full queue drops nothing: the
sender is not read, so that its own kernel holds it back: buffers here are small and segments as small as Ethernet's, so
that some 25 KiB at most are between a sender's kernel and the queue.  What a program writes without looking still lies
in its own kernel, unsent, as on any line.  What is not modelled: loss, jitter, TCP's slow start over the round trip
(either end speaks TCP with this process).  Without a rate nothing waits, and bytes are counted all the same.

`Wire` is pure; `Link` performs it in an asyncio loop.  As a process of its own, which prints its port:

    python -m tests.support.link TARGET KBIT RTT_MS plain|tunnel COUNTERS

COUNTERS: a file of `COUNTERS.size + KBIT.size` bytes that is kept current: bytes towards the target, those back, and
microseconds that what came last waits before it goes on towards the target; and, to be written by whoever wants the
line to change, the kilobits a second that it has from now on (0: those that it began with).
"""

import asyncio
import mmap
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SEGMENT, HEADERS = 1448, 66
"""Bytes of a TCP segment over Ethernet, and what its headers (Ethernet, IP, TCP with timestamps) add."""
QUEUE = 64 * 1024
"""Bytes on the wire's near side at most, headers included."""
SOCKET_BUFFER = 16 * 1024
COUNTERS, KBIT = struct.Struct("<QQQ"), struct.Struct("<Q")
_FAST_PIECE = 256 * 1024
_PIECES = 512
"""Pieces that wait for the wire or for the far end at most."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`kbit` a second in each direction, 0 without limit; `rtt_ms` there and back."""

    kbit: int = 0
    rtt_ms: float = 0.0


class Wire:
    """One direction.  Pure: seconds of one clock in, seconds out."""

    def __init__(self, shape: Shape) -> None:
        self._bytes_per_s = shape.kbit * 125
        self._delay_s = shape.rtt_ms / 2000
        self._free_at = 0.0
        self.carried = 0
        """Bytes that were put on it, without headers."""

    def reshape(self, kbit: int, now: float) -> None:
        """From now on it has another rate.  What waits has to go by that too, though its head start stays: what was
        put on it already still arrives when it was to, and what comes next the later."""
        waiting = max(0.0, self._free_at - now) * self._bytes_per_s
        self._bytes_per_s = kbit * 125
        self._free_at = now + waiting / self._bytes_per_s

    def waits(self, now: float) -> float:
        """Seconds until what was put on it last has gone."""
        return max(0.0, self._free_at - now)

    @property
    def piece(self) -> int:
        """Bytes to put on it at once."""
        return SEGMENT if self._bytes_per_s else _FAST_PIECE

    def full_until(self, now: float) -> float:
        """When there is room in the queue for another piece; not after `now` when there is already."""
        if not self._bytes_per_s:
            return now
        return self._free_at - (QUEUE - SEGMENT - HEADERS) / self._bytes_per_s

    def put(self, size: int, now: float) -> float:
        """`size` bytes join the queue; when they are at the other end."""
        self.carried += size
        if self._bytes_per_s:
            with_headers = size + HEADERS * -(-size // SEGMENT)
            self._free_at = max(self._free_at, now) + with_headers / self._bytes_per_s
            now = self._free_at
        return now + self._delay_s


class Link:
    """Both directions between `port`, where it listens, and the port `target`.

    `tunnel`: whoever connects speaks to an HTTP proxy first (CONNECT), and is led to `target` whatever it names.
    `counted` is called with the bytes towards the target and those back, each time that they grow, and the seconds that
    the last of those towards the target wait.
    """

    def __init__(
        self, target: int, shape: Shape, tunnel: bool = False, counted: Callable[[int, int, float], None] | None = None
    ) -> None:
        self._target, self._tunnel, self._counted = target, tunnel, counted
        self._there, self._back = Wire(shape), Wire(shape)
        self._server = _listener(shape)
        self._shaped = bool(shape.kbit)
        self.port: int = self._server.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()

    def reshape(self, kbit: int) -> None:
        """A line that had a rate has another from now on, in both directions."""
        now = asyncio.get_running_loop().time()
        for wire in (self._there, self._back):
            wire.reshape(kbit, now)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                near, _ = await loop.sock_accept(self._server)
                task = loop.create_task(self._connection(near))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._server.close()
            for task in self._tasks:
                task.cancel()

    async def _connection(self, near: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        far = socket.socket()
        far.setblocking(False)
        with near, far:
            try:
                for end in (near, far):
                    _prompt(end, self._shaped)
                if self._tunnel:
                    await _proxy_greeting(near)
                await loop.sock_connect(far, ("127.0.0.1", self._target))
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._carry(near, far, self._there))
                    both.create_task(self._carry(far, near, self._back))
            except* OSError:
                pass  # an end went, or the target is not there: the other end sees its connection close

    async def _carry(self, source: socket.socket, sink: socket.socket, wire: Wire) -> None:
        """One direction until `source` ends: read when the queue has room, deliver when it is due."""
        loop = asyncio.get_running_loop()
        under_way: deque[tuple[float, bytes]] = deque()
        changed = asyncio.Condition()

        async def deliver() -> None:
            while True:
                async with changed:
                    await changed.wait_for(lambda: under_way)
                    due, data = under_way.popleft()
                    changed.notify_all()
                if (early := due - loop.time()) > 0:
                    await asyncio.sleep(early)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                await loop.sock_sendall(sink, data)

        async def read() -> None:
            while True:
                if (wait := wire.full_until(loop.time()) - loop.time()) > 0:
                    await asyncio.sleep(wait)
                async with changed:  # a far end that does not read holds the line up too
                    await changed.wait_for(lambda: len(under_way) < _PIECES)
                data = await loop.sock_recv(source, wire.piece)
                async with changed:
                    under_way.append((wire.put(len(data), loop.time()), data))
                    changed.notify_all()
                if self._counted:
                    self._counted(self._there.carried, self._back.carried, self._there.waits(loop.time()))
                if not data:
                    return

        async with asyncio.TaskGroup() as both:
            both.create_task(deliver())
            both.create_task(read())


def _listener(shape: Shape) -> socket.socket:
    server = socket.socket()
    _prompt(server, bool(shape.kbit))
    if shape.kbit:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    server.bind(("127.0.0.1", 0))
    server.listen()
    server.setblocking(False)
    return server


def _prompt(end: socket.socket, small: bool) -> None:
    """Nothing waits in the kernel: no Nagle, and small buffers on a line that has a rate."""
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if small:
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            end.setsockopt(socket.SOL_SOCKET, buffer, SOCKET_BUFFER)


async def _proxy_greeting(near: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    asked = b""
    while not asked.endswith(b"\r\n\r\n"):
        if not (more := await loop.sock_recv(near, 4096)):
            raise ConnectionResetError
        asked += more
    await loop.sock_sendall(near, b"HTTP/1.1 200 Connection established\r\n\r\n")


async def _main(target: int, shape: Shape, tunnel: bool, counters: Path) -> None:
    with counters.open("r+b") as file, mmap.mmap(file.fileno(), COUNTERS.size + KBIT.size) as shared:
        kbit = shape.kbit

        def counted(there: int, back: int, waits: float) -> None:
            nonlocal kbit
            COUNTERS.pack_into(shared, 0, there, back, int(1e6 * waits))
            wanted = KBIT.unpack_from(shared, COUNTERS.size)[0] or kbit
            if wanted != kbit:
                kbit = wanted
                link.reshape(kbit)

        link = Link(target, shape, tunnel, counted)
        print(link.port, flush=True)
        await link.run()


if __name__ == "__main__":
    _, _target, _kbit, _rtt_ms, _tunnel, _counters = sys.argv
    asyncio.run(_main(int(_target), Shape(int(_kbit), float(_rtt_ms)), _tunnel == "tunnel", Path(_counters)))
