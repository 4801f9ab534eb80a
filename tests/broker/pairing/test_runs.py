"""A pairing run as the broker carries it: who may say what when, and what is left of one that fails (steps 9 to 14)."""

import asyncio
import secrets
from dataclasses import replace

import pytest

from broker.pairing.run import TRANSITIONS, State, Step, after
from protocol import control, limits
from protocol.errors import BadTransition, Malformed, PairingFailed
from protocol.pairing import ConsoleKnows, ConsoleRun
from tests.broker.pairing.test_denials import denial
from tests.support.agent_peer import AgentPeer, ShownCode
from tests.support.console_peer import ConsolePeer
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually
from tests.support.peer import nonce
from tests.support.peers import pair
from tests.support.timer import HandTimer


def misheard(code: ShownCode) -> ShownCode:
    """The same code with another agent's part."""
    first = "A" if code.agent_part[0] != "A" else "C"
    return replace(code, agent_part=first + code.agent_part[1:])


def test_every_step_has_one_place() -> None:
    for state in State:
        for step in Step:
            if (state, step) in TRANSITIONS:
                assert after(state, step) is TRANSITIONS[state, step]
            else:
                with pytest.raises(BadTransition):
                    after(state, step)


@pytest.mark.parametrize("aborts_first", [True, False])
async def test_a_misheard_agent_part_burns_the_code(
    still_broker: LiveBroker, timer: HandTimer, aborts_first: bool
) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        asking = asyncio.create_task(console.pair(code.id, misheard(code).password))
        with pytest.raises(PairingFailed, match="wrong_tag"):
            await agent.run(code)
        asking.cancel()
        await asyncio.wait([asking])
        if aborts_first:
            [run] = [run for run in still_broker.plane.presence if run.pairing is not None]
            assert run.pairing is not None
            await agent.send(control.PairAbort(session_id=run.pairing.session_id, reason="wrong_tag"))
        await agent.send(control.CodeDead(code_id=code.code_id, reason="wrong_tag"))
        assert (await console.expect(control.PairAbort)).reason == "wrong_tag"
        assert await denial(console, timer, code.id, code.server_part) == "expired"
        raised = await eventually(lambda: still_broker.services.alerts.newest(agent.provider.org_id, 9))
        assert [alert.kind for alert in raised] == ["code_burned"]
        assert raised[0].data["operator"] == still_broker.operator.name


async def test_a_dead_code_without_a_run_alerts_nobody(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        await agent.send(control.CodeDead(code_id=nonce(), reason="wrong_tag"))
        await agent.code()  # answered in order
        assert not await broker.services.alerts.newest(agent.provider.org_id, 9)


async def test_ten_burns_in_ten_minutes_close_the_door_for_that_operator(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        for _ in range(10):
            _, session_id = await offered(agent, console)
            await console.send(control.CpaceA(session_id=session_id, ya="A" * 43, ada=""))
            await agent.expect(control.CpaceA)
            await agent.send(control.PairAbort(session_id=session_id, reason="wrong_tag"))
            await console.expect(control.PairAbort)
        code = await agent.code()
        assert await denial(console, timer, code.id, code.server_part) == "denied"


async def test_a_customer_who_ends_it_before_the_console_has_agreed_is_free_again(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        request = console.request(code.id, code.server_part)
        offer = await console.ask(request)
        running = asyncio.create_task(agent.run(code))
        knows = ConsoleKnows(
            version=request.version, public_origin=broker.provider.origin, org_id=broker.provider.org_id,
            operator_id=broker.operator.id, operator_name=broker.operator.name, service=request.service,
            wanted=request.wanted, nonce_console=request.nonce_console,
        )  # fmt: skip
        run = ConsoleRun(knows.context(offer)[0], code.agent_part, secrets.token_bytes(64))
        await console.send(run.start())
        await console.send(run.answered(await console.expect(control.CpaceB)))
        agreed = run.confirmed(await console.expect(control.ConfirmB))
        await agent.send(agent.ending(await running, "customer"))
        await agent.expect(control.Ended)
        await console.send(agreed)
        assert (await console.expect(control.Ended)).reason == "customer"
        assert (await agent.code()).id != code.id


async def offered(agent: AgentPeer, console: ConsolePeer) -> tuple[ShownCode, str]:
    """A run that waits for the console's share; the session's id."""
    code = await agent.code()
    offer = await console.ask(console.request(code.id, code.server_part))
    assert await agent.expect(control.PairOffer) == offer
    return code, offer.session_id


async def test_a_message_out_of_its_place_changes_nothing(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        request = console.request(code.id, code.server_part)
        offer = await console.ask(request)
        await console.send(control.ConfirmA(session_id=offer.session_id, ta="A" * 86))
        assert (await console.expect(control.Failure)).reason == "out_of_order"
        await agent.send(control.PairOk(session_id=offer.session_id))
        assert (await agent.expect(control.Failure)).reason == "out_of_order"
        async with asyncio.TaskGroup() as both:
            both.create_task(agent.run(code))
            both.create_task(console.run(request, offer, code.agent_part))


async def test_a_run_that_is_nobodys_is_unknown(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        await agent.send(control.PairOk(session_id=nonce()))
        await console.send(control.PairOk(session_id=nonce()))
        assert (await agent.expect(control.Failure)).reason == "unknown_session"
        assert (await console.expect(control.Failure)).reason == "unknown_session"


async def test_one_operators_console_cannot_speak_for_anothers(broker: LiveBroker) -> None:
    colleague = await broker.hire("Colega")
    async with (
        await broker.agent() as agent,
        await broker.console() as console,
        await broker.console(colleague) as intruder,
    ):
        _, session_id = await offered(agent, console)
        await intruder.send(control.PairAbort(session_id=session_id, reason="mine"))
        assert (await intruder.expect(control.Failure)).reason == "unknown_session"
        assert not agent.missed


async def test_an_offer_refused_before_the_first_share_leaves_the_code_alive(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        code, session_id = await offered(agent, console)
        await console.send(control.PairAbort(session_id=session_id, reason="offer_service"))
        assert (await agent.expect(control.PairAbort)).reason == "offer_service"
        await pair(agent, console, code)


@pytest.mark.parametrize("who", ["agent", "console"])
async def test_who_leaves_in_the_middle_ends_the_run_and_the_code(
    still_broker: LiveBroker, timer: HandTimer, who: str
) -> None:
    colleague = await still_broker.hire("Colega")
    async with (
        await still_broker.agent() as agent,
        await still_broker.console() as console,
        await still_broker.console(colleague) as later,
    ):
        code, session_id = await offered(agent, console)
        await console.send(control.CpaceA(session_id=session_id, ya="A" * 43, ada=""))
        await agent.expect(control.CpaceA)
        leaving, staying = (agent, console) if who == "agent" else (console, agent)
        await leaving.socket.close()
        assert (await staying.expect(control.PairAbort)).reason == f"{who}_lost"
        assert await denial(later, timer, code.id, code.server_part) == "expired"


async def test_a_run_that_does_not_come_to_an_end_is_ended(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        _, session_id = await offered(agent, console)
        await timer.advance(limits.PAIRING_RUN + 2)
        assert (await agent.expect(control.PairAbort)).reason == "timeout"
        assert (await console.expect(control.PairAbort)).reason == "timeout"
        log = still_broker.services.sessions
        ended = await eventually(lambda: log.ended_message(session_id))
        assert ended is not None
        assert ended.reason == "pairing_failed"


async def test_a_share_that_cannot_be_read_changes_nothing(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        offered = await console.ask(console.request(code.id, code.server_part))
        [run] = [run for run in broker.plane.presence if run.pairing is not None]
        assert run.pairing is not None
        spare_bits = "A" * 42 + "B"
        share = control.CpaceA(session_id=offered.session_id, ya=spare_bits, ada="")
        [here] = list(broker.plane.consoles)
        with pytest.raises(Malformed):
            await broker.plane.pairing.from_console(here, share)
        assert not run.pairing.reached_agent


async def test_a_pairing_that_the_log_cannot_take_leaves_both_ends_free(
    broker: LiveBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def disk_full(_session_id: str) -> None:
        raise OSError(28, "No space left on device")

    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        with monkeypatch.context() as fault:
            fault.setattr(broker.services.sessions, "paired", disk_full)
            await pair(agent, console, code)
            assert (await console.expect(control.PairAbort)).session_id
            assert (await agent.expect(control.PairAbort)).session_id
        await pair(agent, console, await agent.code())
