"""The small meters of a live session: round trip, rate, pictures per second, cost.  Pure: clocks are parameters.

Counterpart: the console answers each ping at once.  The figures stand on the screen that is being sent: were they
exact, they would change for ever, each time because they had changed.
"""

from collections import deque
from statistics import median

from client_agent.encode.base import Sending
from client_agent.events import CostNow, MeterNow
from protocol import control, inner

PING = 2.0
"""Seconds between two pings."""
PERIOD = 0.9
"""Seconds between two figures at least."""
TRIPS = 5
"""Round trips of which the middle one counts."""
FEW = 3
"""Pictures a second, of few bytes, that count as none: those of a caret, a clock, and of these figures themselves."""


class Meter:
    """One session's."""

    def __init__(self, now: float) -> None:
        self._pinged = self._measured = now
        self._nonce = self._pictures = self._bytes = 0
        self._flying: dict[int, float] = {}
        self._trips: deque[float] = deque(maxlen=TRIPS)
        self._rtt: float | None = None
        """The round trip as it was told last, in seconds."""
        self._told: MeterNow | None = None

    def ping(self, now: float) -> inner.Ping | None:
        """The next ping, if it is time."""
        if now - self._pinged < PING:
            return None
        self._pinged, self._nonce = now, self._nonce + 1
        self._flying[self._nonce] = now
        return inner.Ping(nonce=self._nonce)

    def pong(self, message: inner.Pong, now: float) -> None:
        """An answer; one that was not asked for is ignored."""
        sent = self._flying.pop(message.nonce, None)
        if sent is None:
            return
        self._trips.append(now - sent)
        rtt = median(self._trips)  # one late answer is no slow line
        if self._rtt is None or abs(rtt - self._rtt) > max(0.01, self._rtt / 4):
            self._rtt = rtt

    def new_line(self) -> None:
        """What was asked on the old line will not be answered, and what was told of it holds no more."""
        self._flying.clear()
        self._trips.clear()
        self._rtt = self._told = None

    def read(self, now: float, pictures: int, sent: int, sending: Sending) -> MeterNow | None:
        """Figures since the last ones, from the counts of pictures and bytes so far; None when it is too early, or they
        are what was told last."""
        seconds = now - self._measured
        if seconds < PERIOD:
            return None
        kbit_s = _coarse((sent - self._bytes) * 8 / 1000 / seconds)
        frames_s = round((pictures - self._pictures) / seconds)
        if kbit_s == 0 and frames_s <= FEW:
            frames_s, sending = 0, "nothing"
        figures = MeterNow(
            rtt_ms=None if self._rtt is None else max(5, round(self._rtt * 100) * 10),
            kbit_s=kbit_s, frames_s=frames_s, sending=sending,
        )  # fmt: skip
        self._measured, self._pictures, self._bytes = now, pictures, sent
        if figures == self._told:
            return None
        self._told = figures
        return figures


def _coarse(kbit: float) -> int:
    """In steps of 50 to 1000."""
    step = 50 if kbit < 1000 else 100 if kbit < 10_000 else 1000
    return int(kbit // step) * step


def cost(told: control.Meter) -> CostNow:
    """What the session has come to, as the broker told it."""
    return CostNow(
        connected_s=told.connected_s, rounded_minutes=told.rounded_minutes, charged_minor=told.charged_minor,
        currency=told.currency, minutes_left=told.minutes_left,
    )  # fmt: skip
