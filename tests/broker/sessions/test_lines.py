"""What a lost line, an end right after it, and a broker that stops, cost: never more than the time on the line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from broker.clock import rfc3339
from broker.log.projections import SessionView
from broker.sessions.lines import HOLD, SLACK
from broker.sessions.registry import Session, Stage
from broker.sessions.repository import SessionRepository
from protocol import control, limits
from tests.broker.sessions.test_live import is_, lost, resume
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.patience import eventually
from tests.support.peers import Joined, join
from tests.support.timer import HandTimer, TimerClock


@pytest.fixture
async def timed(tmp_path: Path, timer: HandTimer) -> AsyncIterator[LiveBroker]:
    """A broker whose log, too, has the time that the test turns."""
    async with live_broker(tmp_path, timer=timer, clock=TimerClock(timer)) as running:
        yield running


async def kinds(broker: LiveBroker) -> list[str]:
    """What the log holds, in order; not the heartbeats and the bytes."""
    async with broker.services.store.reading() as db:
        found = (await db.execute(text("select kind from log_events order by seq"))).scalars().all()
    return [kind for kind in found if kind not in ("heartbeat", "traffic")]


async def view(broker: LiveBroker, session_id: str) -> SessionView:
    """The session as the log has it."""
    async with broker.services.store.reading() as db:
        kept = await SessionRepository(db).find(session_id)
    assert kept is not None
    return kept.view


async def lose(broker: LiveBroker, session: Joined) -> Session:
    """Both ends' data connections break off; the broker knows."""
    for line in session.lines:
        line.socket.transport.abort()
    await lost(broker)
    return next(iter(broker.plane.live))


async def test_an_end_that_follows_its_lost_line_is_no_pause(timed: LiveBroker, timer: HandTimer) -> None:
    async with await timed.agent() as agent, await timed.console() as console:
        session = await join(agent, console)
        await timer.advance(7.3)
        gone = timed.plane.clock.utc()
        await lose(timed, session)
        await timer.advance(0.9)
        ended = await agent.end(session.a)
        assert (await kinds(timed))[-2:] == ["joined", "ended"]
        assert (ended.connected_s, ended.utc) == (7, rfc3339(gone)), "the hold was counted"


async def test_a_technicians_end_after_the_line_is_dated_with_it(timed: LiveBroker, timer: HandTimer) -> None:
    async with await timed.agent() as agent, await timed.console() as console:
        session = await join(agent, console)
        await timer.advance(3.9)
        await lose(timed, session)
        await timer.advance(0.5)
        await console.send(control.EndRequest(session_id=session.id))
        assert (await console.expect(control.Ended)).connected_s == 3
        assert (await kinds(timed))[-2:] == ["joined", "ended"]


async def test_a_loss_that_no_end_follows_is_dated_when_the_line_was_lost(timed: LiveBroker, timer: HandTimer) -> None:
    async with await timed.agent() as agent, await timed.console() as console:
        session = await join(agent, console)
        await timer.advance(5)
        gone = timed.plane.clock.utc()
        await lose(timed, session)
        assert (await view(timed, session.id)).state == "joined"
        await timer.advance(HOLD + 1)
        await is_(timed, session.id, "paused")
        assert (await view(timed, session.id)).since.utc == gone
        assert (await agent.end(session.a)).connected_s == 5


async def test_a_line_that_is_back_at_once_still_was_a_pause(timed: LiveBroker, timer: HandTimer) -> None:
    async with await timed.agent() as agent, await timed.console() as console:
        session = await join(agent, console)
        await timer.advance(5)
        await lose(timed, session)
        await timer.advance(0.6)
        await resume(session)
        await session.talk()

        async def resumed() -> bool:
            return (await kinds(timed))[-1] == "resumed"

        await eventually(resumed)
        assert (await kinds(timed))[-3:] == ["joined", "paused", "resumed"]
        assert (await view(timed, session.id)).paused_ms == 600


async def test_a_session_that_cannot_be_written_down_holds_up_no_other(timed: LiveBroker, timer: HandTimer) -> None:
    async with (
        await timed.agent() as one, await timed.console() as console,
        await timed.agent() as two, await timed.console(await timed.hire("Luis")) as other,
    ):  # fmt: skip
        broken, whole = await join(one, console), await join(two, other)
        async with timed.services.store.transaction() as db:
            await db.execute(text("update sessions set view = :view where id = :id"), {"view": b"", "id": broken.id})
        for line in broken.lines + whole.lines:
            line.socket.transport.abort()
        await eventually(lambda: all(session.stage is Stage.PAUSED for session in timed.plane.live))
        with capture_logs() as said:
            await timer.advance(HOLD + 1)
            await is_(timed, whole.id, "paused")
            await timer.advance(limits.RESUME + SLACK + 1)
            assert (await other.expect(control.Ended)).reason == "line_lost"
        assert {entry["session_id"] for entry in said if entry["event"] == "session_failed"} == {broken.id}
        assert [session.id for session in timed.plane.live] == [broken.id], "what is not in the log did not happen"


async def test_who_asks_for_a_line_as_the_session_ends_gets_none(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        live = next(iter(broker.plane.live))
        async with live.lock:  # the end is being written down

            async def waiting() -> bool:
                return len(live.lock._waiters or ()) == 2

            await agent.send(agent.ending(session.a, "customer"))
            await console.send(control.ResumeRequest(session_id=session.id, last_g=1))
            await eventually(waiting)
        assert (await console.expect(control.ResumeDenied)).reason == "ended"
        assert not [message for message in console.missed if isinstance(message, control.Ticket)]


# A broker that is told to stop ---------------------------------------------------------------------------------------


async def connected_after_a_stop(tmp_path: Path, timer: HandTimer, seconds: float, speak: bool = True) -> int:
    """How long a session counts of whose line the broker was told to stop after so many seconds."""
    clock = TimerClock(timer)
    async with live_broker(tmp_path, timer=timer, clock=clock) as before:
        agent, console = await before.agent(), await before.console()
        session = await join(agent, console)
        await timer.advance(seconds)
        if speak:
            await session.talk()
        operator, provider = before.operator, before.provider
    port = int(provider.origin.rpartition(":")[2])
    async with live_broker(tmp_path, timer=timer, clock=clock, port=port, again=(provider, operator)) as after:
        assert (await view(after, session.id)).state == "paused"
        async with (
            await AgentPeer.connect(provider, agent.key) as agent2,
            await ConsolePeer.connect(provider, operator.token),
        ):
            await agent2.greet()
            return (await agent2.end(session.a)).connected_s


async def test_a_broker_that_is_told_to_stop_loses_no_second(tmp_path: Path, timer: HandTimer) -> None:
    assert await connected_after_a_stop(tmp_path, timer, 8.5) == 8


async def test_a_last_heartbeat_is_written_before_any_line_is_closed(timed: LiveBroker, timer: HandTimer) -> None:
    """A relay of its own tells nothing any more once its link has been closed."""
    async with await timed.agent() as agent, await timed.console() as console:
        session = await join(agent, console)
        await timer.advance(6)
        await session.talk()
        await timed.plane.leave()
        assert (await view(timed, session.id)).connected_s == 6
        await session.talk()
