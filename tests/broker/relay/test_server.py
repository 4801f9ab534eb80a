"""The relay on real sockets: whole, in order, back-pressure, a bound on memory, strangers (step 16)."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect

from broker.ids import new_id
from broker.relay.core import AHEAD
from protocol import limits
from tests.support.live_broker import LiveBroker
from tests.support.lone_relay import LoneRelay, lone_relay
from tests.support.peers import Line, Provider
from tests.support.timer import HandTimer

RECORD = 16 * 1024
CUT = 1006
"""What a socket says of a line that was closed while others' frames were on it: nobody said a code."""
NOBODY = Provider("", "", "", 0, "")


@pytest.fixture
async def relay() -> AsyncIterator[LoneRelay]:
    """A relay without a broker."""
    async with lone_relay() as running:
        yield running


async def test_records_arrive_whole_and_in_order_both_ways(relay: LoneRelay) -> None:
    agent, console = await relay.lines()
    records = [secrets.token_bytes(1 + secrets.randbelow(limits.RECORD)) for _ in range(200)]

    async def send(line: Line) -> None:
        for record in records:
            await line.send(record)

    async def receive(line: Line) -> list[bytes]:
        return [await line.receive() for _ in records]

    _, _, down, up = await asyncio.gather(send(agent), send(console), receive(console), receive(agent))
    assert down == records
    assert up == records
    await agent.close()
    assert await console.closed() == 1000


async def test_what_was_sent_before_leaving_still_arrives(relay: LoneRelay) -> None:
    agent, console = await relay.lines()
    for number in range(100):
        await agent.send(number.to_bytes(2) * 1000)
    await agent.close()
    for number in range(100):
        assert await console.receive() == number.to_bytes(2) * 1000
    assert await console.closed() == 1000


async def test_a_console_that_comes_first_may_already_speak(relay: LoneRelay) -> None:
    pair_id = new_id()
    console = await Line.open(NOBODY, relay.ticket(pair_id, "console"), "console")
    await console.send(b"first")
    agent = await Line.open(NOBODY, relay.ticket(pair_id, "agent"), "agent")
    assert await agent.receive() == b"first"


async def test_a_stalled_reader_stops_its_sender_and_nobody_else(relay: LoneRelay) -> None:
    agent, console = await relay.lines()
    swallowed = 0

    async def flood() -> None:
        nonlocal swallowed
        while True:
            await agent.send(bytes(RECORD))
            swallowed += RECORD

    flooding = asyncio.create_task(flood())  # the console does not read
    other_agent, other_console = await relay.lines()
    for number in range(300):
        await other_agent.send(number.to_bytes(2) * 4000)
        assert await other_console.receive() == number.to_bytes(2) * 4000
    stopped_at = -1
    while stopped_at != swallowed:  # until nothing more goes in
        stopped_at = swallowed
        for _ in range(100):  # each is a turn of the loop in which the flood would go on if it could
            await other_agent.send(b".")
            await other_console.receive()
    flooding.cancel()
    received = 0
    while received < stopped_at:  # and not a byte of it is lost
        received += len(await console.receive())


@pytest.mark.parametrize(("first", "code"), [("not.aticket", 4403), (b"\x00", 4400), ("x" * 3000, 4403), ("", 4403)])
async def test_a_stranger_is_refused(relay: LoneRelay, first: str | bytes, code: int) -> None:
    async with connect(relay.url, proxy=None) as stranger:
        await stranger.send(first)
        await stranger.wait_closed()
        assert stranger.close_code == code


async def test_who_shows_no_ticket_is_shown_out(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with connect(still_broker.provider.socket("/relay"), proxy=None) as silent:
        await silent.ping()
        await timer.somebody_waits_until(timer.now() + limits.HELLO)
        await timer.advance(limits.HELLO)
        await silent.wait_closed()
        assert silent.close_code == 4408


async def test_a_higher_generation_takes_over(relay: LoneRelay) -> None:
    pair_id = new_id()
    old = await relay.lines(pair_id, 1)
    new = await relay.lines(pair_id, 2)
    for line in old:
        assert await line.closed() == CUT
    await new[0].send(b"on")
    assert await new[1].receive() == b"on"


async def test_the_rate_of_a_direction_is_held(relay: LoneRelay) -> None:
    rate, records = 64 * 1024, 20
    agent, console = await relay.lines(rate=rate)
    clock = asyncio.get_running_loop().time
    began = clock()

    async def send() -> None:
        for _ in range(records):
            await agent.send(bytes(8192))

    async def receive() -> None:
        for _ in range(records):
            await console.receive()

    await asyncio.gather(send(), receive())
    assert clock() - began >= (records - 1) * 8192 / rate - AHEAD
