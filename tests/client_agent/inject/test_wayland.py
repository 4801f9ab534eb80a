"""Real keys on a real Wayland desktop with a Spanish keyboard: what is typed arrives, and nothing stays pressed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client_agent.inject import keys
from client_agent.inject.base import Injector
from client_agent.inject.wayland import WaylandInjector, beside_windows
from client_agent.portal import Placed
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.support import wayland
from tests.support.patience import at_last, eventually

SENTENCE = "¿Qué tal, José Ñandú? ÁÉÍÓÚÜ áéíóúüñç ¡Hola! 100 € {[@#~]}\\|\"'`´^¨<> ABCabc 123"


def always() -> bool:
    return True


def nothing() -> None:
    pass


@pytest.fixture
def person(processes: Processes, tmp_path: Path) -> Desktop:
    return wayland.start(processes, tmp_path / "c", layout="es")


@pytest.fixture
async def typed_into(processes: Processes, person: Desktop, tmp_path: Path) -> AsyncIterator[Path]:
    """A file that gets each line typed into a terminal, a Wayland program that has the keyboard."""
    file, ready = tmp_path / "typed.txt", tmp_path / "ready"
    command = f"stty -echo; touch {ready}; exec cat > {file}"
    async with wayland.Hand.of(person):
        processes.start("terminal", ["foot", "sh", "-c", command], env=person.env)
        processes.wait_for("the terminal", ready.exists)
        yield file


@pytest.fixture
async def injector(person: Desktop, typed_into: Path) -> AsyncIterator[Injector]:
    """Where the person shares screen and input, and the technician has clicked into the terminal."""
    async with wayland.asked_for(person) as (capture, made):
        await wayland.share(person)
        wayland.first_picture(capture)
        made.move(640, 300)
        made.button(1, True)
        made.button(1, False)
        yield made


def arrived(file: Path, text: str) -> str:
    """The file's content as soon as it is as long as `text`."""
    at_last(lambda: file.stat().st_size >= len(text.encode()))
    return file.read_text(encoding="utf-8")


async def test_a_spanish_text_arrives_as_it_is(injector: Injector, typed_into: Path) -> None:
    text = (SENTENCE + "\n") * 2
    injector.text(text, always, nothing)
    assert arrived(typed_into, text) == text


async def test_keys_by_their_dom_names_arrive_with_their_modifiers(injector: Injector, typed_into: Path) -> None:
    for key, code in (("H", "KeyH"), ("ñ", "Semicolon"), ("¿", "Equal"), ("@", "Digit2"), ("é", "KeyE")):
        shifted = key in "H¿"
        if shifted:
            injector.key("Shift", "ShiftLeft", True)
        injector.prepare(key, code)
        injector.key(key, code, True)
        injector.key(key, code, False)
        if shifted:
            injector.key("Shift", "ShiftLeft", False)
    injector.key("Enter", "Enter", True)
    injector.key("Enter", "Enter", False)
    assert arrived(typed_into, "Hñ¿@é\n") == "Hñ¿@é\n"


async def test_a_shortcut_is_one(injector: Injector, processes: Processes, typed_into: Path) -> None:
    """Control and D on an empty line ends the terminal's program."""
    injector.key("Control", "ControlLeft", True)
    injector.key("d", "KeyD", True)
    injector.release_all()
    terminal = next(one for one in processes.running if one.name == "terminal")
    await eventually(lambda: terminal.process.poll() is not None)


async def test_nothing_stays_pressed_at_the_end(person: Desktop, processes: Processes, typed_into: Path) -> None:
    """Not even when the share ends before the input: the desktop lets go itself."""
    async with wayland.asked_for(person) as (capture, made):
        await wayland.share(person)
        wayland.first_picture(capture)
        made.move(640, 300)
        made.key("Control", "ControlLeft", True)
        capture.close()
    async with wayland.asked_for(person) as (capture, made):
        await wayland.share(person)
        wayland.first_picture(capture)
        made.text("da\n", always, nothing)
        assert arrived(typed_into, "da\n") == "da\n"


async def test_input_that_the_person_withheld_is_none(person: Desktop) -> None:
    async with wayland.asked_for(person) as (capture, made):
        assert not made.withheld
        await wayland.share(person, control=False)
        wayland.first_picture(capture)
        assert made.withheld


async def test_the_agents_windows_are_where_the_picture_shows_them(injector: Injector) -> None:
    assert injector.place(0, 0) == (0, 0)
    assert injector.place(1279, 799) == (1279, 799)
    assert injector.place(1280, 0) is None


@pytest.mark.parametrize(
    ("monitors", "at"),
    [
        ([(0, 0, 1920, 1080)], (100, 50)),  # Xwayland in the desktop's own units
        ([(0, 0, 1280, 800), (0, 0, 3840, 2160)], (200, 100)),  # in those of the finest screen
        ([(0, 0, 1280, 800)], None),  # another screen
        ([], None),
    ],
)
def test_a_point_counts_as_covered_where_xwayland_does_not_know_the_screen(
    monitors: list[tuple[int, int, int, int]], at: tuple[int, int] | None
) -> None:
    fine = Placed(7, (0, 0, 3840, 2160), (0.5, 0.5), (0, 0, 1920, 1080))
    assert beside_windows(fine, monitors, 200, 100) == at


def test_a_screen_of_which_the_desktop_says_no_place_is_covered() -> None:
    assert beside_windows(Placed(7, (0, 0, 640, 480), (1, 1), None), [(0, 0, 640, 480)], 1, 1) is None


def test_what_the_browser_reports_of_altgr_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        """A share that takes events."""

        given: list[tuple[object, ...]] = []

        def notify(self, member: str, signature: str, *body: object) -> None:
            self.given.append((member, *body))

    share = Nobody()
    injector = WaylandInjector(share, ":0")  # type: ignore[arg-type]
    injector.key("Control", "ControlLeft", True)
    injector.key("AltGraph", "AltRight", True)
    assert share.given == [
        ("NotifyKeyboardKeysym", keys.CONTROL, 1),
        ("NotifyKeyboardKeysym", keys.CONTROL, 0),
    ]
