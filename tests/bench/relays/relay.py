"""What every relay of the bench is: a program that is started, and pairs of sockets that are joined through it.

One file per family: `ours.py`, `proxies.py` (HAProxy, nginx, websockify), `npm.py` (ws, MeshCentral).
"""

import socket
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import Processes, Running
from tests.bench.errors import BenchFailed
from tests.bench.relays import frames
from tests.bench.relays.frames import Framing


@dataclass(frozen=True)
class Pair:
    """Two connected sockets: what goes into `sender` (a session's agent) comes out of `receiver` (its console)."""

    sender: socket.socket
    receiver: socket.socket

    def close(self) -> None:
        """Both."""
        self.sender.close()
        self.receiver.close()


class Relay(ABC):
    """One program under test.  `name`: what it is called in the tables."""

    name: str
    framing = Framing.MASKED
    """How the sender's frames go."""
    unwrapped = False
    """The receiver gets bare bytes, no frames."""

    def __init__(self) -> None:
        self.program: Running | None = None
        self.pairs: list[Pair] = []

    @property
    def pid(self) -> int:
        """The process that was started; it may have started others."""
        assert self.program is not None
        return self.program.process.pid

    @abstractmethod
    def start(self, processes: Processes, folder: Path) -> None:
        """Run the program until `processes` stops it; return when it answers.  Raises `Missing`."""

    @abstractmethod
    def joined(self) -> Pair:
        """A new pair, past all handshakes.  Raises `BenchFailed`."""

    def pair(self) -> Pair:
        """A new pair that has carried a message: nothing is left of the way in on either socket."""
        made = self.joined()
        self.pairs.append(made)
        question = b"is this the other end?"
        made.sender.sendall(frames.frame(question, self.framing))
        heard = frames.exactly(made.receiver, len(question)) if self.unwrapped else frames.read_message(made.receiver)
        if heard != question:
            raise BenchFailed(f"{self.name} carried {heard!r}")
        return made

    def close_pairs(self) -> None:
        """All of them."""
        while self.pairs:
            self.pairs.pop().close()


class Forwarder(Relay):
    """A program that knows nothing of pairs and opens a connection of its own to where it is told: here, to us."""

    def __init__(self) -> None:
        super().__init__()
        self._target = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._target.settimeout(frames.WAIT_S)
        self.target_port: int = self._target.getsockname()[1]

    def accepted(self) -> socket.socket:
        """The connection that it opened."""
        connection, _ = self._target.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


class Direct(Forwarder):
    """No relay: what the load and the kernel take by themselves."""

    name = "none (the two ends directly)"
    framing = Framing.PLAIN

    def start(self, processes: Processes, folder: Path) -> None:
        pass

    def joined(self) -> Pair:
        sender = frames.connected(self.target_port)
        return Pair(sender, self.accepted())
