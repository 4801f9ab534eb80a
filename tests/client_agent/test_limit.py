"""The customer's own limit: asked again at it, by the agent's clock; without a yes the session ends for both."""

import asyncio
from pathlib import Path

import pytest

from client_agent import events as ev
from client_agent.deadlines import Deadlines
from operator_console.client import Console
from operator_console.errors import SessionOver
from protocol import limits
from protocol.session import Event, Session
from tests.client_agent.support.customer import customer, joined
from tests.support.live_broker import LiveBroker
from tests.support.timer import AheadClock

MINUTE = 60.0


def live(now: float) -> Session:
    machine = Session(now)
    for event in (Event.EXCHANGE, Event.AGREED, Event.LINE_UP, Event.CONSENT):
        machine.fire(event, now)
    return machine


def test_pauses_do_not_count_towards_the_limit_and_it_is_told_once() -> None:
    machine = live(0)
    deadlines = Deadlines(machine, 24 * 3600, 0)
    deadlines.limit(15, 0)
    machine.fire(Event.LINE_DOWN, 10 * MINUTE)
    assert deadlines.limit_reached(10.9 * MINUTE) is None
    machine.fire(Event.LINE_UP, 10.9 * MINUTE)
    assert deadlines.limit_reached(15.8 * MINUTE) is None
    assert deadlines.limit_reached(16 * MINUTE) == 16 * MINUTE + limits.CONSENT
    assert deadlines.limit_reached(16.1 * MINUTE) is None
    assert deadlines.due(16.9 * MINUTE, False) is None
    assert deadlines.due(17 * MINUTE, False) == "limit"


def test_a_yes_begins_the_next_limit_where_it_is_given() -> None:
    deadlines = Deadlines(live(0), 24 * 3600, 0)
    deadlines.limit(15, 0)
    deadlines.limit_reached(15 * MINUTE)
    assert deadlines.asking
    deadlines.limit(30, 15.5 * MINUTE)
    assert not deadlines.asking
    assert deadlines.due(17 * MINUTE, False) is None
    assert deadlines.limit_reached(45 * MINUTE) is None
    assert deadlines.limit_reached(45.5 * MINUTE) is not None


def test_a_yes_is_something_that_somebody_did() -> None:
    deadlines = Deadlines(live(0), 900, 0)
    deadlines.limit(15, 0)
    deadlines.limit_reached(14.9 * MINUTE)
    deadlines.limit(None, 14.9 * MINUTE)
    assert deadlines.due(29 * MINUTE, False) is None
    assert deadlines.due(30 * MINUTE, False) == "inactivity"


def test_without_a_limit_nobody_is_asked() -> None:
    deadlines = Deadlines(live(0), 24 * 3600, 0)
    deadlines.limit(None, 0)
    assert deadlines.limit_reached(600 * MINUTE) is None


@pytest.mark.clause("Q4")
async def test_at_the_limit_the_customer_is_asked_and_silence_ends_it_for_both(
    broker: LiveBroker, console: Console, tmp_path: Path
) -> None:
    clock = AheadClock()
    async with customer(broker, tmp_path / "agent", clock=clock) as someone:
        session = await joined(console, someone, broker.provider.service, limit_minutes=15)
        clock.turn(14 * MINUTE)
        session.type_text("sigo")
        await session.drained()
        clock.turn(MINUTE)
        asked = await someone.expect(ev.LimitReached)
        assert asked.deadline - clock() <= limits.CONSENT
        session.type_text("aún")
        await session.drained()
        assert ("text", "aún") in someone.injector.done
        someone.core.do(ev.GoOn(session_id=asked.session_id, limit_minutes=15))
        clock.turn(14 * MINUTE)
        session.type_text("más")
        await session.drained()
        clock.turn(MINUTE)
        again = await someone.expect(ev.LimitReached)
        assert again.deadline > asked.deadline
        clock.turn(limits.CONSENT)
        ended = await someone.expect(ev.Ended)
        assert ended.reason == "limit"
        over = await session.over()
        assert isinstance(over, SessionOver)
        assert over.reason == "limit"
        assert "the customer's limit was reached" in str(over)
        someone.core.do(ev.GoOn(session_id=asked.session_id, limit_minutes=None))  # too late: nothing happens
        await asyncio.sleep(0)
        assert someone.core.session is None or someone.core.session.ended
