"""Says which keyboard a computer has, as systemd's `org.freedesktop.locale1` would: `python -m … ADDRESS LAYOUT`.

Ends with its bus.
"""

import asyncio
import sys

from dbus_fast import PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property

NAME, PATH = "org.freedesktop.locale1", "/org/freedesktop/locale1"


class Locale(ServiceInterface):
    """The part that compositors read."""

    def __init__(self, layout: str) -> None:
        super().__init__(NAME)
        self._layout = layout

    @dbus_property(access=PropertyAccess.READ)
    def X11Layout(self) -> "s":  # type: ignore[name-defined]  # noqa: F821
        return self._layout

    @dbus_property(access=PropertyAccess.READ)
    def X11Variant(self) -> "s":  # type: ignore[name-defined]  # noqa: F821
        return ""

    @dbus_property(access=PropertyAccess.READ)
    def X11Options(self) -> "s":  # type: ignore[name-defined]  # noqa: F821
        return ""


async def main(address: str, layout: str) -> None:
    """Until the bus goes."""
    bus = await MessageBus(bus_address=address).connect()
    bus.export(PATH, Locale(layout))
    await bus.request_name(NAME)
    print("ready", flush=True)
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
