"""The real window on a real display: walked by a screen reader, by the keyboard alone, and seen on the screen."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageGrab

from client_agent.window import style
from scripts import catalogues
from scripts.desktop import Desktop
from scripts.processes import Processes
from tests.support.accessible import Node, Reader
from tests.support.patience import PATIENCE, at_last, eventually

PRICE = (
    "Esta sesión: 45,00\u00a0€ por hora más 21\u00a0% de impuestos, mínimo 1 hora, después por medias horas empezadas."
)
ROOT = Path(__file__).resolve().parents[3]


class Chair:
    """The customer before the screen: reads as a screen reader does, types, looks; and lets the technician ask."""

    def __init__(self, desktop: Desktop, reader: Reader, agent: subprocess.Popen[bytes], journal: Path) -> None:
        self.desktop, self.reader, self.agent, self._journal = desktop, reader, agent, journal

    def technician_asks(self) -> None:
        self.agent.send_signal(signal.SIGUSR1)

    def answered(self) -> list[dict[str, str]]:
        """What the window asked of the core, in order."""
        return [json.loads(line) for line in self._journal.read_text().splitlines()] if self._journal.exists() else []

    def keys(self, *names: str) -> None:
        """Keys pressed one after the other, as xdotool names them, once the program's window has the keyboard."""
        at_last(lambda: "Relevo" in self.active_window())
        subprocess.run(["xdotool", "key", "--delay", "30", *names], env=self.desktop.env, check=True)

    async def tab_to(self, name: str) -> None:
        """Tab, as often as it takes, to what has that name."""
        seen: list[str] = []
        while name not in seen:
            assert len(seen) < 12, seen
            before = await self._with_keyboard()
            self.keys("Tab")
            seen.append(await eventually(partial(self._another, before)))

    async def _another(self, before: Node | None) -> str:
        now = await self._with_keyboard()
        return now.name if now and (before is None or now.path != before.path) else ""

    def active_window(self) -> str:
        """The title of the window that has the keyboard."""
        asked = ["xdotool", "getactivewindow", "getwindowname"]
        return subprocess.run(asked, env=self.desktop.env, capture_output=True, text=True).stdout

    def window_at(self, x: int, y: int) -> str:
        """The class of the window that a click there would reach."""
        where = ["xdotool", "mousemove", str(x), str(y), "getmouselocation", "--shell"]
        said = subprocess.run(where, env=self.desktop.env, check=True, capture_output=True, text=True).stdout
        window = next(line.removeprefix("WINDOW=") for line in said.splitlines() if line.startswith("WINDOW="))
        named = ["xprop", "-id", window, "WM_CLASS"]
        return subprocess.run(named, env=self.desktop.env, check=True, capture_output=True, text=True).stdout

    def screen(self) -> Image.Image:
        """What is on the screen now."""
        return ImageGrab.grab(xdisplay=self.desktop.display).convert("RGB")

    async def shows(self, text: str, role: str = "label") -> None:
        """Until it is to be read."""
        await self.reader.find(role, text)

    async def has_keyboard(self, name: str) -> bool:
        """Whether it is the thing of that name."""
        node = await self._with_keyboard()
        return node is not None and node.name == name

    async def _with_keyboard(self) -> Node | None:
        return next((node for node in await self.reader.read() if "focused" in node.states), None)

    async def live(self) -> None:
        """Through terms, code and consent, with the screen reader."""
        await self.reader.press("Aceptar y seguir")
        await self.shows("481 093 726")
        self.technician_asks()
        await self.shows("Ana Pérez Ruiz")
        await self.reader.press("Aceptar")
        await self.shows("Hay un técnico conectado")


@pytest.fixture
async def chair(desktop: Desktop, processes: Processes, tmp_path: Path) -> AsyncIterator[Chair]:
    catalogues.build()
    journal = tmp_path / "journal.jsonl"
    command = [sys.executable, "-m", "tests.client_agent.support.scripted_core", str(journal)]
    env = desktop.env | {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    agent = processes.start("agent", command, env=env, cwd=ROOT, essential=False)
    async with Reader.of(desktop.env) as reader:
        await reader.find("label", "Condiciones del servicio")
        yield Chair(desktop, reader, agent.process, journal)


async def test_a_screen_reader_accepts_consents_and_disconnects(chair: Chair) -> None:
    await chair.reader.press("Aceptar y seguir")
    await chair.shows("481 093 726")
    await chair.shows("K7QU-9XDT")
    await chair.shows("Kilo")
    chair.technician_asks()
    await chair.shows("¿Deja que este técnico le ayude?")
    await chair.shows("Ana Pérez Ruiz")
    await chair.shows("QUASAR Soporte · identidad comprobada")
    await chair.shows("Correo electrónico")
    await chair.shows(PRICE)
    assert "K7QU" not in await chair.reader.text()
    await chair.reader.press("Usar mi ratón y mi teclado", role="check box")
    await chair.reader.press("Aceptar")
    await chair.shows("Ana Pérez Ruiz puede ver su pantalla, pero no tocar nada.")
    await chair.reader.press("Desconectar")
    await chair.shows("La conexión ha terminado")
    await chair.shows("730 128 945")
    assert chair.answered() == [{"did": "AcceptTerms"}, {"did": "Consent", "granted": "view"}, {"did": "Disconnect"}]


async def test_the_keyboard_alone_does_all_of_it(chair: Chair) -> None:
    await chair.tab_to("Aceptar y seguir")
    chair.keys("space")
    await chair.shows("481 093 726")
    chair.technician_asks()
    await chair.shows("Ana Pérez Ruiz")
    await chair.reader.find("push button", "Aceptar", "enabled")
    assert await eventually(lambda: chair.has_keyboard("¿Deja que este técnico le ayude?"))
    chair.keys("space", "Return")
    await chair.tab_to("Aceptar")
    assert [line["did"] for line in chair.answered()] == ["AcceptTerms"], "a stray key answered"
    chair.keys("space")
    await chair.shows("Hay un técnico conectado")
    await chair.tab_to("Desconectar")
    chair.keys("space")
    await chair.shows("La conexión ha terminado")


async def test_the_desktop_of_a_customer_with_a_technician_connected(chair: Chair) -> None:
    """A border that clicks go through, a bar on top, a window that asks before it closes; afterwards none of it."""
    red = tuple(int(style.LIGHT.danger[at : at + 2], 16) for at in (1, 3, 5))
    before = chair.screen()
    edges = [(1, 400), (before.width - 2, 400), (600, before.height - 2), (200, 1)]
    assert all(before.getpixel(at) != red for at in edges)
    await chair.live()
    bar = await chair.reader.find("label", "Conexión con Ana Pérez Ruiz")
    assert (await bar.middle())[1] < 60
    shot = chair.screen()
    assert [shot.getpixel(at) for at in edges] == [red] * 4
    assert "relevo" not in chair.window_at(2, 300)

    chair.keys("alt+F4")
    await chair.shows("¿Cerrar el programa?")
    await chair.reader.find("push button", "Desconectar")
    await chair.reader.press("Dejarlo abierto")
    await chair.shows("Hay un técnico conectado")
    assert "Quit" not in [line["did"] for line in chair.answered()]

    await chair.reader.press("Desconectar")
    await chair.shows("La conexión ha terminado")
    assert all(chair.screen().getpixel(at) != red for at in edges)


async def test_the_keyboard_goes_back_to_the_window_in_use_after_the_consent(
    chair: Chair, processes: Processes
) -> None:
    def active() -> str:
        asked = ["xdotool", "getactivewindow", "getwindowname"]
        return subprocess.run(asked, env=chair.desktop.env, capture_output=True, text=True).stdout.strip()

    async def until_active(terminal: bool) -> None:
        await asyncio.to_thread(processes.wait_for, "the keyboard", lambda: (active() == "Terminal") is terminal, 60.0)

    async def agree(control: bool) -> None:
        chair.technician_asks()
        await chair.shows("Ana Pérez Ruiz")
        await until_active(terminal=False)
        if not control:
            await chair.reader.press("Usar mi ratón y mi teclado", role="check box")
        await chair.reader.press("Aceptar")
        await chair.shows("Hay un técnico conectado")

    await chair.reader.press("Aceptar y seguir")
    await chair.shows("481 093 726")
    processes.start("terminal", ["xterm", "-title", "Terminal"], env=chair.desktop.env, essential=False)
    await until_active(terminal=True)
    await agree(control=True)
    await until_active(terminal=True)

    await chair.reader.press("Desconectar")
    await chair.shows("La conexión ha terminado")
    await until_active(terminal=False)  # the agent has it before the prompt, so the window under it gets it
    await agree(control=True)
    await until_active(terminal=True)

    await chair.reader.press("Desconectar")
    await chair.shows("La conexión ha terminado")
    await agree(control=False)
    assert active() != "Terminal", "a technician who may only look needs no keyboard"


async def test_told_to_stop_it_ends_its_session_and_says_so(chair: Chair, processes: Processes) -> None:
    await chair.live()
    chair.agent.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(chair.agent.wait, 60) == 0
    said = (processes.logs / "agent.log").read_text()
    assert chair.answered()[-1] == {"did": "Quit"}
    assert "Se ha pedido al programa que termine" in said
    assert "Traceback" not in said


async def test_when_its_desktop_goes_away_it_ends_its_session_and_says_so(chair: Chair, processes: Processes) -> None:
    await chair.live()
    server = next(running for running in processes.running if running.name == "Xvfb")
    server.process.kill()
    assert await asyncio.to_thread(chair.agent.wait, 60) == 1
    said = (processes.logs / "agent.log").read_text()
    assert chair.answered()[-1] == {"did": "Quit"}
    assert "El escritorio ha desaparecido" in said
    assert "Traceback" not in said


async def test_a_second_agent_the_other_language_and_the_end(chair: Chair, tmp_path: Path) -> None:
    knock = (
        f"from pathlib import Path; from client_agent.window.front import knock; print(knock(Path({str(tmp_path)!r})))"
    )
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-c", knock, env=chair.desktop.env, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await second.communicate()
    assert said.strip() == b"True"
    await chair.shows("El programa ya estaba abierto: esta es su ventana.")

    await chair.reader.press("English", role="check box")
    await chair.shows("Terms of service")
    await chair.reader.find("push button", "Accept and go on")

    chair.keys("alt+F4")
    assert await asyncio.to_thread(chair.agent.wait, PATIENCE) == 0
    assert chair.answered() == [{"did": "SetLanguage"}, {"did": "Quit"}]
