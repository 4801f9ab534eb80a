"""How a data connection begins, without a socket: a ticket in any pieces, what is none, what stands behind it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from broker.relay.opening import BEFORE_TICKET, Hung, TicketReader, closing, joined_frame
from protocol import limits
from protocol.errors import Malformed, ProtocolError, TicketRefused
from protocol.ticket import JOINED


def masked(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


TICKET = masked(Opcode.TEXT, b"a.ticket")


def fed(*pieces: bytes) -> tuple[str | None, bytes, bytes]:
    """The ticket, what was sent back, and what came behind."""
    reader, sent = TicketReader(), b""
    for at, piece in enumerate(pieces):
        token, reply = reader.feed(piece)
        sent += reply
        if token is not None:
            return token, sent, reader.rest + b"".join(pieces[at + 1 :])
    return None, sent, b""


@given(st.lists(st.integers(0, 40), max_size=6), st.binary(max_size=20))
def test_a_ticket_is_found_however_it_is_cut(cuts: list[int], behind: bytes) -> None:
    whole, edges = TICKET + behind, sorted({0, *cuts, 40})
    pieces = [whole[a:b] for a, b in pairwise(edges)]
    assert fed(*pieces) == ("a.ticket", b"", behind)


def test_byte_by_byte() -> None:
    assert fed(*[bytes([one]) for one in TICKET]) == ("a.ticket", b"", b"")


def test_a_ping_before_the_ticket_is_answered() -> None:
    pong = Frame(Opcode.PONG, b"here?").serialize(mask=False)
    assert fed(masked(Opcode.PING, b"here?") + masked(Opcode.PONG, b"") + TICKET) == ("a.ticket", pong, b"")


def test_who_closes_is_answered() -> None:
    with pytest.raises(Hung) as hung:
        fed(masked(Opcode.CLOSE, b"\x03\xe8bye"))
    assert hung.value.answer == Frame(Opcode.CLOSE, b"\x03\xe8bye").serialize(mask=False)


@pytest.mark.parametrize(
    "first",
    [
        masked(Opcode.BINARY, b"a.ticket"), masked(Opcode.TEXT, b"a.tic", fin=False), masked(Opcode.CONT, b"ket"),
        Frame(Opcode.TEXT, b"a.ticket").serialize(mask=False), masked(Opcode.TEXT, b"\xff\xfe"), b"\xc1\x80\0\0\0\0",
        b"\x8f\x80\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", masked(Opcode.PING, b"x" * 100) * 90,
    ],
    ids=["binary", "a part", "the rest", "not masked", "no text", "reserved", "no opcode", "http", "pings"],
)  # fmt: skip
def test_what_is_no_ticket(first: bytes) -> None:
    with pytest.raises(Malformed):
        fed(*[first[at : at + 50] for at in range(0, len(first), 50)])


@pytest.mark.parametrize("size", [limits.TICKET + 1, 60_000, 1 << 40])
def test_a_ticket_over_the_limit_is_refused_at_its_head(size: int) -> None:
    head = b"\x81\xfe" + size.to_bytes(2) if size < 1 << 16 else b"\x81\xff" + size.to_bytes(8)
    with pytest.raises(TicketRefused):
        fed(head)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_noise_is_refused_or_waited_for_and_nothing_grows(pieces: list[bytes]) -> None:
    reader = TicketReader()
    try:
        for piece in pieces:
            if reader.feed(piece)[0] is not None:
                return
    except (ProtocolError, Hung):
        return
    assert len(reader.rest) <= BEFORE_TICKET


def test_what_the_relay_says_is_what_a_client_understands() -> None:
    client = ClientProtocol(parse_uri("ws://relay.example/relay"), max_size=1000)
    client.state = client.state.OPEN
    client.parser = super(ClientProtocol, client).parse()
    next(client.parser)
    client.receive_data(joined_frame + closing(4408, "x" * 200))
    joined, close = client.events_received()
    assert isinstance(joined, Frame)
    assert (joined.opcode, bytes(joined.data)) == (Opcode.TEXT, JOINED.encode())
    assert isinstance(close, Frame)
    assert client.close_rcvd is not None
    assert client.close_rcvd.code == 4408
