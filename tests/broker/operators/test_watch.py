"""No socket and no session outlives the sign-in that it was opened with, wherever that ended (pairing rule 7)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.clock import SystemClock
from broker.operators.repository import OperatorRepository
from broker.permissions import Role
from broker.wiring import build_services
from protocol import control
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.peers import join
from tests.support.timer import HandTimer, TimerClock

HOUR = 3600


@pytest.fixture
async def timed(tmp_path: Path, timer: HandTimer) -> AsyncIterator[LiveBroker]:
    """A broker for which all time is the test's; a sign-in lasts three hours, one of them without a request."""
    clock = TimerClock(timer)
    async with live_broker(
        tmp_path, timer=timer, clock=clock, sign_in_life=3 * HOUR, sign_in_idle=HOUR
    ) as running:  # fmt: skip
        yield running


async def test_disabling_an_account_from_another_process_ends_its_sessions(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    elsewhere = build_services(still_broker.services.settings, SystemClock())
    colleague = await still_broker.hire("Colega")
    async with (
        await still_broker.agent() as agent,
        await still_broker.console() as console,
        await still_broker.console(colleague) as other,
    ):
        session = await join(agent, console)
        who = still_broker.operator
        await elsewhere.operators.change(still_broker.provider.org_id, who.id, disabled=True)
        await timer.advance(2)
        assert (await agent.expect(control.Ended)).reason == "operator_disabled"
        assert await console.closed() == 4401
        await session.lines[0].closed()
        assert other.socket.close_code is None, "a colleague was shut out too"
    await elsewhere.store.close()


async def test_a_sign_in_that_was_ended_elsewhere_closes_its_own_sockets_alone(
    still_broker: LiveBroker, timer: HandTimer
) -> None:
    again = await still_broker.sign_in_again(still_broker.operator)
    elsewhere = build_services(still_broker.services.settings, SystemClock())
    async with await still_broker.console() as kept, await still_broker.console(again) as console:
        async with elsewhere.store.transaction() as db:
            await OperatorRepository(db).end_sign_ins(again.id, SystemClock().utc(), only=again.sign_in_id)
        await timer.advance(2)
        assert await console.closed() == 4401
        assert kept.socket.close_code is None
    await elsewhere.store.close()


async def test_another_role_closes_the_sockets_of_the_old_one(still_broker: LiveBroker, timer: HandTimer) -> None:
    elsewhere = build_services(still_broker.services.settings, SystemClock())
    async with await still_broker.console() as console:
        await elsewhere.operators.change(still_broker.provider.org_id, still_broker.operator.id, role=Role.AUDITOR)
        await timer.advance(2)
        assert await console.closed() == 4401
    await elsewhere.store.close()


async def test_a_socket_does_not_outlive_a_sign_in_that_nobody_uses(timed: LiveBroker, timer: HandTimer) -> None:
    async with await timed.console() as console:
        await timer.advance(HOUR - 5)
        assert console.socket.close_code is None
        await timer.advance(6)
        assert await console.closed() == 4401


async def test_a_session_keeps_its_sign_in_from_idling_but_not_beyond_its_life(
    timed: LiveBroker, timer: HandTimer
) -> None:
    async with await timed.agent() as agent, await timed.console() as console:
        session = await join(agent, console)
        for _ in range(5):
            timer.stand_still(HOUR / 2)
            await timed.plane.watch.look(timed.plane.held())
        await session.talk()
        assert console.socket.close_code is None
        timer.stand_still(HOUR / 2 + 1)
        await timed.plane.watch.look(timed.plane.held())
        assert (await agent.expect(control.Ended)).reason == "signed_out"
        assert await console.closed() == 4401
