"""One session at the technician's end: its line through the relay, the picture, input, its resumption and its end.

Steps 15–30 of docs/protocol.md.  Counterpart: `client_agent/session.py`.  Whatever ends it, the keys are erased.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import websockets
from websockets.asyncio.client import ClientConnection

from operator_console.errors import SessionOver, Tampering, Unreachable, WrongCertificate
from operator_console.picture import Picture
from operator_console.tasks import Tasks
from protocol import codec, control, inner, inner_codec
from protocol.channel import Channel
from protocol.control import Permission
from protocol.errors import IntegrityError, ProtocolError
from protocol.inner import Lane
from protocol.lanes import Inbox, LaneScheduler
from protocol.noise import Initiator
from protocol.offer import Offer
from protocol.pairing import SessionKeys
from protocol.receipt import Consent
from protocol.text import b64url, sha256

T = TypeVar("T")

Dial = Callable[[str], AbstractAsyncContextManager[ClientConnection]]
"""Address or path → a connected socket."""


class RemoteSession:
    """A paired session.  `granted` is empty until the customer agreed; `picture` is the screen as it came."""

    def __init__(
        self, dial: Dial, broker: ClientConnection, keys: SessionKeys, offer: Offer, offer_bytes: bytes
    ) -> None:
        self.offer, self.granted, self.picture = offer, frozenset[Permission](), Picture()
        self.receipt: inner.Grant | None = None
        self._dial, self._broker, self._keys, self._offer_bytes = dial, broker, keys, offer_bytes
        self._g = 0
        self._ready = False
        """Whether the agent's `ready` has come over the present line."""
        self._line_task: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        """The line through the relay."""
        self._asked: int | None = None
        """The last `sync`; its answer is in `_synced`."""
        self._synced: int | None = None
        self._inbox, self._lanes = Inbox(), LaneScheduler()
        self._changed = asyncio.Condition()
        self._wake = asyncio.Event()
        self._over: SessionOver | Tampering | Unreachable | None = None
        self._tasks = Tasks(self._fell_over)
        self._tasks.start(self._listen())

    @property
    def session_id(self) -> str:
        """The session's name, in the log too."""
        return self._keys.session_id

    async def consent(self) -> frozenset[Permission]:
        """Wait for the customer's answer: what was granted.  Raises `SessionOver` after a no."""
        return await self._until(lambda: self.granted)

    async def whole_picture(self) -> Picture:
        """Wait until every pixel has come once."""
        return await self._until(lambda: self.picture if self.picture.whole else None)

    async def over(self) -> SessionOver | Tampering | Unreachable:
        """Wait for the end, whoever makes it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._over is not None)
        assert self._over is not None
        return self._over

    def send(self, message: inner.ConsoleToAgent) -> None:
        """Put input into the channel.  What waits when the line is lost is dropped: an old key must not act late."""
        self._lanes.offer(Lane.CONTROL, inner_codec.to_bytes(message))
        self._wake.set()

    def type_text(self, text: str) -> None:
        """Type `text` as it is, whatever the keyboards' layouts are."""
        for at in range(0, len(text), 1024):
            self.send(inner.Text(text=text[at : at + 1024]))

    async def drained(self) -> None:
        """Wait until what was sent has been injected: the agent's answer stands behind it."""
        self._asked = nonce = secrets.randbits(48)
        self.send(inner.Sync(nonce=nonce))
        await self._until(lambda: self._synced == nonce)

    async def end(self) -> None:
        """End the session for good and wait until the log has it."""
        if self._over is None:
            self.send(inner.Goodbye(reason="technician"))
            await self._tell(control.EndRequest(session_id=self.session_id))
            await self.over()
        await self._tasks.stop()

    async def _until(self, found: Callable[[], T | None]) -> T:
        """Wait for what `found` gives, unless the session ends first."""
        async with self._changed:
            await self._changed.wait_for(lambda: found() or self._over is not None)
        value = found()
        if not value:
            assert self._over is not None
            raise self._over
        return value

    async def _listen(self) -> None:
        """What the broker says about this session."""
        try:
            async for text in self._broker:
                message = codec.TO_CONSOLE.read(text)
                if getattr(message, "session_id", None) == self.session_id:
                    await self._told(message)
        except websockets.ConnectionClosedError:
            pass
        await self._finish(Unreachable(str(self._broker.remote_address), "closed"))

    async def _told(self, message: control.BrokerToConsole) -> None:
        match message:
            case control.Ticket():
                if message.g <= self._g:
                    raise IntegrityError("The broker repeated a generation")
                self._g = message.g
                if self._line_task is not None:
                    self._line_task.cancel()  # the agent has lost a line that this end still believes in
                self._line_task = self._tasks.start(self._line(message))
            case control.Ended(reason=reason):
                await self._finish(SessionOver(reason))
            case control.ResumeDenied(reason=denied):
                await self._finish(SessionOver(denied))
            case _:
                pass  # the sealed channel says the rest itself

    async def _line(self, ticket: control.Ticket) -> None:
        """One connection through the relay, until it is lost or the session ends."""
        try:
            async with self._dial(ticket.relay_url) as line:
                self._socket = line
                await line.send(ticket.token)
                channel = await self._handshake(line, ticket.g)
                async with asyncio.TaskGroup() as group:
                    sender = group.create_task(self._send_records(line, channel))
                    async for record in line:
                        await self._received(channel, record)
                    sender.cancel()
        except* WrongCertificate:
            raise  # not asked again: that ends the session
        except* (websockets.ConnectionClosed, Unreachable):
            pass
        if self._over is None and ticket.g == self._g:
            self._lanes.lost()
            await self._tell(control.ChannelDown(session_id=self.session_id, g=ticket.g))
            await self._tell(control.ResumeRequest(session_id=self.session_id, last_g=ticket.g))

    async def _handshake(self, line: ClientConnection, g: int) -> Channel:
        """Step 17, then our `ready`: what waited for the old line is dropped, and what comes next waits for theirs."""
        initiator = Initiator(self._keys.psk(g), self._keys.prologue(g), secrets.token_bytes(32))
        await line.send(initiator.message)
        answer = await line.recv()
        if isinstance(answer, str):
            raise IntegrityError("A handshake message is not bytes")
        channel = Channel(initiator.finish(answer), self._inbox)
        self._ready = False
        self._lanes.lost()
        self._lanes.offer(Lane.CONTROL, inner_codec.to_bytes(inner.Ready(g=g, acks=self._inbox.last)))
        await line.send(channel.seal(self._lanes.next_record()))
        return channel

    async def _send_records(self, line: ClientConnection, channel: Channel) -> None:
        while True:
            self._wake.clear()
            while self._ready and (frames := self._lanes.next_record()):
                await line.send(channel.seal(frames))
            await self._wake.wait()

    async def _received(self, channel: Channel, record: str | bytes) -> None:
        if isinstance(record, str):
            raise IntegrityError("A record is not bytes")
        for frame in channel.open(record):
            await self._take(inner_codec.INNER_FROM_AGENT.read(frame.payload))
            if frame.lane is not Lane.CONTROL:
                self.send(inner.Ack(lane=frame.lane, number=frame.number))
        async with self._changed:
            self._changed.notify_all()

    async def _take(self, message: inner.AgentToConsole) -> None:
        if isinstance(message, inner.Ready) == self._ready:
            raise IntegrityError("The agent's ready is its first word on a line, and said once")
        match message:
            case inner.Ready():
                if message.g != self._g:
                    raise IntegrityError("The agent is ready for another line")
                self._ready = True
                self._lanes.joined(message.acks)
                self.send(inner.Decodes(video=()))
                if self._asked is not None and self._asked != self._synced:
                    self.send(inner.Sync(nonce=self._asked))
                self.granted = self.granted and frozenset(message.granted)
            case inner.Grant():
                self._check(message)
                self.receipt, self.granted = message, frozenset(message.granted)
            case inner.PermissionSet():
                changed = {message.name}
                self.granted = self.granted | changed if message.on else self.granted - changed
            case inner.Refusal(reason=reason):
                await self._finish(SessionOver(reason))
            case inner.Goodbye(reason=reason):
                await self._finish(SessionOver(reason))
            case inner.Ping(nonce=nonce):
                self.send(inner.Pong(nonce=nonce))
            case inner.ScreenSize():
                self.picture.resize(message)
            case inner.Tiles():
                self.picture.draw(message)
            case inner.VideoStart() | inner.Video():
                raise IntegrityError("Moving pictures came that were not asked for")
            case inner.Synced(nonce=nonce):
                self._synced = nonce
            case inner.Pong() | inner.Ack() | inner.CursorShape() | inner.CursorAt() | inner.Paused():
                pass

    def _check(self, grant: inner.Grant) -> None:
        """Step 22: the receipt is by the agent of this pairing, about this offer.  Raises `SignatureRefused`, …"""
        consent = Consent.read(grant.body, b64url(grant.sig), self._keys.pk_agent)
        expected = (
            self.session_id, self._keys.sid, self._keys.shares_sha256(), sha256(self._offer_bytes), grant.granted,
        )  # fmt: skip
        found = (consent.session_id, consent.sid, consent.shares_sha256, consent.offer_sha256, consent.granted)
        if found != expected:
            raise IntegrityError("The receipt is not about this session")

    async def _tell(self, message: control.Message) -> None:
        try:
            await self._broker.send(codec.to_text(message))
        except websockets.ConnectionClosed:
            pass  # `_listen` sees it too and finishes

    async def _finish(self, over: SessionOver | Tampering | Unreachable) -> None:
        """The first end counts; keys go with it, and the line with its channel."""
        if self._over is None:
            self._over = over
            self._keys.erase()
            if self._socket is not None:
                self._socket.transport.abort()
            if self._line_task is not None and self._line_task is not asyncio.current_task():
                self._line_task.cancel()
        async with self._changed:
            self._changed.notify_all()

    def _fell_over(self, error: BaseException) -> None:
        """A task failed: a broken channel ends the session, and so does a flaw of ours."""
        broken: BaseException = error
        while isinstance(broken, BaseExceptionGroup):
            broken = broken.exceptions[0]
        self._tasks.start(self._broken(broken))

    async def _broken(self, error: BaseException) -> None:
        if isinstance(error, ProtocolError):
            error = Tampering(str(error))
        await self._finish(error if isinstance(error, Tampering | Unreachable) else Unreachable("-", repr(error)))
        await self._tell(control.EndRequest(session_id=self.session_id))
