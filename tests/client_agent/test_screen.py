"""The capture thread: what a console that draws nothing gets, a desktop that goes away and returns, one too large, one
at rest, and whose pointer is told."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from client_agent import screen
from client_agent.capture.base import Pixels
from client_agent.capture.fake import FakeCapture
from client_agent.encode.chooser import ScreenEncoder
from client_agent.encode.pacer import LARGEST, Pacer
from client_agent.errors import CaptureUnavailable
from client_agent.gate import Gate
from client_agent.screen import ScreenPump
from protocol import inner, limits
from protocol.inner import Lane
from protocol.inner_codec import INNER_FROM_AGENT
from tests.client_agent.support.canvas import Canvas
from tests.support.patience import PATIENCE, at_last


class Desk(FakeCapture):
    """May be away: then nothing opens it, and a grab fails."""

    away = False
    opened = 0
    """How often, with success."""

    def open(self) -> tuple[int, int]:
        if self.away:
            raise CaptureUnavailable("x11_connection")
        self.opened += 1
        return super().open()

    def grab(self) -> Pixels:
        if self.away:
            raise CaptureUnavailable("x11_connection")
        return super().grab()


class Bench:
    """A pump whose messages a canvas draws, and acknowledges as long as `draws`."""

    def __init__(self) -> None:
        self.desk, self.canvas = Desk(320, 200), Canvas()
        self.draws = True
        self.failures: list[CaptureUnavailable] = []
        self.sent = 0
        self.pointers: list[tuple[int, int]] = []
        """Where the console was told that the pointer is."""
        self.technicians: set[tuple[int, int]] = set()
        """Places where the technician put it."""
        self.gate = Gate(time.monotonic)
        self.pacer = Pacer(time.monotonic, 8_000, lambda: self.pump.wake())
        self._something = threading.Condition()
        self.pump = ScreenPump(
            lambda: self.desk, ScreenEncoder(), self.gate, self.pacer, self._send, self._failed, self._put
        )

    def begin(self) -> None:
        self.pump.start()
        self.gate.allow(True, True)
        self.pump.gate_changed()

    def _put(self, place: tuple[int, int]) -> bool:
        return place in self.technicians

    def _send(self, lane: Lane, data: bytes) -> None:
        message = INNER_FROM_AGENT.read(data)
        with self._something:
            if isinstance(message, inner.CursorAt):
                self.pointers.append((message.x, message.y))
            if lane is Lane.SCREEN:
                assert isinstance(message, inner.ScreenSize | inner.Tiles | inner.VideoStart | inner.Video)
                self.canvas.take(message)
                self.sent += len(data)
            self._something.notify_all()
        if lane is Lane.SCREEN and self.draws:
            threading.Thread(target=self.pacer.acked, args=(1,)).start()

    def _failed(self, failure: CaptureUnavailable) -> None:
        with self._something:
            self.failures.append(failure)
            self._something.notify_all()

    def until(self, done: Callable[[], bool]) -> None:
        with self._something:
            assert self._something.wait_for(done, PATIENCE)

    def draw(self, picture: Pixels) -> None:
        self.desk.picture = picture
        self.desk.damage()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.gate.shut_for_good()
    made.pump.stop()
    made.pump.join(PATIENCE)


def page(value: int) -> Pixels:
    picture = np.full((200, 320, 4), value, np.uint8)
    picture[20:40, 30:60] = 9
    return picture


def test_the_newest_picture_arrives_exactly(bench: Bench) -> None:
    bench.begin()
    for value in (50, 120, 200):
        bench.draw(page(value))
    bench.until(lambda: bench.canvas.rgb.size > 0 and bench.canvas.shows(page(200)))


def test_a_console_that_never_acknowledges_gets_no_more_than_the_window(bench: Bench) -> None:
    bench.draws = False
    bench.begin()
    noise = np.random.default_rng(1)
    for _ in range(200):
        bench.draw(noise.integers(0, 256, (200, 320, 4), np.uint8))
    bench.until(lambda: bench.pacer.line().spare <= 0)
    window = bench.pacer.window
    for _ in range(50):
        bench.draw(noise.integers(0, 256, (200, 320, 4), np.uint8))
    assert bench.sent <= 1.25 * window + 60_000
    assert window <= LARGEST
    bench.draws = True
    bench.pacer.acked(1_000)
    bench.until(lambda: bench.sent > 1.25 * window + 60_000 or bench.canvas.whole)


def test_a_desktop_that_goes_away_is_told_and_its_return_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "AGAIN", 0.01)
    bench.draw(page(80))
    bench.begin()
    bench.until(lambda: bench.canvas.whole)
    bench.desk.away = True
    bench.draw(page(90))
    bench.until(lambda: bool(bench.failures))
    assert len(bench.failures) == 1
    bench.desk.picture = page(100)
    bench.desk.away = False
    bench.until(lambda: bench.canvas.shows(page(100)))


def test_a_desktop_that_is_away_at_first_is_looked_for_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "AGAIN", 0.01)
    bench.desk.away = True
    bench.begin()
    bench.until(lambda: bool(bench.failures))
    bench.desk.picture = page(100)
    bench.desk.away = False
    bench.until(lambda: bench.canvas.rgb.size > 0 and bench.canvas.shows(page(100)))
    assert len(bench.failures) == 1
    assert bench.desk.opened == 1


def test_whatever_goes_wrong_when_it_is_looked_for_it_is_looked_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "AGAIN", 0.01)
    bench.begin()
    bench.until(lambda: bench.canvas.whole)
    faults, opened = iter([OSError("too many files"), RuntimeError("a fault")]), bench.desk.open

    def failing() -> tuple[int, int]:
        for fault in faults:
            raise fault
        return opened()

    monkeypatch.setattr(bench.desk, "open", failing)
    bench.desk.away = True
    bench.draw(page(90))
    bench.until(lambda: bool(bench.failures))
    bench.desk.picture, bench.desk.away = page(100), False
    bench.until(lambda: bench.canvas.shows(page(100)))


def test_a_desktop_that_was_refused_is_not_asked_for_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "AGAIN", 0.01)
    opened = []
    monkeypatch.setattr(bench.desk, "open", lambda: opened.append(1))

    def refused() -> Pixels:
        raise CaptureUnavailable("portal_refused")

    monkeypatch.setattr(bench.desk, "grab", refused)
    bench.begin()
    bench.pump.join(PATIENCE)
    assert [failure.reason for failure in bench.failures] == ["portal_refused"]
    assert len(opened) == 1


def test_nothing_is_grabbed_before_the_desktop_is_shared(bench: Bench) -> None:
    bench.desk.shared = False
    waited = threading.Semaphore(0)
    wait = bench.desk.wait

    def counted(timeout: float) -> bool:
        waited.release()
        return wait(timeout)

    bench.desk.wait = counted  # type: ignore[method-assign]
    bench.begin()
    for _ in range(3):
        assert waited.acquire(timeout=PATIENCE)
    assert bench.desk.grabs == 0
    bench.desk.shared = True
    bench.draw(page(70))
    bench.until(lambda: bench.canvas.rgb.size > 0 and bench.canvas.shows(page(70)))


def test_the_desktop_rests_while_nobody_may_look(bench: Bench) -> None:
    bench.draw(page(80))
    bench.begin()
    bench.until(lambda: bench.canvas.whole)
    before = bench.desk.rests
    bench.gate.shut()
    bench.pump.gate_changed()
    at_last(lambda: bench.desk.rests > before)


def test_a_fault_while_coding_is_told_and_the_picture_comes_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "AGAIN", 0.01)
    look = ScreenEncoder.look
    faults = iter([MemoryError("no memory")])

    def failing(self: ScreenEncoder, *arguments: Any) -> None:
        for fault in faults:
            raise fault
        look(self, *arguments)

    monkeypatch.setattr(ScreenEncoder, "look", failing)
    bench.draw(page(60))
    bench.begin()
    bench.until(lambda: bool(bench.failures))
    assert bench.failures[0].reason == "fault"
    bench.until(lambda: bench.canvas.rgb.size > 0 and bench.canvas.shows(page(60)))


def test_a_full_line_is_waited_for_and_not_looked_at_all_the_time(bench: Bench) -> None:
    bench.draws = False
    waits = 0
    wait = bench.desk.wait

    def counted(timeout: float) -> bool:
        nonlocal waits
        waits += 1
        return wait(timeout)

    bench.desk.wait = counted  # type: ignore[method-assign]
    bench.begin()
    bench.pacer.sent(10_000_000)
    bench.pump.restart(new_line=False)
    time.sleep(0.3)  # what may not happen has no event
    assert waits < 30


@pytest.mark.parametrize(
    ("width", "height"),
    [(100_000, 10), (10, 100_000), (limits.SCREEN_SIDE, limits.SCREEN_AREA // limits.SCREEN_SIDE + 1)],
)
def test_a_desktop_larger_than_any_console_draws_is_refused(bench: Bench, width: int, height: int) -> None:
    bench.desk.picture = np.broadcast_to(np.zeros((1, 1, 4), np.uint8), (height, width, 4))
    bench.desk.grab = lambda: bench.desk.picture  # type: ignore[method-assign]
    bench.begin()
    bench.until(lambda: bool(bench.failures))
    assert bench.failures[0].reason == "too_large"
    assert not bench.canvas.sizes


def test_nothing_is_grabbed_while_the_gate_is_shut(bench: Bench) -> None:
    bench.begin()
    bench.until(lambda: bench.canvas.whole)
    bench.gate.allow(False, False)
    bench.pump.gate_changed()
    grabs = bench.desk.grabs
    bench.draw(page(77))
    time.sleep(0.1)  # what may not happen has no event
    assert bench.desk.grabs <= grabs + 1
    bench.gate.allow(True, True)
    bench.pump.restart(new_line=False)
    bench.until(lambda: bench.canvas.shows(page(77)))


def test_a_pointer_that_is_moved_is_told_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "LOOK_INTERVAL", 10 * PATIENCE)
    bench.begin()
    bench.until(lambda: bench.pointers == [(0, 0)])
    bench.desk.move(7, 5)
    bench.desk.move(9, 6)
    bench.until(lambda: bench.pointers[-1] == (9, 6))
    assert bench.pump.pointer_moved_at is not None


def test_what_the_technician_moves_is_not_told_to_them(bench: Bench) -> None:
    bench.begin()
    bench.until(lambda: bench.pointers == [(0, 0)])
    bench.technicians = {(30, 40)}
    bench.desk.move(30, 40)
    bench.pump.restart(new_line=False)  # nor when their console begins anew
    bench.draw(page(60))
    bench.until(lambda: bench.canvas.rgb.size > 0 and bench.canvas.shows(page(60)))
    assert bench.pump.pointer_moved_at is None
    bench.desk.move(31, 40)
    bench.until(lambda: bench.pointers[-1] == (31, 40))
    assert bench.pointers == [(0, 0), (31, 40)]


class Rest(Desk):
    """A still desktop on which nothing but time passes: waiting takes none of the test's."""

    def __init__(self) -> None:
        super().__init__(320, 200)
        self.now, self.waits = 1_000.0, 0
        self.over = threading.Event()

    def monotonic(self) -> float:
        return self.now

    def wait(self, timeout: float) -> bool:
        if self.now > 1_000.0 + REST_S:
            self.over.set()
            return super().wait(PATIENCE)
        self.now += timeout
        self.waits += 1
        return False


REST_S = 600


def test_a_desktop_at_rest_sends_nothing_and_is_hardly_looked_at(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = bench.desk = Rest()
    bench.pump = ScreenPump(
        lambda: desk, ScreenEncoder(), bench.gate, Pacer(desk.monotonic), bench._send, bench._failed, bench._put
    )
    monkeypatch.setattr(screen, "time", desk)
    bench.begin()
    assert desk.over.wait(PATIENCE)
    monkeypatch.undo()
    assert bench.canvas.shows(desk.picture)
    assert desk.grabs == 1
    assert bench.pointers == [(0, 0)]
    assert bench.sent < 1_000
    assert desk.waits < 1.1 * REST_S
