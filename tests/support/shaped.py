"""Shaped lines in network namespaces of a test's own: veth pairs with `tc tbf` on both ends.  Needs root.

A star: one namespace for the server, one for each line.  Sockets are made inside by a thread that enters the
namespace and ends; they stay there, so that the whole test runs in one process and the machine's own network is not
touched.
"""

import asyncio
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import pytest

from tests.support.patience import PATIENCE

T = TypeVar("T")

NEW_NETWORK: Final = 0x40000000
"""CLONE_NEWNET of setns(2)."""

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("tc"),
    reason="makes network namespaces: needs root and iproute2",
)


@dataclass(frozen=True)
class Shape:
    """A line's rate in each direction and how much it lets through at once."""

    kbit: int
    burst_kib: int


@dataclass(frozen=True)
class ShapedLine:
    """One customer's line to the server."""

    namespace: str
    server: tuple[str, int]

    async def connect(self) -> socket.socket:
        """A connected socket at the customer's end."""
        return await asyncio.to_thread(_within, self.namespace, lambda: socket.create_connection(self.server, PATIENCE))


@contextmanager
def shaped_lines(*shapes: Shape) -> Iterator[tuple[socket.socket, list[ShapedLine]]]:
    """A listening socket, and a line to it for each shape."""
    run = secrets.token_hex(3)
    hub = f"relevo-{run}"
    with ExitStack() as made:
        _namespace(made, hub)
        _run("ip", "-n", hub, "link", "set", "lo", "up")
        listening = _within(hub, lambda: socket.create_server(("0.0.0.0", 0)))
        made.callback(listening.close)
        lines = []
        for number, shape in enumerate(shapes):
            edge, near, far = f"{hub}-{number}", f"n{number}", f"f{number}"
            _namespace(made, edge)
            _run("ip", "-n", hub, "link", "add", near, "type", "veth", "peer", "name", far, "netns", edge)
            for namespace, device, address in ((hub, near, f"10.77.{number}.1"), (edge, far, f"10.77.{number}.2")):
                _run("ip", "-n", namespace, "address", "add", f"{address}/30", "dev", device)
                _run("ip", "-n", namespace, "link", "set", device, "up")
                shaping = ["rate", f"{shape.kbit}kbit", "burst", f"{shape.burst_kib}kb", "latency", "400ms"]
                _run("tc", "-n", namespace, "qdisc", "add", "dev", device, "root", "tbf", *shaping)
            lines.append(ShapedLine(edge, (f"10.77.{number}.1", listening.getsockname()[1])))
        yield listening, lines


def _namespace(made: ExitStack, name: str) -> None:
    _run("ip", "netns", "add", name)
    made.callback(_run, "ip", "netns", "delete", name)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _within(namespace: str, work: Callable[[], T]) -> T:
    """Do `work` in a thread that has entered the namespace, and for that thread alone."""
    results: list[T] = []

    def enter() -> None:
        with Path("/run/netns", namespace).open() as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "setns")
        results.append(work())

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return results[0]
