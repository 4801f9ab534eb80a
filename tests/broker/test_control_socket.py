"""An agent's WebSocket on a plain protocol, against the library's client over a link without a network."""

import asyncio
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.uri import parse_uri

from broker import control_socket
from broker.control_socket import ControlSocket
from tests.support.patience import eventually

MESSAGE = 1000


class Link(asyncio.Transport):
    """Brings what the socket writes to the client, and closes as a real one does: a turn of the loop later."""

    def __init__(self, client: ClientProtocol) -> None:
        super().__init__()
        self._client, self._closing = client, False
        self.reading = False
        self.stalled = self.aborted = False
        """The other end takes nothing, so that a mere `close` never comes to its end."""
        self.written = asyncio.Event()
        self.answering = False
        """What the client has to answer goes back at once."""
        self.socket: ControlSocket | None = None

    def write(self, data: Any) -> None:
        assert not self._closing
        self.written.set()
        self._client.receive_data(bytes(data))
        if self.answering and self.socket is not None:
            self.socket.data_received(b"".join(self._client.data_to_send()))

    def set_protocol(self, protocol: Any) -> None:
        self.socket = protocol

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            if not self.stalled:
                self._lose()

    def abort(self) -> None:
        if not self.aborted and (self.stalled or not self._closing):
            self._closing = self.aborted = True
            self._lose()

    def _lose(self) -> None:
        if self.socket is not None:
            asyncio.get_running_loop().call_soon(self.socket.connection_lost, None)


class Far:
    """The agent's end."""

    def __init__(self) -> None:
        self.protocol = ClientProtocol(parse_uri("ws://127.0.0.1/ws/agent"))
        self.link = Link(self.protocol)
        self.connections: set[Any] = set()
        self.socket = ControlSocket(None, MESSAGE, self.connections)

    def connect(self, rest: bytes = b"") -> None:
        """Handshake; `rest` comes right behind it."""
        request = self.protocol.connect()
        self.protocol.send_request(request)
        self.protocol.data_to_send()
        assert self.socket.begin(self.link, request, rest)
        self.protocol.events_received()

    def send(self) -> None:
        """What the client's protocol has to send, byte by byte."""
        for byte in b"".join(self.protocol.data_to_send()):
            self.socket.data_received(bytes([byte]))

    def say(self, text: str) -> None:
        """One message."""
        self.protocol.send_text(text.encode())
        self.send()

    def heard(self) -> list[Frame]:
        """Frames that came since the last time."""
        return [event for event in self.protocol.events_received() if isinstance(event, Frame)]


@pytest.fixture
async def far() -> Far:
    """An agent that is connected."""
    one = Far()
    one.connect()
    return one


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings follow each other fast."""
    monkeypatch.setattr(control_socket, "PING", 0.02)


async def said(far: Far) -> str:
    """The text of the next message."""
    return str((await far.socket.receive())["text"])


async def test_who_takes_nothing_is_not_read_either(far: Far) -> None:
    """Each ping wants an answer, for which there has to be room."""
    far.socket.pause_writing()
    assert not far.link.reading
    far.say("first")
    assert await said(far) == "first"
    assert not far.link.reading
    far.socket.resume_writing()
    assert far.link.reading


@pytest.mark.parametrize("how", ["unanswered", "closed by us", "closed by them"])
async def test_who_takes_nothing_is_cut_in_the_end(far: Far, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(control_socket, "CLOSING", 0.02)
    far.link.stalled = True
    if how == "unanswered":
        monkeypatch.setattr(control_socket, "PING", 0.02)
        far.socket._keep_alive()
    elif how == "closed by us":
        await far.socket.close()
    else:
        far.protocol.send_close()
        far.send()
    await eventually(lambda: far.link.aborted)
    await eventually(lambda: not far.connections)


async def test_messages_come_in_order_and_one_in_pieces_is_one(far: Far) -> None:
    far.say("first")
    far.protocol.send_text(b"sec", fin=False)
    far.protocol.send_continuation(b"ond", fin=True)
    far.send()
    assert [await said(far), await said(far)] == ["first", "second"]


async def test_what_came_with_the_handshake_is_not_lost() -> None:
    far = Far()
    far.connect(Frame(Opcode.TEXT, b"at once").serialize(mask=True))
    assert await said(far) == "at once"


async def test_nothing_is_read_while_a_message_waits(far: Far) -> None:
    assert far.link.reading
    far.say("one")
    assert not far.link.reading
    await said(far)
    assert far.link.reading


async def test_what_is_no_text_says_so(far: Far) -> None:
    far.protocol.send_binary(b"\x00")
    far.send()
    assert "text" not in await far.socket.receive()


async def test_our_close_says_why_and_what_comes_after_it_is_thrown_away(far: Far) -> None:
    await far.socket.close(4409, "a newer connection")
    assert [frame.opcode for frame in far.heard()] == [Opcode.CLOSE]
    assert far.protocol.close_rcvd is not None
    assert (far.protocol.close_rcvd.code, far.protocol.close_rcvd.reason) == (4409, "a newer connection")
    far.send()
    assert (await far.socket.receive())["type"] == "websocket.disconnect"
    await eventually(lambda: not far.connections)


async def test_their_close_comes_after_what_they_said(far: Far) -> None:
    far.say("last words")
    far.protocol.send_close(1000)
    far.send()
    assert await said(far) == "last words"
    assert await far.socket.receive() == {"type": "websocket.disconnect", "code": 1000}
    assert far.protocol.close_rcvd is not None  # answered
    assert far.link.is_closing()


async def test_a_lost_connection_wakes_who_waits(far: Far) -> None:
    waiting = asyncio.ensure_future(far.socket.receive())
    await asyncio.sleep(0)
    far.socket.connection_lost(ConnectionResetError())
    assert (await waiting)["type"] == "websocket.disconnect"
    assert not far.connections
    with pytest.raises(OSError, match="gone"):
        await far.socket.send_text("too late")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xff\x80\x00\x00\x00\x00", 1002),
        (Frame(Opcode.TEXT, b"x" * (MESSAGE + 1)).serialize(mask=True), 1009),
        (Frame(Opcode.TEXT, b"\xff").serialize(mask=True), 1007),
        (Frame(Opcode.TEXT, b"not masked").serialize(mask=False), 1002),
    ],
    ids=["no frame", "too large", "no text", "not masked"],
)
async def test_a_frame_that_is_none_ends_it(far: Far, frame: bytes, code: int) -> None:
    far.socket.data_received(frame)
    assert await far.socket.receive() == {"type": "websocket.disconnect", "code": code}
    assert far.protocol.close_rcvd is not None
    assert far.protocol.close_rcvd.code == code
    assert far.link.is_closing()


async def test_one_that_takes_nothing_keeps_its_sender_waiting(far: Far) -> None:
    far.socket.pause_writing()
    sending = asyncio.ensure_future(far.socket.send_text("later"))
    await asyncio.sleep(0)
    assert not sending.done()
    far.socket.resume_writing()
    await sending
    assert [bytes(frame.data) for frame in far.heard()] == [b"later"]


async def test_an_answered_ping_keeps_it_open(often: None) -> None:
    far = Far()
    far.connect()
    far.link.answering = True
    pings = 0
    while pings < 5:
        await far.link.written.wait()
        far.link.written.clear()
        assert not far.link.is_closing()
        pings += sum(frame.opcode is Opcode.PING for frame in far.heard())


async def test_an_unanswered_ping_ends_it(often: None) -> None:
    far = Far()
    far.connect()
    assert (await far.socket.receive())["type"] == "websocket.disconnect"
    assert far.protocol.close_rcvd is not None
    assert far.protocol.close_rcvd.code == 1011


async def test_the_server_stops(far: Far) -> None:
    for connection in list(far.connections):
        connection.shutdown()
    assert (await far.socket.receive())["code"] == 1012
    await eventually(lambda: not far.connections)


async def test_nobody_receives_any_more(far: Far) -> None:
    far.socket.leave()
    assert far.link.is_closing()


async def test_what_is_no_handshake_is_answered_and_closed() -> None:
    far, answers = Far(), []
    far.link.write = lambda data: answers.append(bytes(data))  # type: ignore[method-assign]
    request = far.protocol.connect()
    del request.headers["Sec-WebSocket-Key"]
    assert not far.socket.begin(far.link, Request(request.path, request.headers), b"")
    assert answers[0].startswith(b"HTTP/1.1 400")
    assert far.link.is_closing()
