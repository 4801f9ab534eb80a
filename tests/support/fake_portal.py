"""A desktop portal whose person answers as a test says.

Speaks the messages of `org.freedesktop.portal.*` themselves, so that a test can answer wrongly too.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from client_agent.portal import NAME, PATH, REMOTE_DESKTOP, SCREEN_CAST

SESSION = f"{PATH}/session/1_1/test"
ACCEPTED, REFUSED, FAILED = 0, 1, 2
ONE_SCREEN = [[42, {"position": Variant("(ii)", [0, 0]), "size": Variant("(ii)", [640, 480])}]]


class FakePortal:
    """`answer`: the person's to `Start`; None: they say nothing yet.  `heard`: the calls that came, in order."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus = bus
        self.answer: int | None = ACCEPTED
        self.screens: list[list[Any]] = ONE_SCREEN
        self.devices = 3
        self.cursor_modes = 7
        self.has_input = True
        self.silent = False
        """It takes what is typed, and does not answer."""
        self.heard: list[Message] = []
        self.pipewire, self.kept = os.pipe()
        """What `OpenPipeWireRemote` gives away, and its other end."""
        self._asked: asyncio.Event = asyncio.Event()
        self.request = ""
        bus.add_message_handler(self._take)

    @classmethod
    @asynccontextmanager
    async def on(cls, address: str) -> AsyncIterator["FakePortal"]:
        """While this is open, the bus has it."""
        bus = await MessageBus(bus_address=address, negotiate_unix_fd=True).connect()
        made = cls(bus)
        await bus.request_name(NAME)
        try:
            yield made
        finally:
            bus.disconnect()
            for end in (made.pipewire, made.kept):
                os.close(end)

    async def asked(self) -> None:
        """Returns when the person has the question before them."""
        await self._asked.wait()

    def names(self) -> list[str]:
        """The calls' names."""
        return [str(message.member) for message in self.heard]

    def options(self, member: str) -> dict[str, Any]:
        """What a call asked for, without the tokens."""
        call = next(message for message in self.heard if message.member == member)
        return {name: one.value for name, one in call.body[-1].items() if not name.endswith("token")}

    def respond(self, code: int, results: dict[str, Variant], path: str | None = None) -> None:
        """The signal that answers a request."""
        signal = Message.new_signal(
            path or self.request, "org.freedesktop.portal.Request", "Response", "ua{sv}", [code, results]
        )
        self.bus.send(signal)

    def answer_the_last(self) -> None:
        """Of the calls that it was silent about."""
        self.bus.send(Message.new_method_return(self.heard[-1]))

    def close_session(self) -> None:
        """The person stops sharing."""
        self.bus.send(Message.new_signal(SESSION, "org.freedesktop.portal.Session", "Closed"))

    def started(self) -> dict[str, Variant]:
        """What `Start` brings."""
        return {"streams": Variant("a(ua{sv})", self.screens), "devices": Variant("u", self.devices)}

    def _take(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        self.heard.append(message)
        if self.silent and str(message.member).startswith("Notify"):
            return True
        match message.member:
            case "Get":
                return self._property(*message.body)
            case "CreateSession":
                return self._answer(message, {"session_handle": Variant("s", SESSION)})
            case "SelectDevices" | "SelectSources":
                return self._answer(message, {})
            case "Start":
                return self._start(message)
            case "OpenPipeWireRemote":
                return Message.new_method_return(message, "h", [0], [self.pipewire])
            case _:
                return Message.new_method_return(message)

    def _property(self, *which: str) -> Message:
        message = self.heard[-1]
        known = {
            (SCREEN_CAST, "AvailableCursorModes"): self.cursor_modes,
            (SCREEN_CAST, "AvailableSourceTypes"): 1,
            **({(REMOTE_DESKTOP, "AvailableDeviceTypes"): 7} if self.has_input else {}),
        }
        if which not in known:
            return Message.new_error(message, "org.freedesktop.DBus.Error.InvalidArgs", "No such interface")
        return Message.new_method_return(message, "v", [Variant("u", known[which])])

    def _answer(self, message: Message, results: dict[str, Variant], code: int = ACCEPTED) -> Message:
        begun = self._begin(message)
        asyncio.get_running_loop().call_soon(self.respond, code, results, self.request)
        return begun

    def _start(self, message: Message) -> Message:
        self._asked.set()
        if self.answer is not None:
            return self._answer(message, self.started() if self.answer == ACCEPTED else {}, self.answer)
        return self._begin(message)

    def _begin(self, message: Message) -> Message:
        """A request that the person, or nobody, has to answer."""
        token = message.body[-1]["handle_token"].value
        self.request = f"{PATH}/request/{str(message.sender)[1:].replace('.', '_')}/{token}"
        return Message.new_method_return(message, "o", [self.request])
