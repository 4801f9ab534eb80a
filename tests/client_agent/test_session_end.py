"""How a session of a real core is lost, resumed and ended: by either end, the clock, the computer, a broken message."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from client_agent import events as ev
from client_agent.errors import CaptureUnavailable
from client_agent.failures import FailureKind
from client_agent.identity import Identity
from operator_console.client import Console
from operator_console.errors import SessionOver
from operator_console.session import RemoteSession
from protocol import inner, limits
from tests.client_agent.support.customer import Customer, customer, joined, technician
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually


async def reason_of(session: RemoteSession) -> str:
    over = await session.over()
    assert isinstance(over, SessionOver)
    return over.reason


# Loss and resumption -------------------------------------------------------------------------------------------------


async def test_a_line_that_is_cut_resumes_with_a_whole_picture_and_nothing_held(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    session.send(inner.Key(key="a", code="KeyA", down=True))
    await session.drained()
    someone.core.session._line._line._socket.transport.abort()  # type: ignore[union-attr]
    await someone.expect(ev.Paused)
    await someone.expect(ev.Resumed)
    assert not someone.injector.held
    session.type_text("después")
    await session.drained()
    assert await eventually(lambda: ("text", "después") in someone.injector.done)
    assert {type(event) for event in someone.seen}.isdisjoint({ev.Ended})


async def test_what_is_typed_while_the_line_is_away_is_dropped_and_the_first_new_line_holds(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    assert someone.core.session is not None
    someone.core.session._line._line._socket.transport.abort()  # type: ignore[union-attr]
    await someone.expect(ev.Paused)
    session.type_text("zu spät")
    await session.drained()
    session.type_text("a tiempo")
    await session.drained()
    assert [done for done in someone.injector.done if done[0] == "text"] == [("text", "a tiempo")]
    assert session._g == 2


async def test_without_a_line_for_a_minute_it_ends(
    broker: LiveBroker, someone: Customer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from protocol import session as machine

    monkeypatch.setitem(machine.DEADLINES, machine.State.PAUSED, (0.5, "line_lost"))
    session = await joined(console, someone, broker.provider.service)
    for task in list(session._tasks._running):
        task.cancel()
    await console._line.close()
    assert (await someone.expect(ev.Ended)).reason in ("line_lost", "technician")


# End -----------------------------------------------------------------------------------------------------------------


async def test_the_technician_ends_it(broker: LiveBroker, someone: Customer, console: Console) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.end()
    assert (await someone.expect(ev.Ended)).reason == "technician"
    await someone.expect(ev.CodeShown)


async def test_the_technicians_line_and_keys_go_with_the_session(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    line = session._line_task
    assert line is not None
    someone.core.do(ev.Disconnect(at=0.0))
    assert await reason_of(session) == "customer"
    await eventually(line.done)
    assert not any(session._keys.resume_key)


async def test_sleep_and_a_locked_screen_end_it(broker: LiveBroker, someone: Customer, console: Console) -> None:
    session = await joined(console, someone, broker.provider.service)
    someone.core.end_session("screen_locked")
    assert await reason_of(session) == "screen_locked"


async def test_closing_the_program_ends_it_and_the_broker_knows(
    broker: LiveBroker, tmp_path: Path, console: Console
) -> None:
    async with customer(broker, tmp_path / "agent") as someone:
        session = await joined(console, someone, broker.provider.service)
    assert await reason_of(session) == "agent_closed"
    assert isinstance(someone.seen[-1], ev.Closed)
    assert not Identity.open(tmp_path / "agent").ends


async def test_an_end_that_nobody_heard_is_told_at_the_next_start(broker: LiveBroker, tmp_path: Path) -> None:
    async with technician(broker) as console:
        first = Customer(_build(broker), tmp_path / "agent")
        running = asyncio.create_task(first.core.run())
        session = await joined(console, first, broker.provider.service)
        running.cancel()  # no more than a kill leaves: the state file as it is, the lock free
        with pytest.raises(asyncio.CancelledError):
            await running
    assert Identity.open(tmp_path / "agent").has_ended(session.session_id)


def _build(broker: LiveBroker) -> Any:
    from tests.client_agent.support.customer import build_of

    return build_of(broker)


async def test_after_a_kill_the_open_session_is_ended_with_its_own_key(
    broker: LiveBroker, tmp_path: Path, console: Console
) -> None:
    state = tmp_path / "agent"
    async with customer(broker, state) as someone:
        session = await joined(console, someone, broker.provider.service)
        kept = (state / "state.json").read_bytes()
        someone.core.session._timer.cancel()  # type: ignore[union-attr]
    await session.over()
    (state / "state.json").write_bytes(kept)
    async with customer(broker, state) as again:
        await again.expect(ev.CodeShown)
        assert again.identity.has_ended(session.session_id)
        assert await eventually(lambda: not again.identity.ends)


async def test_a_screen_that_cannot_be_shown_is_said_before_anything_is_sent(
    broker: LiveBroker, tmp_path: Path
) -> None:
    from client_agent.desktop import Backends
    from client_agent.inject.fake import FakeInjector

    def wayland() -> Any:
        raise CaptureUnavailable("wayland")

    async with customer(broker, tmp_path / "agent", Backends(wayland, FakeInjector)) as someone:
        assert (await someone.expect(ev.Failed)).failure.kind is FailureKind.WAYLAND
        assert not list(broker.plane.presence)


@pytest.mark.parametrize("reason", ["portal_refused", "portal_revoked"])
async def test_a_no_to_the_desktops_own_question_is_the_customers_end(
    broker: LiveBroker, someone: Customer, console: Console, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def refused() -> Any:
        raise CaptureUnavailable(reason)

    monkeypatch.setattr(someone.capture, "grab", refused)
    session = await joined(console, someone, broker.provider.service)
    ended = await someone.expect(ev.Ended)
    assert ended.reason == "customer"
    assert ended.failure is not None
    assert ended.failure.kind is FailureKind.NOT_SHARED
    assert await reason_of(session) == "customer"


async def test_a_report_of_a_suspicion_reaches_the_administrators(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    await joined(console, someone, broker.provider.service)
    someone.core.do(ev.ReportSuspicion(text="Pide la contraseña del banco"))
    assert (await someone.expect(ev.SuspicionResult)).stored
    assert not someone.identity.suspicions


async def test_nobody_doing_anything_for_long_ends_it(
    broker: LiveBroker, someone: Customer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client_agent.deadlines.INACTIVITY_AT_MOST", 0.5)
    monkeypatch.setattr("client_agent.deadlines.INACTIVITY_AT_LEAST", 0.5)
    session = await joined(console, someone, broker.provider.service)
    assert (await someone.expect(ev.Ended)).reason == "inactivity"
    assert await reason_of(session) == "inactivity"


async def test_without_the_broker_for_a_minute_it_ends(
    broker: LiveBroker, someone: Customer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await joined(console, someone, broker.provider.service)
    monkeypatch.setattr(limits, "RESUME", 0.3)
    assert someone.core.session is not None
    someone.core.session.broker_lost()
    assert (await someone.expect(ev.Ended)).reason == "broker_lost"
    assert await reason_of(session) == "broker_lost"


async def test_a_control_line_that_is_cut_comes_back_and_the_session_goes_on(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    before = someone.core._line
    assert before is not None
    before._socket.transport.abort()
    assert await eventually(lambda: someone.core._line not in (None, before))
    session.type_text("sigo")
    await session.drained()
    assert ("text", "sigo") in someone.injector.done
    someone.core.do(ev.Disconnect(at=0.0))
    assert await reason_of(session) == "customer"
    await someone.expect(ev.CodeShown)  # measured first: this line has not been


async def test_an_end_without_a_broker_is_told_when_it_is_back_and_a_code_comes(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    await joined(console, someone, broker.provider.service)
    assert someone.core._line is not None
    someone.core._line._socket.transport.abort()
    someone.core.do(ev.Disconnect(at=0.0))
    await someone.expect(ev.Ended)
    await someone.expect(ev.CodeShown)
    assert not someone.identity.ends


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x81\xa1t\xa4what", b"\x90", b"\x81\xa1t\xa4move"])
async def test_a_sealed_message_that_is_none_ends_it(
    broker: LiveBroker, someone: Customer, console: Console, payload: bytes
) -> None:
    session = await joined(console, someone, broker.provider.service)
    session._lanes.offer(inner.Lane.CONTROL, payload)
    session._wake.set()
    assert (await someone.expect(ev.Ended)).reason == "integrity"
    assert someone.injector.done[-1] == ("release_all",)


async def test_the_whole_screen_again_when_the_console_asks(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    grabs = someone.capture.grabs
    session.send(inner.Refresh())
    assert await eventually(lambda: someone.capture.grabs > grabs)
