"""What a technician hears who has the wrong password, and what it costs (pairing steps 6 and 7, rules 3 and 4)."""

import asyncio

import pytest

from protocol import control, limits
from protocol.code import ALPHABET
from tests.support.agent_peer import ShownCode
from tests.support.console_peer import ConsolePeer, Denied
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually
from tests.support.peers import join, pair
from tests.support.timer import HandTimer


def wrong(server_part: str) -> str:
    """Another server part."""
    return ALPHABET[(ALPHABET.index(server_part[0]) + 1) % len(ALPHABET)] + server_part[1:]


async def denial(console: ConsolePeer, timer: HandTimer, id: str, server_part: str, **changes: str) -> str:
    """Ask and be denied; the reason.  Time stands still but for the half second that a denial takes."""
    await timer.advance(0.001)  # a moment that is nobody else's
    asked_at = timer.now()
    request = console.request(id, server_part, **changes)
    await console.send(request)
    await timer.somebody_waits_until(asked_at + limits.DENIED_AFTER)
    await timer.advance(limits.DENIED_AFTER)
    denied = await console.expect(control.PairDenied)
    assert denied.request_id == request.request_id
    return denied.reason


async def test_whatever_is_wrong_the_answer_is_the_same_half_a_second_later(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    other = await still_broker.hire("Otro", org_id=(await still_broker.another_provider("Otra")).org_id)
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        assert await denial(console, timer, code.id, wrong(code.server_part)) == "denied"
        assert await denial(console, timer, "000000001" if code.id != "000000001" else "000000002", "000") == "denied"
        async with await still_broker.console(other) as stranger:
            assert await denial(stranger, timer, code.id, code.server_part) == "denied"


async def test_three_wrong_tries_kill_a_code_and_its_agent_is_told(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        for _ in range(limits.TRIES):
            assert await denial(console, timer, code.id, wrong(code.server_part)) == "denied"
        dead = await agent.expect(control.CodeDead)
        assert (dead.code_id, dead.reason) == (code.code_id, "tries_spent")
        assert await denial(console, timer, code.id, code.server_part) == "denied"
        fresh = await agent.code()
        assert fresh.id != code.id
        await pair(agent, console, fresh)


async def test_guesses_at_the_same_moment_get_no_more_than_three_tries(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    async with await still_broker.agent() as agent:
        code = await agent.code()
        consoles = [await still_broker.console() for _ in range(8)]
        guesses = [console.request(code.id, wrong(code.server_part)) for console in consoles]
        await asyncio.gather(*(c.send(g) for c, g in zip(consoles, guesses, strict=True)))
        await agent.expect(control.CodeDead)
        async with await still_broker.console() as console:
            assert await denial(console, timer, code.id, code.server_part) == "denied"
        for guesser in consoles:
            await guesser.socket.close()


async def test_another_organisations_technician_spends_nothing(still_broker: LiveBroker, timer: HandTimer) -> None:
    other = await still_broker.hire("Otro", org_id=(await still_broker.another_provider("Otra")).org_id)
    async with await still_broker.agent() as agent, await still_broker.console(other) as stranger:
        code = await agent.code()
        for _ in range(limits.TRIES):
            assert await denial(stranger, timer, code.id, wrong(code.server_part)) == "denied"
        async with await still_broker.console() as console:
            await pair(agent, console, code)


async def test_ten_failures_in_ten_minutes_close_the_door_for_that_operator_alone(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    colleague = await still_broker.hire("Colega")
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        for _ in range(10):
            assert await denial(console, timer, "000000000", "000") == "denied"
        assert await denial(console, timer, code.id, code.server_part) == "denied"
        async with await still_broker.console(colleague) as calm:
            await pair(agent, calm, code)
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        await timer.advance(600)
        await pair(agent, console, await agent.code())


async def test_failures_are_logged_by_name_for_an_administrator(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        await denial(console, timer, code.id, wrong(code.server_part))
        raised = await eventually(lambda: still_broker.services.alerts.newest(agent.provider.org_id, 9))
    assert [alert.kind for alert in raised] == ["pairing_failed"]
    assert raised[0].data["operator"] == still_broker.operator.name


async def test_two_technicians_on_one_id(still_broker: LiveBroker, timer: HandTimer) -> None:
    colleague = await still_broker.hire("Colega")
    async with (
        await still_broker.agent() as agent,
        await still_broker.console() as first,
        await still_broker.console(colleague) as second,
    ):
        code = await agent.code()
        await first.ask(first.request(code.id, code.server_part))
        assert await denial(second, timer, code.id, code.server_part) == "busy"
        assert await denial(second, timer, code.id, wrong(code.server_part)) == "denied"


async def test_an_id_in_a_session_is_busy(still_broker: LiveBroker, timer: HandTimer) -> None:
    colleague = await still_broker.hire("Colega")
    async with (
        await still_broker.agent() as agent,
        await still_broker.console() as first,
        await still_broker.console(colleague) as second,
    ):
        code = await agent.code()
        await join(agent, first, code)
        assert await denial(second, timer, code.id, code.server_part) == "busy"


async def test_a_code_replaced_by_the_timer_stays_good_for_a_minute(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        old = await agent.code()
        await timer.advance(limits.CODE_SHOWN)
        new = await agent.code()
        assert (new.id, new.password) != (old.id, old.password)
        await timer.advance(limits.CODE_VALID - limits.CODE_SHOWN - 0.1)
        await pair(agent, console, old)
        assert await denial(console, timer, new.id, new.server_part) == "busy"


async def test_after_660_seconds_a_code_has_expired(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        await timer.advance(limits.CODE_VALID)
        assert await denial(console, timer, code.id, code.server_part) == "expired"
        assert await denial(console, timer, code.id, wrong(code.server_part)) == "denied"


@pytest.mark.parametrize("reason", ["cancelled", "wrong_tag", "pairing_interrupted"])
async def test_a_burn_or_a_cancel_kills_every_live_code(
    still_broker: LiveBroker, timer: HandTimer, reason: str
) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        old = await agent.code()
        await timer.advance(limits.CODE_SHOWN)
        new = await agent.code()
        await agent.send(control.CodeDead(code_id=new.code_id, reason=reason))  # type: ignore[arg-type]
        await agent.code()
        for code in (old, new):
            assert await denial(console, timer, code.id, code.server_part) == "expired"


async def test_a_rotated_code_dies_alone(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        old = await agent.code()
        await timer.advance(limits.CODE_SHOWN)
        new = await agent.code()
        await agent.send(control.CodeDead(code_id=old.code_id, reason="rotated"))
        await timer.advance(limits.CODE_SHOWN)
        await agent.send(control.CodeRequest(code_id=old.code_id, nonce_agent=old.nonce_agent))  # answered in order
        await agent.expect(control.CodeIssued)
        assert await denial(console, timer, old.id, old.server_part) == "expired"
        await pair(agent, console, new)


@pytest.mark.clause("Q13")
async def test_a_reason_comes_only_after_a_right_server_part(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:

        async def heard(code: ShownCode, **changes: str) -> tuple[str, str]:
            return (
                await denial(console, timer, code.id, code.server_part, **changes),
                await denial(console, timer, code.id, wrong(code.server_part), **changes),
            )

        assert await heard(await agent.code(), service="Fontanería") == ("unknown_service", "denied")
        assert await heard(await agent.code(), version="9") == ("version", "denied")
        assert await heard(await agent.code(), public_origin="https://elsewhere.example") == ("policy", "denied")
        code = await agent.code()
        await agent.socket.close()
        await still_broker.gone(agent)
        assert await heard(code) == ("agent_silent", "denied")


async def test_right_server_parts_that_become_no_run_cost_tries_and_the_agent_is_told(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    """Step 7: the try comes before the comparison, and policy after it."""
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        for _ in range(limits.TRIES):
            assert not [message for message in agent.missed if isinstance(message, control.CodeDead)]
            assert await denial(console, timer, code.id, code.server_part, service="Fontanería") == "unknown_service"
        dead = await agent.expect(control.CodeDead)
        assert (dead.code_id, dead.reason) == (code.code_id, "tries_refused")
        assert await denial(console, timer, code.id, code.server_part) == "denied"
        await pair(agent, console, await agent.code())


async def test_a_last_try_whose_run_never_reaches_the_agent_is_told_too(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    async with await still_broker.agent() as agent, await still_broker.console() as console:
        code = await agent.code()
        for _ in range(limits.TRIES - 1):
            assert await denial(console, timer, code.id, wrong(code.server_part)) == "denied"
        offer = await console.ask(console.request(code.id, code.server_part))
        await console.send(control.PairAbort(session_id=offer.session_id, reason="offer"))
        dead = await agent.expect(control.CodeDead)
        assert (dead.code_id, dead.reason) == (code.code_id, "tries_spent")  # two were wrong, whatever the last one was


@pytest.mark.promise
async def test_a_denial_of_the_real_kind(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        began = asyncio.get_running_loop().time()
        with pytest.raises(Denied, match="denied"):
            await console.ask(console.request(code.id, wrong(code.server_part)))
        assert 0.5 <= asyncio.get_running_loop().time() - began < 1


async def test_who_does_not_wait_for_denials_is_closed(still_broker: LiveBroker) -> None:
    async with await still_broker.console() as console:
        for _ in range(40):
            await console.send(console.request("000000000", "000"))
        assert await console.closed() == 4429
