"""A real core and a real broker, the Python client at the other end: a session's beginning, codes, permissions."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from broker.agents.service import Denied
from broker.lines import GOING_AWAY
from broker.log import witness
from client_agent import events as ev
from operator_console.client import Console
from operator_console.errors import PairingDenied, SessionOver
from operator_console.session import RemoteSession
from protocol import inner, limits, receipt
from protocol.inner import Lane
from protocol.text import unb64url
from tests.client_agent.support.customer import Customer, joined, technician
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually


def _line_up(someone: Customer) -> bool:
    assert someone.core.session is not None
    return someone.core.session._line.up


async def reason_of(session: RemoteSession) -> str:
    over = await session.over()
    assert isinstance(over, SessionOver)
    return over.reason


# Beginning -----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("Q1", "Q4")
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


async def test_a_service_that_refuses_the_terms_that_it_publishes_is_not_asked_without_end(
    broker: LiveBroker, someone: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await someone.expect(ev.CodeShown)

    async def refuse(*_: object) -> None:
        raise Denied("terms")

    monkeypatch.setattr(broker.plane.agents, "admit", refuse)
    [run] = broker.plane.presence
    assert run.line is not None
    run.line.close(GOING_AWAY)
    while (failed := await someone.expect(ev.Failed)).failure.detail != "the service disagrees about its terms":
        pass
    assert failed.failure.retry_at is not None


@pytest.mark.clause("Q3", "Q5")
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


@pytest.mark.clause("Q3")
async def test_not_a_pixel_and_not_a_key_before_consent(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    code = await someone.expect(ev.CodeShown)
    session = await console.pair(code.id, code.password, broker.provider.service)
    await someone.expect(ev.ConsentAsked)
    await eventually(lambda: _line_up(someone))
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

    def both() -> tuple[witness.Witness, ...]:
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


async def test_a_right_password_that_the_service_refuses_is_not_called_a_wrong_one(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    code = await someone.expect(ev.CodeShown)
    for _ in range(limits.TRIES):
        with pytest.raises(PairingDenied, match="no such service"):
            await console.pair(code.id, code.password, "Fontanería")
    assert (await someone.expect(ev.CodeGone)).reason == "refused"
    after = await someone.expect(ev.CodeShown)
    with pytest.raises(PairingDenied):  # the old one stays dead
        await console.pair(code.id, code.password, broker.provider.service)
    await console.pair(after.id, after.password, broker.provider.service)
    await someone.consent()


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
    assert await eventually(lambda: ("text", "y") in someone.injector.done)


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


async def test_a_picture_that_was_on_its_way_to_the_line_when_view_was_taken_back_takes_no_room(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    session = await joined(console, someone, broker.provider.service)
    await session.whole_picture()
    await session.drained()
    someone.core.do(ev.SetPermission(name="view", on=False))
    own = someone.core.session
    assert own is not None
    before = own.desktop.pacer.in_flight
    own.desktop.pacer.sent(1_000)
    own._offer_picture(Lane.SCREEN, bytes(1_000))
    assert own.desktop.pacer.in_flight == before


async def test_control_that_the_desktop_withholds_is_off_and_said_so(
    broker: LiveBroker, someone: Customer, console: Console
) -> None:
    someone.injector.held_back = True
    await joined(console, someone, broker.provider.service)
    while "control" in (now := await someone.expect(ev.PermissionsNow)).granted:
        pass
    assert now.withheld == {"control"}
    someone.core.do(ev.SetPermission(name="control", on=True))
    someone.core.do(ev.SetPermission(name="view", on=False))
    assert not (await someone.expect(ev.PermissionsNow)).pending


async def test_what_was_not_granted_does_not_arrive(broker: LiveBroker, someone: Customer, console: Console) -> None:
    code = await someone.expect(ev.CodeShown)
    session = await console.pair(code.id, code.password, broker.provider.service)
    await someone.consent(frozenset({"view"}))
    await session.whole_picture()
    session.type_text("x")
    session.send(inner.PointerButton(x=1, y=1, button=1, down=True))
    await session.drained()
    assert not any(what[0] in ("text", "button") for what in someone.injector.done)
