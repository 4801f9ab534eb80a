"""A window as a screen reader has it: found by role and name over AT-SPI, pressed as a screen reader presses.

    async with Reader.of(desktop.env) as reader:
        await reader.press("Accept")

AT-SPI2 over D-Bus (org.a11y.atspi), spoken through dbus-fast.  Waiting is for a thing to be there, never for a time.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from tests.support.patience import PATIENCE

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_REGISTRY = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
_STATES = ("active", 1), ("showing", 25), ("enabled", 8), ("checked", 4), ("focused", 12)
_DEPTH = 40
_LOOK = 0.03
"""Seconds between two looks: each is hundreds of questions to the program, which has something else to do."""


class NotThere(AssertionError):
    """No such thing is to be read; carries what is."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing on the screen.  `role` as AT-SPI names it: `push button`, `label`, `check box`, …"""

    reader: "Reader"
    bus: str
    path: str
    role: str
    name: str
    states: frozenset[str]

    async def press(self) -> None:
        """Its first action: what a screen reader does on Enter."""
        done = await self.reader.call(self.bus, self.path, "org.a11y.atspi.Action", "DoAction", "i", [0])
        assert done is True, f"{self.role} {self.name!r} could not be pressed"

    async def middle(self) -> tuple[int, int]:
        """Where to click: its middle, in pixels of the desktop."""
        x, y, w, h = await self.reader.call(self.bus, self.path, "org.a11y.atspi.Component", "GetExtents", "u", [0])
        return x + w // 2, y + h // 2


class Reader:
    """One desktop's accessibility bus."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    @classmethod
    @asynccontextmanager
    async def of(cls, env: Mapping[str, str]) -> AsyncIterator["Reader"]:
        """The reader of the desktop whose programs run with `env`."""
        session = await MessageBus(bus_address=env["DBUS_SESSION_BUS_ADDRESS"], bus_type=BusType.SESSION).connect()
        try:
            asked = Message("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
            answer = await session.call(asked)
            assert answer is not None
            address = str(answer.body[0])
        finally:
            session.disconnect()
        bus = await MessageBus(bus_address=address).connect()
        try:
            yield cls(bus)
        finally:
            bus.disconnect()

    async def find(self, role: str, name: str, *states: str, wait_s: float = PATIENCE) -> Node:
        """The first thing in sight of that role and name that has all `states`, as soon as there is one."""
        wanted = {"showing", *states}
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            nodes = await self.read()
            for node in nodes:
                if (node.role, node.name) == (role, name) and wanted <= node.states:
                    return node
            if asyncio.get_running_loop().time() > deadline:
                text = "\n".join(f"  {node.role}: {node.name}" for node in nodes if "showing" in node.states)
                raise NotThere(f"no {role} {name!r} among\n{text}")
            await asyncio.sleep(_LOOK)

    async def press(self, name: str, role: str = "push button") -> None:
        """Press the button of that name, once it can be."""
        await (await self.find(role, name, "enabled")).press()

    async def text(self) -> str:
        """Everything that is to be read now."""
        return "\n".join(node.name for node in await self.read() if node.name and "showing" in node.states)

    async def read(self) -> list[Node]:
        """Every thing of every program, parents first."""
        found: list[Node] = []
        await self._walk(*_REGISTRY, found, _DEPTH)
        return found

    async def _walk(self, bus: str, path: str, found: list[Node], depth: int) -> None:
        try:
            role = await self.call(bus, path, _ACCESSIBLE, "GetRoleName")
            name = await self.call(bus, path, "org.freedesktop.DBus.Properties", "Get", "ss", [_ACCESSIBLE, "Name"])
            low, high = await self.call(bus, path, _ACCESSIBLE, "GetState")
            children = await self.call(bus, path, _ACCESSIBLE, "GetChildren")
        except LookupError:
            return  # it went while it was read
        bits = low | high << 32
        states = frozenset(word for word, bit in _STATES if bits >> bit & 1)
        found.append(Node(self, bus, path, role, name.value, states))
        if depth:
            for child_bus, child_path in children:
                await self._walk(child_bus, child_path, found, depth - 1)

    async def call(
        self, bus: str, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None
    ) -> Any:
        """One answer's only value.  Raises `LookupError` when there is no such thing any more."""
        message = Message(bus, path, interface, member, signature=signature, body=body or [])
        async with asyncio.timeout(PATIENCE):
            answer = await self._bus.call(message)
        if answer is None or answer.message_type is not MessageType.METHOD_RETURN:
            raise LookupError(path)
        return answer.body[0] if answer.body else None
