"""Relevo's own relay in a process of its own, with tickets of the bench's."""

import socket
import sys
from pathlib import Path

from broker.ids import new_id
from broker.relay.local import PATH
from protocol.ticket import JOINED, Role
from scripts.processes import Processes
from tests.bench.errors import BenchFailed
from tests.bench.relays import frames
from tests.bench.relays.frames import Framing
from tests.bench.relays.relay import Pair, Relay
from tests.support.lone_relay import LoneRelay


class Ours(Relay):
    """Once it has joined two ends it copies bytes: the agent's end is the server of what the console sees."""

    name = "Relevo"
    framing = Framing.PLAIN

    def __init__(self) -> None:
        super().__init__()
        self._port = 0

    def start(self, processes: Processes, folder: Path) -> None:
        self.program = processes.start("ours", [sys.executable, "-m", "tests.support.lone_relay"], cwd=Path.cwd())
        log = self.program.log
        processes.wait_for("the relay", lambda: log.read_text().strip().isdigit())
        self._port = int(log.read_text())

    def joined(self) -> Pair:
        pair_id = new_id()
        pair = Pair(self._end(pair_id, "agent"), self._end(pair_id, "console"))
        if (said := frames.read_frame(pair.sender)) != (frames.TEXT, JOINED.encode()):
            raise BenchFailed(f"our relay did not join the two: {said!r}")
        return pair

    def _end(self, pair_id: str, side: Role) -> socket.socket:
        ticket = LoneRelay(f"ws://127.0.0.1:{self._port}{PATH}").ticket(pair_id, side)
        connection = frames.opened(self._port, PATH)
        connection.sendall(frames.frame(ticket.token.encode(), Framing.MASKED, frames.TEXT))
        return connection
