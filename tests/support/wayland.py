"""A Wayland desktop of a test's own: GNOME's compositor without a screen or a graphics card, its portal, PipeWire.

Its person answers the portal's dialog as a screen reader would (`accessible.py`) and moves the real pointer (`Hand`).
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from client_agent.capture.base import Capture, Pixels
from client_agent.inject import keys
from client_agent.inject.base import Injector
from client_agent.wayland import WaylandDesktop
from scripts.desktop import SIZE, Desktop, environment
from scripts.processes import Processes
from tests.support.accessible import Node, Reader
from tests.support.buses import a_bus
from tests.support.patience import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
STARTED = (
    "org.a11y.Bus",
    "org.freedesktop.portal.Desktop",
    "org.freedesktop.impl.portal.desktop.gnome",
    "org.freedesktop.impl.portal.PermissionStore",
)
"""What the bus may start by itself; the portal of documents is not among it: it mounts a file system."""
SOCKET = "wayland-0"
LOOK = 0.03
COMPOSITOR = "org.gnome.Mutter.RemoteDesktop"

LEFT_BUTTON = 0x110
ALLOW, SHARE, CANCEL = ("switch", "Allow remote interaction"), ("button", "_Share Share"), ("button", "_Cancel Cancel")
"""What the portal's dialog has, as it is read out."""


def start(
    processes: Processes, home: Path, size: tuple[int, int] = SIZE, monitors: int = 1, layout: str = "us"
) -> Desktop:
    """An empty desktop of so many monitors of `size`, side by side, with a keyboard of that `layout`."""
    runtime = home / "run"
    runtime.mkdir(parents=True)
    runtime.chmod(0o700)
    env = environment(home, runtime, "")
    del env["DISPLAY"]
    env |= {
        "WAYLAND_DISPLAY": SOCKET,
        "XDG_SESSION_TYPE": "wayland",
        "XDG_CURRENT_DESKTOP": "GNOME",
        "XDG_CONFIG_HOME": str(home / "config"),
        "GSETTINGS_BACKEND": "memory",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "GTK_A11Y": "atspi",
        "LC_ALL": "C.UTF-8",
    }
    env["DBUS_SESSION_BUS_ADDRESS"] = a_bus(processes, home / "bus", STARTED, env)
    env["DBUS_SYSTEM_BUS_ADDRESS"] = env["DBUS_SESSION_BUS_ADDRESS"]  # nothing of this computer's own
    _keyboard(processes, env["DBUS_SESSION_BUS_ADDRESS"], layout)
    processes.start("pipewire", ["pipewire"], env=env)
    processes.wait_for("PipeWire", (runtime / "pipewire-0").exists)
    processes.start("wireplumber", ["wireplumber"], env=env)
    virtual = [word for _ in range(monitors) for word in ("--virtual-monitor", f"{size[0]}x{size[1]}")]
    command = ["mutter", "--wayland", "--headless", "--wayland-display", SOCKET, *virtual]
    log = processes.start("mutter", command, env=env).log
    processes.wait_for(
        "the compositor", lambda: (runtime / SOCKET).exists() and "public X11 display" in log.read_text()
    )
    processes.wait_for("its services", lambda: _answers(env, COMPOSITOR))
    display = log.read_text().split("public X11 display ")[1].split(",")[0]
    env |= {"DISPLAY": display, "XAUTHORITY": str(next(runtime.glob(".mutter-Xwaylandauth*")))}
    return Desktop(display, home, env)


def _keyboard(processes: Processes, address: str, layout: str) -> None:
    command = [sys.executable, "-m", "tests.support.keyboard_layout", address, layout]
    log = processes.start("keyboard-layout", command, cwd=ROOT).log
    processes.wait_for("the keyboard's layout", lambda: "ready" in log.read_text())


def _answers(env: dict[str, str], name: str) -> bool:
    ask = [
        "dbus-send",
        "--session",
        "--dest=org.freedesktop.DBus",
        "--print-reply",
        "/",
        "org.freedesktop.DBus.NameHasOwner",
    ]
    return "true" in subprocess.run([*ask, f"string:{name}"], env=env, capture_output=True, text=True).stdout


async def share(desktop: Desktop, control: bool = True) -> None:
    """What the person does with the portal's dialog: share, and let the pointer and the keyboard be used or not."""
    async with Reader.of(desktop.env) as reader:
        if control:
            await (await _part(reader, ALLOW)).press()
            await _part(reader, ALLOW, "checked")
        await (await _part(reader, SHARE)).press()


async def refuse(desktop: Desktop) -> None:
    """The person presses *Cancel*."""
    async with Reader.of(desktop.env) as reader:
        await (await _part(reader, CANCEL)).press()


async def choose_second(desktop: Desktop, hand: "Hand", size: tuple[int, int]) -> None:
    """The person clicks on the dialog's second monitor too; it is in the middle of the first, which is of `size`."""
    async with Reader.of(desktop.env) as reader:
        window = await _part(reader, ("window", "Remote desktop"), "active")
        row = await _second_row(reader)
        (half_width, half_height), (x, y) = await window.middle(), await row.middle()
        await hand.click(size[0] // 2 - half_width + x, size[1] // 2 - half_height + y)

        async def clicked() -> bool:
            return "focused" in (await _second_row(reader)).states

        await eventually(clicked)


async def _second_row(reader: Reader) -> Node:
    return [node for node in await reader.read() if (node.role, node.name) == ("list item", "MetaVendor")][1]


async def _part(reader: Reader, part: tuple[str, str], *states: str) -> Node:
    """A part of the dialog, once it is there; GTK does not say of its parts that they are in sight."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for node in await reader.read():
                if (node.role, node.name) == part and node.states.issuperset(states):
                    return node
            await asyncio.sleep(LOOK)


@asynccontextmanager
async def asked_for(desktop: Desktop) -> AsyncIterator[tuple[Capture, Injector]]:
    """Capture and input as a session opens them: the person has the question before them.

    Xwayland's key to its door is taken from this process's environment, as in a desktop's own programs.
    """
    before = os.environ.get("XAUTHORITY")
    os.environ["XAUTHORITY"] = desktop.env["XAUTHORITY"]
    made = WaylandDesktop(desktop.env)
    injector = made.injector()
    try:
        injector.open()
        capture = made.capture()
        capture.open()
        yield capture, injector
        injector.close()
        capture.close()
    finally:
        os.environ.pop("XAUTHORITY")
        os.environ.update({"XAUTHORITY": before} if before is not None else {})


def first_picture(capture: Capture) -> Pixels:
    """Once there is one.  Raises `CaptureUnavailable`."""
    until = time.monotonic() + PATIENCE
    while not capture.ready:
        assert time.monotonic() < until, "no picture"
        capture.wait(0.1)
    return capture.grab()


class Hand:
    """The person's own hand at mouse and keyboard: events of the compositor itself, beside any portal.

    The computer has no other keyboard: programs know of one while this is open.
    """

    def __init__(self, bus: MessageBus, session: str) -> None:
        self._bus, self._session = bus, session

    @classmethod
    @asynccontextmanager
    async def of(cls, desktop: Desktop) -> AsyncIterator["Hand"]:
        """While this is open."""
        bus = await MessageBus(bus_address=desktop.env["DBUS_SESSION_BUS_ADDRESS"]).connect()
        path = "/" + COMPOSITOR.replace(".", "/")
        try:
            session = await _call(bus, path, COMPOSITOR, "CreateSession")
            await _call(bus, session, f"{COMPOSITOR}.Session", "Start")
            hand = cls(bus, session)
            await hand._tap(keys.SHIFT)
            yield hand
        finally:
            bus.disconnect()

    async def move(self, x: int, y: int) -> None:
        """To that point of the desktop: by way of its corner, as the compositor takes only steps."""
        for dx, dy in ((-10_000.0, -10_000.0), (float(x), float(y))):
            await self._notify("NotifyPointerMotionRelative", "dd", dx, dy)

    async def click(self, x: int, y: int) -> None:
        """There, with the left button."""
        await self.move(x, y)
        for down in (True, False):
            await self._notify("NotifyPointerButton", "ib", LEFT_BUTTON, down)

    async def _tap(self, keysym: int) -> None:
        for down in (True, False):
            await self._notify("NotifyKeyboardKeysym", "ub", keysym, down)

    async def _notify(self, member: str, signature: str, *body: object) -> None:
        await _call(self._bus, self._session, f"{COMPOSITOR}.Session", member, signature, *body)


async def _call(bus: MessageBus, path: str, interface: str, member: str, signature: str = "", *body: object) -> str:
    reply = await bus.call(Message(COMPOSITOR, path, interface, member, signature=signature, body=list(body)))
    assert reply is not None
    assert reply.message_type is MessageType.METHOD_RETURN, f"{member}: {reply.body}"
    return str(reply.body[0]) if reply.body else ""
