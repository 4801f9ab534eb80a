"""The relay on real sockets: whole, in order, back-pressure, a bound on memory, strangers (step 16)."""

import asyncio
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from broker.ids import new_id
from broker.relay.core import AHEAD, Closed, Opened, Report
from broker.relay.end import HIGH, READ, State
from protocol import limits
from tests.support.live_broker import LiveBroker
from tests.support.lone_relay import LoneRelay, lone_relay
from tests.support.patience import PATIENCE, eventually
from tests.support.peer import Line, Provider
from tests.support.timer import HandTimer

RECORD = 16 * 1024
CUT = 1006
"""What a socket says of a line that was closed while others' frames were on it: nobody said a code."""
END_BYTES = HIGH + READ
"""What waits for an end, at most, in the relay."""
HANDSHAKE = (
    b"GET /relay HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
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
    await last_words(*await relay.lines())


async def last_words(leaving: Line, staying: Line) -> None:
    """Said just before leaving, and heard."""
    for number in range(100):
        await leaving.send(number.to_bytes(2) * 1000)
    closing = asyncio.create_task(leaving.close())
    for number in range(100):
        assert await staying.receive() == number.to_bytes(2) * 1000
    assert await staying.closed() == 1000
    await closing


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
    kept = buffered(relay)
    assert 0 < kept <= END_BYTES
    received = 0
    while received < stopped_at:  # and not a byte of it is lost
        received += len(await console.receive())


def buffered(relay: LoneRelay) -> int:
    """Bytes that wait in the relay for an end to take them: the most of any end."""
    assert relay.server is not None
    return max(end.waiting for end in relay.server.ends)


async def test_a_slow_direction_does_not_hold_the_other_back(relay: LoneRelay) -> None:
    agent, console = await relay.lines(rate_to_console=64 * 1024)
    slow = 1 << 20  # 16 seconds of that rate

    async def flood() -> None:
        for _ in range(slow // RECORD):
            await agent.send(bytes(RECORD))

    flooding = asyncio.create_task(flood())
    received = 0

    async def read() -> None:
        nonlocal received
        while True:
            received += len(await console.receive())

    reading = asyncio.create_task(read())
    for number in range(400):  # the other direction carries six times as much meanwhile
        await console.send(number.to_bytes(2) * (RECORD // 2))
        assert await agent.receive() == number.to_bytes(2) * (RECORD // 2)
    assert received < slow
    for task in (flooding, reading):
        task.cancel()


async def test_what_was_sent_to_a_flooding_end_before_leaving_arrives(relay: LoneRelay) -> None:
    """Closed whole, with something unread, the kernel would take it back."""
    agent, console = await relay.lines()

    async def flood() -> None:
        while True:
            await console.send(bytes(RECORD))

    flooding = asyncio.create_task(flood())
    await last_words(agent, console)
    with pytest.raises(ConnectionClosed):
        await flooding


async def test_a_session_whose_data_is_used_up_is_cut(relay: LoneRelay) -> None:
    agent, console = await relay.lines(max_bytes=10_000)
    await agent.send(bytes(4000))
    assert len(await console.receive()) == 4000
    await console.send(bytes(7000))
    for line in (agent, console):
        assert await line.closed() == CUT


async def test_a_dropped_pair_is_cut_and_one_that_waits_is_told_why(relay: LoneRelay) -> None:
    assert relay.server is not None
    joined, waiting = new_id(), new_id()
    lines = await relay.lines(joined)
    alone = await Line.open(NOBODY, relay.ticket(waiting, "agent"), "agent")
    await eventually(lambda: relay.server and len([e for e in relay.server.ends if e.state is State.WAITING]) == 1)
    for pair_id in (joined, waiting):
        relay.server.drop(pair_id)
    for line in lines:
        assert await line.closed() == CUT
    assert await alone.closed() == 4403


async def test_a_pair_that_is_dropped_just_when_an_end_was_reset_is_gone_and_told(relay: LoneRelay) -> None:
    """Such an end cannot be closed half any more; the other is closed all the same, and the broker hears of it."""
    assert relay.server is not None
    told: list[Report] = []
    relay.server._report = told.append
    agent, console = await relay.lines(pair := new_id())
    transport = agent.socket.transport
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0)  # now it is reset, and the relay has not read that
    relay.server.drop(pair)
    assert [type(report) for report in told] == [Opened, Closed]
    assert await console.closed() == CUT


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


async def test_an_agent_that_goes_on_as_a_client_is_refused(relay: LoneRelay) -> None:
    for spoken in (b"too soon", "too soon"):
        async with connect(relay.url, proxy=None) as agent:
            await agent.send(relay.ticket(new_id(), "agent").token)
            await agent.send(spoken)
            await agent.wait_closed()
            assert agent.close_code == 4400


async def raw(relay: LoneRelay, pieces: Iterable[bytes]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection into which these are written, each as a packet of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(relay.url).port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0)
    return reader, writer


def bytewise(data: bytes) -> Iterable[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


async def test_a_handshake_and_a_ticket_may_come_byte_by_byte(relay: LoneRelay) -> None:
    pair_id = new_id()
    agent = await Line.open(NOBODY, relay.ticket(pair_id, "agent"), "agent")
    reader, writer = await raw(relay, bytewise(HANDSHAKE))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    token = relay.ticket(pair_id, "console").token.encode()
    for piece in bytewise(Frame(Opcode.TEXT, token).serialize(mask=True)):
        writer.write(piece)
        await asyncio.sleep(0)
    for piece in bytewise(Frame(Opcode.BINARY, b"there").serialize(mask=True)):
        writer.write(piece)
        await asyncio.sleep(0)
    assert await agent.receive() == b"there"
    await agent.send(b"back")
    assert await reader.readexactly(6) == b"\x82\x04back"
    writer.close()


async def test_a_console_that_does_not_wait_for_the_answer_is_served(relay: LoneRelay) -> None:
    pair_id = new_id()
    token = relay.ticket(pair_id, "console").token.encode()
    ahead = Frame(Opcode.TEXT, token).serialize(mask=True) + Frame(Opcode.BINARY, b"there").serialize(mask=True)
    _, writer = await raw(relay, [HANDSHAKE + ahead])
    agent = await Line.open(NOBODY, relay.ticket(pair_id, "agent"), "agent")
    assert await agent.receive() == b"there"
    writer.close()


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"\x81\x05hello", 4400), (b"\xff" * 40, 4400), (b"\0" * 40, 4400), (b"\x16\x03\x01\0\0", 4400),
        (b"\x81\xff\0\0\1\0\0\0\0\0", 4403),
    ],
)  # fmt: skip
async def test_garbage_instead_of_a_ticket_is_refused(relay: LoneRelay, first: bytes, code: int) -> None:
    reader, writer = await raw(relay, [HANDSHAKE])
    await reader.readuntil(b"\r\n\r\n")
    writer.write(first)
    close = await reader.read()
    assert close[:1] == b"\x88"
    assert int.from_bytes(close[2:4]) == code
    writer.close()


async def test_a_head_or_a_ticket_that_never_ends_is_not_waited_for(
    relay: LoneRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocol.limits.HELLO", 0.2)
    reader, _ = await raw(relay, [HANDSHAKE[:-2]])
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    monkeypatch.setattr("protocol.limits.HELLO", 2.0)  # in which its whole handshake has to come first
    reader, _ = await raw(relay, [HANDSHAKE, b"\x81"])
    await reader.readuntil(b"\r\n\r\n")
    assert int.from_bytes((await reader.read())[2:4]) == 4408


async def test_who_leaves_before_a_ticket_is_let_go_at_once(still_broker: LiveBroker) -> None:
    """Time stands still: no deadline closes it."""
    socket = await connect(still_broker.provider.socket("/relay"), proxy=None, close_timeout=None)
    async with asyncio.timeout(PATIENCE):
        await socket.close()
    assert socket.close_code == 1000
    await eventually(lambda: not still_broker.plane.relay.server.ends)


async def test_a_ticket_that_dribbles_is_not_waited_for(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with connect(still_broker.provider.socket("/relay"), proxy=None) as slow:
        deadline = timer.now() + limits.HELLO
        await timer.somebody_waits_until(deadline)
        for piece in bytewise(Frame(Opcode.TEXT, b"a.ticket").serialize(mask=True)[:-1]):
            slow.transport.write(piece)
            await timer.advance(limits.HELLO / 20)
        await timer.advance(deadline - timer.now())
        await slow.wait_closed()
        assert slow.close_code == 4408


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
