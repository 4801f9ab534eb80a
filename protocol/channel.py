"""The sealed channel: frames into records and back, over the two keys of a Noise transport.

A record is at most 65,535 bytes: AES-256-GCM over one frame or more, 16 bytes of tag. A frame:

    u8 lane ‖ u32 number ‖ u16 length ‖ payload        big endian; lanes and their numbers are `lanes`'

The counter is implied: record n of a direction opens as record n or not at all. There is no way back from a record
that does not open: the session ends. Counterpart: `operator_console/web/src/protocol/channel.ts`.
Never imported by the broker; holds no plaintext longer than a call.
"""

from collections.abc import Iterable
from struct import Struct

from protocol.errors import IntegrityError, TooLarge
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox
from protocol.limits import AEAD_TAG, FRAME_HEADER, RECORD
from protocol.noise import Transport

PLAINTEXT = RECORD - AEAD_TAG
"""Bytes of frames in a record, at most."""

_HEADER = Struct(">BIH")
_LANES = {lane.value: lane for lane in Lane}


class Channel:
    """One connection's records, after its handshake. Any failure to open is final."""

    def __init__(self, transport: Transport, inbox: Inbox) -> None:
        """`inbox` lives as long as the session and checks the numbers of what comes."""
        self._sending, self._receiving = transport.sending, transport.receiving
        self._inbox = inbox
        inbox.new_line()
        self._dead = False

    def seal(self, frames: Iterable[Frame]) -> bytes:
        """The next record, to be sent in this order. Raises `TooLarge`, and then nothing was sealed."""
        return self._sending.encrypt(pack(frames))

    def open(self, record: bytes) -> list[Frame]:
        """The frames of the next record. Raises `IntegrityError`, now and ever after."""
        if self._dead:
            raise IntegrityError("This channel is broken")
        self._dead = True
        if len(record) > RECORD:
            raise IntegrityError("A record is over its limit")
        frames = unpack(self._receiving.decrypt(record))
        for frame in frames:
            self._inbox.accept(frame)
        self._dead = False
        return frames


def pack(frames: Iterable[Frame]) -> bytes:
    """A record's plaintext. Raises `TooLarge` for more than a record holds."""
    plaintext = b"".join(
        part for lane, number, payload in frames for part in (_HEADER.pack(lane, number, len(payload)), payload)
    )
    if len(plaintext) > PLAINTEXT:
        raise TooLarge("A record", len(plaintext), PLAINTEXT)
    return plaintext


def unpack(plaintext: bytes) -> list[Frame]:
    """The frames in a record's plaintext, one at least. Raises `IntegrityError`."""
    frames: list[Frame] = []
    at = 0
    while at < len(plaintext) or not frames:
        body = at + FRAME_HEADER
        if body > len(plaintext):
            raise IntegrityError("A frame is cut short")
        lane, number, length = _HEADER.unpack_from(plaintext, at)
        if lane not in _LANES:
            raise IntegrityError("A frame is on a lane that does not exist")
        at = body + length
        if at > len(plaintext):
            raise IntegrityError("A frame is longer than its record")
        frames.append(Frame(_LANES[lane], number, plaintext[body:at]))
    return frames
