"""How a rate is found, on a line that exists only in arithmetic: exact, and in no time (Q10, rule 9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.bandwidth import CHUNK, TOLERANCE, Figures, Measurement, Meter, enough, on_the_wire
from protocol import control, limits
from protocol.codec import to_text
from protocol.errors import BadTransition
from protocol.text import b64url


class Shaper:
    """A token bucket with a queue: when the last byte of a message arrives.  Rates in bytes per second."""

    def __init__(self, rate: float, burst: float, delay: float = 0.0) -> None:
        self.rate, self.burst, self.delay = rate, burst, delay
        self.tokens, self.at = burst, 0.0

    def arrival(self, size: float, now: float) -> float:
        """When a message of so many bytes, sent at `now`, has arrived."""
        begin = max(now, self.at)
        self.tokens = min(self.burst, self.tokens + (begin - self.at) * self.rate) - size
        self.at = begin
        if self.tokens < 0:
            self.at += -self.tokens / self.rate
            self.tokens = 0.0
        return self.at + self.delay


def measured(down: Shaper, up: Shaper) -> tuple[Figures, float, int, int]:
    """Play a measurement against an honest agent; the figures, how long it took, and bytes of text each way."""
    measurement = Measurement(1024, bytes)
    now, to_send, window, seq, sent_down, sent_up = 0.0, 0, 0, 0, 0, 0
    chunk = b64url(bytes(CHUNK))
    coming: list[tuple[float, int, control.Message, bool]] = []
    order = 0

    def post(messages: list[control.Message]) -> None:
        nonlocal order, sent_down
        for message in messages:
            size = len(to_text(message))
            sent_down += size
            order += 1
            coming.append((down.arrival(on_the_wire(size), now), order, message, True))

    def answer(message: control.Message) -> None:
        nonlocal order, sent_up
        size = len(to_text(message))
        sent_up += size
        order += 1
        coming.append((up.arrival(on_the_wire(size), now), order, message, False))

    post(measurement.begin(now))
    while measurement.figures is None:
        coming.sort(key=lambda one: one[:2])
        if not coming or coming[0][0] > measurement.deadline:
            now = measurement.deadline
            post(measurement.expired(now))
            continue
        now, _, message, at_agent = coming.pop(0)
        if not at_agent:
            if isinstance(message, control.ProbeAck):
                post(measurement.acked(message, now))
            elif isinstance(message, control.Probe):
                post(measurement.received(message, now))
            continue
        match message:
            case control.Probe():
                answer(control.ProbeAck(seq=message.seq))
            case control.ProbeUpload():
                to_send, window = message.total_bytes // message.chunk_bytes, message.window
                while window and to_send:
                    answer(control.Probe(seq=seq, data=chunk))
                    seq, to_send, window = seq + 1, to_send - 1, window - 1
            case control.ProbeAck():
                if to_send:
                    answer(control.Probe(seq=seq, data=chunk))
                    seq, to_send = seq + 1, to_send - 1
    return measurement.figures, now, sent_down, sent_up


def line(kbit: float, burst: float = 16 * 1024, delay: float = 0.0) -> Shaper:
    return Shaper(kbit * 125, burst, delay)


@pytest.mark.parametrize("burst", [2_000, 16 * 1024, 64 * 1024])
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("kbit", [256, 512, 1024, 2048])
def test_a_shaped_line_is_measured_within_five_per_cent(kbit: int, delay: float, burst: int) -> None:
    figures, took, _, _ = measured(line(kbit, burst, delay), line(kbit, burst, delay))
    assert figures.down_kbit == pytest.approx(kbit, rel=0.05)
    assert figures.up_kbit == pytest.approx(kbit, rel=0.05)
    assert took < 10


def test_each_direction_is_its_own() -> None:
    figures, _, _, _ = measured(line(8000), line(700))
    assert figures.down_kbit == pytest.approx(8000, rel=0.1)
    assert figures.up_kbit == pytest.approx(700, rel=0.05)
    result = figures.result(1024)
    assert not result.ok
    assert result.floor_kbit == 1024


def test_the_round_trip_is_told() -> None:
    figures, _, _, _ = measured(line(10_000, delay=0.04), line(10_000, delay=0.03))
    assert figures.rtt_ms == pytest.approx(70, abs=2)


def test_a_fast_line_is_done_at_once_and_credited_less_a_burst() -> None:
    figures, took, _, _ = measured(line(1_000_000), line(1_000_000))
    assert took < 0.1
    assert 200_000 < figures.down_kbit <= 1_000_000


def test_a_big_burst_alone_does_not_pass_for_a_fast_line() -> None:
    figures, _, _, _ = measured(line(300, 256 * 1024), line(300, 256 * 1024))
    assert not figures.result(1024).ok


def test_a_fast_line_is_not_slow_because_its_end_was_looked_at_late() -> None:
    """Most of it is there before the warm-up is over; of the rest the last chunk waits for a busy computer."""
    meter = Meter(0.0)
    for at in (0.01, *[0.2] * 80, *[0.3101] * 4, 0.6):
        meter.arrived(8 * 1024, at)
    assert enough(meter.kbit(0.6), 1024)


def test_never_more_than_a_megabyte_each_way() -> None:
    for kbit in (300, 5_000, 1_000_000):
        _, _, sent_down, sent_up = measured(line(kbit), line(kbit))
        acks = 150 * 60
        assert sent_down <= limits.PROBE_TOTAL + acks
        assert sent_up <= limits.PROBE_TOTAL + acks


def test_a_line_that_carries_next_to_nothing_is_judged_in_time() -> None:
    figures, took, _, _ = measured(line(20), line(20))
    assert took < 30
    assert not figures.result(1024).ok


def test_the_tolerance_is_what_is_said() -> None:
    assert enough(1024, 1024)
    assert enough(round(1024 * (1 - TOLERANCE)) + 1, 1024)
    assert not enough(round(1024 * (1 - TOLERANCE)) - 1, 1024)


def test_what_was_never_sent_cannot_be_acknowledged() -> None:
    measurement = Measurement(1024, bytes)
    measurement.begin(0.0)
    with pytest.raises(BadTransition):
        measurement.acked(control.ProbeAck(seq=1), 0.1)


@given(st.lists(st.tuples(st.floats(0, 1, allow_nan=False), st.integers(1, 70_000)), max_size=60))
def test_a_meter_takes_anything(steps: list[tuple[float, int]]) -> None:
    meter, now = Meter(0.0), 0.0
    for wait, size in steps:
        now += wait
        meter.arrived(size, now)
    assert meter.kbit(now) >= 0
