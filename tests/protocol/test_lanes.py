"""Priority, windows, and what survives a lost line."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol.errors import IntegrityError, TooLarge
from protocol.inner import Lane
from protocol.lanes import LAST_NUMBER, REPLAYED, Frame, Inbox, LaneScheduler
from protocol.limits import FRAME_PAYLOAD

NONE = (0, 0, 0, 0)


def joined(**windows: int) -> LaneScheduler:
    lanes = LaneScheduler(
        {Lane[name]: window for name, window in windows.items()} or {lane: 100 for lane in Lane if lane}
    )
    lanes.joined(NONE)
    return lanes


def sent(lanes: LaneScheduler) -> list[tuple[Lane, int, bytes]]:
    return [(lane, number, payload) for lane, number, payload in lanes.next_record()]


def test_a_key_press_overtakes_a_file_that_was_offered_before() -> None:
    lanes = joined()
    for lane in reversed(Lane):
        lanes.offer(lane, lane.name.encode())
    assert [lane for lane, _, _ in sent(lanes)] == list(Lane)


def test_a_file_waits_for_acks_and_a_key_press_does_not() -> None:
    lanes = joined(FILES=100)
    for _ in range(10):
        lanes.offer(Lane.FILES, b"f" * 40)
    assert [n for _, n, _ in sent(lanes)] == [1, 2]
    assert sent(lanes) == []
    lanes.offer(Lane.CONTROL, b"key")
    assert sent(lanes) == [(Lane.CONTROL, 1, b"key")]
    lanes.acked(Lane.FILES, 1)
    assert sent(lanes) == [(Lane.FILES, 3, b"f" * 40)]
    assert (lanes.in_flight(Lane.FILES), lanes.queued(Lane.FILES)) == (80, 7)


def test_pictures_that_wait_are_taken_back_and_leave_no_gap() -> None:
    lanes = joined(SCREEN=100)
    for _ in range(3):
        lanes.offer(Lane.SCREEN, b"p" * 60)
    assert [n for _, n, _ in sent(lanes)] == [1]
    assert lanes.drop_waiting(Lane.SCREEN) == 2
    lanes.acked(Lane.SCREEN, 1)
    assert sent(lanes) == []
    lanes.offer(Lane.SCREEN, b"later")
    assert sent(lanes) == [(Lane.SCREEN, 2, b"later")]


def test_one_frame_larger_than_the_window_goes_alone() -> None:
    lanes = joined(FILES=10)
    lanes.offer(Lane.FILES, b"f" * 11)
    lanes.offer(Lane.FILES, b"f")
    assert len(sent(lanes)) == 1
    assert sent(lanes) == []


def test_a_record_is_filled_and_the_less_urgent_do_not_slip_in() -> None:
    lanes = LaneScheduler()
    lanes.joined(NONE)
    lanes.offer(Lane.CONTROL, b"c" * 60_000)
    lanes.offer(Lane.CONTROL, b"c" * 60_000)
    lanes.offer(Lane.FILES, b"f")
    assert [lane for lane, _, _ in sent(lanes)] == [Lane.CONTROL]
    assert [lane for lane, _, _ in sent(lanes)] == [Lane.CONTROL, Lane.FILES]


def test_the_largest_message_fits_a_record_and_a_larger_is_refused() -> None:
    lanes = joined()
    lanes.offer(Lane.SCREEN, b"s" * FRAME_PAYLOAD)
    assert len(lanes.next_record()) == 1
    with pytest.raises(TooLarge):
        lanes.offer(Lane.SCREEN, b"s" * (FRAME_PAYLOAD + 1))


def test_only_control_goes_before_the_peer_has_said_what_it_has() -> None:
    lanes = LaneScheduler()
    for lane in Lane:
        lanes.offer(lane, b"x")
    assert [lane for lane, _, _ in sent(lanes)] == [Lane.CONTROL]
    lanes.joined(NONE)
    assert [lane for lane, _, _ in sent(lanes)] == [Lane.CURSOR, Lane.SCREEN, Lane.FILES]


def test_after_a_lost_line_chat_and_files_go_again_and_old_input_and_pictures_do_not() -> None:
    lanes = joined()
    for lane in Lane:
        lanes.offer(lane, b"one")
        lanes.offer(lane, b"two")
    lanes.next_record()
    for lane in Lane:
        lanes.offer(lane, b"three")
    lanes.lost()
    lanes.offer(Lane.CONTROL, b"ready")
    assert sent(lanes) == [(Lane.CONTROL, 3, b"ready")]
    lanes.joined((2, 1, 0, 2))
    lanes.offer(Lane.SCREEN, b"whole")
    assert sent(lanes) == [
        (Lane.CURSOR, 2, b"two"),
        (Lane.CURSOR, 3, b"three"),
        (Lane.SCREEN, 3, b"whole"),
        (Lane.FILES, 3, b"three"),
    ]


def test_an_ack_for_what_was_never_sent_breaks_the_session() -> None:
    lanes = joined()
    lanes.offer(Lane.FILES, b"f")
    lanes.next_record()
    with pytest.raises(IntegrityError):
        lanes.acked(Lane.FILES, 2)
    with pytest.raises(IntegrityError):
        lanes.joined((0, 0, 0, 2))


def test_an_end_without_memory_goes_on_from_its_peers_numbers() -> None:
    """A reloaded page: it has received nothing and sent nothing, as far as it knows."""
    old, page = joined(), LaneScheduler()
    old.offer(Lane.FILES, b"one")
    old.next_record()
    old.acked(Lane.FILES, 1)
    old.lost()
    old.joined(NONE)
    old.offer(Lane.FILES, b"two")
    inbox = Inbox()
    for frame in old.next_record():
        inbox.accept(frame)
    assert inbox.last == (0, 0, 0, 2)
    page.joined((5, 5, 5, 5))
    page.offer(Lane.FILES, b"mine")
    assert sent(page) == [(Lane.FILES, 6, b"mine")]


def test_numbers_end_before_they_come_again() -> None:
    lanes = LaneScheduler()
    lanes.joined((0, LAST_NUMBER, 0, 0))
    lanes.offer(Lane.CURSOR, b"x")
    with pytest.raises(IntegrityError):
        lanes.next_record()


@pytest.mark.parametrize("lane", list(Lane))
def test_a_frame_skipped_repeated_or_turned_back_breaks_the_session(lane: Lane) -> None:
    for number in (0, 1, 2, 4, LAST_NUMBER):
        inbox = Inbox()
        inbox.accept(Frame(lane, 1, b""))
        inbox.accept(Frame(lane, 2, b""))
        with pytest.raises(IntegrityError):
            inbox.accept(Frame(lane, number, b""))


@pytest.mark.parametrize("lane", list(Lane))
def test_a_new_line_may_skip_what_is_dropped_and_nothing_else(lane: Lane) -> None:
    inbox = Inbox()
    inbox.accept(Frame(lane, 1, b""))
    inbox.new_line()
    if lane in REPLAYED:
        with pytest.raises(IntegrityError):
            inbox.accept(Frame(lane, 3, b""))
    else:
        inbox.accept(Frame(lane, 3, b""))


def test_number_zero_is_never_a_frames() -> None:
    with pytest.raises(IntegrityError):
        Inbox().accept(Frame(Lane.CONTROL, 0, b""))


class LossyLine(RuleBasedStateMachine):
    """Two ends, a line that breaks anywhere: chat and files arrive once and in order, whatever happens."""

    @initialize()
    def begin(self) -> None:
        self.lanes, self.inbox = LaneScheduler({lane: 20 for lane in Lane if lane}), Inbox()
        self.offered: dict[Lane, list[bytes]] = {lane: [] for lane in Lane}
        self.arrived: dict[Lane, list[bytes]] = {lane: [] for lane in Lane}
        self.wire: list[list[Frame]] = []
        self.acks: list[tuple[Lane, int]] = []
        self.up = False

    @rule(lane=st.sampled_from(Lane), size=st.integers(0, 15))
    def offer(self, lane: Lane, size: int) -> None:
        payload = len(self.offered[lane]).to_bytes(2, "big") + bytes(size)
        self.offered[lane].append(payload)
        self.lanes.offer(lane, payload)

    @precondition(lambda self: not self.up)
    @rule()
    def connect(self) -> None:
        self.inbox.new_line()
        self.lanes.joined(self.inbox.last)
        self.up = True

    @precondition(lambda self: self.up)
    @rule(arriving=st.integers(0, 3))
    def break_line(self, arriving: int) -> None:
        for _ in range(min(arriving, len(self.wire))):
            self.deliver()
        self.wire, self.acks, self.up = [], [], False
        self.lanes.lost()

    @precondition(lambda self: self.up)
    @rule()
    def send(self) -> None:
        self.wire.append(self.lanes.next_record())

    @precondition(lambda self: self.wire)
    @rule()
    def deliver(self) -> None:
        for frame in self.wire.pop(0):
            self.inbox.accept(frame)
            self.arrived[frame.lane].append(frame.payload)
            if frame.lane is not Lane.CONTROL:
                self.acks.append((frame.lane, frame.number))

    @precondition(lambda self: self.acks)
    @rule()
    def acknowledge(self) -> None:
        self.lanes.acked(*self.acks.pop(0))

    @invariant()
    def nothing_is_lost_doubled_or_turned_round(self) -> None:
        if not hasattr(self, "lanes"):
            return
        for lane in Lane:
            if lane in REPLAYED:
                assert self.arrived[lane] == self.offered[lane][: len(self.arrived[lane])]
            else:
                places = [int.from_bytes(payload[:2], "big") for payload in self.arrived[lane]]
                assert places == sorted(set(places))
            assert lane is Lane.CONTROL or self.lanes.in_flight(lane) <= 20

    def teardown(self) -> None:
        if not hasattr(self, "lanes"):
            return
        if not self.up:
            self.connect()
        while True:
            self.send()
            if not self.wire[-1] and not self.acks and len(self.wire) == 1:
                break
            while self.wire:
                self.deliver()
            while self.acks:
                self.acknowledge()
        for lane in REPLAYED:
            assert self.arrived[lane] == self.offered[lane]


LossyLine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_whatever_happens_to_the_line_chat_and_files_arrive_once_and_in_order = LossyLine.TestCase
