"""A slow line gets fewer pictures, not older ones."""

from client_agent.encode.pacer import SMALLEST, Pacer


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def line(pacer: Pacer, clock: Clock, bytes_per_s: float, seconds: float, size: int = 8_000) -> tuple[float, int]:
    """Send as much as the pacer allows over a line of that rate: worst delay in the second half, bytes delivered."""
    free_at, flying, delivered, worst = clock.now, [], 0, 0.0
    end, half = clock.now + seconds, clock.now + seconds / 2
    while clock.now < end:
        while pacer.in_flight < pacer.window:
            pacer.sent(size)
            free_at = max(free_at, clock.now) + size / bytes_per_s
            flying.append((clock.now, free_at))
        sent, arrives = flying.pop(0)
        clock.now = max(clock.now, arrives)
        pacer.acked(1)
        delivered += size
        if clock.now > half:
            worst = max(worst, clock.now - sent)
    return worst, delivered


def test_a_slow_line_never_holds_half_a_second_of_pictures() -> None:
    clock = Clock()
    worst, delivered = line(Pacer(clock, up_kbit=100_000), clock, bytes_per_s=128_000, seconds=20)
    assert worst < 0.5
    assert delivered > 128_000 * 20 * 0.95


def test_a_fast_line_is_filled() -> None:
    clock = Clock()
    pacer = Pacer(clock, up_kbit=1_000)
    _, delivered = line(pacer, clock, bytes_per_s=10_000_000, seconds=10, size=50_000)
    assert delivered > 10_000_000 * 10 * 0.9


def test_a_console_that_draws_nothing_gets_no_more_than_the_window() -> None:
    pacer = Pacer(Clock(), up_kbit=1_000)
    assert pacer.window == SMALLEST
    pacer.sent(SMALLEST)
    assert not pacer.wait(0)
    pacer.acked(1)
    assert pacer.wait(0)
    assert pacer.idle


def test_a_new_line_forgets_what_was_on_the_old_one() -> None:
    pacer = Pacer(Clock())
    pacer.sent(10**7)
    pacer.reset()
    assert pacer.wait(0)


def test_what_was_never_sent_takes_no_room() -> None:
    pacer = Pacer(Clock())
    for size in (1_000, 2_000, 3_000):
        pacer.sent(size)
    pacer.taken_back(2)
    assert pacer.in_flight == 1_000
    pacer.acked(1)
    assert pacer.idle
