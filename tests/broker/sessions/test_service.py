"""A session's story, as the control plane tells it and as the log keeps it."""

from collections.abc import Awaitable
from typing import Any

import pytest
from msgspec.structs import replace

from broker.log.errors import ReceiptRefused, UnknownSession
from broker.log.projections import SessionState
from protocol import control, receipt
from protocol.errors import BadTransition, SignatureRefused
from protocol.text import unb64url
from tests.support.log import OTHER_ORG, Agent, LogWorld, wall


async def test_a_whole_session_counts_only_what_was_connected(world: LogWorld) -> None:
    session = await world.joined()
    await world.beat(session, 6)
    assert await world.sessions.paused(session.session_id, 1, "relay")
    world.clock.advance(45)
    await world.sessions.resumed(session.session_id, 2)
    await world.beat(session, 3)
    world.clock.advance(5.9)
    ended = await world.sessions.ended_by_agent(world.agent.end(session.session_id, connected_s=96))
    assert (ended.reason, ended.connected_s, ended.utc) == ("customer", 95, wall(world.clock))
    assert await world.problems() == []


async def test_the_ack_and_the_end_are_signed_with_the_log_key(world: LogWorld) -> None:
    session = world.request()
    await world.sessions.requested(session)
    await world.sessions.paired(session.session_id)
    message = world.agent.receipt(session)
    ack = await world.sessions.consented(message)
    receipt.check(ack, unb64url(world.key.public))
    assert ack.receipt_sha256 == receipt.receipt_sha256(unb64url(message.body), message.sig)
    ended = await world.sessions.ended(session.session_id, "technician", "technician")
    receipt.check(ended, unb64url(world.key.public))
    assert (ack.seq, ended.seq) == (3, 4)


async def test_a_repeated_receipt_and_a_repeated_end_get_the_same_answer(world: LogWorld) -> None:
    session = world.request()
    await world.sessions.requested(session)
    await world.sessions.paired(session.session_id)
    message = world.agent.receipt(session)
    first = await world.sessions.consented(message)
    await world.sessions.joined(session.session_id)
    assert await world.sessions.consented(message) == first
    world.clock.advance(7)
    ended = await world.sessions.ended(session.session_id, "technician", "technician")
    world.clock.advance(100)
    assert await world.sessions.ended_by_agent(world.agent.end(session.session_id)) == ended
    assert await world.sessions.ended_message(session.session_id) == ended
    assert await world.problems() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"session_id": "x" * 22},
        {"offer_sha256": bytes(32)},
        {"terms_version": 2},
        {"terms_sha256": bytes(32)},
        {"granted": ()},
        {"granted": ("view", "view")},
        {"granted": ("view", "files")},
        {"utc": "2026-11-22T12:00:06Z"},
        {"lang": "en"},
    ],
)
async def test_a_receipt_about_something_else_is_refused(world: LogWorld, changed: dict[str, Any]) -> None:
    session = world.request()
    await world.sessions.requested(session)
    await world.sessions.paired(session.session_id)
    with pytest.raises(ReceiptRefused):
        await world.sessions.consented(world.agent.receipt(session, **changed))
    assert await _state(world, session.session_id) is SessionState.PAIRED


async def test_a_message_that_says_other_than_its_receipt_is_refused(world: LogWorld) -> None:
    session = world.request()
    await world.sessions.requested(session)
    await world.sessions.paired(session.session_id)
    with pytest.raises(ReceiptRefused):
        await world.sessions.consented(replace(world.agent.receipt(session, ("view",)), granted=("view", "control")))


async def test_nobody_but_the_agent_signs_for_the_customer(world: LogWorld) -> None:
    session = world.request()
    await world.sessions.requested(session)
    await world.sessions.paired(session.session_id)
    stranger = Agent()
    with pytest.raises(SignatureRefused):
        await world.sessions.consented(stranger.receipt(session))
    await world.sessions.consented(world.agent.receipt(session))
    with pytest.raises(SignatureRefused):
        await world.sessions.permission_changed(stranger.permission(session.session_id, "control", False))
    with pytest.raises(SignatureRefused):
        await world.sessions.ended_by_agent(stranger.end(session.session_id))
    assert await _state(world, session.session_id) is SessionState.CONSENTED
    assert (await world.log.head(session.org_id)).seq == 3


async def test_a_step_out_of_order_raises_and_writes_nothing(world: LogWorld) -> None:
    session = world.request()
    await world.sessions.requested(session)
    steps: tuple[Awaitable[object], ...] = (
        world.sessions.joined(session.session_id),
        world.sessions.resumed(session.session_id, 2),
        world.sessions.consented(world.agent.receipt(session)),
        world.sessions.permission_changed(world.agent.permission(session.session_id, "view", False)),
    )
    for step in steps:
        with pytest.raises(BadTransition):
            await step
    await world.sessions.ended(session.session_id, "pairing_failed")
    with pytest.raises(BadTransition):
        await world.sessions.paired(session.session_id)
    assert (await world.log.head(session.org_id)).seq == 2


async def test_a_session_that_never_was_is_unknown(world: LogWorld) -> None:
    with pytest.raises(UnknownSession):
        await world.sessions.paired("x" * 22)
    with pytest.raises(UnknownSession):
        await world.sessions.ended_message("x" * 22)


async def test_only_the_first_report_of_a_lost_line_counts(world: LogWorld) -> None:
    session = await world.joined()
    await world.beat(session, 2)
    assert await world.sessions.paused(session.session_id, 1, "agent")
    world.clock.advance(20)
    assert not await world.sessions.paused(session.session_id, 1, "relay")
    await world.sessions.resumed(session.session_id, 2)
    assert not await world.sessions.paused(session.session_id, 1, "relay"), "an old line's late report"
    world.clock.advance(3)
    ended = await world.sessions.ended(session.session_id, "inactivity")
    assert ended.connected_s == 23


async def test_a_loss_can_be_dated_back_but_not_before_the_line_was_open(world: LogWorld) -> None:
    session = await world.joined()
    await world.beat(session, 2)
    seen = world.clock.utc()
    world.clock.advance(8)
    await world.sessions.paused(session.session_id, 1, "relay", seen)
    assert (await world.sessions.ended(session.session_id, "line_lost")).connected_s == 20
    other = await world.joined()
    world.clock.advance(8)
    await world.sessions.paused(other.session_id, 1, "relay", seen)
    assert (await world.sessions.ended(other.session_id, "line_lost")).connected_s == 0
    assert await world.problems() == []


async def test_a_generation_is_never_used_twice(world: LogWorld) -> None:
    session = await world.joined()
    await world.sessions.paused(session.session_id, 1, "agent")
    with pytest.raises(BadTransition):
        await world.sessions.resumed(session.session_id, 1)
    await world.sessions.resumed(session.session_id, 5)


async def test_setting_the_wall_clock_changes_no_duration(world: LogWorld) -> None:
    session = await world.joined()
    world.clock.step(-3600)
    await world.beat(session, 3)
    world.clock.step(7200)
    assert (await world.sessions.ended(session.session_id, "technician")).connected_s == 30


async def test_with_no_end_message_a_session_closes_at_its_last_heartbeat(world: LogWorld) -> None:
    session = await world.joined()
    await world.beat(session, 4)
    last = wall(world.clock)
    world.clock.advance(9)
    ended = await world.sessions.ended(session.session_id, "no_end_message")
    assert (ended.connected_s, ended.utc) == (40, last)


@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
async def test_after_a_restart_a_joined_session_is_paused_at_its_last_heartbeat(world: LogWorld, boot: str) -> None:
    session = await world.joined()
    await world.beat(session, 4)
    asked = world.request()
    await world.sessions.requested(asked)
    world.clock.advance(25)
    world.boot = boot
    world.start()
    [opened] = await world.sessions.recover()
    assert (opened.session_id, opened.state, opened.g) == (session.session_id, SessionState.PAUSED, 1)
    gone = await world.sessions.ended_message(asked.session_id)
    assert gone is not None
    assert (gone.reason, gone.connected_s) == ("broker_lost", 0)
    await world.sessions.resumed(session.session_id, 2)
    world.clock.advance(10)
    assert (await world.sessions.ended(session.session_id, "customer")).connected_s == 50
    assert await world.problems() == []


async def test_recovering_twice_changes_nothing_more(world: LogWorld) -> None:
    await world.joined()
    first = await world.sessions.recover()
    head = await world.log.head(first[0].org_id)
    assert await world.sessions.recover() == first
    assert (await world.log.head(first[0].org_id)).head == head.head


async def test_a_heartbeat_counts_only_joined_sessions_of_every_organisation(world: LogWorld) -> None:
    here, there = await world.joined(), await world.joined(world.request(OTHER_ORG))
    asked = await world.consented()
    ids = [here.session_id, there.session_id, asked.session_id, "x" * 22]
    assert await world.sessions.heartbeat(ids) == {here.session_id, there.session_id}
    assert await world.sessions.heartbeat([]) == frozenset()
    assert await world.problems() == []
    assert await world.problems(OTHER_ORG) == []


async def test_permissions_come_and_go_and_every_change_is_numbered(world: LogWorld) -> None:
    session = await world.joined()
    off = await world.sessions.permission_changed(world.agent.permission(session.session_id, "control", False))
    assert await _granted(world, session.session_id) == ("view",)
    on = await world.sessions.permission_changed(world.agent.permission(session.session_id, "control", True))
    assert await _granted(world, session.session_id) == ("view", "control")
    assert (off.on, on.on, on.seq) == (False, True, off.seq + 1)


async def test_the_relays_count_may_come_after_the_end(world: LogWorld) -> None:
    session = await world.joined()
    await world.sessions.ended(session.session_id, "customer")
    await world.sessions.note_bytes(session.session_id, 1, 10_000, 200)
    assert await world.problems() == []


async def test_a_report_is_stored_once_and_never_under_anothers_session(world: LogWorld) -> None:
    theirs = await world.joined(world.request(OTHER_ORG))
    report = control.Suspicion(report_id="r" * 22, session_id=theirs.session_id, text="Me piden dinero")
    for _ in range(2):
        assert await world.sessions.suspicion("O" * 22, report, "203.0.113.7") == control.SuspicionAck(
            report_id="r" * 22
        )
    assert (await world.log.head("O" * 22)).seq == 1
    assert await world.problems() == []


async def _state(world: LogWorld, session_id: str) -> SessionState:
    opened = await world.sessions.open_session(session_id)
    return opened.state if opened else SessionState.ENDED


async def _granted(world: LogWorld, session_id: str) -> tuple[str, ...]:
    opened = await world.sessions.open_session(session_id)
    assert opened is not None
    return opened.granted
