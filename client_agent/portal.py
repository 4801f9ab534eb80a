"""The desktop portal: asks the person at this computer for their screens, pointer and keyboard, over D-Bus.

Counterparts: `capture/wayland.py` and `inject/wayland.py`, which share one `Share`.  Source: the interfaces
`org.freedesktop.portal.RemoteDesktop`, `.ScreenCast`, `.Request` and `.Session` of xdg-desktop-portal.  Begun only
after the customer's consent, which the desktop's own question does not replace; what was once refused, taken back or
lost is over, and never asked for again by itself.
"""

import asyncio
import logging
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

log = logging.getLogger(__name__)

NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SCREEN_CAST, REMOTE_DESKTOP = "org.freedesktop.portal.ScreenCast", "org.freedesktop.portal.RemoteDesktop"
_REQUEST, _SESSION = "org.freedesktop.portal.Request", "org.freedesktop.portal.Session"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"

KEYBOARD, POINTER = 1, 2
MONITOR = 1
_BY_PERSON = 1
EMBEDDED, METADATA = 2, 4
ANSWER = 10.0
"""Seconds for what nobody has to be asked about."""
INPUT = 1.0


class PortalOver(Exception):
    """There is nothing shared, or no longer.  `reason`: `missing`, `refused`, `revoked`, `gone` or `failed`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the desktop portal: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Screen:
    """One monitor that the person shares: its PipeWire node, and place and size in the desktop's own units."""

    node: int
    position: tuple[int, int] | None
    size: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Granted:
    """What the person agreed to.  `devices`: a sum of KEYBOARD, POINTER; `pointer_apart`: whether the pointer comes
    beside the picture and not in it."""

    screens: tuple[Screen, ...]
    devices: int
    pointer_apart: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A shared screen in the picture.  `area`: its pixels there; `scale`: the desktop's own units for one pixel;
    `own`: where the desktop has it, in its own units, None when it does not say."""

    node: int
    area: tuple[int, int, int, int]
    scale: tuple[float, float]
    own: tuple[int, int, int, int] | None


def bus_address(environ: dict[str, str]) -> str | None:
    """The person's own bus; None where there is none."""
    if address := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    folder = environ.get("XDG_RUNTIME_DIR")
    return f"unix:path={folder}/bus" if folder and os.path.exists(f"{folder}/bus") else None


def probe(address: str) -> None:
    """Ask the bus whether there is a portal that shares screens; at most `ANSWER` seconds.  Raises `PortalOver`."""
    with ThreadPoolExecutor(1) as other:  # this thread may have a loop that runs
        other.submit(asyncio.run, _probe(address)).result()


async def _probe(address: str) -> None:
    try:
        async with asyncio.timeout(ANSWER):
            bus = await MessageBus(bus_address=address, bus_type=BusType.SESSION).connect()
            try:
                get = Message(
                    destination=NAME, path=PATH, interface=_PROPERTIES, member="Get", signature="ss",
                    body=[SCREEN_CAST, "AvailableSourceTypes"],
                )  # fmt: skip
                reply = await bus.call(get)
            finally:
                bus.disconnect()
    except TimeoutError as error:
        raise PortalOver("failed") from error
    except (DBusError, OSError, EOFError, ValueError) as error:
        log.info("the desktop portal: %r", error)
        raise PortalOver("missing") from error
    if reply.message_type is MessageType.ERROR or not reply.body[0].value & MONITOR:
        raise PortalOver("missing")


class Share:
    """One conversation with the portal, in a thread of its own.  But for `notify`, every method returns at once."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._thread = threading.Thread(target=self._run, name="portal", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._lock = threading.Lock()
        self._turn = asyncio.Lock()
        self._begun = False
        self._bus: MessageBus | None = None
        self._watch: asyncio.Future[None] | None = None
        self._portal = self._session = ""
        self._requests: dict[str, asyncio.Future[tuple[int, dict[str, Any]]]] = {}
        self._heard: list[Callable[[], object]] = []
        self._granted: Granted | None = None
        self._ended: str | None = None
        self._pipewire: int | None = None
        self.placed: tuple[Placed, ...] = ()
        """Where the screens are in the picture: the capture's to say, the injector's to read."""

    def begin(self, heard: Callable[[], object] = lambda: None) -> None:
        """Ask the person, if nobody has begun yet; `heard` is called, in some thread, when there is news."""
        with self._lock:
            self._heard.append(heard)
            if not self._begun:
                self._begun = True
                self._thread.start()

    @property
    def granted(self) -> Granted | None:
        """What is shared; None while the person has not answered.  Raises `PortalOver`."""
        if self._ended is not None:
            raise PortalOver(self._ended)
        return self._granted

    def take_pipewire(self) -> int:
        """The file descriptor of the connection to PipeWire, once; it is the caller's.  Raises `PortalOver`."""
        with self._lock:
            taken, self._pipewire = self._pipewire, None
        if taken is None:
            raise PortalOver("gone")
        return taken

    def notify(self, member: str, signature: str, *body: Any) -> None:
        """One event of pointer or keyboard; returns when the portal has taken it, or `INPUT` seconds later.

        The portal serves each call in a thread of its own, and mixes up what it has at the same time: for one caller
        in one thread.  Nothing happens while nothing is shared.
        """
        if self._granted is None or self._ended is not None:
            return
        given = self._give(self._message(PATH, REMOTE_DESKTOP, member, "oa{sv}" + signature, self._session, {}, *body))
        try:
            taken = asyncio.run_coroutine_threadsafe(given, self._loop)
        except RuntimeError:  # the loop is closed: all is over
            given.close()
            return
        try:
            taken.result(INPUT)
        except (TimeoutError, CancelledError) as error:
            log.info("%s: %r", member, error)

    def close(self) -> None:
        """Nothing is shared any more; the desktop's own question goes away.  May be called twice."""
        with self._lock:
            begun, self._begun = self._begun, True
        if begun:
            self._soon(self._over.set)
        else:
            self._ended = "gone"
            self._loop.close()

    def _soon(self, call: Callable[..., object], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            pass  # the loop is closed: all is over

    # The portal's thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._talk())
        except Exception:
            log.exception("the desktop portal")
        finally:
            self._end("failed")
            self._loop.close()

    async def _talk(self) -> None:
        talk = asyncio.ensure_future(self._ask())
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait([talk, over], return_when=asyncio.FIRST_COMPLETED)
        if talk.done():
            try:
                self._granted = talk.result()
                self._tell()
                await over
            except PortalOver as refusal:
                self._end(refusal.reason)
            except (DBusError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
                log.info("the desktop portal: %r", error)
                self._end("failed")
        talk.cancel()
        self._end("gone")
        with suppress(PortalOver):
            os.close(self.take_pipewire())
        if self._bus is not None and self._watch is not None:
            if self._session:
                self._send(self._message(self._session, _SESSION, "Close", flags=MessageFlag.NO_REPLY_EXPECTED))
            for path in self._requests:
                self._send(self._message(path, _REQUEST, "Close", flags=MessageFlag.NO_REPLY_EXPECTED))
            self._bus.disconnect()
            await self._watch

    def _end(self, reason: str) -> None:
        if self._ended is None:
            self._ended = reason
            self._over.set()
            self._tell()

    def _tell(self) -> None:
        for heard in self._heard:
            heard()

    async def _ask(self) -> Granted:
        bus = MessageBus(bus_address=self._address, bus_type=BusType.SESSION, negotiate_unix_fd=True)
        self._bus = await bus.connect()
        bus.add_message_handler(self._on_message)
        self._watch = asyncio.ensure_future(self._watch_bus(bus))
        for rule in (
            f"type='signal',sender='{NAME}'",
            f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{NAME}'",
        ):
            await self._call(_BUS_PATH, _BUS, "AddMatch", "s", rule, to=_BUS)
        modes = await self._property(SCREEN_CAST, "AvailableCursorModes")
        try:
            available = await self._property(REMOTE_DESKTOP, "AvailableDeviceTypes") & (KEYBOARD | POINTER)
        except PortalOver:
            available = 0
        self._portal = await self._call(_BUS_PATH, _BUS, "GetNameOwner", "s", NAME, to=_BUS)
        interface = REMOTE_DESKTOP if available else SCREEN_CAST
        token = Variant("s", "relevo" + secrets.token_hex(8))
        made = await self._request(interface, "CreateSession", "", options={"session_handle_token": token})
        self._session = str(made["session_handle"].value)
        if available:
            wanted = {"types": Variant("u", available)}
            await self._request(interface, "SelectDevices", "o", self._session, options=wanted)
        sources = {
            "types": Variant("u", MONITOR), "multiple": Variant("b", True),
            "cursor_mode": Variant("u", METADATA if modes & METADATA else EMBEDDED),
        }  # fmt: skip
        await self._request(SCREEN_CAST, "SelectSources", "o", self._session, options=sources)
        started = await self._request(interface, "Start", "os", self._session, "", asked=True)
        screens = tuple(_screen(node, properties) for node, properties in started["streams"].value)
        if not screens:
            raise PortalOver("refused")
        devices = int(started["devices"].value) if "devices" in started else 0
        reply = await self._message_reply(PATH, SCREEN_CAST, "OpenPipeWireRemote", "oa{sv}", self._session, {})
        self._pipewire = reply.unix_fds[reply.body[0]]
        return Granted(screens, devices & available, bool(modes & METADATA))

    async def _watch_bus(self, bus: MessageBus) -> None:
        """Without its bus nobody could tell us that the share is over."""
        try:
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        except Exception as error:  # whatever the library makes of what came
            log.info("the desktop portal: %r", error)
        self._end("gone")

    async def _request(
        self, interface: str, member: str, signature: str, *body: Any,
        options: dict[str, Variant] | None = None, asked: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """A call that the portal answers by a signal; `asked`: the person is, and may take as long as they like."""
        bus = self._bus
        assert bus is not None
        assert bus.unique_name is not None
        token = "relevo" + secrets.token_hex(8)
        path = f"{PATH}/request/{bus.unique_name[1:].replace('.', '_')}/{token}"
        answer: asyncio.Future[tuple[int, dict[str, Any]]] = self._loop.create_future()
        self._requests[path] = answer
        options = {**(options or {}), "handle_token": Variant("s", token)}
        try:
            await self._call(PATH, interface, member, signature + "a{sv}", *body, options)
            async with asyncio.timeout(None if asked else ANSWER):
                code, results = await answer
        finally:
            if answer.done() and not answer.cancelled():
                del self._requests[path]
        if code:
            log.info("the desktop portal answers %s with %d", member, code)
            raise PortalOver("refused" if code == _BY_PERSON else "failed")
        return results

    async def _property(self, interface: str, name: str) -> int:
        try:
            value = await self._call(PATH, _PROPERTIES, "Get", "ss", interface, name)
        except DBusError as error:
            log.info("%s: %s", interface, error)
            raise PortalOver("missing") from error
        return int(value.value)

    async def _give(self, message: Message) -> None:
        assert self._bus is not None
        try:
            async with self._turn:  # who waits no longer has gone on: the events still come one after the other
                if self._ended is not None:
                    return
                reply = await self._bus.call(message)
        except (OSError, EOFError, ValueError) as error:  # the share, or its bus, ended before the portal had answered
            log.info("%s: %r", message.member, error)
            return
        if reply.message_type is MessageType.ERROR:
            log.info("%s: %s", message.member, reply.body)

    async def _call(self, path: str, interface: str, member: str, signature: str, *body: Any, to: str = NAME) -> Any:
        reply = await self._message_reply(path, interface, member, signature, *body, to=to)
        return reply.body[0] if reply.body else None

    async def _message_reply(
        self, path: str, interface: str, member: str, signature: str, *body: Any, to: str = NAME
    ) -> Message:
        assert self._bus is not None
        async with asyncio.timeout(ANSWER):
            reply = await self._bus.call(self._message(path, interface, member, signature, *body, to=to))
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or "", str(reply.body[0]) if reply.body else "", reply)
        return reply

    @staticmethod
    def _message(
        path: str, interface: str, member: str, signature: str = "", *body: Any, to: str = NAME,
        flags: MessageFlag = MessageFlag.NONE,
    ) -> Message:  # fmt: skip
        return Message(
            destination=to, path=path, interface=interface, member=member, signature=signature, body=list(body),
            flags=flags,
        )  # fmt: skip

    def _send(self, message: Message) -> None:
        if self._bus is not None and self._bus.connected:
            self._bus.send(message)

    def _on_message(self, message: Message) -> None:
        """Signals of the portal itself, or of the bus: anybody may send to us, but not in their names."""
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.sender == _BUS and message.member == "NameOwnerChanged" and message.body[0] == NAME:
            if self._portal and message.body[2] != self._portal:
                self._end("gone")
        elif not self._portal or message.sender != self._portal:
            return
        elif message.interface == _REQUEST and message.member == "Response":
            answer = self._requests.get(message.path or "")
            if answer is not None and not answer.done():
                answer.set_result((message.body[0], message.body[1]))
                if message.body[0]:  # at once: a session's `Closed` may stand right behind it
                    self._end("refused" if message.body[0] == _BY_PERSON else "failed")
        elif message.interface == _SESSION and message.member == "Closed" and message.path == self._session:
            self._end("revoked" if self._granted is not None else "failed")


def _screen(node: int, properties: dict[str, Variant]) -> Screen:
    def pair(name: str) -> tuple[int, int] | None:
        value = properties.get(name)
        return (int(value.value[0]), int(value.value[1])) if value is not None else None

    return Screen(node, pair("position"), pair("size"))
