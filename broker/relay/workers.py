"""`relevo relay --workers N`: one public port, and several processes that carry the lines behind it.

The owner of the port reads the head of each request, and no more; the path names the worker (`/relay/2`), and the
connection itself goes there through a Unix socket, before anything is answered.  So both ends of a line, whose tickets
and address name the same worker, are in one process.  TLS must have ended before: its keys could not be handed over.

Counterparts: `link.py`, which each worker runs with a link of its own; the broker's `directory.py`, which spreads new
lines.  A worker that dies takes its lines with it, which their ends resume elsewhere, and is started again.
"""

import asyncio
import multiprocessing
import re
import socket
from dataclasses import replace
from http import HTTPStatus
from multiprocessing.context import SpawnProcess
from typing import Final

import structlog

from broker.logs import configure
from broker.relay.front import HEAD, Arrival, Front
from broker.relay.link import RelaySettings, StandaloneRelay
from broker.relay.local import PATH
from broker.relay.standalone import open_port, stop_signal
from broker.tasks import Tasks

AGAIN: Final = 1.0
"""Seconds before a worker that died is started again."""
STOP: Final = 5.0
"""Seconds that workers have to close their lines."""

log = structlog.get_logger(__name__)

_spawn = multiprocessing.get_context("spawn")
_path = re.compile(re.escape(PATH) + r"/([1-9][0-9]?)")


class Workers:
    """The owner of the port."""

    def __init__(self, settings: RelaySettings, count: int) -> None:
        self._settings, self._count = settings, count
        self._channels: dict[int, socket.socket] = {}
        self.processes: dict[int, SpawnProcess] = {}
        """By number, from 1: those that live."""
        self._tasks = Tasks()

    async def serve(self) -> None:
        """Until the process is told to stop."""
        told = stop_signal()
        await self.start()
        await told.wait()
        await self.stop()

    async def start(self, bound: socket.socket | None = None) -> None:
        """Open the port, and begin to keep the workers alive.  Raises what `open_port` raises."""
        self._server = await open_port(self.arrived, self._settings, bound)
        for number in range(1, self._count + 1):
            self._tasks.start(self._keep(number), "relay worker")

    async def stop(self) -> None:
        """Close the port and let every worker close its lines."""
        self._server.close()
        await self._tasks.close()
        for channel in self._channels.values():
            channel.close()  # a worker takes that for the word to stop
        for process in self.processes.values():
            await asyncio.to_thread(process.join, STOP)
            process.kill()

    def arrived(self, arrival: Arrival) -> None:
        """A request came: its worker answers.  What is for none in particular, the first that lives answers."""
        named = _path.fullmatch(arrival.path)
        number = int(named[1]) if named else min(self._channels, default=0)
        channel = self._channels.get(number)
        if channel is None:
            arrival.answer(HTTPStatus.SERVICE_UNAVAILABLE)
        elif len(arrival.data) > HEAD:
            arrival.answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            self._hand_over(arrival, channel)

    def _hand_over(self, arrival: Arrival, channel: socket.socket) -> None:
        descriptor = arrival.transport.get_extra_info("socket").fileno()
        try:
            socket.send_fds(channel, [arrival.data], [descriptor])
        except OSError:  # it is dying, or so busy that the channel is full
            arrival.answer(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        arrival.transport.abort()  # our descriptor alone: the connection lives on in the worker's

    async def _keep(self, number: int) -> None:
        settings = replace(self._settings, worker=number)
        while True:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                ours.setblocking(False)
                process = _spawn.Process(target=work, args=(settings, theirs), daemon=True)
                process.start()
            self._channels[number], self.processes[number] = ours, process
            log.info("worker_up", worker=number, pid=process.pid)
            await _over(process)
            ours.close()
            del self._channels[number], self.processes[number]
            log.warning("worker_down", worker=number, status=process.exitcode, again_in_s=AGAIN)
            await asyncio.sleep(AGAIN)


async def _over(process: SpawnProcess) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()


def work(settings: RelaySettings, channel: socket.socket) -> None:
    """A worker's whole life, in its own process."""
    configure("info", True)
    asyncio.run(_work(settings, channel))


async def _work(settings: RelaySettings, channel: socket.socket) -> None:
    told, tasks, loop = stop_signal(), Tasks(), asyncio.get_running_loop()
    relay = StandaloneRelay(settings)
    channel.setblocking(False)

    def handed_over() -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(channel, 2 * HEAD, 1)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            told.set()
            return
        for descriptor in descriptors:
            tasks.start(_adopt(relay, socket.socket(fileno=descriptor), data), "relay arrival")

    loop.add_reader(channel.fileno(), handed_over)
    tasks.start(relay.run(), "relay link")
    await told.wait()
    loop.remove_reader(channel.fileno())
    await relay.server.stop()
    await tasks.close()


async def _adopt(relay: StandaloneRelay, connection: socket.socket, data: bytes) -> None:
    connection.setblocking(False)
    await asyncio.get_running_loop().connect_accepted_socket(lambda: Front(relay.arrived, data), connection)
