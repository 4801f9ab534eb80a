"""A real core against a real broker and relay, the real Python client at the other end; only the desktop is faked."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.log import witness
from client_agent import events as ev
from client_agent.errors import CaptureUnavailable
from client_agent.failures import FailureKind
from client_agent.identity import Identity
from operator_console.client import Console
from operator_console.errors import PairingDenied, SessionOver
from operator_console.session import RemoteSession
from protocol import inner, limits, receipt
from protocol.text import unb64url
from tests.client_agent.support.customer import Customer, customer, joined, technician
from tests.support.live_broker import LiveBroker, eventually, live_broker


@pytest.fixture
async def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveBroker]:
    monkeypatch.setattr("broker.bandwidth.SPAN", 0.1)  # the gate has tests of its own
    async with live_broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
async def someone(broker: LiveBroker, tmp_path: Path) -> AsyncIterator[Customer]:
    async with customer(broker, tmp_path / "agent") as running:
        yield running


@pytest.fixture
async def console(broker: LiveBroker) -> AsyncIterator[Console]:
    async with technician(broker) as signed_in:
        yield signed_in


async def _true(value: bool) -> bool:
    return value


def _line_of(someone: Customer) -> object:
    assert someone.core.session is not None
    return someone.core.session._line


async def reason_of(session: RemoteSession) -> str:
    over = await session.over()
    assert isinstance(over, SessionOver)
    return over.reason


# Beginning -----------------------------------------------------------------------------------------------------------


async def test_a_customer_lets_a_technician_in_and_disconnects(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    session.type_text("ñandú")
    await session.drained()
    someone.core.do(ev.Disconnect(at=time.monotonic()))
    assert await reason_of(session) == "customer"
    ended = await someone.expect(ev.Ended)
    assert ended.reason == "customer"
    assert ("text", "ñandú") in someone.injector.done
    await someone.expect(ev.CodeShown)


async def test_id_and_password_change_together_after_a_session(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    before = await someone.expect(ev.CodeShown)
    session = await console.pair(before.id, before.password, broker.provider.service)
    await someone.consent()
    someone.core.do(ev.Disconnect(at=0.0))
    await session.over()
    after = await someone.expect(ev.CodeShown)
    assert after.id != before.id
    async with technician(broker) as another:
        with pytest.raises(PairingDenied):
            await another.pair(before.id, before.password, broker.provider.service)


async def test_not_a_pixel_and_not_a_key_before_consent(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    code = await someone.expect(ev.CodeShown)
    session = await console.pair(code.id, code.password, broker.provider.service)
    await someone.expect(ev.ConsentAsked)
    await eventually(lambda: _true(_line_of(someone) is not None))
    session.type_text("rm -rf")
    await session.drained()
    assert someone.capture.grabs == 0
    assert someone.injector.done == []
    someone.core.do(ev.Refuse(session_id=session.session_id))
    assert await reason_of(session) == "refused"
    assert (await someone.expect(ev.Ended)).reason == "refused"
    assert someone.capture.grabs == 0
    await someone.expect(ev.CodeShown)


async def test_no_answer_in_a_minute_is_a_no(
    broker: LiveBroker, someone: Customer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from protocol import session as machine

    monkeypatch.setitem(machine.DEADLINES, machine.State.CONNECTED, (0.5, "consent_timeout"))
    monkeypatch.setitem(machine.DEADLINES, machine.State.PAIRED, (0.5, "consent_timeout"))
    code = await someone.expect(ev.CodeShown)
    session = await console.pair(code.id, code.password, broker.provider.service)
    assert (await someone.expect(ev.Ended)).reason == "consent_timeout"
    assert await reason_of(session) == "consent_timeout"


async def test_both_ends_keep_a_receipt_that_the_broker_signed(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    someone.core.do(ev.Disconnect(at=0.0))
    ended = await someone.expect(ev.Ended)
    assert ended.receipt is not None
    kept = json.loads(ended.receipt.read_text())
    assert kept["receipt"]["session_id"] == session.session_id
    body, sig = unb64url(kept["receipt"]["body"]), kept["receipt"]["sig"]
    assert receipt.Consent.read(body, sig, unb64url(kept["pk_agent"])).granted == ("control", "view")
    assert kept["acknowledgement"]["receipt_sha256"] == receipt.receipt_sha256(body, sig)


async def test_the_customers_file_is_a_witness_of_the_log(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    await joined(console, someone, broker.provider.service)
    someone.core.do(ev.Disconnect(at=0.0))
    file = (await someone.expect(ev.Ended)).receipt
    assert file is not None

    async def both() -> tuple[witness.Witness, ...]:
        found = witness.read(file.read_bytes())
        return found if len(found) == 2 else ()

    for said in await eventually(both):
        assert await broker.services.log.contradiction(said) is None


async def test_a_countersignature_that_does_not_hold_ends_it_before_a_pixel(tmp_path: Path, broker: LiveBroker) -> None:
    import msgspec

    from client_agent.link import Lines
    from tests.client_agent.support.customer import build_of

    other = msgspec.structs.replace(build_of(broker), log_key="A" * 43)
    someone = Customer(other, tmp_path / "agent", Lines(other.public_origin))
    running = asyncio.create_task(someone.core.run())
    async with technician(broker) as console:
        code = await someone.expect(ev.CodeShown)
        await console.pair(code.id, code.password, broker.provider.service)
        asked = await someone.expect(ev.ConsentAsked)
        someone.core.do(ev.Consent(session_id=asked.session_id, granted=frozenset({"view"}), language="es"))
        assert (await someone.expect(ev.Ended)).reason == "integrity"
        assert someone.capture.grabs == 0
    someone.core.do(ev.Quit())
    await running


# Passwords -----------------------------------------------------------------------------------------------------------


async def test_a_wrong_agent_part_burns_the_code_and_another_comes(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    code = await someone.expect(ev.CodeShown)
    wrong = code.password[:3] + ("AAAAA" if code.password[3:] != "AAAAA" else "CCCCC")
    with pytest.raises(PairingDenied):
        await console.pair(code.id, wrong, broker.provider.service)
    assert (await someone.expect(ev.CodeGone)).reason == "burnt"
    after = await someone.expect(ev.CodeShown)
    assert after.password != code.password


async def test_after_three_burns_no_code_is_shown_before_the_customer_has_read_a_warning(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    for _ in range(limits.BURNS_BEFORE_WARNING):
        code = await someone.expect(ev.CodeShown)
        wrong = code.password[:3] + ("AAAAA" if code.password[3:] != "AAAAA" else "CCCCC")
        with pytest.raises(PairingDenied):
            await console.pair(code.id, wrong, broker.provider.service)
    warning = await someone.expect(ev.BurnWarning)
    assert (warning.burns, warning.spent) == (3, False)
    someone.core.do(ev.ShowCodeAnyway())
    code = await someone.expect(ev.CodeShown)
    await console.pair(code.id, code.password, broker.provider.service)
    await someone.consent()


# Permissions ---------------------------------------------------------------------------------------------------------


async def test_control_that_is_taken_back_is_off_at_once_and_back_after_the_record(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    someone.core.do(ev.SetPermission(name="control", on=False))
    session.type_text("x")
    await session.drained()
    assert not any(what[0] == "text" for what in someone.injector.done)
    someone.core.do(ev.SetPermission(name="control", on=True))
    while "control" not in (await someone.expect(ev.PermissionsNow)).granted:
        pass
    session.type_text("y")
    await session.drained()
    assert await eventually(lambda: _true(("text", "y") in someone.injector.done))


async def test_view_that_is_taken_back_stops_the_grabs(broker: LiveBroker, someone: Customer, console: Console) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    someone.core.do(ev.SetPermission(name="view", on=False))
    await session.drained()
    grabs = someone.capture.grabs
    for _ in range(5):
        someone.capture.damage()
        await session.drained()
    assert someone.capture.grabs <= grabs + 1


async def test_what_was_not_granted_does_not_arrive(broker: LiveBroker, someone: Customer, console: Console) -> None:
    code = await someone.expect(ev.CodeShown)
    session = await console.pair(code.id, code.password, broker.provider.service)
    await someone.consent(frozenset({"view"}))
    await session.whole_picture()
    session.type_text("x")
    session.send(inner.PointerButton(x=1, y=1, button=1, down=True))
    await session.drained()
    assert not any(what[0] in ("text", "button") for what in someone.injector.done)


# Loss and resumption -------------------------------------------------------------------------------------------------


async def test_a_line_that_is_cut_resumes_with_a_whole_picture_and_nothing_held(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    session.send(inner.Key(key="a", code="KeyA", down=True))
    await session.drained()
    someone.core.session._line._socket.transport.abort()  # type: ignore[union-attr]
    await someone.expect(ev.Paused)
    await someone.expect(ev.Resumed)
    assert not someone.injector.held
    session.type_text("después")
    await session.drained()
    assert await eventually(lambda: _true(("text", "después") in someone.injector.done))
    assert {type(event) for event in someone.seen}.isdisjoint({ev.Ended})


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
        assert await eventually(lambda: _true(not again.identity.ends))


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
    monkeypatch.setattr("client_agent.session.INACTIVITY_AT_MOST", 0.5)
    monkeypatch.setattr("client_agent.session.INACTIVITY_AT_LEAST", 0.5)
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
    assert await eventually(lambda: _true(someone.core._line not in (None, before)), 15)
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
    assert await eventually(lambda: _true(someone.capture.grabs > grabs))
