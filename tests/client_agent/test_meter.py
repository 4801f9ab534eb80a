"""The meter in the customer's window: what it tells, and that it is still while nothing happens."""

from client_agent.encode.base import Sending
from client_agent.events import MeterNow
from client_agent.meter import Meter
from protocol import inner


class Session:
    """A meter, and a console that answers after `rtt` seconds."""

    def __init__(self) -> None:
        self.meter, self.now, self.rtt = Meter(0.0), 0.0, 0.04
        self.pictures = self.bytes = self.pings = 0

    def second(self, pictures: int = 0, each: int = 0, sending: Sending = "exact") -> MeterNow | None:
        """The next one, with so many pictures of `each` bytes: what is told at its end."""
        self.now += 1
        if (ping := self.meter.ping(self.now)) is not None:
            self.pings += 1
            self.meter.pong(inner.Pong(nonce=ping.nonce), self.now + self.rtt)
        self.pictures, self.bytes = self.pictures + pictures, self.bytes + pictures * each
        return self.meter.read(self.now, self.pictures, self.bytes, sending)


def test_figures_are_told_when_they_change() -> None:
    session = Session()
    assert session.second(15, 4_000, "video") == MeterNow(rtt_ms=None, kbit_s=450, frames_s=15, sending="video")
    assert session.second(15, 4_000, "video") == MeterNow(rtt_ms=40, kbit_s=450, frames_s=15, sending="video")
    assert session.second(15, 4_000, "video") is None
    assert session.second() == MeterNow(rtt_ms=40, kbit_s=0, frames_s=0)


def test_nothing_but_pings_in_ten_minutes_of_rest() -> None:
    session = Session()
    session.second(), session.second()
    told = []
    for second in range(600):
        session.rtt = 0.04 + 0.008 * (second % 3)
        told.append(session.second())
    assert told == [None] * 600
    assert session.pings <= 301


def test_what_the_meter_itself_repaints_does_not_make_it_run() -> None:
    session = Session()
    session.second(), session.second()
    assert [session.second(pictures % 3, 400) for pictures in range(60)] == [None] * 60


def test_a_single_late_answer_is_no_slow_line_and_a_slow_line_is_told() -> None:
    session = Session()
    for _ in range(10):
        session.second()
    session.rtt = 0.9
    session.second(), session.second()
    session.rtt = 0.04
    assert [session.second() for _ in range(10)] == [None] * 10
    session.rtt = 0.3
    told = [found for _ in range(10) if (found := session.second())]
    assert [found.rtt_ms for found in told] == [300]


def test_a_new_line_is_told_anew() -> None:
    session = Session()
    session.second(), session.second()
    session.meter.new_line()
    assert session.second() == MeterNow(rtt_ms=None, kbit_s=0, frames_s=0)
