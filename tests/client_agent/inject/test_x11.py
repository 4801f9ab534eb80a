"""Real keys on a real X server: what is typed arrives in a file, accents and all, and nothing stays pressed."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from Xlib import X
from Xlib.display import Display

from client_agent.errors import InjectUnavailable
from client_agent.inject.x11 import X11Injector
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.support.patience import PATIENCE, at_last

SENTENCE = "¿Qué tal, José Ñandú? ÁÉÍÓÚÜ áéíóúüñ ¡Hola! €uro — Ωμ 日本 {[@#~]}\\|\"'`´^<> ABCabc 123"


def always() -> bool:
    return True


def nothing() -> None:
    pass


@pytest.fixture
def injector(desktop: Desktop) -> Iterator[X11Injector]:
    made = X11Injector(desktop.display)
    made.open()
    yield made
    made.close()


@pytest.fixture
def typed_into(processes: Processes, desktop: Desktop, injector: X11Injector, tmp_path: Path) -> Path:
    """A file that gets each line typed into a terminal, which has the focus when this returns."""
    file, ready = tmp_path / "typed.txt", tmp_path / "ready"
    command = f"stty -echo; touch {ready}; exec cat > {file}"
    processes.start("terminal", ["xterm", "-u8", "-e", "sh", "-c", command], env=desktop.env | {"LC_ALL": "C.UTF-8"})
    processes.wait_for("the terminal", ready.exists)
    search = ["xdotool", "search", "--sync", "--onlyvisible", "--class", "xterm", "windowactivate", "--sync"]
    subprocess.run(search, env=desktop.env, check=True, timeout=PATIENCE)
    return file


def arrived(file: Path, text: str) -> str:
    """The file's content as soon as it is as long as `text`."""
    at_last(lambda: file.stat().st_size >= len(text.encode()))
    return file.read_text(encoding="utf-8")


def test_any_text_arrives_as_it_is(injector: X11Injector, typed_into: Path) -> None:
    text = (SENTENCE + "\n") * 3
    injector.text(text, always, nothing)
    assert arrived(typed_into, text) == text


def test_keys_by_their_dom_names_arrive_with_their_modifiers(injector: X11Injector, typed_into: Path) -> None:
    for key, code in (("H", "KeyH"), ("ñ", "Semicolon"), ("¿", "Equal"), ("@", "Digit2"), ("Enter", "Enter")):
        shifted = key in "H¿"
        if shifted:
            injector.key("Shift", "ShiftLeft", True)
        injector.key(key, code, True)
        injector.key(key, code, False)
        if shifted:
            injector.key("Shift", "ShiftLeft", False)
    assert arrived(typed_into, "Hñ¿@\n") == "Hñ¿@\n"


def test_caps_lock_left_on_by_the_customer_does_not_turn_letters_round(
    injector: X11Injector, typed_into: Path, desktop: Desktop
) -> None:
    other = X11Injector(desktop.display)
    other.open()
    keycode, _ = other._find(0xFFE5)
    other._fake(X.KeyPress, keycode)
    other._fake(X.KeyRelease, keycode)
    other._flush()
    injector.text("Abc ñÑ\n", always, nothing)
    assert arrived(typed_into, "Abc ñÑ\n") == "Abc ñÑ\n"
    other.close()


def test_nothing_stays_pressed(injector: X11Injector, desktop: Desktop) -> None:
    injector.key("Control", "ControlLeft", True)
    injector.key("x", "KeyX", True)
    injector.button(1, True)
    injector.release_all()
    display = Display(desktop.display)
    assert not any(display.query_keymap())
    assert not display.screen().root.query_pointer().mask & X.Button1Mask


def test_the_keyboard_is_given_back_as_it_was(desktop: Desktop) -> None:
    def keyboard() -> list[tuple[int, ...]]:
        display = Display(desktop.display)
        return [tuple(row) for row in display.get_keyboard_mapping(8, 248)]

    before = keyboard()
    injector = X11Injector(desktop.display)
    injector.open()
    injector.text(SENTENCE, always, nothing)
    assert keyboard() != before
    injector.close()
    injector.close()
    assert [row for row in keyboard() if any(row)] == [row for row in before if any(row)]


def test_the_pointer_goes_where_it_is_sent(injector: X11Injector, desktop: Desktop) -> None:
    injector.move(321, 123)
    at = Display(desktop.display).screen().root.query_pointer()
    assert (at.root_x, at.root_y) == (321, 123)


def test_unknown_keys_do_nothing(injector: X11Injector, desktop: Desktop) -> None:
    for key in ("Dead", "Unidentified", "Process", "CapsLock", "AltGraph", "\x07", "🂡🂡"):
        injector.key(key, "", True)
        injector.key(key, "", False)
    assert not any(Display(desktop.display).query_keymap())


def test_without_a_server_it_says_so() -> None:
    with pytest.raises(InjectUnavailable):
        X11Injector(":987").open()
