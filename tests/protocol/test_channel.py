"""Records and frames: a real pair over a fake line, and a line that tampers."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import noise
from protocol.channel import PLAINTEXT, Channel, pack, unpack
from protocol.errors import IntegrityError, TooLarge
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox
from protocol.limits import FRAME_HEADER, FRAME_PAYLOAD, RECORD

frames_ = st.lists(
    st.builds(Frame, st.sampled_from(Lane), st.integers(0, 2**32 - 1), st.binary(max_size=300)), min_size=1, max_size=8
)


def pair() -> tuple[Channel, Channel]:
    """A console's and an agent's end of one connection."""
    initiator = noise.Initiator(b"k" * 32, b"p", secrets.token_bytes(32))
    answer, at_agent = noise.respond(b"k" * 32, b"p", secrets.token_bytes(32), initiator.message)
    return Channel(initiator.finish(answer), Inbox()), Channel(at_agent, Inbox())


def control(number: int, payload: bytes = b"x") -> list[Frame]:
    return [Frame(Lane.CONTROL, number, payload)]


def test_what_one_end_seals_the_other_opens_in_both_directions() -> None:
    console, agent = pair()
    for number in range(1, 50):
        frames = [Frame(lane, number, secrets.token_bytes(number)) for lane in Lane]
        assert agent.open(console.seal(frames)) == frames
        assert console.open(agent.seal(frames)) == frames


def test_a_frames_layout_is_lane_number_length_payload() -> None:
    assert pack([Frame(Lane.SCREEN, 0x01020304, b"abc"), Frame(Lane.FILES, 5, b"")]) == (
        b"\x02\x01\x02\x03\x04\x00\x03abc" + b"\x03\x00\x00\x00\x05\x00\x00"
    )


@given(frames_)
def test_frames_are_read_back(frames: list[Frame]) -> None:
    assert unpack(pack(frames)) == frames


@given(frames_, st.data())
def test_frames_cut_anywhere_are_whole_frames_or_refused(frames: list[Frame], data: st.DataObject) -> None:
    plaintext = pack(frames)
    cut = plaintext[: data.draw(st.integers(0, len(plaintext) - 1))]
    try:
        assert pack(unpack(cut)) == cut
    except IntegrityError:
        pass


@given(st.binary(max_size=60))
def test_any_plaintext_is_frames_or_refused(plaintext: bytes) -> None:
    try:
        assert pack(unpack(plaintext)) == plaintext
    except IntegrityError:
        pass


def test_the_largest_record_is_exactly_the_limit_and_one_more_byte_seals_nothing() -> None:
    console, agent = pair()
    with pytest.raises(TooLarge):
        console.seal([*control(1, b"x" * FRAME_PAYLOAD), Frame(Lane.FILES, 1, b"")])
    record = console.seal(control(1, b"x" * FRAME_PAYLOAD))
    assert len(record) == RECORD
    assert agent.open(record)[0].payload == b"x" * FRAME_PAYLOAD
    assert PLAINTEXT == FRAME_PAYLOAD + FRAME_HEADER


@given(at=st.integers(0, 23), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_breaks_the_channel_for_good(at: int, bit: int) -> None:
    console, agent = pair()
    record = bytearray(console.seal(control(1)))
    assert len(record) == 24
    record[at] ^= 1 << bit
    for attempt in (bytes(record), console.seal(control(2))):
        with pytest.raises(IntegrityError):
            agent.open(attempt)


@pytest.mark.parametrize("what", ["repeated", "skipped", "reflected", "cut", "stretched", "empty", "huge"])
def test_a_line_that_changes_the_order_or_size_of_records_is_found_out(what: str) -> None:
    console, agent = pair()
    one, two = console.seal(control(1)), console.seal(control(2))
    arriving = {
        "repeated": one, "skipped": two, "reflected": agent.seal(control(1)),
        "cut": one[:-1], "stretched": one + b"\0", "empty": b"", "huge": bytes(RECORD + 1),
    }[what]  # fmt: skip
    if what == "repeated":
        agent.open(one)
    with pytest.raises(IntegrityError):
        agent.open(arriving)
    for late in (one, two):
        with pytest.raises(IntegrityError):
            agent.open(late)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_an_end_that_numbers_its_frames_wrongly_breaks_the_channel(number: int) -> None:
    console, agent = pair()
    agent.open(console.seal(control(1)))
    with pytest.raises(IntegrityError):
        agent.open(console.seal(control(number)))
    with pytest.raises(IntegrityError, match="broken"):
        agent.open(console.seal(control(2)))


def test_a_record_of_another_connection_does_not_open() -> None:
    (one, _), (_, two) = pair(), pair()
    with pytest.raises(IntegrityError):
        two.open(one.seal(control(1)))
