"""A slow line gets fewer pictures, not older ones."""

import random
from collections.abc import Callable

import pytest

from client_agent.encode.film import SHARE
from client_agent.encode.pacer import LATE, SMALLEST, Pacer
from client_agent.encode.video import SMALLEST_PICTURE


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Road:
    """A line that carries `rate` bytes a second, and whose way there and back takes `round_trip` seconds."""

    def __init__(self, clock: Clock, pacer: Pacer, rate: float, round_trip: float = 0.04) -> None:
        self.clock, self.pacer, self.rate, self.round_trip = clock, pacer, rate, round_trip
        self._free_at = clock.now
        self._flying: list[tuple[float, float]] = []
        """Of each message, how long it waited for the line, and when it is drawn."""
        self.late: Callable[[], float] = lambda: 0.0
        """Seconds that the computers at both ends take for the next message."""
        self.bucket = self._saved = 0.0
        """Bytes that it takes in at once when it had nothing to do before (a token bucket)."""

    def drive(self, seconds: float, size: int) -> tuple[float, int]:
        """Send messages of `size` bytes as the pacer allows: longest queue in that time (s), bytes delivered."""
        end, delivered, worst = self.clock.now + seconds, 0, 0.0
        while self.clock.now < end:
            while self.pacer.line().room > 0:
                self.send(size)
            worst, delivered = max(worst, self.comes_back()), delivered + size
        return worst, delivered

    def send(self, size: int) -> float:
        """One message; how long it waits for the line."""
        waits = self._free_at - self.clock.now
        self._saved = min(self.bucket, self._saved + max(0.0, -waits) * self.rate)
        at_once, waits = min(size, self._saved), max(0.0, waits)
        self._saved -= at_once
        self._free_at = self.clock.now + waits + (size - at_once) / self.rate
        self._flying.append((waits, self._free_at + self.round_trip + self.late()))
        self.pacer.sent(size)
        return waits

    def comes_back(self) -> float:
        """The oldest message is drawn: how long it waited."""
        waited, back = self._flying.pop(0)
        self.clock.now = max(self.clock.now, back)
        self.pacer.acked(1)
        return waited

    def play(self, seconds: float, fps: int = 18) -> list[float]:
        """A film, as `film.py` sends one, and a few pixels now and then: what each picture waited for the line (s)."""
        waits: list[float] = []
        begun = self.clock.now
        for half in range(int(2 * fps * seconds)):
            due = begun + half / (2 * fps)
            while self._flying and self._flying[0][1] <= due:
                self.comes_back()
            self.clock.now = due
            if half % 2 and self.pacer.line().room > 0:
                waits.append(self.send(max(SMALLEST_PICTURE, int(self.pacer.rate * SHARE / fps))))
            elif half % 10 == 0:
                self.send(60)
        return waits


def road(kbit: int, believed: int, round_trip: float = 0.04) -> Road:
    clock = Clock()
    return Road(clock, Pacer(clock, believed), kbit * 125, round_trip)


@pytest.mark.parametrize(
    ("kbit", "believed", "round_trip", "size", "queue"),
    [
        pytest.param(1_024, 100_000, 0.04, 2_000, LATE, id="slow"),
        pytest.param(256, 1_024, 0.2, 1_500, 0.11, id="very slow, with a long way"),
        pytest.param(80_000, 1_000, 0.04, 20_000, LATE, id="fast"),
    ],
)
def test_a_line_is_filled_and_has_no_queue_to_speak_of(
    kbit: int, believed: int, round_trip: float, size: int, queue: float
) -> None:
    line = road(kbit, believed, round_trip)
    line.drive(3, size)
    worst, delivered = line.drive(10, size)
    assert worst < queue
    assert delivered > 0.9 * kbit * 125 * 10


def test_it_follows_a_line_that_changes_within_two_seconds() -> None:
    line = road(8_000, believed=8_000)
    line.drive(5, 4_000)
    line.rate = 125_000
    line.drive(2, 4_000)
    worst, delivered = line.drive(2, 4_000)
    assert worst < LATE
    assert delivered > 0.8 * 125_000 * 2
    assert 100_000 < line.pacer.rate < 150_000
    line.rate = 1_000_000
    line.drive(2, 4_000)
    _, delivered = line.drive(2, 4_000)
    assert delivered > 0.9 * 1_000_000 * 2
    assert line.pacer.rate > 900_000


def test_a_film_finds_the_faster_line_that_it_does_not_fill() -> None:
    line = road(1_000, believed=1_000)
    line.play(5)
    line.rate = 1_000_000
    line.play(2)
    assert line.pacer.rate > 500_000


def test_a_film_finds_the_slower_line_that_it_did_not_fill_before() -> None:
    line = road(8_000, believed=8_000)
    line.play(5)
    line.rate = 125_000
    assert max(line.play(1)) < 0.8  # what fitted into 100 ms of the fast line
    assert max(line.play(3)) < LATE
    assert line.pacer.rate < 130_000


@pytest.mark.parametrize("round_trip", [0.04, 0.2])
@pytest.mark.parametrize("kbit", [256, 1_024, 8_000])
def test_a_film_leaves_some_of_the_line_over(kbit: int, round_trip: float) -> None:
    """However unevenly both computers work, and from whichever belief it began."""
    chance = random.Random(kbit)
    for believed in (kbit // 4, kbit):
        line = road(kbit, believed, round_trip)
        line.late = lambda: chance.uniform(0, 0.015)
        line.play(10)
        assert line.pacer.rate * SHARE < kbit * 125


def test_a_pause_of_a_computer_makes_no_line_slow_for_long() -> None:
    line = road(8_000, believed=8_000)
    line.play(5)
    believed = line.pacer.rate
    pause = iter([0.3, 0.27, 0.24, 0.21, 0.18, 0.15, 0.12, 0.09, 0.06, 0.03])
    line.late = lambda: next(pause, 0.0)
    line.play(2)
    assert line.pacer.rate > 0.8 * believed


def test_a_way_that_becomes_longer_is_believed_in_the_end() -> None:
    line = road(1_024, believed=1_024)
    line.drive(3, 2_000)
    line.round_trip = 0.4
    line.drive(10, 2_000)
    _, delivered = line.drive(5, 2_000)
    assert delivered > 0.7 * 128_000 * 5


@pytest.mark.parametrize(("before", "after"), [(0.04, 0.14), (0.04, 0.4), (0.2, 0.3)])
@pytest.mark.parametrize("kbit", [1_024, 8_000])
def test_a_film_gets_over_a_longer_way(kbit: int, before: float, after: float) -> None:
    """A way that looks like a queue, and like a lower rate."""
    line = road(kbit, kbit, before)
    line.play(5)
    line.round_trip = after
    line.play(30)
    assert max(line.play(5)) < LATE
    assert line.pacer.rate > 0.3 * kbit * 125


def test_one_late_message_after_a_rest_empties_no_line() -> None:
    line = road(8_000, believed=8_000)
    line.drive(3, 4_000)
    while line._flying:
        line.comes_back()
    window = line.pacer.window
    for late in (0.0, 0.03, 0.0, 0.03):
        line.clock.now += 10
        line.late = lambda late=late: late  # type: ignore[misc]
        line.send(300)
        line.comes_back()
        assert line.pacer.window >= 0.9 * window


def test_a_line_that_stood_still_is_soon_used_again() -> None:
    line = road(8_000, believed=8_000, round_trip=0.2)
    line.drive(5, 20_000)
    line._free_at += 12
    line.drive(12 + 8, 20_000)
    _, delivered = line.drive(5, 20_000)
    assert delivered > 0.8 * 1_000_000 * 5


def test_what_a_line_takes_in_at_once_is_not_its_rate() -> None:
    line = road(1_024, believed=1_024)
    line.bucket = 32_000
    line.play(10)
    waits = line.play(60)
    assert sum(wait > 0.1 for wait in waits) < 0.03 * len(waits)


def test_a_console_that_draws_nothing_gets_no_more_than_the_window() -> None:
    pacer = Pacer(Clock(), up_kbit=1_024)
    sent = 0
    while pacer.line().room > 0:
        pacer.sent(1_000)
        sent += 1_000
    assert sent <= pacer.window + 1_000
    assert pacer.line().spare > 0
    pacer.sent(pacer.window)
    assert pacer.line().spare < 0


def test_who_waits_for_room_is_told() -> None:
    told: list[bool] = []
    pacer = Pacer(Clock(), 1_024, lambda: told.append(True))
    pacer.sent(pacer.window)
    pacer.acked(1)
    assert not told  # nobody had asked
    pacer.sent(pacer.window)
    assert pacer.line().room <= 0
    pacer.acked(1)
    assert told
    assert pacer.line().room > 0


def test_a_new_line_forgets_what_was_on_the_old_one() -> None:
    pacer = Pacer(Clock())
    pacer.sent(10**7)
    pacer.reset()
    assert pacer.line().room > 0


def test_what_was_never_sent_takes_no_room() -> None:
    pacer = Pacer(Clock())
    for size in (1_000, 2_000, 3_000):
        pacer.sent(size)
    pacer.taken_back(2)
    assert pacer.in_flight == 1_000
    pacer.acked(1)
    assert pacer.in_flight == 0


def test_a_message_after_a_rest_does_not_make_the_line_look_slow() -> None:
    line = road(8_000, believed=8_000)
    line.drive(3, 4_000)
    line.pacer.acked(1_000)
    rate = line.pacer.rate
    for _ in range(20):
        line.clock.now += 1
        line.pacer.sent(300)
        line.clock.now += line.round_trip
        line.pacer.acked(1)
    assert line.pacer.rate == rate
    assert line.pacer.window > SMALLEST
