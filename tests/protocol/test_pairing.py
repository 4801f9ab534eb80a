"""Two real ends and the broker between them: honest, careless and lying."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import codec, control, noise
from protocol.code import random_symbols
from protocol.control import ConfirmA, ConfirmB, CpaceA, CpaceB, PairOffer
from protocol.errors import BadTransition, IntegrityError, InvalidCode, PairingFailed, ProtocolError
from protocol.pairing import AgentRun, ConsoleRun, Context, State, agent_data
from protocol.text import b64url, unb64url
from tests.protocol import golden

IDENTITY = b64url(bytes(32))
PASSWORD = "U9XDT"


def fresh(count: int = 16) -> str:
    return b64url(secrets.token_bytes(count))


class Broker:
    """Carries messages between the ends. A liar has a `lies` entry: message type → what it passes on instead."""

    def __init__(self, **lies: Callable[[Any], Any]) -> None:
        self.lies = lies

    def carry(self, message: Any, to: str = "") -> Any:
        lie = self.lies.get(type(message).__name__ + to)
        return lie(message) if lie else message


class Pair:
    """A console and an agent that have one honest broker's offer, or what `broker` makes of it."""

    def __init__(
        self, broker: Broker | None = None, console_types: str = PASSWORD, agent_shows: str = PASSWORD
    ) -> None:
        self.broker = broker or Broker()
        self.pk_agent = secrets.token_bytes(32)
        self.offer = replace(
            golden.MESSAGE, session_id=fresh(), code_id=fresh(), nonce_console=fresh(), nonce_agent=fresh()
        )
        self.console_knows = replace(golden.CONSOLE, nonce_console=self.offer.nonce_console)
        self.agent_knows = replace(golden.AGENT, nonce_agent=self.offer.nonce_agent, code_id=self.offer.code_id)
        self.console_types, self.agent_shows = console_types, agent_shows
        self.console: ConsoleRun | None = None
        self.agent: AgentRun | None = None

    def pair(self) -> None:
        """Steps 9 to 14. Raises what the end that notices first raises."""
        carry = self.broker.carry
        at_console, _ = self.console_knows.context(carry(self.offer, to="ToConsole"))
        at_agent, _ = self.agent_knows.context(carry(self.offer, to="ToAgent"))
        self.console = ConsoleRun(at_console, self.console_types, secrets.token_bytes(64))
        self.agent = AgentRun(at_agent, self.agent_shows, self.pk_agent, secrets.token_bytes(64))
        cpace_b = self.agent.asked(carry(self.console.start()))
        confirm_a = self.console.answered(carry(cpace_b))
        confirm_b = self.agent.confirmed(carry(confirm_a))
        self.console.confirmed(carry(confirm_b))

    def connect(self, g_console: int = 1, g_agent: int = 1) -> tuple[noise.Transport, noise.Transport]:
        """Step 17."""
        assert self.console
        assert self.agent
        ours, theirs = self.console.keys, self.agent.keys
        first = noise.Initiator(ours.psk(g_console), ours.prologue(g_console), secrets.token_bytes(32))
        answer, at_agent = noise.respond(
            theirs.psk(g_agent), theirs.prologue(g_agent), secrets.token_bytes(32), first.message
        )
        return first.finish(answer), at_agent


def test_a_thousand_random_runs_agree_on_keys_that_never_repeat() -> None:
    seen = set()
    for _ in range(1000):
        password = random_symbols(5, secrets.randbelow)
        pair = Pair(console_types=password, agent_shows=password)
        pair.pair()
        assert pair.console
        assert pair.agent
        assert msgspec.to_builtins(pair.console.keys) == msgspec.to_builtins(pair.agent.keys)
        assert pair.console.keys.pk_agent == pair.pk_agent
        seen.add(bytes(pair.console.keys.resume_key))
    assert len(seen) == 1000


@pytest.mark.clause("Q1", "Q5")
def test_paired_ends_connect_for_each_generation_with_fresh_keys() -> None:
    pair = Pair()
    pair.pair()
    hashes = set()
    for g in (1, 2, 3):
        at_console, at_agent = pair.connect(g, g)
        assert at_agent.receiving.decrypt(at_console.sending.encrypt(b"hello")) == b"hello"
        hashes.add(at_console.handshake_hash)
    assert len(hashes) == 3


def test_a_wrong_password_is_seen_by_the_agent_which_gives_nothing_away() -> None:
    pair = Pair(console_types="U9XDV")
    with pytest.raises(PairingFailed, match="wrong_tag"):
        pair.pair()
    assert pair.agent
    assert pair.agent.state is State.FAILED
    with pytest.raises(BadTransition):
        _ = pair.agent.keys


# Nothing bound can differ ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", [f.name for f in msgspec.structs.fields(Context)])
def test_a_context_that_differs_in_one_field_gives_no_key(field: str) -> None:
    pair = Pair()
    context, _ = pair.console_knows.context(pair.offer)
    value = getattr(context, field)
    other = replace(context, **{field: value[:-1] + (b"}" if isinstance(value, bytes) else "x") * 2})
    console = ConsoleRun(context, PASSWORD, secrets.token_bytes(64))
    agent = AgentRun(other, PASSWORD, pair.pk_agent, secrets.token_bytes(64))
    if field == "version":  # ADa and ADb carry it in clear
        with pytest.raises(PairingFailed, match="peer_data"):
            agent.asked(console.start())
        return
    # The messages name the session too: pass that check to reach the key.
    cpace_b = agent.asked(replace(console.start(), session_id=other.session_id))
    confirm_a = console.answered(replace(cpace_b, session_id=context.session_id))
    with pytest.raises(PairingFailed, match="wrong_tag"):
        agent.confirmed(replace(confirm_a, session_id=other.session_id))


@given(bit=st.integers(0, 511))
@pytest.mark.parametrize("message", ["CpaceA", "CpaceB", "ConfirmA", "ConfirmB"])
def test_a_flipped_bit_in_any_message_gives_no_pair(message: str, bit: int) -> None:
    def flip(m: Any) -> Any:
        field = {"CpaceA": "ya", "CpaceB": "yb", "ConfirmA": "ta", "ConfirmB": "tb"}[message]
        data = bytearray(unb64url(getattr(m, field)))
        data[bit // 8 % len(data)] ^= 1 << bit % 8
        return replace(m, **{field: b64url(bytes(data))})

    pair = Pair(Broker(**{message: flip}))
    with pytest.raises(PairingFailed, match=r"wrong_tag|not_an_element|identity"):
        pair.pair()
    assert pair.console
    assert pair.console.state is not State.PAIRED


@given(st.data())
@pytest.mark.parametrize(("message", "field"), [("CpaceA", "ada"), ("CpaceB", "adb")])
def test_any_other_associated_data_gives_no_pair(message: str, field: str, data: st.DataObject) -> None:
    def other(m: Any) -> Any:
        true = unb64url(getattr(m, field))
        at = data.draw(st.integers(0, len(true)))
        return replace(m, **{field: b64url(true[:at] + data.draw(st.binary(min_size=1, max_size=3)) + true[at:])})

    with pytest.raises(PairingFailed, match=r"peer_data|wrong_tag"):
        Pair(Broker(**{message: other})).pair()


# A lying broker -----------------------------------------------------------------------------------------------------


def relabel(**changes: Any) -> Callable[[PairOffer], PairOffer]:
    """A lie about the offer's contents."""

    def lie(message: PairOffer) -> PairOffer:
        offer = replace(codec.OFFER.read(unb64url(message.offer)), **changes)
        return replace(message, offer=b64url(codec.offer_bytes(offer)))

    return lie


def respace(message: PairOffer) -> PairOffer:
    """The same offer in other bytes."""
    return replace(message, offer=b64url(unb64url(message.offer).replace(b'":', b'": ')))


def reroute(**changes: str) -> Callable[[PairOffer], PairOffer]:
    return lambda message: replace(message, **changes)


CHEAPER = golden.OFFER.tariff and replace(golden.OFFER.tariff, unit_minor=1)

LIES: dict[str, tuple[dict[str, Callable[[Any], Any]], str]] = {
    "another technician, to the customer": ({"PairOfferToAgent": relabel(operator_name="Your bank")}, "wrong_tag"),
    "another account, to the customer": ({"PairOfferToAgent": relabel(operator_id=fresh())}, "wrong_tag"),
    "another company name, to the customer": ({"PairOfferToAgent": relabel(org_name="Your bank")}, "wrong_tag"),
    "another company, to the customer": ({"PairOfferToAgent": relabel(org_id=fresh())}, "offer_organisation"),
    "another price, to the customer": ({"PairOfferToAgent": relabel(tariff=CHEAPER)}, "wrong_tag"),
    "no price, to the customer": ({"PairOfferToAgent": relabel(tariff=None)}, "wrong_tag"),
    "another service, to the customer": ({"PairOfferToAgent": relabel(service="Free")}, "wrong_tag"),
    "less than is wanted, to the customer": ({"PairOfferToAgent": relabel(wanted=("view",))}, "wrong_tag"),
    "another inactivity limit, to the customer": ({"PairOfferToAgent": relabel(inactivity_s=9)}, "wrong_tag"),
    "other terms, to the customer": ({"PairOfferToAgent": relabel(terms_version=4)}, "offer_terms"),
    "other words of the terms, to the customer": ({"PairOfferToAgent": relabel(terms_sha256=IDENTITY)}, "offer_terms"),
    "the offer in other bytes, to the customer": ({"PairOfferToAgent": respace}, "wrong_tag"),
    "no offer at all, to the customer": ({"PairOfferToAgent": reroute(offer="e30")}, "offer_malformed"),
    "another technician, to the technician": ({"PairOfferToConsole": relabel(operator_name="x")}, "offer_operator"),
    "another company, to the technician": ({"PairOfferToConsole": relabel(org_id=fresh())}, "offer_organisation"),
    "another service, to the technician": ({"PairOfferToConsole": relabel(service="x")}, "offer_service"),
    "more than was asked, to the technician": ({"PairOfferToConsole": relabel(wanted=())}, "offer_wanted"),
    "another price, to the technician": ({"PairOfferToConsole": relabel(tariff=CHEAPER)}, "wrong_tag"),
    "an old request, to the technician": ({"PairOfferToConsole": reroute(nonce_console=fresh())}, "offer_nonce"),
    "an old request, to the customer": ({"PairOfferToAgent": reroute(nonce_console=fresh())}, "wrong_tag"),
    "an old code, to the customer": ({"PairOfferToAgent": reroute(code_id=fresh())}, "offer_code"),
    "an old nonce, to the customer": ({"PairOfferToAgent": reroute(nonce_agent=fresh())}, "offer_nonce"),
    "another code, to the technician": ({"PairOfferToConsole": reroute(code_id=fresh())}, "wrong_tag"),
    "another nonce, to the technician": ({"PairOfferToConsole": reroute(nonce_agent=fresh())}, "wrong_tag"),
    "another session, to the customer": ({"PairOfferToAgent": reroute(session_id=fresh())}, "other_session"),
    "the identity as the console's share": ({"CpaceA": lambda m: replace(m, ya=IDENTITY)}, "identity"),
    "the identity as the agent's share": ({"CpaceB": lambda m: replace(m, yb=IDENTITY)}, "identity"),
    "no element as the agent's share": ({"CpaceB": lambda m: replace(m, yb=b64url(b"\xff" * 32))}, "not_an_element"),
    "a short share": ({"CpaceA": lambda m: replace(m, ya="AAAA")}, "not_an_element"),
    "its own key as the agent's": (
        {"CpaceB": lambda m: replace(m, adb=b64url(agent_data("1", b"b" * 32)))},
        "wrong_tag",
    ),
    "an older version": ({"CpaceB": lambda m: replace(m, adb=b64url(agent_data("0", b"b" * 32)))}, "peer_data"),
    "no tag from the agent": ({"ConfirmB": lambda m: replace(m, tb=b64url(bytes(64)))}, "wrong_tag"),
    "a short tag from the agent": ({"ConfirmB": lambda m: replace(m, tb="")}, "wrong_tag"),
}


@pytest.mark.parametrize(("lies", "noticed_as"), LIES.values(), ids=list(LIES))
def test_a_lying_broker_is_found_out(lies: dict[str, Callable[[Any], Any]], noticed_as: str) -> None:
    pair = Pair(Broker(**lies))
    with pytest.raises(PairingFailed) as failed:
        pair.pair()
    assert failed.value.reason == noticed_as
    assert pair.console is None or pair.console.state is not State.PAIRED


def test_the_customers_tag_of_the_wrong_end_is_refused() -> None:
    """The broker answers the console with the console's own tag."""
    pair = Pair()
    kept: list[ConfirmA] = []

    def keep(message: ConfirmA) -> ConfirmA:
        kept.append(message)
        return message

    pair.broker.lies = {"ConfirmA": keep, "ConfirmB": lambda m: replace(m, tb=kept[0].ta)}
    with pytest.raises(PairingFailed, match="wrong_tag"):
        pair.pair()


@pytest.mark.parametrize("towards", ["console", "agent"])
def test_our_own_share_reflected_is_refused(towards: str) -> None:
    """An equal seed gives both ends the same share, as a broker does by sending one back."""
    pair = Pair()
    context, _ = pair.console_knows.context(pair.offer)
    seed = secrets.token_bytes(64)
    console, agent = ConsoleRun(context, PASSWORD, seed), AgentRun(context, PASSWORD, pair.pk_agent, seed)
    cpace_a = console.start()
    cpace_b = CpaceB(session_id=context.session_id, yb=cpace_a.ya, adb=b64url(agent_data("1", pair.pk_agent)))
    with pytest.raises(PairingFailed, match="reflected"):
        console.answered(cpace_b) if towards == "console" else agent.asked(cpace_a)


@pytest.mark.clause("Q11")
def test_a_broker_in_the_middle_without_the_password_gets_no_key_at_either_end() -> None:
    """It runs a whole exchange of its own with each end, with a guess."""
    pair = Pair()
    context, _ = pair.console_knows.context(pair.offer)
    console = ConsoleRun(context, PASSWORD, secrets.token_bytes(64))
    agent = AgentRun(context, PASSWORD, pair.pk_agent, secrets.token_bytes(64))
    mallory_as_agent = AgentRun(context, "AAAAA", pair.pk_agent, secrets.token_bytes(64))
    mallory_as_console = ConsoleRun(context, "AAAAA", secrets.token_bytes(64))
    with pytest.raises(PairingFailed, match="wrong_tag"):
        mallory_as_agent.confirmed(console.answered(mallory_as_agent.asked(console.start())))
    with pytest.raises(PairingFailed, match="wrong_tag"):
        agent.confirmed(mallory_as_console.answered(agent.asked(mallory_as_console.start())))


def test_messages_of_an_earlier_run_are_refused() -> None:
    earlier: dict[str, Any] = {}

    def keep(name: str) -> Callable[[Any], Any]:
        return lambda m: earlier.setdefault(name, m)

    Pair(Broker(CpaceA=keep("a"), ConfirmA=keep("ta"))).pair()
    pair = Pair(
        Broker(
            CpaceA=lambda m: replace(earlier["a"], session_id=m.session_id),
            ConfirmA=lambda m: replace(earlier["ta"], session_id=m.session_id),
        )
    )
    with pytest.raises(PairingFailed, match="wrong_tag"):
        pair.pair()


@pytest.mark.parametrize(("g_console", "g_agent"), [(1, 2), (2, 1)])
def test_a_broker_that_lies_about_the_generation_gives_no_connection(g_console: int, g_agent: int) -> None:
    pair = Pair()
    pair.pair()
    with pytest.raises(IntegrityError):
        pair.connect(g_console, g_agent)


def test_a_broker_that_joins_two_sessions_gives_no_connection() -> None:
    one, two = Pair(), Pair()
    one.pair()
    two.pair()
    one.agent = two.agent
    with pytest.raises(IntegrityError):
        one.connect()


# The machine --------------------------------------------------------------------------------------------------------

STEPS: dict[str, Callable[[Any], Any]] = {
    "start": lambda run: run.start(),
    "asked": lambda run: run.asked(CpaceA(session_id="s", ya=IDENTITY, ada="")),
    "answered": lambda run: run.answered(CpaceB(session_id="s", yb=IDENTITY, adb="")),
    "tag a": lambda run: run.confirmed(ConfirmA(session_id="s", ta="")),
    "tag b": lambda run: run.confirmed(ConfirmB(session_id="s", tb="")),
}


@pytest.mark.parametrize(("end", "step"), [("console", "answered"), ("console", "tag b"), ("agent", "tag a")])
def test_a_message_out_of_turn_fails_the_run_for_good(end: str, step: str) -> None:
    pair = Pair()
    context, _ = pair.console_knows.context(pair.offer)
    run: Any = (
        ConsoleRun(context, PASSWORD, bytes(63) + b"1")
        if end == "console"
        else AgentRun(context, PASSWORD, pair.pk_agent, bytes(63) + b"1")
    )
    with pytest.raises(BadTransition):
        STEPS[step](run)
    for later in ("start", "answered", "tag b") if end == "console" else ("asked", "tag a"):
        with pytest.raises(BadTransition):
            STEPS[later](run)
    assert run.state is State.FAILED


def test_a_second_guess_at_the_same_code_is_refused() -> None:
    pair = Pair(console_types="U9XDV")
    with pytest.raises(PairingFailed):
        pair.pair()
    assert pair.agent
    context, _ = pair.console_knows.context(pair.offer)
    again = ConsoleRun(context, PASSWORD, secrets.token_bytes(64))
    with pytest.raises(BadTransition):
        pair.agent.asked(again.start())


def test_an_abandoned_run_gives_no_keys_and_a_finished_one_is_not_abandoned() -> None:
    pair = Pair()
    context, _ = pair.console_knows.context(pair.offer)
    console = ConsoleRun(context, PASSWORD, secrets.token_bytes(64))
    agent = AgentRun(context, PASSWORD, pair.pk_agent, secrets.token_bytes(64))
    cpace_b = agent.asked(console.start())
    console.abandon()
    with pytest.raises(BadTransition):
        console.answered(cpace_b)
    pair.pair()
    assert pair.agent
    with pytest.raises(BadTransition):
        pair.agent.abandon()


def test_secrets_are_wiped_when_a_run_ends_and_keys_when_a_session_does() -> None:
    pair = Pair()
    pair.pair()
    for run in (pair.console, pair.agent):
        assert run
        assert not any(run._exchange._secret)
        assert not any(run._confirm_key)
        assert PASSWORD.encode() not in repr(vars(run)).encode()
        keys = run.keys
        assert repr(keys) == "SessionKeys(…)"
        keys.erase()
        with pytest.raises(PairingFailed, match="erased"):
            keys.psk(2)


def test_keys_that_were_stored_connect_after_a_restart() -> None:
    pair = Pair()
    pair.pair()
    assert pair.agent
    keys = pair.agent.keys
    stored = msgspec.json.encode(keys)
    again = msgspec.json.decode(stored, type=type(keys))
    assert again.psk(7) == keys.psk(7)
    again.erase()
    assert any(keys.resume_key)


@pytest.mark.parametrize("typed", ["", "U9XD", "U9XDTT", "u9xdt", "U9XDB", "U9XD "])
def test_a_password_that_is_not_normalised_starts_no_run(typed: str) -> None:
    pair = Pair()
    context, _ = pair.console_knows.context(pair.offer)
    with pytest.raises(InvalidCode):
        ConsoleRun(context, typed, secrets.token_bytes(64))


@given(st.binary(max_size=200))
def test_any_bytes_as_an_offer_are_refused(raw: bytes) -> None:
    pair = Pair()
    with pytest.raises(ProtocolError):
        pair.console_knows.context(replace(pair.offer, offer=b64url(raw)))


def test_an_offer_cut_anywhere_is_refused() -> None:
    pair = Pair()
    for at in range(len(golden.OFFER_BYTES)):
        with pytest.raises(PairingFailed, match="offer_malformed"):
            pair.agent_knows.context(replace(pair.offer, offer=b64url(golden.OFFER_BYTES[:at])))


def test_control_messages_have_room_for_every_value_of_a_run() -> None:
    """What the ends make passes the codec, which the broker reads it with."""
    for name, message in golden.pairing()["messages"].items():
        reader = codec.FROM_CONSOLE if name.endswith("a") else codec.FROM_AGENT
        assert isinstance(reader.read(json.dumps(message)), control.Message)
