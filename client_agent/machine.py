"""What the computer does by itself: going to sleep, locking its screen.  Either ends a live session.

Linux: logind's `PrepareForSleep`, `Lock` and the screen savers' `ActiveChanged`, over D-Bus; everywhere: a gap
between the wall clock and the monotonic one, which stands still during sleep.  Without a bus there is only the gap.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from client_agent import events as ev
from client_agent.core import AgentCore
from client_agent.tasks import Tasks
from protocol.control import EndReason

if TYPE_CHECKING:
    from dbus_fast import Message

log = logging.getLogger(__name__)

LOOK = 2.0
GAP = 10.0
"""Seconds by which the loop came late, or the wall clock ran ahead of the monotonic one: the computer slept."""

_LOGIND = "org.freedesktop.login1"
_SCREEN_SAVERS = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.cinnamon.ScreenSaver",
)


class Watched:
    """A core whose session ends when the computer sleeps or its screen is locked."""

    def __init__(self, core: AgentCore) -> None:
        self._core = core
        self._tasks = Tasks()

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """See `events.Core`."""
        self._core.listen(listener)

    def do(self, command: ev.Command) -> None:
        """See `events.Core`."""
        self._core.do(command)

    async def run(self) -> None:
        """The core's."""
        self._tasks.start(watch_clock(self._core.end_session), "sleep watch")
        if sys.platform == "linux":
            self._tasks.start(watch_buses(self._core.end_session), "bus watch")
        try:
            await self._core.run()
        finally:
            await self._tasks.close()


async def watch_clock(
    end: Callable[[EndReason], None],
    monotonic: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
    look: float = LOOK,
) -> None:
    """Call `end("sleep")` after the computer slept."""
    before = monotonic(), wall()
    while True:
        await asyncio.sleep(look)
        now = monotonic(), wall()
        late = now[0] - before[0] - look
        ahead = (now[1] - before[1]) - (now[0] - before[0])
        if late > GAP or ahead > GAP:
            end("sleep")
        before = now


async def watch_buses(end: Callable[[EndReason], None], environ: dict[str, str] | None = None) -> None:
    """Listen on the system's and the person's bus, where there are any."""
    from dbus_fast import BusType
    from dbus_fast.aio import MessageBus

    environ = dict(os.environ) if environ is None else environ
    rules = {
        BusType.SYSTEM: [
            f"type='signal',sender='{_LOGIND}',interface='{_LOGIND}.Manager',member='PrepareForSleep'",
            f"type='signal',sender='{_LOGIND}',interface='{_LOGIND}.Session',member='Lock'",
        ],
        BusType.SESSION: [f"type='signal',interface='{name}',member='ActiveChanged'" for name in _SCREEN_SAVERS],
    }
    if not environ.get("DBUS_SESSION_BUS_ADDRESS"):
        del rules[BusType.SESSION]
    buses = []
    for kind, wanted in rules.items():
        try:
            address = environ.get("DBUS_SESSION_BUS_ADDRESS") if kind is BusType.SESSION else None
            bus = await MessageBus(bus_address=address, bus_type=kind).connect()
            for rule in wanted:
                await bus.call(_add_match(rule))
            bus.add_message_handler(lambda message: _heard(message, end))
            buses.append(bus)
        except (OSError, EOFError, ValueError) as error:
            log.info("no %s bus: %s", kind.name.lower(), error)
    try:
        await asyncio.Event().wait()
    finally:
        for bus in buses:
            bus.disconnect()


def _add_match(rule: str) -> "Message":
    from dbus_fast import Message

    return Message(
        destination="org.freedesktop.DBus", path="/org/freedesktop/DBus", interface="org.freedesktop.DBus",
        member="AddMatch", signature="s", body=[rule],
    )  # fmt: skip


def _heard(message: "Message", end: Callable[[EndReason], None]) -> None:
    """A signal: beginning to sleep, or locked."""
    if message.member == "PrepareForSleep" and message.body == [True]:
        end("sleep")
    elif message.member == "Lock" or (message.member == "ActiveChanged" and message.body == [True]):
        end("screen_locked")
