"""From an ID and a password to the end, over real sockets: the one job, as the broker sees it."""

import pytest

from protocol import control
from tests.support.live_broker import LiveBroker
from tests.support.peers import join


@pytest.mark.clause("Q1")
async def test_a_customer_and_a_technician_meet_talk_and_part(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        await session.talk()
        ended = await agent.end(session.a, "customer")
        told = await console.expect(control.Ended)
        assert (ended.reason, ended.session_id) == ("customer", session.id)
        assert told == ended
