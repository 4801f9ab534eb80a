"""Pairing rule 6: the technician cannot act on the agent's own windows; and nothing stays pressed."""

import threading
from collections.abc import Callable

import pytest

from client_agent.errors import InjectUnavailable
from client_agent.gate import Gate
from client_agent.inject.fake import FakeInjector
from client_agent.inject.worker import InputWorker
from protocol import inner
from tests.client_agent.support.customer import OpenGuard
from tests.support.patience import PATIENCE

PRESS = inner.PointerButton(x=5, y=6, button=1, down=True)
RELEASE = inner.PointerButton(x=5, y=6, button=1, down=False)
KEY = inner.Key(key="a", code="KeyA", down=True)
KEY_UP = inner.Key(key="a", code="KeyA", down=False)


class Bench:
    """A worker whose events are handled in the test's thread."""

    def __init__(self) -> None:
        self.gate, self.guard, self.injector = Gate(lambda: 1.0), OpenGuard(), FakeInjector()
        self.worker = InputWorker(self.injector, self.gate, self.guard)
        self.gate.allow(True, True)

    def act(self, *events: object) -> list[tuple[object, ...]]:
        before = len(self.injector.done)
        for event in events:
            self.worker._handle(event)  # type: ignore[arg-type]
        return self.injector.done[before:]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_input_arrives_in_order(bench: Bench) -> None:
    done = bench.act(PRESS, RELEASE, KEY, KEY_UP, inner.Text(text="ñ"), inner.Wheel(x=1, y=2, dx=0, dy=3))
    assert done == [
        ("move", 5, 6), ("button", 1, True), ("move", 5, 6), ("button", 1, False), ("key", "a", True),
        ("key", "a", False), ("text", "ñ"), ("move", 1, 2), ("wheel", 0, 3),
    ]  # fmt: skip


def test_a_click_on_the_agents_window_is_dropped_both_ways(bench: Bench) -> None:
    bench.guard.covered = True
    assert bench.act(PRESS, RELEASE, inner.Wheel(x=5, y=6, dx=0, dy=1), inner.PointerMove(x=5, y=6)) == []
    assert bench.worker.dropped["own_window"] == 3


def test_a_click_where_the_agents_windows_cannot_be_placed_is_dropped(bench: Bench) -> None:
    bench.injector.placed = False
    assert bench.act(PRESS, inner.Wheel(x=5, y=6, dx=0, dy=1), inner.PointerMove(x=5, y=6)) == []
    assert bench.worker.dropped["own_window"] == 3


def test_keys_are_dropped_while_the_agent_has_the_focus(bench: Bench) -> None:
    bench.guard.focused = True
    assert bench.act(KEY, KEY_UP, inner.Text(text="sí")) == []


def test_a_key_just_after_a_click_waits_for_the_keyboard_to_move(bench: Bench) -> None:
    looks = iter((True, True, False))

    class Moving(OpenGuard):
        def has_focus(self) -> bool:
            return next(looks, False)

    bench.worker = InputWorker(bench.injector, bench.gate, Moving())
    assert bench.act(PRESS, KEY)[-1] == ("key", "a", True)


def test_a_disconnect_while_a_key_is_made_ready_keeps_it_from_being_pressed(bench: Bench) -> None:
    class Slow(FakeInjector):
        def prepare(self, key: str, code: str) -> None:
            bench.gate.shut()

    bench.injector = Slow()
    bench.worker = InputWorker(bench.injector, bench.gate, bench.guard)
    assert bench.act(KEY) == []
    assert not bench.injector.held


def test_everything_is_dropped_while_the_customer_is_asked(bench: Bench) -> None:
    bench.guard.prompt = True
    assert bench.act(PRESS, RELEASE, KEY, KEY_UP, inner.Text(text="sí"), inner.PointerMove(x=1, y=1)) == []


def test_without_control_nothing_arrives(bench: Bench) -> None:
    bench.gate.allow(True, False)
    assert bench.act(PRESS, KEY, inner.Text(text="x")) == []


def test_a_button_that_is_dragged_onto_the_agents_window_is_let_go_where_it_is(bench: Bench) -> None:
    bench.act(PRESS)
    bench.guard.covered = True
    assert bench.act(RELEASE) == [("button", 1, False)]
    assert not bench.injector.held


def test_a_key_that_was_down_when_control_was_taken_can_come_up(bench: Bench) -> None:
    bench.act(KEY)
    bench.gate.shut()
    assert bench.act(KEY_UP) == [("key", "a", False)]


def test_a_click_is_none_when_control_is_taken_back_while_the_pointer_moves(bench: Bench) -> None:
    class Slow(FakeInjector):
        def move(self, x: int, y: int) -> None:
            super().move(x, y)
            bench.gate.allow(True, False)

    bench.injector = Slow()
    bench.worker = InputWorker(bench.injector, bench.gate, bench.guard)
    assert bench.act(PRESS, RELEASE) == [("move", 5, 6)]


def test_a_long_text_stops_when_the_gate_shuts(bench: Bench) -> None:
    def shut_after_this() -> bool:
        bench.gate.shut()
        return True

    class Shutting(FakeInjector):
        def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
            super().text(text, lambda: go_on() and shut_after_this(), typed)

    bench.injector = Shutting()
    bench.worker = InputWorker(bench.injector, bench.gate, bench.guard)
    assert bench.act(inner.Text(text="x" * 4096)) == [("text", "x")]


def test_an_injection_is_noted_when_it_has_ended_and_not_before(bench: Bench) -> None:
    noted = []

    class Looking(FakeInjector):
        def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
            assert go_on()
            noted.append(bench.gate.last_injection)
            typed()
            noted.append(bench.gate.last_injection)

    bench.worker = InputWorker(Looking(), bench.gate, bench.guard)
    bench.act(inner.Text(text="x"))
    assert noted == [None, 1.0]


def test_keys_right_after_the_consent_wait_for_the_keyboard_to_leave_the_agents_window(bench: Bench) -> None:
    looks = iter((True, True, False))

    class Leaving(OpenGuard):
        def has_focus(self) -> bool:
            return next(looks, False)

    bench.worker = InputWorker(bench.injector, bench.gate, Leaving())
    assert bench.act(KEY) == [("key", "a", True)]


def test_the_thread_lets_go_of_everything_when_it_stops(bench: Bench) -> None:
    bench.worker.start()
    bench.worker.give(KEY)
    bench.worker.give(PRESS)
    bench.worker.stop()
    bench.worker.join(PATIENCE)
    assert bench.injector.done[-1] == ("release_all",)
    assert not bench.injector.held


def test_a_flood_is_dropped_not_kept(bench: Bench) -> None:
    for _ in range(3_000):
        bench.worker.give(KEY)
    assert bench.worker.dropped["full"] == 1_000


def test_a_place_is_the_technicians_once_however_quickly_they_move_on(bench: Bench) -> None:
    moves = [(10, 10), (20, 10), (10, 10), (40, 10)]
    bench.act(*(inner.PointerMove(x=x, y=y) for x, y in moves))
    assert bench.worker.has_put((20, 10))
    assert bench.worker.has_put((10, 10))
    assert not bench.worker.has_put((20, 10))  # somebody else brought it back there
    assert bench.worker.has_put((40, 10))
    assert not bench.worker.has_put((40, 10))


class Going(FakeInjector):
    """On a desktop that goes away with the first thing that is done on it; the next one that is opened stays."""

    def __init__(self, after_letters: int = 0) -> None:
        super().__init__()
        self.gone, self._after = True, after_letters

    def open(self) -> None:
        self.gone = False

    def key(self, key: str, code: str, down: bool) -> None:
        if self.gone:
            raise ConnectionResetError
        super().key(key, code, down)

    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        if self.gone:
            super().text(text[: self._after], go_on, typed)
            raise ConnectionResetError
        super().text(text, go_on, typed)


def gone(bench: Bench, injector: Going) -> InputWorker:
    """A worker whose desktop has gone, some time after it was opened."""
    now = iter(range(1, 100))
    bench.injector, bench.gate = injector, Gate(lambda: float(next(now)))
    bench.gate.allow(True, True)
    return InputWorker(injector, bench.gate, bench.guard, lambda: float(next(now)))


def test_the_first_key_on_a_desktop_that_came_back_is_not_lost(bench: Bench) -> None:
    worker = gone(bench, Going())
    worker._inject(KEY)
    worker._inject(inner.Text(text="sí"))
    assert [done for done in bench.injector.done if done[0] in ("key", "text")] == [("key", "a", True), ("text", "sí")]


def test_a_desktop_that_is_away_at_first_gets_the_first_key_after_its_return() -> None:
    class Away(FakeInjector):
        away, opened = True, False

        def open(self) -> None:
            if self.away:
                raise InjectUnavailable("x11_connection")
            self.opened = True

        def place(self, x: int, y: int) -> tuple[int, int] | None:
            return (x, y) if self.opened else None

        def key(self, key: str, code: str, down: bool) -> None:
            if not self.opened:
                raise InjectUnavailable("x11_connection")
            super().key(key, code, down)

    injector, gate, now = Away(), Gate(lambda: 1.0), iter(range(1, 100))
    gate.allow(True, True)
    worker = InputWorker(injector, gate, OpenGuard(), lambda: float(next(now)))
    worker.start()
    try:
        injector.away = False
        injected = threading.Event()
        worker.give(KEY)
        worker.after(injected.set)
        assert injected.wait(PATIENCE)
        assert ("key", "a", True) in injector.done
    finally:
        worker.stop()
        worker.join(PATIENCE)


def test_a_text_of_which_a_part_was_typed_is_not_typed_again(bench: Bench) -> None:
    worker = gone(bench, Going(after_letters=1))
    with pytest.raises(ConnectionResetError):
        worker._inject(inner.Text(text="sí"))
    assert [done for done in bench.injector.done if done[0] == "text"] == [("text", "s")]
