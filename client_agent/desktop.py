"""The customer's desktop as a session uses it: capture and input behind one gate.

Counterparts: `session.py` starts, pauses and stops it; `screen.py` and `inject/worker.py` are its two threads.
Stopping shuts the gate first and waits for nobody.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from client_agent.capture.base import Capture, is_wayland, open_capture
from client_agent.encode.base import Sending
from client_agent.encode.chooser import ScreenEncoder
from client_agent.encode.pacer import Pacer
from client_agent.errors import CaptureUnavailable, InjectUnavailable
from client_agent.events import WindowGuard
from client_agent.gate import Gate
from client_agent.inject.base import Injector, open_injector
from client_agent.inject.worker import Input, InputWorker
from client_agent.screen import ScreenPump, Send
from protocol.control import Permission
from protocol.inner import VideoCodec

THREAD_END = 2.0
"""Seconds to wait for a thread that was told to stop."""


@dataclass(frozen=True, slots=True)
class Backends:
    """What makes a capture and an injector.  Each is made anew for each session."""

    capture: Callable[[], Capture]
    injector: Callable[[], Injector]

    @classmethod
    def of_this_computer(cls) -> "Backends":
        """By operating system and environment."""
        if sys.platform == "linux" and is_wayland(dict(os.environ)):
            from client_agent.wayland import WaylandDesktop

            wayland = WaylandDesktop(dict(os.environ))
            return cls(wayland.capture, wayland.injector)
        return cls(lambda: open_capture(dict(os.environ)), lambda: open_injector(dict(os.environ)))


class Desktop:
    """Made for one session.  `send` and `failed` are called in the capture thread."""

    def __init__(
        self,
        backends: Backends,
        guard: WindowGuard,
        clock: Callable[[], float],
        up_kbit: int,
        send: Send,
        failed: Callable[[CaptureUnavailable], None],
    ) -> None:
        self.gate = Gate(clock)
        self.pacer = Pacer(clock, up_kbit, self._room_again)
        self._backends, self._guard, self._send, self._failed = backends, guard, send, failed
        self._pump: ScreenPump | None = None
        self._worker: InputWorker | None = None
        self._codecs: tuple[VideoCodec, ...] = ()

    def _room_again(self) -> None:
        if self._pump:
            self._pump.wake()

    @property
    def started(self) -> bool:
        """Whether there is a capture."""
        return self._pump is not None

    @property
    def withheld(self) -> frozenset[Permission]:
        """What the desktop lets nobody do, whatever the customer agreed to: control, where there is a capture only."""
        none = self._pump is not None and (self._worker is None or self._worker.withheld)
        return frozenset({"control"} if none else ())

    def start(self) -> None:
        """Open capture and input; the gate decides what they may.  Without input there is a view all the same.

        Raises `CaptureUnavailable`.
        """
        worker: InputWorker | None = None
        try:
            worker = InputWorker(self._backends.injector(), self.gate, self._guard)
            worker.start()
        except InjectUnavailable:
            worker = None
        self._worker = worker
        pump = ScreenPump(
            self._backends.capture, ScreenEncoder(), self.gate, self.pacer, self._send, self._failed,
            worker.has_put if worker else lambda _place: False,
        )  # fmt: skip
        pump.decodes(self._codecs)
        pump.start()
        self._pump = pump

    def allow(self, granted: frozenset[Permission]) -> None:
        """What stands from now on.  What was taken back is off when this returns."""
        had_control = self.gate.control
        self.gate.allow("view" in granted, "control" in granted)
        if had_control and not self.gate.control and self._worker:
            self._worker.let_go()
        if self._pump:
            self._pump.gate_changed()

    def pause(self) -> None:
        """The line is lost: no grab, nothing held, nothing queued."""
        self.gate.shut()
        if self._worker:
            self._worker.let_go()
        if self._pump:
            self._pump.gate_changed()

    def whole_picture(self, new_line: bool) -> None:
        """The console has nothing of the screen."""
        if self._pump:
            self._pump.restart(new_line)

    def stop(self) -> None:
        """For good, at once (Q4): the gate first, which waits for nothing."""
        self.gate.shut_for_good()
        if self._worker:
            self._worker.stop()
        if self._pump:
            self._pump.stop()

    async def stopped(self) -> None:
        """Wait for the threads after `stop`."""
        for thread in (self._worker, self._pump):
            if thread:
                await asyncio.to_thread(thread.join, THREAD_END)

    def give(self, event: Input) -> None:
        """An event of the technician's."""
        if self._worker and self.gate.control:
            self._worker.give(event)

    def after_input(self, done: Callable[[], None]) -> None:
        """Call `done`, in some thread, when what was given before has been injected or dropped."""
        if self._worker:
            self._worker.after(done)
        else:
            done()

    def release(self) -> None:
        """No key or button is held any more."""
        if self._worker:
            self._worker.let_go()

    def decodes(self, video: tuple[VideoCodec, ...]) -> None:
        """The moving pictures that the console can draw, the best first."""
        self._codecs = video
        if self._pump:
            self._pump.decodes(video)

    def drawn(self, messages: int, took: float) -> None:
        """The console has drawn so many more screen messages, the last one `took` seconds after it came."""
        self.pacer.acked(messages, took)

    def counts(self) -> tuple[int, int, Sending]:
        """Pictures and bytes handed over so far, and what they were made of last."""
        return (self._pump.frames, self._pump.bytes, self._pump.sending) if self._pump else (0, 0, "nothing")

    def pointer_moved_at(self) -> float | None:
        """When the customer last moved the pointer, monotonic; None when never."""
        return self._pump.pointer_moved_at if self._pump else None
