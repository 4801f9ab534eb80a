"""Sleep and a locked screen end a session: heard on a real bus, and seen by the clocks where there is none."""

import asyncio
from collections.abc import Callable

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from client_agent import machine
from scripts.desktop import Desktop
from tests.support.patience import PATIENCE, eventually


class Heard:
    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.any = asyncio.Event()

    def __call__(self, reason: str) -> None:
        self.reasons.append(reason)
        self.any.set()


@pytest.mark.parametrize("name", ["org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"])
async def test_a_screen_saver_that_becomes_active_ends_it(desktop: Desktop, name: str) -> None:
    address = desktop.env["DBUS_SESSION_BUS_ADDRESS"]
    heard = Heard()
    watching = asyncio.create_task(machine.watch_buses(heard, {"DBUS_SESSION_BUS_ADDRESS": address}))
    bus = await MessageBus(bus_address=address).connect()

    def say(active: bool) -> None:
        path = "/" + name.replace(".", "/")
        bus.send(
            Message(
                message_type=MessageType.SIGNAL,
                path=path,
                interface=name,
                member="ActiveChanged",
                signature="b",
                body=[active],
            )
        )

    def said() -> bool:
        """It is not known when the watcher listens."""
        say(True)
        return heard.any.is_set()

    say(False)
    await eventually(said)
    assert set(heard.reasons) == {"screen_locked"}
    bus.disconnect()
    watching.cancel()


async def test_without_a_bus_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    watching = asyncio.create_task(machine.watch_buses(Heard(), {}))
    done, _ = await asyncio.wait([watching], timeout=0.3)
    assert not done
    watching.cancel()


def clocks(*values: float) -> Callable[[], float]:
    left = list(values)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    ("monotonic", "wall", "slept"),
    [
        ((0, 0.01, 0.02), (100, 100.01, 100.02), False),
        ((0, 0.01, 0.02), (100, 4000, 4000), True),
        ((0, 60, 60), (100, 160, 160), True),
        ((0, 0.01, 0.02), (100, 50, 50), False),
    ],
)
async def test_a_gap_between_the_clocks_is_sleep(
    monotonic: tuple[float, ...], wall: tuple[float, ...], slept: bool
) -> None:
    heard = Heard()
    watching = asyncio.create_task(machine.watch_clock(heard, clocks(*monotonic), clocks(*wall), look=0.01))
    await asyncio.wait([asyncio.create_task(heard.any.wait())], timeout=PATIENCE if slept else 0.3)
    watching.cancel()
    assert (heard.reasons[:1] == ["sleep"]) is slept
