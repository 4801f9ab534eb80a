"""The agent's end of a data connection: server to the console on a connection that it made; its last word (step 27)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from broker.ids import new_id
from client_agent.code_desk import new_name
from client_agent.dataline import DataLine, HandshakeFailed
from client_agent.link import Lines
from protocol import inner, inner_codec, lanes, limits
from protocol.channel import Channel
from protocol.errors import IntegrityError
from protocol.inner import Lane
from protocol.lanes import Inbox, LaneScheduler
from protocol.noise import Initiator
from protocol.pairing import SessionKeys
from tests.support.lone_relay import LoneRelay, lone_relay
from tests.support.patience import PATIENCE, eventually

Take = Callable[[inner.ConsoleToAgent, lanes.Frame], None]


@dataclass
class Ends:
    """An agent's line through a real relay, and what its console needs.  `pair_id`: of both tickets."""

    relay: LoneRelay
    keys: SessionKeys
    take: Take
    pair_id: str = field(default_factory=new_id)
    lanes: LaneScheduler = field(default_factory=LaneScheduler)

    def agent(self) -> DataLine:
        return DataLine(self.relay.ticket(self.pair_id, "agent"), self.keys, Inbox(), self.lanes, self.take)

    @property
    def lines(self) -> Lines:
        return Lines(self.relay.url.removesuffix("/relay").replace("ws:", "http:"))

    def console(self) -> connect:
        """A plain WebSocket client, as a browser's."""
        return connect(self.relay.url, compression=None, proxy=None)

    async def handshake(self, socket: ClientConnection) -> Channel:
        """Steps 16 and 17 of the console."""
        await socket.send(self.relay.ticket(self.pair_id, "console").token)
        initiator = Initiator(self.keys.psk(1), self.keys.prologue(1), secrets.token_bytes(32))
        await socket.send(initiator.message)
        answer = await socket.recv()
        assert isinstance(answer, bytes)
        return Channel(initiator.finish(answer), Inbox())


@pytest.fixture
async def relay() -> AsyncIterator[LoneRelay]:
    async with lone_relay() as running:
        yield running


@pytest.fixture
def keys() -> SessionKeys:
    return SessionKeys(
        version="1", session_id=new_name(), sid=bytes(16), h_ci=bytes(64), ya=bytes(32), yb=bytes(32),
        pk_agent=bytes(32), resume_key=bytearray(secrets.token_bytes(32)),
    )  # fmt: skip


def nothing(message: inner.ConsoleToAgent, frame: lanes.Frame) -> None:
    raise AssertionError("nothing is taken")


async def test_the_last_word_goes_out_although_records_come_in(relay: LoneRelay, keys: SessionKeys) -> None:
    ends, ready = Ends(relay, keys, nothing), asyncio.Event()

    async def console() -> inner.AgentToConsole:
        async with ends.console() as socket:
            channel, own = await ends.handshake(socket), LaneScheduler()
            for message in (inner.Ready(g=1, acks=(0, 0, 0, 0)), inner.PointerMove(x=1, y=1)):
                own.offer(Lane.CONTROL, inner_codec.to_bytes(message))
                await socket.send(channel.seal(own.next_record()))
                await ready.wait()
            record = await socket.recv()
            assert isinstance(record, bytes)
            return inner_codec.INNER_FROM_AGENT.read(channel.open(record)[0].payload)

    line = ends.agent()
    last: list[bytes | None] = []

    def over(own: DataLine, _: inner.Ready) -> None:
        ends.lanes.offer(Lane.CONTROL, inner_codec.to_bytes(inner.Goodbye(reason="customer")))
        last.append(own.farewell(ends.lanes.next_record()))
        ready.set()

    running, hearing = asyncio.create_task(line.run(ends.lines, over)), asyncio.create_task(console())
    async with asyncio.timeout(PATIENCE):
        await ready.wait()
        begun = line._heard
        await eventually(lambda: line._heard != begun)
        await line.close(last[0])
        assert await hearing == inner.Goodbye(reason="customer")
        await running


@pytest.mark.parametrize("nonsense", ["hello", b"", b"\x00" * 40])
async def test_what_is_no_record_breaks_the_line(relay: LoneRelay, keys: SessionKeys, nonsense: str | bytes) -> None:
    ends, up = Ends(relay, keys, nothing), asyncio.Event()
    running = asyncio.create_task(ends.agent().run(ends.lines, lambda *_: up.set()))
    async with asyncio.timeout(PATIENCE), ends.console() as socket:
        channel, own = await ends.handshake(socket), LaneScheduler()
        own.offer(Lane.CONTROL, inner_codec.to_bytes(inner.Ready(g=1, acks=(0, 0, 0, 0))))
        await socket.send(channel.seal(own.next_record()))
        await up.wait()
        await socket.send(nonsense)
        with pytest.raises(IntegrityError):
            await running


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Frame(Opcode.BINARY, bytes(limits.RECORD + 1)).serialize(mask=True), 1009),
        (Frame(Opcode.BINARY, b"hello").serialize(mask=False), 1002),  # a console that is not one: RFC 6455 5.1
    ],
    ids=["a record over the limit", "a frame that is not masked"],
)
async def test_what_no_console_sends_ends_the_line_at_the_agent(
    relay: LoneRelay, keys: SessionKeys, said: bytes, code: int
) -> None:
    ends = Ends(relay, keys, nothing)
    running = asyncio.create_task(ends.agent().run(ends.lines, nothing_ready))
    async with asyncio.timeout(PATIENCE), ends.console() as socket:
        await socket.send(relay.ticket(ends.pair_id, "console").token)
        socket.transport.write(said)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == code
        with pytest.raises(HandshakeFailed):
            await running


async def test_a_ticket_that_does_not_open_gives_no_line(relay: LoneRelay, keys: SessionKeys) -> None:
    ends = Ends(relay, keys, nothing)
    ticket = relay.ticket(ends.pair_id, "agent", aud="another relay")
    line = DataLine(ticket, keys, Inbox(), LaneScheduler(), nothing)
    with pytest.raises(HandshakeFailed, match="4403"):
        await line.run(ends.lines, nothing_ready)


def nothing_ready(*_: Any) -> None:
    raise AssertionError("there is no line")
