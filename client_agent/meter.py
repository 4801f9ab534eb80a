"""The small meters of a live session: round trip, rate, pictures per second, cost.  Pure: clocks are parameters.

Counterpart: the console answers each ping at once.
"""

from client_agent.encode.base import Sending
from client_agent.events import CostNow, MeterNow
from protocol import control, inner

PING = 2.0
"""Seconds between two pings."""
PERIOD = 0.9
"""Seconds between two figures at least."""


class Meter:
    """One session's."""

    def __init__(self, now: float) -> None:
        self._pinged = self._measured = now
        self._nonce = self._pictures = self._bytes = 0
        self._flying: dict[int, float] = {}
        self._rtt_ms: int | None = None

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
        if sent is not None:
            self._rtt_ms = max(5, round((now - sent) * 100) * 10)

    def new_line(self) -> None:
        """What was asked on the old line will not be answered."""
        self._flying.clear()

    def read(self, now: float, pictures: int, sent: int, sending: Sending) -> MeterNow | None:
        """Figures since the last ones, from the counts of pictures and bytes so far; None when it is too early."""
        seconds = now - self._measured
        if seconds < PERIOD:
            return None
        figures = MeterNow(
            rtt_ms=self._rtt_ms,
            kbit_s=_coarse((sent - self._bytes) * 8 / 1000 / seconds),
            frames_s=round((pictures - self._pictures) / seconds),
            sending=sending if pictures > self._pictures else "nothing",
        )
        self._measured, self._pictures, self._bytes = now, pictures, sent
        return figures


def _coarse(kbit: float) -> int:
    """In steps of 50 to 1000.  These figures stand on the screen that is being sent: were they exact, they would
    change for ever, each time because they had changed."""
    step = 50 if kbit < 1000 else 100 if kbit < 10_000 else 1000
    return int(kbit // step) * step


def cost(told: control.Meter) -> CostNow:
    """What the session has come to, as the broker told it."""
    return CostNow(
        connected_s=told.connected_s, rounded_minutes=told.rounded_minutes, charged_minor=told.charged_minor,
        currency=told.currency, minutes_left=told.minutes_left,
    )  # fmt: skip
