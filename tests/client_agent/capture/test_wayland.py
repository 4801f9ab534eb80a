"""A real Wayland desktop: asked for through GNOME's own portal, seen pixel by pixel, its pointer apart from it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xcffib
from xcffib import xproto

from client_agent.capture.base import Area, Capture, Pixels
from client_agent.capture.wayland import WaylandCapture, place
from client_agent.errors import CaptureUnavailable
from client_agent.failures import FailureKind
from client_agent.portal import Screen
from client_agent.wayland import WaylandDesktop
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.support import wayland
from tests.support.buses import a_bus
from tests.support.patience import PATIENCE, at_last


@pytest.fixture
def person(processes: Processes, tmp_path: Path) -> Desktop:
    return wayland.start(processes, tmp_path / "c")


def noise(seed: int) -> Pixels:
    """A picture of 64×48 in which no pixel is foreseeable."""
    made = np.random.default_rng(seed).integers(0, 256, (48, 64, 4), np.uint8)
    made[..., 3] = 0
    return made


def covered(areas: tuple[Area, ...], x: int, y: int) -> bool:
    return any(left <= x < left + w and top <= y < top + h for left, top, w, h in areas)


@contextmanager
def shown(person: Desktop, picture: Pixels, x: int, y: int) -> Iterator[None]:
    """A window of that picture, by way of the desktop's X server, over everything else."""
    height, width = picture.shape[:2]
    connection: Any = xcffib.connect(display=person.display)  # type: ignore[no-untyped-call]
    core, screen = connection.core, connection.get_setup().roots[0]
    window, context = connection.generate_id(), connection.generate_id()
    core.CreateWindow(
        screen.root_depth, window, screen.root, x, y, width, height, 0, xproto.WindowClass.InputOutput,
        screen.root_visual, xproto.CW.OverrideRedirect, [1],
    )  # fmt: skip
    core.CreateGC(context, window, 0, [])
    core.MapWindow(window)
    data = picture.tobytes()
    core.PutImage(
        xproto.ImageFormat.ZPixmap, window, context, width, height, 0, 0, 0, screen.root_depth, len(data), data
    )
    core.GetInputFocus().reply()
    try:
        yield
    finally:
        connection.disconnect()


def seen(capture: Capture, picture: Pixels, x: int, y: int) -> bool:
    """Whether the desktop comes to show exactly that there."""
    height, width = picture.shape[:2]
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if capture.wait(0.2):
            now = capture.grab()
            if np.array_equal(now[y : y + height, x : x + width, :3], picture[..., :3]):
                return True
    return False


async def test_nothing_is_there_until_the_person_has_shared_it(person: Desktop) -> None:
    async with wayland.asked_for(person) as (capture, _):
        assert not capture.wait(0.3)
        assert not capture.ready
        assert capture.cursor(True) is None
        await wayland.share(person)
        assert wayland.first_picture(capture).shape == (800, 1280, 4)


async def test_what_changes_is_seen_in_its_pixels(person: Desktop) -> None:
    async with wayland.asked_for(person) as (capture, _):
        await wayland.share(person)
        wayland.first_picture(capture)
        for seed, x, y in ((1, 0, 0), (2, 1216, 752), (3, 333, 77)):
            with shown(person, noise(seed), x, y):
                assert seen(capture, noise(seed), x, y)


async def test_the_pointer_comes_apart_from_the_picture(person: Desktop) -> None:
    async with wayland.Hand.of(person) as hand, wayland.asked_for(person) as (capture, _):
        await hand.move(10, 10)
        await wayland.share(person)
        wayland.first_picture(capture)
        while capture.wait(0.3):  # until the portal's own window has gone
            capture.grab()
        before = capture.grab().copy()
        shape = capture.cursor(True)
        assert shape is not None
        assert 0 < shape.width <= 96
        assert len(shape.rgba) == shape.width * shape.height * 4
        assert max(shape.rgba[3::4]) == 255, "a pointer that nobody sees"
        await hand.move(700, 500)
        until = time.monotonic() + PATIENCE
        while capture.pointer() != (700, 500) and time.monotonic() < until:
            if capture.wait(0.1):
                assert np.array_equal(capture.grab()[460:560, 660:760], before[460:560, 660:760])
        assert capture.pointer() == (700, 500)


async def test_what_changes_between_the_look_and_the_grab_is_told_next(person: Desktop) -> None:
    async with wayland.asked_for(person) as (capture, _):
        assert isinstance(capture, WaylandCapture)
        await wayland.share(person)
        wayland.first_picture(capture)
        while capture.wait(0.5):
            capture.grab()
        (stream,) = capture._streams.values()
        with shown(person, noise(5), 100, 100):
            at_last(lambda: capture.wait(0.1))
            assert covered(capture.damaged, 100, 100)
            with shown(person, noise(6), 900, 600):
                at_last(lambda: bool(stream.damage))
                capture.grab()
                assert capture.wait(0.2), "what came meanwhile is lost"
                assert covered(capture.damaged, 900, 600)
                assert seen(capture, noise(6), 900, 600)


def test_a_system_whose_pipewire_has_no_configuration_is_told_so() -> None:
    """In a process of its own: the library would end this one."""
    script = (
        "import os\n"
        "from client_agent.capture.pipewire import Remote\n"
        "from client_agent.errors import CaptureUnavailable\n"
        "read, write = os.pipe()\n"
        "try:\n    Remote(read)\nexcept CaptureUnavailable as failure:\n    print(failure.reason)\n"
    )
    environ = {"PATH": "", "PIPEWIRE_CONFIG_DIR": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "wayland_pipewire\n"), done.stderr


async def test_nothing_comes_while_nobody_may_look(person: Desktop) -> None:
    async with wayland.asked_for(person) as (capture, _):
        await wayland.share(person)
        wayland.first_picture(capture)
        while capture.wait(0.3):
            capture.grab()
        capture.rest()
        with shown(person, noise(4), 100, 100):
            before = capture.grab()[100:148, 100:164].copy()
            assert not np.array_equal(before[..., :3], noise(4)[..., :3])
            assert seen(capture, noise(4), 100, 100), "the picture does not come back"


async def test_a_no_to_the_desktops_question_is_for_good(person: Desktop) -> None:
    async with wayland.asked_for(person) as (capture, _):
        await wayland.refuse(person)
        with pytest.raises(CaptureUnavailable) as caught:
            wayland.first_picture(capture)
        assert caught.value.kind is FailureKind.NOT_SHARED
        assert caught.value.final
        assert caught.value.by_customer


async def test_a_compositor_that_dies_is_a_typed_failure(person: Desktop, processes: Processes) -> None:
    async with wayland.asked_for(person) as (capture, _):
        await wayland.share(person)
        wayland.first_picture(capture)
        processes.stop(next(one for one in processes.running if one.name == "mutter"))

        def look() -> None:
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                capture.wait(0.1)

        with pytest.raises(CaptureUnavailable) as caught:
            look()
        assert caught.value.final


@pytest.mark.parametrize(("missing", "reason"), [("portal", "portal_missing"), ("DISPLAY", "wayland_xwayland")])
def test_what_is_missing_is_said_before_anybody_is_asked(
    processes: Processes, tmp_path: Path, missing: str, reason: str
) -> None:
    environ = {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "DBUS_SESSION_BUS_ADDRESS": a_bus(processes, tmp_path / "bus")}
    environ.pop(missing, None)
    with pytest.raises(CaptureUnavailable) as caught:
        WaylandDesktop(environ).capture()
    assert caught.value.reason == reason
    assert caught.value.kind is FailureKind.WAYLAND


def test_no_bus_is_no_portal() -> None:
    with pytest.raises(CaptureUnavailable) as caught:
        WaylandDesktop({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}).capture()
    assert caught.value.kind is FailureKind.WAYLAND


def test_screens_stand_as_the_person_has_them() -> None:
    left, right = Screen(1, (-1280, 0), (1280, 800)), Screen(2, (0, 100), (1920, 1080))
    placed = place([(right, (1920, 1080)), (left, (1280, 800))])
    assert [one.area for one in placed] == [(0, 0, 1280, 800), (1280, 100, 1920, 1080)]
    assert [one.scale for one in placed] == [(1, 1), (1, 1)]


@pytest.mark.parametrize("position", [None, (1920, 0)])
def test_screens_whose_pixels_are_not_the_desktops_units_stand_side_by_side(position: tuple[int, int] | None) -> None:
    """A fine screen at 200 % takes as much of the desktop as one of half its pixels: they would overlap."""
    fine, plain = Screen(1, (0, 0), (1920, 1080)), Screen(2, position, (1280, 800))
    placed = place([(fine, (3840, 2160)), (plain, (1280, 800))])
    assert sorted(one.area for one in placed) in (
        [(0, 0, 3840, 2160), (3840, 0, 1280, 800)],
        [(0, 0, 1280, 800), (1280, 0, 3840, 2160)],
    )
    assert {one.node: one.scale for one in placed} == {1: (0.5, 0.5), 2: (1, 1)}
    assert {one.node: one.own for one in placed}[1] == (0, 0, 1920, 1080)


async def test_two_monitors_are_one_picture(processes: Processes, tmp_path: Path) -> None:
    person = wayland.start(processes, tmp_path / "two", size=(800, 600), monitors=2)
    async with wayland.Hand.of(person) as hand:
        await hand.move(10, 10)  # where the pointer is, there the dialog comes
        async with wayland.asked_for(person) as (capture, injector):
            await wayland.choose_second(person, hand, (800, 600))
            await wayland.share(person)
            assert wayland.first_picture(capture).shape == (600, 1600, 4)
            assert sorted(capture.monitors) == [(0, 0, 800, 600), (800, 0, 800, 600)]
            for seed in (5, 6, 7):
                with shown(person, noise(seed), 768, 100):
                    assert seen(capture, noise(seed), 768, 100), "a window on both"
                await hand.move(100 * seed, 300)
            injector.move(1500, 300)
            until = time.monotonic() + PATIENCE
            while capture.pointer() != (1500, 300) and time.monotonic() < until:
                capture.wait(0.1)
            assert capture.pointer() == (1500, 300)
            assert injector.place(1500, 300) == (1500, 300)
