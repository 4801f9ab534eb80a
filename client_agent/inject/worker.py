"""The thread that gives input: asks the gate and the window's guard before each event, and holds nothing afterwards.

Counterpart: `client_agent.session` hands over what the technician sends.  Pairing rule 6: presses over the agent's
own windows, keys while one of them has the focus, and everything while the customer is asked something, are dropped;
letting go is always allowed, so that nothing stays pressed.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Literal

from client_agent.errors import AgentError, InjectUnavailable
from client_agent.events import WindowGuard
from client_agent.gate import Gate
from client_agent.inject.base import Injector
from protocol import inner

Input = inner.PointerMove | inner.PointerButton | inner.Wheel | inner.Key | inner.Text | inner.ReleaseAll

QUEUE = 2_000
"""Events waiting at most; more are dropped, and counted."""

FOCUS_MOVES_S = 0.5
"""How long after a click, or the session's beginning, a key waits for the keyboard to leave the agent's window."""
FOCUS_LOOK_S = 0.01
AGAIN_S = 0.1
"""A desktop that went away is looked for at most so often."""
PLACES = 256
"""Places of the pointer that are remembered: more than come between two looks at it."""

Drop = Literal["gate", "own_window", "own_focus", "prompt", "full", "failed"]


class InputWorker:
    """Owns an injector and its thread."""

    def __init__(
        self, injector: Injector, gate: Gate, guard: WindowGuard, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._injector, self._gate, self._guard, self._clock = injector, gate, guard, clock
        self._focus_moves_until = clock() + FOCUS_MOVES_S
        self._opened_at = clock()
        self._waiting: deque[Input | Callable[[], None]] = deque()
        self._ready = threading.Condition()
        self._release = False
        self._stopping = False
        self._held: set[tuple[str, object]] = set()
        self.dropped: Counter[Drop] = Counter()
        self._places: deque[tuple[int, int]] = deque(maxlen=PLACES)
        """Where the technician put the pointer, the last one last."""
        self._thread = threading.Thread(target=self._run, name="inject", daemon=True)

    def start(self) -> None:
        """Open the injector and begin; where the desktop is away, the first event after its return opens it.

        Raises `InjectUnavailable` where no input can be given.
        """
        try:
            self._injector.open()
        except InjectUnavailable as failure:
            if not failure.passing:
                raise
        self._thread.start()

    @property
    def withheld(self) -> bool:
        """Whether the desktop lets no input in."""
        return self._injector.withheld

    def give(self, event: Input) -> None:
        """Hand over one event.  Never blocks."""
        with self._ready:
            if len(self._waiting) >= QUEUE:
                self.dropped["full"] += 1
                return
            self._waiting.append(event)
            self._ready.notify()

    def after(self, done: Callable[[], None]) -> None:
        """Call `done`, in the worker's thread, when all that was given before has been injected or dropped."""
        with self._ready:
            self._waiting.append(done)
            self._ready.notify()

    def has_put(self, place: tuple[int, int]) -> bool:
        """Whether the technician has put the pointer there, after the place for which this was true last."""
        with self._ready:
            known = place in self._places
            while known and self._places.popleft() != place:
                pass
        return known

    def let_go(self) -> None:
        """Drop what waits and release all keys and buttons.  Never blocks."""
        with self._ready:
            self._waiting = deque(item for item in self._waiting if callable(item))
            self._release = True
            self._ready.notify()

    def stop(self) -> None:
        """`let_go`, and end the thread.  Does not wait for it."""
        with self._ready:
            self._waiting.clear()
            self._stopping = True
            self._ready.notify()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end, at most `timeout` seconds."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._waiting or self._release or self._stopping)
                if self._stopping:
                    break
                release, self._release = self._release, False
                event = self._waiting.popleft() if self._waiting and not release else None
            try:
                if release:
                    self._let_go()
                elif callable(event):
                    event()
                elif event is not None:
                    self._inject(event)
            except Exception:  # a server that went away, a driver's refusal: nothing must end this thread holding keys
                self.dropped["failed"] += 1
                self._open_again()
        try:
            self._injector.close()
        except AgentError:
            pass

    def _inject(self, event: Input) -> None:
        """Where the desktop is another one than before, the first key that finds that out is not lost."""
        before = self._gate.last_injection
        try:
            self._handle(event)
        except Exception:
            begun = self._gate.last_injection != before  # of a text, a part is there
            if begun or not self._open_again():
                raise
            self._handle(event)

    def _open_again(self) -> bool:
        """A desktop that went away may be back: whether it is."""
        now = self._clock()
        if now < self._opened_at + AGAIN_S:
            return False
        self._opened_at = now
        self._held.clear()
        try:
            self._injector.close()
            self._injector.open()
        except AgentError:
            return False
        return True

    def _let_go(self) -> None:
        self._injector.release_all()
        self._held.clear()

    def _handle(self, event: Input) -> None:
        match event:
            case inner.ReleaseAll():
                self._let_go()
            case inner.PointerButton(down=False):
                self._button_up(event)
            case inner.Key(down=False):
                if self._was_held("key", event.code or event.key):
                    self._injector.key(event.key, event.code, False)
            case inner.PointerMove() | inner.PointerButton() | inner.Wheel():
                if self._allowed() and not self._covered(event.x, event.y):
                    self._point(event)
            case inner.Key():
                if not self._may_type():
                    return
                self._injector.prepare(event.key, event.code)
                if self._may_type():  # asked again: the customer may have disconnected meanwhile (Q4)
                    self._held.add(("key", event.code or event.key))
                    self._injector.key(event.key, event.code, True)
                    self._gate.injected()
            case inner.Text():
                self._type(event.text)

    def _point(self, event: inner.PointerMove | inner.PointerButton | inner.Wheel) -> None:
        self._move(event.x, event.y)
        if not self._allowed():  # asked again: to find the place and to move there may take a while
            return
        if isinstance(event, inner.PointerButton):
            self._held.add(("button", event.button))
            self._focus_moves_until = self._clock() + FOCUS_MOVES_S
            self._injector.button(event.button, True)
        elif isinstance(event, inner.Wheel):
            self._injector.wheel(event.dx, event.dy)
        self._gate.injected()

    def _button_up(self, event: inner.PointerButton) -> None:
        if not self._was_held("button", event.button):
            return
        if self._gate.control and not self._guard.prompt_open() and self._clear(event.x, event.y):
            self._move(event.x, event.y)
        self._injector.button(event.button, False)

    def _move(self, x: int, y: int) -> None:
        with self._ready:
            self._places.append((x, y))  # before it is there: whoever looks at once knows whose move it was
        self._injector.move(x, y)

    def _type(self, text: str) -> None:
        def go_on() -> bool:
            return not (self._release or self._stopping) and self._may_type()

        if go_on():
            self._injector.text(text, go_on, self._gate.injected)

    def _was_held(self, what: str, which: object) -> bool:
        if (what, which) not in self._held:
            return False
        self._held.discard((what, which))
        return True

    def _may_type(self) -> bool:
        return self._allowed() and not self._own_focus()

    def _allowed(self) -> bool:
        if not self._gate.control:
            self.dropped["gate"] += 1
            return False
        if self._guard.prompt_open():
            self.dropped["prompt"] += 1
            return False
        return True

    def _covered(self, x: int, y: int) -> bool:
        if not self._clear(x, y):
            self.dropped["own_window"] += 1
            return True
        return False

    def _clear(self, x: int, y: int) -> bool:
        """Whether no window of the agent is there; where that cannot be said, there may be one."""
        at = self._injector.place(x, y)
        return at is not None and not self._guard.covers(*at)

    def _own_focus(self) -> bool:
        """Whether the agent has the keyboard; just after a click elsewhere, the desktop may still be moving it."""
        with self._ready:
            while (
                (left := self._focus_moves_until - self._clock()) > 0
                and self._guard.has_focus()
                and self._gate.control
                and not (self._release or self._stopping)
            ):
                self._ready.wait(min(left, FOCUS_LOOK_S))
        if self._guard.has_focus():
            self.dropped["own_focus"] += 1
            return True
        return False
