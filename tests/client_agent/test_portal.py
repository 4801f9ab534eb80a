"""What the person, or the desktop, answers to the portal's question; and who else may not answer it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from dbus_fast import Message, Variant
from dbus_fast.aio import MessageBus

from client_agent.portal import EMBEDDED, METADATA, Granted, PortalOver, Share, bus_address, probe
from scripts.processes import Processes
from tests.support.buses import a_bus
from tests.support.fake_portal import ACCEPTED, FAILED, REFUSED, SESSION, FakePortal
from tests.support.patience import PATIENCE, eventually


@pytest.fixture
def bus(processes: Processes, tmp_path: Path) -> str:
    return a_bus(processes, tmp_path / "bus")


@pytest.fixture
async def portal(bus: str) -> AsyncIterator[FakePortal]:
    async with FakePortal.on(bus) as made:
        yield made


class Asker:
    """A share, and its news as they come."""

    def __init__(self, address: str) -> None:
        loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        self.share = Share(address)
        self.share.begin(lambda: loop.call_soon_threadsafe(self._news.set))

    async def news(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._news.wait()
        self._news.clear()

    async def granted(self) -> Granted:
        await self.news()
        granted = self.share.granted
        assert granted is not None
        return granted

    async def over(self) -> str:
        await self.news()
        with pytest.raises(PortalOver) as caught:
            _ = self.share.granted
        return caught.value.reason


@pytest.fixture
async def asker(bus: str) -> AsyncIterator[Callable[[], Asker]]:
    made: list[Asker] = []

    def ask() -> Asker:
        made.append(Asker(bus))
        return made[-1]

    yield ask
    for one in made:
        one.share.close()
        await asyncio.to_thread(one.share._thread.join, PATIENCE)


async def test_the_person_shares_their_screen_and_their_input(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    asking = asker()
    granted = await asking.granted()
    assert [(one.node, one.position, one.size) for one in granted.screens] == [(42, (0, 0), (640, 480))]
    assert granted.devices == 3
    assert granted.pointer_apart
    assert portal.options("SelectSources") == {"types": 1, "multiple": True, "cursor_mode": METADATA}
    assert portal.options("SelectDevices") == {"types": 3}
    os.write(portal.kept, b"p")
    taken = asking.share.take_pipewire()
    assert os.read(taken, 1) == b"p"
    os.close(taken)
    with pytest.raises(PortalOver):
        asking.share.take_pipewire()


async def test_nothing_is_asked_before_it_begins(portal: FakePortal, bus: str) -> None:
    share = Share(bus)
    share.notify("NotifyPointerButton", "iu", 272, 1)
    share.close()
    with pytest.raises(PortalOver):
        _ = share.granted
    assert not portal.heard


async def test_a_desktop_without_remote_input_shares_the_screen_alone(
    portal: FakePortal, asker: Callable[[], Asker]
) -> None:
    portal.has_input = False
    granted = await asker().granted()
    assert granted.devices == 0
    assert "SelectDevices" not in portal.names()


async def test_a_desktop_that_cannot_tell_the_pointer_apart_draws_it(
    portal: FakePortal, asker: Callable[[], Asker]
) -> None:
    portal.cursor_modes = 3
    assert not (await asker().granted()).pointer_apart
    assert portal.options("SelectSources")["cursor_mode"] == EMBEDDED


@pytest.mark.parametrize(("code", "reason"), [(REFUSED, "refused"), (FAILED, "failed")])
@pytest.mark.parametrize("closed", [False, True], ids=["", "and closes the session in the same breath"])
async def test_a_no_is_over_for_good(
    portal: FakePortal, asker: Callable[[], Asker], code: int, reason: str, closed: bool
) -> None:
    portal.answer = None
    asking = asker()
    await portal.asked()
    portal.respond(code, {})
    if closed:
        portal.close_session()
    assert await asking.over() == reason
    before = len(portal.heard)
    asking.share.begin()
    asking.share.notify("NotifyPointerButton", "iu", 272, 1)
    assert "OpenPipeWireRemote" not in portal.names()
    assert portal.names()[before:] in ([], ["Close"])


async def test_no_screen_is_a_no(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    portal.screens = []
    assert await asker().over() == "refused"


async def test_what_was_shared_can_be_taken_back(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    asking = asker()
    await asking.granted()
    portal.close_session()
    assert await asking.over() == "revoked"
    before = len(portal.heard)
    asking.share.notify("NotifyKeyboardKeysym", "iu", 97, 1)
    assert "NotifyKeyboardKeysym" not in portal.names()[before:]


async def test_a_portal_that_goes_away_takes_the_share_with_it(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    asking = asker()
    await asking.granted()
    portal.bus.disconnect()
    assert await asking.over() == "gone"


async def test_nobody_else_answers_for_the_person(portal: FakePortal, asker: Callable[[], Asker], bus: str) -> None:
    """Any program of this person's may send signals to any other: only the portal's count."""
    portal.answer = None
    asking = asker()
    await portal.asked()
    other = await MessageBus(bus_address=bus).connect()
    unique = str(portal.heard[-1].sender)
    for signal in (
        Message.new_signal(
            portal.request, "org.freedesktop.portal.Request", "Response", "ua{sv}", [ACCEPTED, portal.started()]
        ),
        Message.new_signal(SESSION, "org.freedesktop.portal.Session", "Closed"),
        Message.new_signal(
            "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss",
            ["org.freedesktop.portal.Desktop", portal.bus.unique_name, ""],
        ),
    ):  # fmt: skip
        signal.destination = unique
        other.send(signal)
    await other.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId"))
    assert asking.share.granted is None
    other.disconnect()
    portal.respond(REFUSED, {})
    assert await asking.over() == "refused"


async def test_events_arrive_in_their_order(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    asking = asker()
    await asking.granted()

    def type_quickly() -> None:
        for number in range(200):
            asking.share.notify("NotifyKeyboardKeysym", "iu", number, 1)

    await asyncio.to_thread(type_quickly)
    keys = [message.body for message in portal.heard if message.member == "NotifyKeyboardKeysym"]
    assert keys == [[SESSION, {}, number, 1] for number in range(200)]


async def test_events_keep_their_order_however_slow_the_portal_is(
    portal: FakePortal, asker: Callable[[], Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gives them waits no longer than `INPUT`; what was given waits for its turn."""
    monkeypatch.setattr("client_agent.portal.INPUT", 0.01)
    asking = asker()
    await asking.granted()
    portal.silent = True
    for down in (1, 0):
        await asyncio.to_thread(asking.share.notify, "NotifyKeyboardKeysym", "iu", 97, down)
    await eventually(lambda: portal.names().count("NotifyKeyboardKeysym") == 1)
    portal.answer_the_last()
    await eventually(lambda: portal.names().count("NotifyKeyboardKeysym") == 2)
    assert [message.body[3] for message in portal.heard if message.member == "NotifyKeyboardKeysym"] == [1, 0]


async def test_an_end_closes_the_session(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    asking = asker()
    await asking.granted()
    asking.share.close()
    await eventually(lambda: portal.names()[-1] == "Close")
    assert portal.heard[-1].path == SESSION


async def test_an_end_takes_the_question_away(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    portal.answer = None
    asking = asker()
    await portal.asked()
    asking.share.close()
    await eventually(lambda: portal.names().count("Close") == 2)
    assert {message.path for message in portal.heard[-2:]} == {SESSION, portal.request}


async def test_an_end_does_not_wait_for_a_key(portal: FakePortal, asker: Callable[[], Asker]) -> None:
    """Nor does it disturb whoever lets go of the last keys meanwhile."""
    asking = asker()
    await asking.granted()
    portal.silent = True
    key = asyncio.create_task(asyncio.to_thread(asking.share.notify, "NotifyKeyboardKeysym", "iu", 97, 0))
    await eventually(lambda: portal.names()[-1] == "NotifyKeyboardKeysym")
    asking.share.close()
    await key
    assert await asking.over() == "gone"


async def test_a_bus_that_goes_away_takes_the_share_with_it(
    portal: FakePortal, asker: Callable[[], Asker], processes: Processes
) -> None:
    asking = asker()
    await asking.granted()
    processes.running[0].process.kill()
    assert await asking.over() == "gone"
    asking.share.notify("NotifyKeyboardKeysym", "iu", 97, 0)


@pytest.mark.parametrize("results", [{}, {"streams": Variant("au", [7])}])
async def test_an_answer_without_sense_is_a_failure(
    portal: FakePortal, asker: Callable[[], Asker], results: dict[str, Variant]
) -> None:
    portal.answer = None
    asking = asker()
    await portal.asked()
    portal.respond(ACCEPTED, results)
    assert await asking.over() == "failed"


async def test_a_bus_without_a_portal_says_so(bus: str, asker: Callable[[], Asker]) -> None:
    with pytest.raises(PortalOver) as caught:
        await asyncio.to_thread(probe, bus)
    assert caught.value.reason == "missing"
    assert await asker().over() == "missing"


async def test_a_portal_that_shares_screens_is_found(portal: FakePortal, bus: str) -> None:
    await asyncio.to_thread(probe, bus)


def test_the_persons_bus_is_where_the_environment_or_the_system_has_it(tmp_path: Path) -> None:
    assert bus_address({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}) == "unix:path=/x"
    assert bus_address({"XDG_RUNTIME_DIR": str(tmp_path)}) is None
    (tmp_path / "bus").touch()
    assert bus_address({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"unix:path={tmp_path}/bus"
