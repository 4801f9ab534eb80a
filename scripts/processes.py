"""Programs started together and stopped together: the demo's and the tests'.

Each runs in a process group of its own with its output in a file; leaving the `with` block stops them in reverse
order, and should this process be killed, the kernel stops them.  Linux only.
"""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

GRACE_S = 8.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class ProcessDied(Exception):
    """A program ended that should have stayed; carries the end of what it printed."""

    def __init__(self, name: str, code: int, log: Path) -> None:
        self.name, self.code, self.log = name, code, log
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        super().__init__(f"“{name}” ended with code {code}.  The end of {log}:\n{tail}")


class Running(NamedTuple):
    """One program that was started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    essential: bool


class Processes:
    """Programs that live no longer than this object's `with` block.  `logs`: the folder for their output."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: list[Running] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
        essential: bool = True,
    ) -> Running:
        """Starts `command`; `env` is the whole environment (default: this process's); not `essential`: it may end."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        running = Running(name, process, log, essential)
        self.running.append(running)
        return running

    def check(self) -> None:
        """Raises `ProcessDied` for the first essential program that has ended."""
        for running in self.running:
            if running.essential and (code := running.process.poll()) is not None:
                raise ProcessDied(running.name, code, running.log)

    def wait_for(self, what: str, condition: Callable[[], bool], timeout_s: float = 90.0) -> None:
        """Waits until `condition()`; raises `ProcessDied`, or `TimeoutError` naming `what`."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {timeout_s:.0f} s.  See {self.logs}")
            time.sleep(0.05)

    def stop(self, running: Running) -> None:
        """Asks the program's group to end; after GRACE_S seconds makes it."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(running.process.pid, sign)
                running.process.wait(GRACE_S)
                break
            except (ProcessLookupError, PermissionError):
                break
            except subprocess.TimeoutExpired:
                continue
        running.process.poll()
        self.running.remove(running)

    def stop_all(self) -> None:
        """Stops everything, last started first."""
        while self.running:
            self.stop(self.running[-1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()


def free_port(wanted: int = 0) -> int:
    """A free TCP port on the loopback interface: `wanted` if it is."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on the loopback interface")


def listening(port: int) -> bool:
    """Whether something on the loopback interface answers on `port`."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
