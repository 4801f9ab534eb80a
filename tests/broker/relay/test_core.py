"""The relay's rules, without a socket: tickets, pairs, generations, counting, rates (step 16)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.ids import new_id
from broker.relay.core import (
    AHEAD,
    DROPPED,
    EVICTED,
    LEFT,
    PATIENCE,
    UNPAIRED,
    USED_UP,
    Close,
    Closed,
    Command,
    Hold,
    Join,
    Opened,
    Relay,
)
from broker.relay.directory import TicketKey
from protocol import limits
from protocol.errors import Malformed, TicketRefused
from protocol.ticket import RelayTicket, Role, issue

START = 1_000_000.0
PAIR = new_id()


@dataclass
class Broker:
    """Issues tickets for one relay that started at `START`."""

    key: TicketKey = field(default_factory=lambda: TicketKey(bytes(32)))
    relay: Relay = field(default_factory=Relay)

    def __post_init__(self) -> None:
        self.relay.trust("r1", {self.key.kid: self.key.public}, START)

    def ticket(self, role: Role, g: int = 1, *, pair_id: str = PAIR, iat: float = START, **changes: object) -> str:
        fields: dict[str, object] = {
            "kid": self.key.kid, "aud": "r1", "pair_id": pair_id, "role": role, "g": g, "jti": new_id(), "iat": iat,
            "exp": iat + limits.TICKET_LIFE, "rate_to_console": 1000, "rate_to_agent": 1000, "max_bytes": 100_000,
        }  # fmt: skip
        return issue(RelayTicket(**fields | changes), self.key.sign)  # type: ignore[arg-type]

    def joined(self, **changes: object) -> list[Command]:
        """Agent on socket 1, console on socket 2."""
        self.relay.shown(1, self.ticket("agent", **changes), START)  # type: ignore[arg-type]
        return self.relay.shown(2, self.ticket("console", **changes), START)  # type: ignore[arg-type]


def test_two_tickets_of_a_pair_join_and_the_broker_hears_it() -> None:
    assert Broker().joined() == [Join(agent=1, console=2), Opened(PAIR, 1)]


def test_who_is_the_agent_is_said_whoever_comes_first() -> None:
    broker = Broker()
    broker.relay.shown(1, broker.ticket("console"), START, more=True)  # a console speaks at once
    assert broker.relay.shown(2, broker.ticket("agent"), START) == [Join(agent=2, console=1), Opened(PAIR, 1)]


def test_an_agent_says_nothing_before_it_is_joined() -> None:
    broker = Broker()
    with pytest.raises(Malformed, match="nothing between"):
        broker.relay.shown(1, broker.ticket("agent"), START, more=True)
    broker.relay.shown(2, broker.ticket("agent"), START)
    (close,) = broker.relay.early(2)
    assert isinstance(close, Close)
    assert (close.socket, close.code) == (2, 4400)
    broker.relay.shown(3, broker.ticket("console"), START)
    assert broker.relay.early(3) == ()


def test_who_speaks_too_soon_evicts_nobody() -> None:
    broker = Broker()
    broker.joined()
    with pytest.raises(Malformed):
        broker.relay.shown(3, broker.ticket("agent", 2), START, more=True)
    assert broker.relay.counted(PAIR) == (0, 0)


def test_what_one_sends_is_counted() -> None:
    broker = Broker()
    broker.joined()
    assert broker.relay.passed(1, 2, 0.0) == ()
    assert broker.relay.passed(2, 4, 0.0) == ()
    assert broker.relay.counted(PAIR) == (2, 4)
    assert broker.relay.left(2) == [Close(1, LEFT, "the other end left"), Closed(PAIR, 1, 2, 4)]
    assert broker.relay.left(1) == []


def test_a_ticket_opens_once() -> None:
    broker = Broker()
    token = broker.ticket("agent")
    broker.relay.shown(1, token, START)
    with pytest.raises(TicketRefused, match="spent"):
        broker.relay.shown(2, token, START)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "r2"}, "other_relay"), ({"iat": START - 1}, "before_start"), ({"iat": START + 60}, "not_yet"),
        ({"exp": START - 0.1}, "expired"), ({"exp": START + 3600}, "expired"), ({"kid": "other"}, "unknown_key"),
    ],
)  # fmt: skip
def test_what_does_not_open(changes: dict[str, object], reason: str) -> None:
    broker = Broker()
    with pytest.raises(TicketRefused, match=reason):
        broker.relay.shown(1, broker.ticket("agent", **changes), START)  # type: ignore[arg-type]


def test_another_brokers_ticket_is_forged() -> None:
    broker, other = Broker(), Broker(TicketKey(bytes([1]) * 32))
    with pytest.raises(TicketRefused, match="forged"):
        broker.relay.shown(1, other.ticket("agent", kid=broker.key.kid), START)


def test_before_the_broker_is_known_nothing_opens() -> None:
    with pytest.raises(TicketRefused, match="unknown_key"):
        Relay().shown(1, Broker().ticket("agent"), START)


def test_a_higher_generation_evicts_a_lower_one() -> None:
    broker = Broker()
    broker.joined()
    evicted = broker.relay.shown(3, broker.ticket("agent", 2), START)
    assert {(c.socket, c.code) for c in evicted if isinstance(c, Close)} == {(1, EVICTED), (2, EVICTED)}
    assert Closed(PAIR, 1, 0, 0) in evicted
    assert broker.relay.shown(4, broker.ticket("console", 2), START) == [Join(3, 4), Opened(PAIR, 2)]


def test_a_lower_generation_is_refused() -> None:
    broker = Broker()
    broker.relay.shown(1, broker.ticket("agent", 2), START)
    with pytest.raises(TicketRefused, match="old_generation"):
        broker.relay.shown(2, broker.ticket("console", 1), START)


def test_the_same_end_again_takes_the_place_of_its_first() -> None:
    broker = Broker()
    broker.relay.shown(1, broker.ticket("agent"), START)
    assert broker.relay.shown(2, broker.ticket("agent"), START) == [
        Close(1, EVICTED, "a newer connection of this session")
    ]
    assert broker.relay.shown(3, broker.ticket("console"), START) == [Join(2, 3), Opened(PAIR, 1)]


def test_who_waits_in_vain_is_closed() -> None:
    broker = Broker()
    broker.relay.shown(1, broker.ticket("agent"), START)
    assert broker.relay.overdue(START + limits.TICKET_LIFE + PATIENCE) == []
    assert broker.relay.overdue(START + limits.TICKET_LIFE + PATIENCE + 1) == [
        Close(1, UNPAIRED, "the other end did not come")
    ]


def test_the_broker_drops_a_pair() -> None:
    broker = Broker()
    broker.joined()
    dropped = broker.relay.dropped(PAIR)
    assert [(c.socket, c.code) for c in dropped if isinstance(c, Close)] == [(1, DROPPED), (2, DROPPED)]
    assert broker.relay.dropped(PAIR) == []
    assert broker.relay.passed(1, 4, 0.0) == ()
    assert broker.relay.counted(PAIR) is None


def test_who_runs_ahead_of_the_rate_is_held_back() -> None:
    broker = Broker()
    broker.joined()
    assert broker.relay.passed(1, int(1000 * AHEAD), 0.0) == ()
    assert broker.relay.passed(1, 1000, 0.0) == (Hold(1, 1.0),)
    assert broker.relay.passed(2, 100, 0.0) == ()  # the other direction is free
    assert broker.relay.passed(1, 10, 10.0) == ()


def test_no_read_is_far_ahead_of_a_rate() -> None:
    broker = Broker()
    broker.joined(rate_to_console=16 * 1024, rate_to_agent=1 << 40)
    assert broker.relay.piece(1) <= 16 * 1024 * AHEAD / 4
    assert broker.relay.piece(2) > 1 << 20


def test_a_session_that_has_used_up_its_data_is_closed() -> None:
    broker = Broker()
    broker.joined(max_bytes=10)
    broker.relay.passed(1, 6, 0.0)
    closed = broker.relay.passed(2, 5, 0.0)
    assert {(c.socket, c.code) for c in closed if isinstance(c, Close)} == {(1, USED_UP), (2, USED_UP)}


def test_the_same_welcome_again_forgets_no_spent_ticket() -> None:
    broker = Broker()
    token = broker.ticket("agent")
    broker.relay.shown(1, token, START)
    broker.relay.trust("r1", {broker.key.kid: broker.key.public}, START + 1)
    with pytest.raises(TicketRefused, match="spent"):
        broker.relay.shown(2, token, START + 2)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,200}\.[A-Za-z0-9_-]{86}", fullmatch=True))
def test_no_text_is_a_ticket_by_chance(text: str) -> None:
    with pytest.raises(TicketRefused):
        Broker().relay.shown(1, text, START)


Act = Literal["agent", "console", "send", "leave", "drop"]
ACTS: st.SearchStrategy[Act] = st.sampled_from(["agent", "console", "send", "leave", "drop"])


@given(st.lists(st.tuples(st.integers(0, 3), ACTS), max_size=40))
def test_whatever_happens_each_line_that_opens_closes(steps: list[tuple[int, Act]]) -> None:
    broker, opened, closed, alive = Broker(), 0, 0, set[int]()
    for number, (pair, what) in enumerate(steps):
        pair_id = f"{'A' * 21}{'ABCD'[pair]}"
        commands: Sequence[Command] = []
        if what in ("agent", "console"):
            commands = broker.relay.shown(number, broker.ticket(what, pair_id=pair_id), START)
            alive.add(number)
        elif what == "drop":
            commands = broker.relay.dropped(pair_id)
        elif alive:
            socket = sorted(alive)[pair % len(alive)]
            commands = broker.relay.passed(socket, 1, 0.0) if what == "send" else broker.relay.left(socket)
            if what == "leave":
                alive.discard(socket)
        for command in commands:
            opened += isinstance(command, Opened)
            closed += isinstance(command, Closed)
            if isinstance(command, Join):
                assert {command.agent, command.console} <= alive
            if isinstance(command, Close):
                alive.discard(command.socket)
    for socket in sorted(alive):
        closed += sum(isinstance(command, Closed) for command in broker.relay.left(socket))
    assert opened == closed
    assert broker.relay.pairs() == []
