"""The capture thread: wait for a change or for room on the line, ask the gate, grab, encode, hand over.

Counterparts: `session.py` seals and sends what is handed over; `encode/pacer.py` says how much may be on its way.
Must never grab without asking the gate, and never keep a picture waiting: the newest wins.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from client_agent.capture.base import ANYWHERE, Capture
from client_agent.encode.base import Encoder, ScreenMessage, Sending
from client_agent.encode.pacer import Line, Pacer
from client_agent.errors import CaptureUnavailable
from client_agent.gate import Gate
from protocol import inner, inner_codec, limits
from protocol.inner import Lane, VideoCodec

log = logging.getLogger(__name__)

LOOK_INTERVAL = 1.0
"""Seconds between two looks at the pointer while nothing says that it moves: a program may put it somewhere."""
POINTER_INTERVAL = 0.02
"""Seconds between two looks at it otherwise."""
EASE = 0.5
"""For so much of the time that a look took, there is no other: the customer's own programs want to work too."""
LONGEST_EASE = 0.01
AGAIN = 1.0
"""Seconds after which a desktop that went away is looked for again."""

Send = Callable[[Lane, bytes], None]
"""Hands one encoded message to the session; called in the capture thread, must not block."""


class ScreenPump:
    """Owns a capture, an encoder and their thread.  `failed` is called in that thread, each time that the desktop went
    away or is not there at first; when it is back, a whole picture says so.  Made where there is no capture at all, it
    raises `CaptureUnavailable`."""

    def __init__(
        self,
        make_capture: Callable[[], Capture],
        encoder: Encoder,
        gate: Gate,
        pacer: Pacer,
        send: Send,
        failed: Callable[[CaptureUnavailable], None],
        technician_put: Callable[[tuple[int, int]], bool],
    ) -> None:
        self._make_capture, self._capture = make_capture, make_capture()
        self._encoder, self._gate, self._pacer = encoder, gate, pacer
        self._send, self._failed, self._technician_put = send, failed, technician_put
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._stopping = self._open = False
        self._stopped = threading.Event()
        self._restart = threading.Event()
        self._new_line = False
        self._cursor_due = self._unseen = True
        self._changed = self._new_picture = self._told = False
        self._allowed = threading.Event()
        self._codecs: deque[tuple[VideoCodec, ...]] = deque(maxlen=1)
        """What the console has said since the thread looked last."""
        self._pointer: tuple[int, int] | None = None
        """Where it was seen last."""
        self._pointer_theirs = False
        """Whether the technician put it there: their console knows."""
        self._pointer_untold = True
        self._pointer_at = self._pointer_due = self._look_from = 0.0
        self.pointer_moved_at: float | None = None
        """When somebody else than the technician last moved the pointer, monotonic."""
        self.frames = 0
        """Pictures of which something was handed over."""
        self.bytes = 0
        """Bytes of screen messages handed over."""

    def start(self) -> None:
        """Begin: open the capture, which is looked for again where that fails."""
        self._thread.start()

    def restart(self, new_line: bool) -> None:
        """The console has nothing any more: send the whole picture next.  `new_line`: what was on its way is lost."""
        self._new_line = self._new_line or new_line
        self._restart.set()
        self.gate_changed()

    def decodes(self, codecs: tuple[VideoCodec, ...]) -> None:
        """The moving pictures that the console can draw."""
        self._codecs.append(codecs)
        self._capture.wake()

    @property
    def sending(self) -> Sending:
        """What the pictures of the last moment were mostly made of."""
        return self._encoder.sending

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
        self._stopped.set()
        self._allowed.set()
        self._pacer.reset()
        self._capture.wake()

    def wake(self) -> None:
        """There may be room on the line again.  Never blocks."""
        self._capture.wake()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end, at most `timeout` seconds."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping:
            try:
                if not self._open:
                    self._capture.open()
                    self._open = True
                self._loop()
            except CaptureUnavailable as failure:
                self._capture.close()
                if self._stopping or not self._come_back(failure):
                    break
            except Exception:  # a fault of ours, or no memory: told as any other, not a thread that is gone
                log.exception("the capture failed")
                self._capture.close()
                if self._stopping or not self._come_back(CaptureUnavailable("fault")):
                    break
        self._capture.close()

    def _come_back(self, failure: CaptureUnavailable) -> bool:
        """Tell that there is no picture, and wait until there is one again; False when told to stop."""
        if not self._told:
            self._failed(failure)
        self._told = True
        if failure.final:
            return False
        while not self._stopping:
            self._stopped.wait(AGAIN)
            try:
                self._capture = self._make_capture()
                self._capture.open()
            except CaptureUnavailable:
                self._capture.close()
                continue
            except Exception:
                log.exception("the capture failed")
                self._capture.close()
                continue
            self._open = True
            self._restart.set()
            return True
        return False

    def _loop(self) -> None:
        while not self._stopping:
            if not self._gate.view:
                self._capture.rest()
                while not self._stopping and not self._allowed.wait(LOOK_INTERVAL):
                    self._capture.rest()
                self._unseen = True
                continue
            if self._restart.is_set():
                self._begin_again()
            self._changed |= self._capture.wait(self._until_next())
            self._take_codecs()
            if self._look_due(time.monotonic()):
                self._look(self._pacer.line())
            self._give()
            self._tell_pointer()

    def _begin_again(self) -> None:
        self._restart.clear()
        if self._new_line:
            self._new_line = False
            self._pacer.reset()
        self._encoder.restart()
        self._pointer_untold = self._cursor_due = self._unseen = True

    def _take_codecs(self) -> None:
        while self._codecs:
            self._encoder.decodes(self._codecs.popleft())

    def _until_next(self) -> float:
        """Seconds to wait for a change at most."""
        now = time.monotonic()
        due = self._encoder.due_at(now) if self._pacer.line().room > 0 else float("inf")
        if self._unseen or self._changed:
            due = min(due, self._look_time(now))
        return max(0.0, min(due, self._pointer_due) - now)

    def _look_time(self, now: float) -> float:
        if self._pacer.line().spare <= 0 or not self._capture.ready:
            return float("inf")
        if self._unseen:
            return now
        return max(self._look_from, self._encoder.look_at(self._capture.damaged, now))

    def _look_due(self, now: float) -> bool:
        return (self._unseen or self._changed) and now >= self._look_time(now)

    def _look(self, line: Line) -> None:
        """Grab what changed and show it to the encoder."""
        if not self._gate.view:
            return
        began = time.monotonic()
        damage = ANYWHERE if self._unseen else self._capture.damaged
        picture = self._capture.grab()
        self._gate.grabbed()
        height, width = picture.shape[:2]
        if height * width > limits.SCREEN_AREA or max(height, width) > limits.SCREEN_SIDE:
            raise CaptureUnavailable("too_large")
        self._unseen = self._changed = self._told = False
        self._new_picture = True
        self._encoder.look(picture, damage, self._capture.monitors, line, began)
        ended = time.monotonic()
        self._look_from = ended + min(LONGEST_EASE, EASE * (ended - began))

    def _give(self) -> None:
        """Hand over what may go now.  A change on the desktop comes before the rest of the last one."""
        while self._gate.view and not self._stopping:
            message = self._encoder.next(self._pacer.line(), time.monotonic())
            if message is None:
                return
            self._hand_over(message)
            self.frames += self._new_picture
            self._new_picture = False
            self._changed |= self._capture.wait(0)
            if self._look_due(time.monotonic()):
                return

    def _hand_over(self, message: ScreenMessage) -> None:
        data = inner_codec.to_bytes(message)
        self._pacer.sent(len(data))
        self.bytes += len(data)
        self._send(Lane.SCREEN, data)

    def _tell_pointer(self) -> None:
        """The pointer's picture when it changed; its place when somebody else than the technician moved it."""
        now = time.monotonic()
        if not self._gate.view:
            return
        if not self._capture.ready:
            self._pointer_due = now + LOOK_INTERVAL
            return
        if now < self._pointer_at + POINTER_INTERVAL:
            self._pointer_due = self._pointer_at + POINTER_INTERVAL
            return
        self._pointer_at, self._pointer_due = now, now + LOOK_INTERVAL
        shape = self._capture.cursor(self._cursor_due)
        self._cursor_due = False
        if shape is not None:
            message = inner.CursorShape(
                width=shape.width, height=shape.height, hot_x=shape.hot_x, hot_y=shape.hot_y, rgba=shape.rgba
            )
            self._send(Lane.CURSOR, inner_codec.to_bytes(message))
        at, before = self._capture.pointer(), self._pointer
        if self._technician_put(at):
            self._pointer_theirs = True
        elif at != before:
            self._pointer_theirs = False
            if before is not None:
                self.pointer_moved_at = now
        if (at != before or self._pointer_untold) and not self._pointer_theirs:
            self._send(Lane.CURSOR, inner_codec.to_bytes(inner.CursorAt(x=at[0], y=at[1])))
        self._pointer, self._pointer_untold = at, False
