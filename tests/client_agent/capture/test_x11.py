"""A real X server: a changed pixel is seen, in its colour, and the pointer; what cannot be shown says so."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from Xlib import X, display
from Xlib.ext import xtest

from client_agent.capture import x11_motion
from client_agent.capture.base import ANYWHERE, Area, open_capture
from client_agent.capture.x11 import X11Capture
from client_agent.encode.chooser import ScreenEncoder
from client_agent.encode.pacer import Pacer
from client_agent.errors import CaptureUnavailable
from client_agent.failures import FailureKind
from client_agent.gate import Gate
from client_agent.inject.worker import InputWorker
from client_agent.inject.x11 import X11Injector
from client_agent.screen import ScreenPump
from protocol import inner
from protocol.inner import Lane
from protocol.inner_codec import INNER_FROM_AGENT
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.client_agent.support.customer import OpenGuard
from tests.support.patience import PATIENCE, at_last


def a_window(desktop: Desktop, x: int, y: int, w: int, h: int) -> Any:
    """A plain window of colour 11 22 33 without a frame."""
    connection = display.Display(desktop.display)
    screen = connection.screen()
    window = screen.root.create_window(
        x, y, w, h, 0, screen.root_depth, background_pixel=0x112233, override_redirect=True
    )
    window.map()
    connection.sync()
    return window


@pytest.fixture
def capture(desktop: Desktop) -> Iterator[X11Capture]:
    made = X11Capture(desktop.display)
    made.open()
    yield made
    made.close()


def colour_of(capture: X11Capture, wanted: tuple[int, int, int]) -> bool:
    """Whether the picture's middle takes that colour (red, green, blue) after damage was reported."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if capture.wait(0.2):
            picture = capture.grab()
            blue, green, red = (int(c) for c in picture[picture.shape[0] // 2, picture.shape[1] // 2, :3])
            if (red, green, blue) == wanted:
                return True
    return False


@pytest.mark.parametrize("colour", [(255, 0, 0), (1, 2, 250)])
def test_a_change_wakes_and_is_seen_in_its_colour(
    capture: X11Capture, desktop: Desktop, colour: tuple[int, int, int]
) -> None:
    capture.grab()
    spelled = "#" + "".join(f"{part:02x}" for part in colour)
    subprocess.run(["xsetroot", "-solid", spelled], env=desktop.env, check=True)
    assert colour_of(capture, colour)


def test_size_is_the_desktops(capture: X11Capture) -> None:
    assert capture.grab().shape == (800, 1280, 4)


def test_a_still_desktop_does_not_wake(capture: X11Capture) -> None:
    while capture.wait(0.3):
        pass
    assert not capture.wait(0.3)


def test_another_thread_can_wake_it(capture: X11Capture) -> None:
    while capture.wait(0.3):
        pass
    capture.wake()
    began = time.monotonic()
    assert not capture.wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2


def test_the_pointers_place_and_picture(capture: X11Capture, desktop: Desktop) -> None:
    subprocess.run(["xdotool", "mousemove", "200", "150"], env=desktop.env, check=True)
    assert capture.pointer() == (200, 150)
    shape = capture.cursor(True)
    assert shape is not None
    assert len(shape.rgba) == shape.width * shape.height * 4
    assert any(shape.rgba)
    assert capture.cursor(False) is None


def moved_by_hand(desktop: Desktop, x: int, y: int) -> None:
    """As a mouse moves it: the server's own test device."""
    connection = display.Display(desktop.display)
    xtest.fake_input(connection, X.MotionNotify, x=x, y=y)
    connection.sync()
    connection.close()


def at_rest(capture: X11Capture) -> None:
    while capture.wait(0.3):
        capture.grab()
    capture.pointer()


@pytest.mark.parametrize("grabbed", [False, True])
def test_a_moved_pointer_wakes_also_while_a_menu_has_it(capture: X11Capture, desktop: Desktop, grabbed: bool) -> None:
    program = display.Display(desktop.display)
    if grabbed:
        root = program.screen().root
        taken = root.grab_pointer(True, X.PointerMotionMask, X.GrabModeAsync, X.GrabModeAsync, 0, 0, X.CurrentTime)
        assert taken == X.GrabSuccess
    at_rest(capture)
    moved_by_hand(desktop, 320, 240)
    began = time.monotonic()
    while capture.pointer() != (320, 240) and time.monotonic() - began < PATIENCE:
        capture.wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2
    program.close()


def test_a_pointer_that_moves_on_wakes_no_more_until_it_is_asked_for(capture: X11Capture, desktop: Desktop) -> None:
    at_rest(capture)
    moved_by_hand(desktop, 100, 100)
    assert not capture.wait(PATIENCE)
    moved_by_hand(desktop, 101, 100)
    began = time.monotonic()
    assert not capture.wait(0.2)
    assert time.monotonic() - began >= 0.2
    assert capture.pointer() == (101, 100)


def test_without_the_servers_word_the_pointer_is_looked_at_all_the_same(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x11_motion, "_VERSION", (99, 0))
    made = X11Capture(desktop.display)
    made.open()
    at_rest(made)
    began = time.monotonic()
    assert not made.wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2
    made.close()


def test_a_technicians_moves_are_never_told_to_them_and_a_customers_are(desktop: Desktop) -> None:
    """Both at full speed, on a real server: the capture looks while the technician moves on."""
    told: list[tuple[int, int]] = []
    something = threading.Event()

    def send(lane: Lane, data: bytes) -> None:
        message = INNER_FROM_AGENT.read(data)
        if isinstance(message, inner.CursorAt):
            told.append((message.x, message.y))
            something.set()

    moved_by_hand(desktop, 700, 500)
    gate = Gate(time.monotonic)
    gate.allow(True, True)
    pacer = Pacer(time.monotonic)
    worker = InputWorker(X11Injector(desktop.display), gate, OpenGuard())
    pump = ScreenPump(
        lambda: X11Capture(desktop.display), ScreenEncoder(), gate, pacer, send, lambda _failure: None, worker.has_put
    )
    worker.start()
    pump.start()
    pump.gate_changed()
    assert something.wait(PATIENCE)
    done = threading.Event()
    for step in range(400):
        worker.give(inner.PointerMove(x=100 + step, y=200 + step % 3))
    worker.after(done.set)
    assert done.wait(PATIENCE)
    something.clear()
    moved_by_hand(desktop, 33, 44)
    assert something.wait(PATIENCE)
    assert told == [(700, 500), (33, 44)]
    gate.shut_for_good()
    worker.stop()
    pump.stop()
    pump.join(PATIENCE)


def test_a_picture_can_be_read_until_the_next_however_the_desktop_is_resized(
    capture: X11Capture, desktop: Desktop
) -> None:
    """The encoder goes on reading it while `wait` hears of the new size."""
    before = capture.grab()
    copy = before.copy()
    subprocess.run(["xrandr", "--fb", "800x600"], env=desktop.env, check=False, stderr=subprocess.DEVNULL)
    at_last(lambda: capture.wait(0.2) and capture.damaged == ANYWHERE)
    assert np.array_equal(before, copy)
    assert capture.grab().shape == (600, 800, 4)


def test_a_resized_desktop_is_grabbed_in_its_new_size(capture: X11Capture, desktop: Desktop) -> None:
    subprocess.run(["xrandr", "--fb", "800x600"], env=desktop.env, check=False, stderr=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    sizes = set()
    while time.monotonic() < until and (600, 800, 4) not in sizes:
        capture.wait(0.1)
        sizes.add(capture.grab().shape)
    assert (600, 800, 4) in sizes


def test_only_where_something_was_drawn_is_damaged(capture: X11Capture, desktop: Desktop) -> None:
    capture.grab()
    while capture.wait(0.3):
        capture.grab()
    assert not capture.damaged
    window = a_window(desktop, 300, 200, 120, 90)
    assert capture.wait(PATIENCE)
    areas: list[Area] = list(capture.damaged)
    for x, y, w, h in areas:
        assert 300 <= x <= x + w <= 420
        assert 200 <= y <= y + h <= 290
    picture = capture.grab()
    assert (picture[210, 310, :3] == (0x33, 0x22, 0x11)).all()
    assert not capture.damaged
    window.display.close()


def test_monitors_are_told_when_they_come_and_go(capture: X11Capture, desktop: Desktop) -> None:
    assert not capture.monitors

    def monitors(*arguments: str) -> None:
        subprocess.run(["xrandr", *arguments], env=desktop.env, check=True, capture_output=True)

    monitors("--setmonitor", "left", "640/170x800/210+0+0", "screen")
    monitors("--setmonitor", "*right", "640/170x800/210+640+0", "none")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and len(capture.monitors) < 2:
        capture.wait(0.1)
    assert capture.monitors == ((640, 0, 640, 800), (0, 0, 640, 800))


def test_a_server_that_dies_is_a_typed_failure(processes: Processes, desktop: Desktop) -> None:
    made = X11Capture(desktop.display)
    made.open()
    server = next(
        found for found in processes.running if "xvfb" in found.name.lower() or "x server" in found.name.lower()
    )
    processes.stop(server)

    def look() -> None:
        for _ in range(20):
            made.wait(0.05)
            made.grab()

    with pytest.raises(CaptureUnavailable):
        look()
    made.close()


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, FailureKind.WAYLAND),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, FailureKind.WAYLAND),
        ({}, FailureKind.NO_DISPLAY),
    ],
)
def test_what_cannot_be_shown_says_which_it_is(environ: dict[str, str], kind: FailureKind) -> None:
    with pytest.raises(CaptureUnavailable) as caught:
        open_capture(environ)
    assert caught.value.kind is kind


def test_no_server_is_a_typed_failure_and_leaves_nothing_open() -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        made = X11Capture(":987")
        with pytest.raises(CaptureUnavailable):
            made.open()
        made.close()
        made.close()
    assert len(os.listdir("/proc/self/fd")) == len(before)
