"""How a data connection begins, without a socket: the answer to its handshake, its ticket, and closing it politely.

Counterpart: `end.py`, which has the socket.  This is all that the relay ever reads of WebSocket: one text frame of each
end, and control frames before it.  Frames and handshake are the library's (`websockets`); what comes behind the ticket
is given back as it came.
"""

from collections.abc import Generator
from http import HTTPStatus
from typing import Final

from websockets.datastructures import Headers
from websockets.exceptions import PayloadTooBig
from websockets.exceptions import ProtocolError as BadFrame
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from protocol import limits
from protocol.errors import Malformed, TicketRefused
from protocol.ticket import JOINED

REASON: Final = 120
"""Characters of a close reason: RFC 6455 allows 123 bytes."""

BEFORE_TICKET: Final = 8 * 1024
"""Bytes that may come without a ticket being among them: it is 2 KiB at most, and nobody needs many pings."""

joined_frame: Final = Frame(Opcode.TEXT, JOINED.encode()).serialize(mask=False)
"""What an agent is told when the other end is there; the last frame that is the relay's own."""


class Hung(Exception):
    """The other end closed before it showed a ticket.  `answer`: the bytes that say so back."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("it closed")
        self.answer = answer


def accept(request: Request) -> Response:
    """The answer to a handshake: 101 if it is one.  Nothing is negotiated: no subprotocol, no compression."""
    return ServerProtocol().accept(request)


def answer(status: HTTPStatus, body: str = "") -> bytes:
    """A whole HTTP answer after which the connection is closed."""
    data = body.encode()
    headers = Headers({"Connection": "close", "Content-Length": str(len(data)), "Content-Type": "text/plain"})
    return Response(status.value, status.phrase, headers, data).serialize()


def closing(code: int, reason: str) -> bytes:
    """The close frame of an end that is not joined."""
    return Frame(Opcode.CLOSE, Close(code, reason[:REASON]).serialize()).serialize(mask=False)


class TicketReader:
    """Finds the ticket in what an end sends, however it is cut.  `rest`: what came behind it."""

    def __init__(self) -> None:
        self._stream = StreamReader()
        self._frame = self._next()
        self._fed = 0

    def feed(self, data: bytes) -> tuple[str | None, bytes]:
        """What came: the ticket, once it is whole, and what is to be sent back (pongs).

        Raises `Malformed` for what is no text frame, `TicketRefused` for one that is too long, `Hung`.
        """
        self._stream.feed_data(data)
        self._fed += len(data)
        reply = b""
        while True:
            try:
                next(self._frame)
            except StopIteration as whole:
                frame: Frame = whole.value
            except PayloadTooBig:
                raise TicketRefused("malformed") from None
            except BadFrame as bad:
                raise Malformed("A ticket", str(bad)) from None
            else:  # more has to come
                if self._fed > BEFORE_TICKET:
                    raise Malformed("A ticket", "it does not come")
                return None, reply
            if frame.opcode is Opcode.TEXT and frame.fin:
                return _text(frame), reply
            if frame.opcode is Opcode.CLOSE:
                raise Hung(Frame(Opcode.CLOSE, frame.data).serialize(mask=False))
            if frame.opcode is Opcode.PING:
                reply += Frame(Opcode.PONG, frame.data).serialize(mask=False)
            elif frame.opcode is not Opcode.PONG:
                raise Malformed("A ticket", "it is not one text frame")
            self._frame = self._next()

    @property
    def rest(self) -> bytes:
        """Bytes behind the ticket."""
        return bytes(self._stream.buffer)

    def _next(self) -> Generator[None, None, Frame]:
        return Frame.parse(self._stream.read_exact, mask=True, max_size=limits.TICKET)


def _text(frame: Frame) -> str:
    try:
        return bytes(frame.data).decode()
    except UnicodeDecodeError:
        raise Malformed("A ticket", "it is not text") from None
