"""The capture thread: wait for change and for room on the line, ask the gate, grab, encode, hand over.

Counterparts: `session.py` seals and sends what is handed over; `encode/pacer.py` says how much may be on its way.
Must never grab without asking the gate, and never keep a picture waiting: the newest wins.
"""

import threading
import time
from collections.abc import Callable

from client_agent.capture.base import Capture
from client_agent.encode.base import Encoder
from client_agent.encode.pacer import Pacer
from client_agent.errors import CaptureUnavailable
from client_agent.gate import Gate
from protocol import inner, inner_codec, limits
from protocol.inner import Lane

FRAME_INTERVAL = 1 / 24
"""Seconds between two grabs at least."""
LOOK_INTERVAL = 0.1
"""Seconds between two looks at the pointer while nothing changes."""
REST = 0.6
"""Seconds without change after which lossy parts are made exact."""
ROOM_WAIT = 0.25

Send = Callable[[Lane, bytes], None]
"""Hands one encoded message to the session; called in the capture thread, must not block."""


class ScreenPump:
    """Owns a capture, an encoder and their thread.  `failed` is called in that thread, at most once."""

    def __init__(
        self,
        capture: Capture,
        encoder: Encoder,
        gate: Gate,
        pacer: Pacer,
        send: Send,
        failed: Callable[[CaptureUnavailable], None],
        injected_at: Callable[[], tuple[int, int] | None],
    ) -> None:
        self._capture, self._encoder, self._gate, self._pacer = capture, encoder, gate, pacer
        self._send, self._failed, self._injected_at = send, failed, injected_at
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._stopping = False
        self._restart = threading.Event()
        self._new_line = False
        self._cursor_due = True
        self._allowed = threading.Event()
        self._pointer: tuple[int, int] | None = None
        self.pointer_moved_at: float | None = None
        """When somebody else than the technician last moved the pointer, monotonic."""
        self.frames = 0
        """Pictures handed over whole."""
        self.bytes = 0
        """Bytes of screen messages handed over."""

    def start(self) -> None:
        """Open the capture and begin.  Raises `CaptureUnavailable`."""
        self._capture.open()
        self._thread.start()

    def restart(self, new_line: bool) -> None:
        """The console has nothing any more: send the whole picture next.  `new_line`: what was on its way is lost."""
        self._new_line = self._new_line or new_line
        self._restart.set()
        self.gate_changed()

    def gate_changed(self) -> None:
        """Look at the gate again.  Never blocks."""
        if self._gate.view:
            self._allowed.set()
        else:
            self._allowed.clear()
        self._capture.wake()

    def stop(self) -> None:
        """End the thread; the gate must be shut already.  Does not wait for it."""
        self._stopping = True
        self._allowed.set()
        self._pacer.reset()
        self._capture.wake()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end, at most `timeout` seconds."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            self._loop()
        except CaptureUnavailable as failure:
            if not self._stopping:
                self._failed(failure)
        finally:
            self._capture.close()

    def _loop(self) -> None:
        unseen = True
        changed_at = grabbed_at = 0.0
        while not self._stopping:
            if not self._gate.view:
                self._allowed.wait()
                unseen = True
                continue
            if self._restart.is_set():
                self._restart.clear()
                if self._new_line:
                    self._new_line = False
                    self._pacer.reset()
                self._encoder.restart()
                self._pointer, self._cursor_due = None, True
                unseen = True
            if self._capture.wait(0 if unseen else LOOK_INTERVAL):
                unseen, changed_at = True, time.monotonic()
            self._tell_pointer()
            if not self._pacer.wait(ROOM_WAIT):
                continue
            if unseen:
                early = grabbed_at + FRAME_INTERVAL - time.monotonic()
                if early > 0:
                    time.sleep(early)
                grabbed_at = time.monotonic()
                unseen = not self._show()
            elif time.monotonic() - changed_at > REST and self._pacer.idle:
                self._hand_over(self._encoder.refine())

    def _show(self) -> bool:
        """Grab and hand over; whether the whole picture went out.  What did not is found again in the next one."""
        if not self._gate.view:
            return False
        picture = self._capture.grab()
        self._gate.grabbed()
        if picture.shape[0] * picture.shape[1] > limits.SCREEN_AREA:
            raise CaptureUnavailable("too_large")
        self._encoder.look(picture)
        while self._gate.view and self._pacer.in_flight < self._pacer.window:
            message = self._encoder.next()
            if message is None:
                self.frames += 1
                return True
            self._hand_over(message)
        return False

    def _hand_over(self, message: inner.ScreenSize | inner.Tiles | None) -> None:
        if message is None or not self._gate.view:
            return
        data = inner_codec.to_bytes(message)
        self._pacer.sent(len(data))
        self.bytes += len(data)
        self._send(Lane.SCREEN, data)

    def _tell_pointer(self) -> None:
        """The pointer's picture when it changed; its place when somebody else than the technician moved it."""
        if not self._gate.view:
            return
        shape = self._capture.cursor(self._cursor_due)
        self._cursor_due = False
        if shape is not None:
            message = inner.CursorShape(
                width=shape.width, height=shape.height, hot_x=shape.hot_x, hot_y=shape.hot_y, rgba=shape.rgba
            )
            self._send(Lane.CURSOR, inner_codec.to_bytes(message))
        at = self._capture.pointer()
        if at != self._pointer:
            moved, self._pointer = self._pointer is not None, at
            if at != self._injected_at():
                if moved:
                    self.pointer_moved_at = time.monotonic()
                self._send(Lane.CURSOR, inner_codec.to_bytes(inner.CursorAt(x=at[0], y=at[1])))
