"""When a session must end by itself: no answer, no line, no broker, nobody doing anything, the customer's limit.

Counterparts: `session.py` looks every second and ends it; the states' own limits are `protocol.session`'s.
Pure: clocks are parameters.
"""

from protocol import limits
from protocol.control import EndReason
from protocol.session import Session, State

LOOK = 1.0
"""Seconds between two looks at most."""
INACTIVITY_AT_LEAST, INACTIVITY_AT_MOST = 60, 24 * 3600
"""Seconds: the agent clamps what the broker asks (pairing rule 5)."""


class Deadlines:
    """One session's.  `inactivity_s`: what the offer says."""

    def __init__(self, machine: Session, inactivity_s: int, now: float) -> None:
        self._machine, self._inactivity_s = machine, inactivity_s
        self._active_at = now
        self._broker_lost_at: float | None = None
        self._limit_s: float | None = None
        """Connected seconds at which the customer wants to be asked again."""
        self._answer_by: float | None = None
        """While they are asked."""

    def active(self, now: float) -> None:
        """Somebody did something."""
        self._active_at = max(self._active_at, now)

    def broker_lost(self, now: float) -> None:
        """The control line is gone; without it the session lasts for `limits.RESUME` at most."""
        if self._broker_lost_at is None:
            self._broker_lost_at = now

    def broker_back(self) -> None:
        """There is a control line again."""
        self._broker_lost_at = None

    def limit(self, minutes: int | None, now: float) -> None:
        """Ask the customer again after so many minutes more of connected time (pauses do not count), or not at all.

        Who says so is there: it counts as something done.
        """
        self.active(now)
        self._limit_s = None if minutes is None else self._machine.connected_s(now) + minutes * 60
        self._answer_by = None

    def limit_reached(self, now: float) -> float | None:
        """Told once: by when the customer must say that it goes on."""
        if self._limit_s is None or self._machine.connected_s(now) < self._limit_s:
            return None
        self._limit_s, self._answer_by = None, now + limits.CONSENT
        return self._answer_by

    @property
    def asking(self) -> bool:
        """Whether the customer is being asked whether it goes on."""
        return self._answer_by is not None

    def due(self, now: float, agreeing: bool) -> EndReason | None:
        """Why it must end now, if it must.  `agreeing`: the customer has agreed in time, and it is being recorded."""
        limit = self._machine.deadline()
        if limit is not None and now >= limit[0] and not agreeing:
            return limit[1]
        if self._broker_lost_at is not None and now - self._broker_lost_at >= limits.RESUME:
            return "broker_lost"
        if self._answer_by is not None and now >= self._answer_by:
            return "limit"
        inactivity = max(INACTIVITY_AT_LEAST, min(self._inactivity_s, INACTIVITY_AT_MOST))
        if self._machine.state is State.LIVE and now - self._active_at >= inactivity:
            return "inactivity"
        return None

    def next_look(self, now: float) -> float:
        """Seconds to sleep before the next look."""
        limit = self._machine.deadline()
        return min(LOOK, max(0.01, limit[0] - now)) if limit else LOOK
