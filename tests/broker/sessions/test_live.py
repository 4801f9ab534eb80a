"""A session from consent to end, as the broker coordinates it (steps 15 to 30, rules 7 and 8)."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from broker.log.key import LogKey
from broker.operators.revocations import Revoked
from broker.policies import files
from broker.sessions.lines import SLACK
from broker.sessions.registry import Stage
from protocol import control, limits, receipt
from protocol.receipt import check
from protocol.text import unb64url
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually
from tests.support.peer import Line
from tests.support.peers import Joined, join, pair
from tests.support.timer import HandTimer


async def resume(session: Joined) -> None:
    """Step 25 at both ends: new tickets, new lines."""
    await session.agent.send(control.ResumeRequest(session_id=session.id, last_g=session.a.g))
    await session.console.send(control.ResumeRequest(session_id=session.id, last_g=session.c.g))
    await session.agent.open_line(session.a)
    await session.console.open_line(session.c)


async def state(broker: LiveBroker, session_id: str) -> str | None:
    """What the log says of an open session."""
    found = await broker.services.sessions.open_session(session_id)
    return found.state.value if found else None


async def is_(broker: LiveBroker, session_id: str, wanted: str | None) -> None:
    """Return when the log says so."""

    async def look() -> bool:
        return await state(broker, session_id) == wanted

    await eventually(look)


async def lost(broker: LiveBroker) -> None:
    """Return when the broker knows that the line is lost; the log hears of it a moment later."""

    async def look() -> bool:
        return next(iter(broker.plane.live)).stage is Stage.PAUSED

    await eventually(look)


# Consent -------------------------------------------------------------------------------------------------------------


async def test_nothing_counts_before_the_customer_agrees(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        a, c = await pair(agent, console, await agent.code())
        await agent.open_line(a)
        await console.open_line(c)
        assert await state(broker, a.keys.session_id) == "paired"
        await agent.consent(a, "view")
        await agent.expect(control.Joined)
        await console.expect(control.Joined)
        assert await state(broker, a.keys.session_id) == "joined"


async def test_both_ends_get_the_brokers_signature_on_the_consent(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        a, _ = await pair(agent, console, await agent.code())
        given = agent.receipt(a, "view")
        await agent.send(given)
        ack = await agent.expect(control.ReceiptAck)
        assert await console.expect(control.ReceiptAck) == ack
        assert ack.receipt_sha256 == receipt.receipt_sha256(unb64url(given.body), given.sig)
        check(ack, unb64url(LogKey.of(broker.services.keys).public))
        await agent.send(given)  # once more: the same answer
        assert await agent.expect(control.ReceiptAck) == ack


@pytest.mark.parametrize("lie", ["sid", "shares_sha256", "offer_sha256"])
async def test_a_consent_to_something_else_is_refused(broker: LiveBroker, lie: str) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        a, _ = await pair(agent, console, await agent.code())
        await agent.send(agent.receipt(a, "view", **{lie: bytes(16 if lie == "sid" else 32)}))
        assert (await agent.expect(control.Failure)).session_id == a.keys.session_id
        assert await state(broker, a.keys.session_id) == "paired"
        await agent.consent(a, "view")


async def test_more_than_was_asked_for_cannot_be_granted(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        request = console.request(code.id, code.server_part, wanted=("view",))
        offer = await console.ask(request)
        async with asyncio.TaskGroup() as both:
            running = both.create_task(agent.run(code))
            both.create_task(console.run(request, offer, code.agent_part))
        a = running.result()
        await agent.send(agent.receipt(a, "control", "view"))
        assert (await agent.expect(control.Failure)).session_id == a.keys.session_id


@pytest.mark.parametrize("reason", ["refused", "consent_timeout"])
async def test_a_no_ends_it_and_the_technician_hears_which(broker: LiveBroker, reason: str) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        a, _ = await pair(agent, console, await agent.code())
        await agent.send(control.Refused(session_id=a.keys.session_id, reason=reason))  # type: ignore[arg-type]
        told = await console.expect(control.Ended)
        assert (told.reason, told.connected_s) == (reason, 0)
        assert await agent.expect(control.Ended) == told
        await agent.code()  # and the next one


async def test_an_agent_that_never_answers_is_ended(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        await pair(agent, console, await agent.code())
        await console.expect(control.Ticket)
        ended = await timer.turn_until(console.expect(control.Ended), limits.CONSENT + SLACK + 2)
        assert ended.reason == "consent_timeout"
        assert (await agent.expect(control.Ended)).reason == "consent_timeout"


async def test_a_permission_taken_back_is_logged(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        utc = "2026-11-22T15:00:00Z"
        change = control.PermissionChanged(session_id=session.id, name="control", on=False, utc=utc, sig="")
        await agent.send(receipt.signed(change, agent.key.sign))
        ack = await agent.expect(control.PermissionAck)
        assert (ack.name, ack.on) == ("control", False)
        await agent.send(replace(change, sig="A" * 86))
        assert (await agent.expect(control.Failure)).reason == "signature"


# End -----------------------------------------------------------------------------------------------------------------


async def test_the_customer_ends_it_and_repeats_it(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        _, line = session.lines
        ended = await agent.end(session.a)
        assert await console.expect(control.Ended) == ended
        await line.closed()
        await agent.send(agent.ending(session.a, "customer"))
        assert await agent.expect(control.Ended) == ended
        assert (await agent.code()).id != ""


async def test_the_technician_ends_it_and_both_lines_close(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        await console.send(control.EndRequest(session_id=session.id))
        ended = await agent.expect(control.Ended)
        assert ended.reason == "technician"
        assert await console.expect(control.Ended) == ended
        for line in session.lines:
            assert await line.closed() == 1006
        await agent.send(agent.ending(session.a, "technician"))  # the agent's own, which crossed it
        assert await agent.expect(control.Ended) == ended


@pytest.mark.parametrize("reason", ["inactivity", "integrity", "screen_locked", "sleep", "agent_closed", "limit"])
async def test_the_agent_tells_why_it_ended(broker: LiveBroker, reason: control.EndReason) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        assert (await agent.end(session.a, reason)).reason == reason
        assert (await console.expect(control.Ended)).reason == reason


async def test_an_end_that_is_not_signed_by_the_run_ends_nothing(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console, await broker.agent() as other:
        session = await join(agent, console)
        await other.send(other.ending(session.a, "customer"))
        assert (await other.expect(control.Failure)).reason == "signature"
        await session.talk()


async def test_another_operator_ends_nothing(broker: LiveBroker) -> None:
    colleague = await broker.hire("Colega")
    async with (
        await broker.agent() as agent,
        await broker.console() as console,
        await broker.console(colleague) as intruder,
    ):
        session = await join(agent, console)
        await intruder.send(control.EndRequest(session_id=session.id))
        assert (await intruder.expect(control.Failure)).reason == "unknown_session"
        await intruder.send(control.ResumeRequest(session_id=session.id, last_g=1))
        assert (await intruder.expect(control.ResumeDenied)).session_id == session.id
        await session.talk()


@pytest.mark.parametrize(("why", "reason"), [("operator_disabled", "operator_disabled"), ("signed_out", "signed_out")])
async def test_a_technician_who_is_shut_out_loses_the_session_at_once(
    broker: LiveBroker, why: str, reason: str
) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        one_sign_in = broker.operator.sign_in_id if why == "signed_out" else None
        await broker.services.revocations.publish(Revoked(broker.operator.id, one_sign_in, why))  # type: ignore[arg-type]
        assert (await agent.expect(control.Ended)).reason == reason
        assert await console.closed() == 4401
        await session.lines[0].closed()


# Loss and resume -----------------------------------------------------------------------------------------------------


async def test_a_lost_line_pauses_and_a_new_one_resumes(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        up, down = session.lines
        up.socket.transport.abort()
        await down.closed()
        await is_(broker, session.id, "paused")
        await resume(session)
        await session.talk()
        await is_(broker, session.id, "joined")
        assert session.a.g == 2


async def test_either_end_can_say_that_the_line_is_down(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        await agent.send(control.ChannelDown(session_id=session.id, g=1))
        await is_(broker, session.id, "paused")
        for line in session.lines:
            await line.closed()
        await resume(session)
        await is_(broker, session.id, "joined")
        await console.send(control.ChannelDown(session_id=session.id, g=1))  # an old one
        await session.talk()
        assert await state(broker, session.id) == "joined"


async def test_a_page_that_is_loaded_again_resumes(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        for line in session.lines:
            await line.close()
        await console.socket.close()
        async with await broker.console() as again:
            session = Joined(agent, again, session.a, session.c)
            await resume(session)
            await session.talk()
            await is_(broker, session.id, "joined")


async def test_another_sign_in_of_the_same_account_does_not_resume(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        second = await broker.sign_in_again(broker.operator)
        async with await broker.console(second) as elsewhere:
            await elsewhere.send(control.ResumeRequest(session_id=session.id, last_g=1))
            assert (await elsewhere.expect(control.ResumeDenied)).reason == "not_yours"
        await session.talk()


async def test_an_agent_that_comes_back_resumes_without_being_measured_again(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        agent.socket.transport.abort()
        for line in session.lines:
            await line.close()
        async with await AgentPeer.connect(broker.provider, agent.key) as back:
            await back.greet()
            session = Joined(back, console, session.a, session.c)
            await resume(session)
            await session.talk()
            assert not [m for m in back.missed if isinstance(m, control.Probe)]


async def test_new_terms_and_a_newer_program_wait_for_the_end_of_a_session(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        org_id = broker.provider.org_id
        await broker.services.organisations.add_terms(org_id, "Otras", "Others", "Ana")
        policy = (files.FOLDER / "remote-utilities.toml").read_text("utf-8")
        newer = policy.replace("oldest_agent_major = 0", "oldest_agent_major = 2")
        await broker.services.policies.adopt(org_id, files.parse(newer, "newer"), broker.operator.id)
        agent.socket.transport.abort()
        for line in session.lines:
            await line.close()
        async with await AgentPeer.connect(broker.provider, agent.key) as back:
            await back.greet()
            session = Joined(back, console, session.a, session.c)
            await resume(session)
            await session.talk()
            await back.end(session.a)
        async with await AgentPeer.connect(broker.provider, agent.key) as after:
            await after.greet()
            assert (await after.expect(control.RegistrationDenied)).reason == "terms"


async def test_after_the_end_nothing_resumes(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        await agent.end(session.a)
        for end in (agent, console):
            await end.send(control.ResumeRequest(session_id=session.id, last_g=1))
            assert (await end.expect(control.ResumeDenied)).reason == "ended"


async def test_sixty_seconds_without_a_line_and_it_is_over(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        session = await join(agent, console)
        for line in session.lines:
            await line.close()
        await lost(still_broker)
        await timer.advance(limits.RESUME + SLACK + 2)
        assert (await agent.expect(control.Ended)).reason == "line_lost"
        assert (await console.expect(control.Ended)).reason == "line_lost"


async def test_an_agent_that_vanishes_is_ended_at_its_last_sign_of_life(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        session = await join(agent, console)
        agent.socket.transport.abort()
        await still_broker.gone(agent)
        await timer.advance(limits.RESUME + SLACK + 2)
        ended = await console.expect(control.Ended)
        assert ended.reason == "no_end_message"
        async with await AgentPeer.connect(still_broker.provider, agent.key) as back:
            await back.register()
            await back.send(back.ending(session.a, "customer"))  # it did end, and says so late
            assert await back.expect(control.Ended) == ended


async def test_only_a_session_in_which_something_moves_beats(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        session = await join(agent, console)
        live = next(iter(still_broker.plane.live))
        await timer.advance(limits.HEARTBEAT)
        assert live.beat == (0, 0)
        await session.talk()
        await timer.advance(limits.HEARTBEAT)
        assert live.beat == (14 + 2, 16 + 6)  # with the heads of their frames, a mask among those of the console


async def test_a_broker_that_stood_still_bills_none_of_it(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        session = await join(agent, console)
        timer.stand_still(3600)
        ended = await agent.end(session.a)
        assert ended.reason == "customer"
        async with still_broker.services.store.reading() as db:
            kinds = (await db.execute(text("select kind from log_events order by seq"))).scalars().all()
        assert [kind for kind in kinds if kind != "traffic"][-2:] == ["paused", "ended"]
        assert ended.connected_s == 0


# Restart -------------------------------------------------------------------------------------------------------------


async def test_after_a_restart_of_the_broker_a_session_resumes(tmp_path: Path) -> None:
    async with live_broker(tmp_path) as before:
        agent, console = await before.agent(), await before.console()
        session = await join(agent, console)
        operator, provider = before.operator, before.provider
        port = int(provider.origin.rpartition(":")[2])
    async with live_broker(tmp_path, port=port, again=(provider, operator)) as after:
        assert await state(after, session.id) == "paused"
        async with (
            await AgentPeer.connect(provider, agent.key) as agent2,
            await ConsolePeer.connect(provider, operator.token) as console2,
        ):
            await agent2.greet()
            session = Joined(agent2, console2, session.a, session.c)
            await resume(session)
            await session.talk()
            await is_(after, session.id, "joined")
            assert isinstance(session.a.line, Line)
            assert (await agent2.end(session.a)).reason == "customer"


async def test_an_end_that_crosses_the_pairing_leaves_nobody_in_a_session(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        for _ in range(8):
            code = await agent.code()
            async with asyncio.TaskGroup() as both:
                both.create_task(console.pair(code.id, code.password))
                a = await agent.run(code)
                await agent.send(agent.ending(a, "customer"))
            assert (await console.expect(control.Ended)).reason == "customer"
            assert (await agent.expect(control.Ended)).reason == "customer"
