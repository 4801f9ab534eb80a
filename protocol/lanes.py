"""Lanes: what goes first, how much may be on its way, and what is sent again after a lost line.

Four lanes with strict priority run in a channel, each direction by itself. A frame's number counts on its lane from 1
over the whole session, all its connections.

    lane        acknowledged   after a lost line
    0 CONTROL   no             dropped: an old key press must not act late; `ready` restates what stands
    1 CURSOR    yes            sent again from the first that the peer has not received, in order, none twice
    2 SCREEN    yes            dropped: a whole picture follows
    3 FILES     yes            sent again, as lane 1

Counterpart: `operator_console/web/src/protocol/channel.ts`. Pure: no clock, no keys. Never reorders within a lane.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from protocol.errors import IntegrityError, TooLarge
from protocol.inner import Lane
from protocol.limits import AEAD_TAG, FRAME_HEADER, FRAME_PAYLOAD, RECORD

LAST_NUMBER = 2**32 - 1

REPLAYED = frozenset({Lane.CURSOR, Lane.FILES})

WINDOWS: Mapping[Lane, int] = {Lane.CURSOR: 64 * 1024, Lane.SCREEN: 2 * 1024 * 1024, Lane.FILES: 64 * 1024}
"""Bytes of payload on their way, at most; one frame may always go. Control has no window: people make little of it."""


class Frame(NamedTuple):
    """One message on one lane. `payload` is MessagePack, at most `limits.FRAME_PAYLOAD` bytes."""

    lane: Lane
    number: int
    payload: bytes


class _Queue:
    """One lane of the sender."""

    def __init__(self, window: int | None) -> None:
        self.window = window
        self.waiting: deque[bytes] = deque()
        self.flying: deque[Frame] = deque()
        """Sent and not acknowledged, by number. Stays empty on a lane that is not acknowledged."""
        self.sent = 0
        self.in_flight = 0

    def next(self, room: int) -> bytes | None:
        """The payload whose turn it is, if it may go into `room` bytes now."""
        if not self.waiting:
            return None
        size = len(self.waiting[0])
        full = self.window is not None and self.flying and self.in_flight + size > self.window
        return None if full or size + FRAME_HEADER > room else self.waiting.popleft()

    def forget(self, number: int) -> None:
        """Everything up to `number` has arrived."""
        while self.flying and self.flying[0].number <= number:
            self.in_flight -= len(self.flying.popleft().payload)


class LaneScheduler:
    """The sender's side, for the whole session. Only control goes until `joined` tells what the peer has."""

    def __init__(self, windows: Mapping[Lane, int] = WINDOWS) -> None:
        self._lanes = {lane: _Queue(windows.get(lane)) for lane in Lane}
        self._joined = False

    def offer(self, lane: Lane, payload: bytes) -> None:
        """Put a message in its lane's queue. Raises `TooLarge`."""
        if len(payload) > FRAME_PAYLOAD:
            raise TooLarge("A sealed message", len(payload), FRAME_PAYLOAD)
        self._lanes[lane].waiting.append(payload)

    def next_record(self) -> list[Frame]:
        """The frames of the next record, most urgent first; empty when nothing may go now."""
        frames: list[Frame] = []
        room = RECORD - AEAD_TAG
        for lane, queue in self._lanes.items():
            if lane is not Lane.CONTROL and not self._joined:
                break
            while (payload := queue.next(room)) is not None:
                if queue.sent == LAST_NUMBER:
                    raise IntegrityError("All numbers of a lane are used")
                queue.sent += 1
                frame = Frame(lane, queue.sent, payload)
                if queue.window is not None:
                    queue.flying.append(frame)
                    queue.in_flight += len(payload)
                frames.append(frame)
                room -= FRAME_HEADER + len(payload)
            if queue.waiting and len(queue.waiting[0]) + FRAME_HEADER > room:
                break  # the rest of this record is not for the less urgent
        return frames

    def acked(self, lane: Lane, number: int) -> None:
        """The peer has handled everything up to `number`. Raises `IntegrityError` for what was never sent."""
        queue = self._lanes[lane]
        if number > queue.sent:
            raise IntegrityError("The other end acknowledged what was never sent")
        queue.forget(number)

    def queued(self, lane: Lane) -> int:
        """Messages that wait for their turn."""
        return len(self._lanes[lane].waiting)

    def in_flight(self, lane: Lane) -> int:
        """Bytes of payload sent and not acknowledged."""
        return self._lanes[lane].in_flight

    def drop_waiting(self, lane: Lane) -> int:
        """What has not been sent on this lane never is: it may not be seen any more.  Returns how many messages."""
        dropped = len(self._lanes[lane].waiting)
        self._lanes[lane].waiting.clear()
        return dropped

    def lost(self) -> None:
        """The line was lost: control and screen are dropped, the rest waits for `joined`."""
        self._joined = False
        for lane, queue in self._lanes.items():
            if lane not in REPLAYED:
                queue.waiting.clear()
                queue.forget(LAST_NUMBER)

    def joined(self, acks: Sequence[int]) -> None:
        """The peer's `ready` came: `acks[lane]` is the last number that it has received, 0 for one without memory.

        What it lacks on the replayed lanes goes again, under the same numbers. An end that has sent nothing itself
        (a reloaded page) goes on from the peer's numbers. Raises `IntegrityError` for what was never sent.
        """
        for lane in REPLAYED:
            queue = self._lanes[lane]
            if queue.sent == 0:
                queue.sent = acks[lane]
            self.acked(lane, acks[lane])
            queue.sent -= len(queue.flying)
            queue.waiting.extendleft(frame.payload for frame in reversed(queue.flying))
            queue.flying.clear()
            queue.in_flight = 0
        self._joined = True


class Inbox:
    """The receiver's numbers, for the whole session; `last` is what `ready.acks` tells the peer."""

    def __init__(self) -> None:
        self._last = dict.fromkeys(Lane, 0)
        self._begun: set[Lane] = set()

    @property
    def last(self) -> tuple[int, int, int, int]:
        """The last number received on each lane; 0 for none."""
        return (self._last[Lane.CONTROL], self._last[Lane.CURSOR], self._last[Lane.SCREEN], self._last[Lane.FILES])

    def new_line(self) -> None:
        """A connection begins."""
        self._begun.clear()

    def accept(self, frame: Frame) -> None:
        """Count a frame. Raises `IntegrityError` when it is not the one that must come next on its lane.

        The first on a connection may have any number where frames are dropped at a loss, or where we have no memory.
        """
        lane, number, _ = frame
        any_number = lane not in self._begun and (lane not in REPLAYED or self._last[lane] == 0)
        if number != self._last[lane] + 1 and not (any_number and number > 0):
            raise IntegrityError(f"Frame {number} came after {self._last[lane]} on lane {lane.name}")
        self._begun.add(lane)
        self._last[lane] = number
