"""An end-to-end session as each of its two ends sees it: one table of states, its deadlines, its connected time.

Used by the agent and by the Python console alike; the broker keeps its own account, of events. Counterpart:
`operator_console/web/src/session/machine.ts`. Clocks are this computer's monotonic ones, in seconds, and passed in.
An ended session never comes back, whatever is asked of it.

                 EXCHANGE            AGREED            LINE_UP
    REQUESTED ────────────▶ PAIRING ────────▶ PAIRED ◀────────▶ CONNECTED
                                                │     LINE_DOWN     │
                                        CONSENT │                   │ CONSENT
                                                ▼     LINE_UP       ▼   LINE_DOWN
                                             GRANTED ───────────▶ LIVE ◀─────────▶ PAUSED
                                                                        LINE_UP
    every state ──END──▶ ENDED
"""

from enum import Enum

from protocol import limits
from protocol.control import EndReason
from protocol.errors import BadTransition, TicketRefused


class State(Enum):
    """Where a session stands. Picture and input may pass in `LIVE` alone."""

    REQUESTED = "requested"
    PAIRING = "pairing"
    PAIRED = "paired"
    """The customer is asked; no line yet."""
    CONNECTED = "connected"
    """The customer is asked; the line is ready."""
    GRANTED = "granted"
    """The customer agreed; no line yet."""
    LIVE = "live"
    PAUSED = "paused"
    """The line was lost."""
    ENDED = "ended"


class Event(Enum):
    """What happens to a session."""

    EXCHANGE = "the exchange's beginning"
    AGREED = "an agreed key"
    LINE_UP = "a ready line"
    LINE_DOWN = "the line's loss"
    CONSENT = "consent"
    END = "an end"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.REQUESTED, Event.EXCHANGE): State.PAIRING,
    (State.PAIRING, Event.AGREED): State.PAIRED,
    (State.PAIRED, Event.LINE_UP): State.CONNECTED,
    (State.CONNECTED, Event.LINE_DOWN): State.PAIRED,
    (State.PAIRED, Event.CONSENT): State.GRANTED,
    (State.CONNECTED, Event.CONSENT): State.LIVE,
    (State.GRANTED, Event.LINE_UP): State.LIVE,
    (State.LIVE, Event.LINE_DOWN): State.PAUSED,
    (State.PAUSED, Event.LINE_UP): State.LIVE,
    **{(state, Event.END): State.ENDED for state in State if state is not State.ENDED},
}

DEADLINES: dict[State, tuple[float, EndReason]] = {
    State.REQUESTED: (limits.PAIRING_RUN, "pairing_failed"),
    State.PAIRING: (limits.PAIRING_RUN, "pairing_failed"),
    State.PAIRED: (limits.CONSENT, "consent_timeout"),
    State.CONNECTED: (limits.CONSENT, "consent_timeout"),
    State.GRANTED: (limits.RESUME, "line_lost"),
    State.PAUSED: (limits.RESUME, "line_lost"),
}
"""Seconds that a state may last, and the reason of the end that follows. The agent's clock decides (steps 19, 24)."""

WITHOUT_LINE = frozenset({State.PAIRED, State.GRANTED, State.PAUSED})


class Session:
    """One session at one end. `reason` is set once it has ended."""

    def __init__(self, now: float) -> None:
        self.state = State.REQUESTED
        self.reason: EndReason | None = None
        self.last_g = 0
        """The last generation used; 0 for none."""
        self._since = now
        self._connected = 0.0

    def fire(self, event: Event, now: float) -> None:
        """Take a step. Raises `BadTransition` when the table has none. An end goes through `end`."""
        after = TRANSITIONS.get((self.state, event))
        if after is None:
            raise BadTransition("A session", self.state.value, event.value)
        if self.state is State.LIVE:
            self._connected += now - self._since
        if {self.state, after} != {State.PAIRED, State.CONNECTED}:  # the customer's minute goes on
            self._since = now
        self.state = after

    def end(self, reason: EndReason, now: float) -> None:
        """End it for good. Raises `BadTransition` if it has ended: the first reason stands."""
        self.fire(Event.END, now)
        self.reason = reason

    def use_generation(self, g: int) -> None:
        """A ticket for generation `g` came: spend it, whatever becomes of its handshake.

        Raises `TicketRefused` for a generation used before, `BadTransition` when no line is wanted.
        """
        if self.state not in WITHOUT_LINE:
            raise BadTransition("A session", self.state.value, "a new line")
        if g <= self.last_g:
            raise TicketRefused("old_generation")
        self.last_g = g

    def deadline(self) -> tuple[float, EndReason] | None:
        """When the state must be left, on the caller's clock, and the reason to `end` with; None for no limit."""
        if (limit := DEADLINES.get(self.state)) is None:
            return None
        seconds, reason = limit
        return self._since + seconds, reason

    def connected_s(self, now: float) -> float:
        """Seconds live so far; pauses do not count."""
        return self._connected + (now - self._since if self.state is State.LIVE else 0)
