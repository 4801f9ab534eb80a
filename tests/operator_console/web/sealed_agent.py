"""An agent for the web console's tests: real pairing, real channel, no desktop. It draws what a test tells it to.

Builds on `tests.support.agent_peer.AgentPeer`; counterpart: the agent's real session, `client_agent`.
"""

import asyncio
import contextlib
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from websockets.exceptions import ConnectionClosed

from protocol import control, inner, noise
from protocol.channel import Channel
from protocol.inner import Lane
from protocol.inner_codec import INNER_FROM_CONSOLE, to_bytes
from protocol.lanes import Inbox, LaneScheduler
from protocol.text import unb64url
from tests.support.agent_peer import AgentPeer, AgentSession
from tests.support.patience import PATIENCE
from tests.support.peer import Line

M = TypeVar("M")

ScreenMessage = inner.ScreenSize | inner.Tiles | inner.VideoStart | inner.Video | inner.Paused


@dataclass
class SealedAgent:
    """The customer's end of one session, over as many lines as it takes."""

    peer: AgentPeer
    session: AgentSession
    inbox: Inbox = field(default_factory=Inbox)
    lanes: LaneScheduler = field(default_factory=LaneScheduler)
    heard: list[inner.ConsoleToAgent] = field(default_factory=list)
    """What came and was not yet asked for, in order; pings and acknowledgements are answered or counted."""
    acks: list[inner.Ack] = field(default_factory=list)
    _channel: Channel | None = None
    _line: Line | None = None

    async def join(self) -> inner.Ready:
        """Steps 16 to 18: a line to the relay and `ready` both ways."""
        self._line = await self.peer.open_line(self.session)
        keys, g = self.session.keys, self.session.g
        answer, transport = noise.respond(
            keys.psk(g), keys.prologue(g), secrets.token_bytes(32), await self._line.receive()
        )
        await self._line.send(answer)
        self._channel = Channel(transport, self.inbox)
        ready = await self.expect(inner.Ready)
        self.lanes.joined(ready.acks)
        await self.send(inner.Ready(g=g, acks=self.inbox.last, granted=self.session.granted))
        return ready

    async def agree(self, *granted: control.Permission) -> None:
        """Steps 19 to 22: the customer clicks *Accept*."""
        receipt = self.peer.receipt(self.session, *granted)
        await self.peer.send(receipt)
        self.session.granted = granted
        ack = await self.peer.expect(control.ReceiptAck)
        await self.send(
            inner.Grant(
                granted=granted, body=unb64url(receipt.body), sig=unb64url(receipt.sig), ack_seq=ack.seq,
                ack_head=unb64url(ack.head), ack_utc=ack.utc, ack_sig=unb64url(ack.sig),
            )
        )  # fmt: skip

    async def send(self, message: inner.AgentToConsole, lane: Lane = Lane.CONTROL) -> None:
        """One sealed message."""
        await self._send(to_bytes(message), lane)

    async def send_raw(self, message: dict[str, Any], lane: Lane) -> None:
        """Something that may be no message, sealed as one."""
        await self._send(msgspec.msgpack.encode(message), lane)

    async def _send(self, message: bytes, lane: Lane) -> None:
        assert self._channel is not None
        assert self._line is not None
        self.lanes.offer(lane, message)
        while frames := self.lanes.next_record():
            await self._line.send(self._channel.seal(frames))

    async def show(self, *messages: ScreenMessage) -> None:
        """Something for the screen."""
        for message in messages:
            await self.send(message, Lane.SCREEN)

    async def expect(self, kind: type[M], wait: float = PATIENCE) -> M:
        """The next message of that kind; those before it are in `heard`."""
        async with asyncio.timeout(wait):
            while True:
                for message in self.heard:
                    if isinstance(message, kind):
                        self.heard.remove(message)
                        return message
                await self._hear()

    async def _hear(self) -> None:
        assert self._channel is not None
        assert self._line is not None
        for frame in self._channel.open(await self._line.receive()):
            match INNER_FROM_CONSOLE.read(frame.payload):
                case inner.Ping(nonce=nonce):
                    with contextlib.suppress(ConnectionClosed):  # what came before the end is still to be read
                        await self.send(inner.Pong(nonce=nonce))
                case inner.Ack() as ack:
                    self.lanes.acked(Lane(ack.lane), ack.number)
                    self.acks.append(ack)
                case message:
                    self.heard.append(message)

    async def drawn(self, number: int) -> None:
        """Wait until the console has drawn screen message `number`."""
        async with asyncio.timeout(PATIENCE):
            while not any(ack.lane == Lane.SCREEN and ack.number >= number for ack in self.acks):
                await self._hear()

    async def cut(self) -> None:
        """The line is lost: no goodbye, no close frame; a new one is asked for, as step 25 says."""
        assert self._line is not None
        self._line.socket.transport.abort()
        self.lanes.lost()
        await self.peer.send(control.ChannelDown(session_id=self.session.keys.session_id, g=self.session.g))
        await self.peer.send(control.ResumeRequest(session_id=self.session.keys.session_id, last_g=self.session.g))


def fill(x: int, y: int, w: int, h: int, colour: tuple[int, int, int]) -> inner.Tile:
    """A rectangle of one colour."""
    return inner.Tile(x=x, y=y, w=w, h=h, encoding="fill", data=bytes(colour))


def exact(x: int, y: int, w: int, h: int, rgb: bytes) -> inner.Tile:
    """A rectangle of these pixels."""
    return inner.Tile(x=x, y=y, w=w, h=h, encoding="rgb", data=zlib.compress(rgb, 1))


def copied(x: int, y: int, from_x: int, from_y: int, w: int, h: int) -> inner.Tile:
    """A rectangle of what the canvas shows elsewhere."""
    data = from_x.to_bytes(2, "big") + from_y.to_bytes(2, "big")
    return inner.Tile(x=x, y=y, w=w, h=h, encoding="copy", data=data)
