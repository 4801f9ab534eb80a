"""Relay tickets: what opens a relay, once, and everything that does not."""

import secrets
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import ticket
from protocol.control import Ticket
from protocol.errors import TicketRefused
from protocol.limits import TICKET
from protocol.text import b64url, unb64url
from protocol.ticket import Gate, RelayTicket

KEY = Ed25519PrivateKey.generate()
NOW = 1_800_000_000.25
START = NOW - 100


def gate(**changed: Any) -> Gate:
    keys = {"k1": KEY.public_key().public_bytes_raw()}
    return Gate(**{"relay_id": "relay-1", "keys": keys, "started": START, **changed})


def make(**changed: Any) -> RelayTicket:
    plain = RelayTicket(
        kid="k1", aud="relay-1", pair_id=b64url(bytes(16)), role="agent", g=1, jti=b64url(secrets.token_bytes(16)),
        iat=NOW, exp=NOW + 30, rate_to_console=10**6, rate_to_agent=10**6, max_bytes=10**12,
    )  # fmt: skip
    return replace(plain, **changed)


def token(**changed: Any) -> str:
    return ticket.issue(make(**changed), KEY.sign)


def refusal(gate: Gate, text: str | bytes, now: float = NOW) -> str:
    with pytest.raises(TicketRefused) as refused:
        gate.admit(text, now)
    return refused.value.reason


def test_a_ticket_opens_its_relay_once() -> None:
    relay, mine = gate(), make()
    text = ticket.issue(mine, KEY.sign)
    assert relay.admit(text, NOW) == mine
    assert refusal(relay, text, NOW + 29.9) == "spent"
    assert refusal(relay, text.encode(), NOW + 30) == "expired"


def test_both_ends_and_each_generation_have_tickets_of_their_own() -> None:
    relay = gate()
    for g in (1, 2):
        for role in ("agent", "console"):
            assert relay.admit(token(role=role, g=g), NOW).role == role


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "relay-2"}, "other_relay"),
        ({"kid": "k2"}, "unknown_key"),
        ({"v": "2"}, "version"),
        ({"iat": START - 0.1, "exp": NOW + 1}, "before_start"),
        ({"iat": NOW + 6, "exp": NOW + 36}, "not_yet"),
        ({"exp": NOW}, "expired"),
        ({"exp": NOW + 31}, "expired"),
        ({"iat": NOW - 31, "exp": NOW - 1}, "expired"),
        ({"role": "relay"}, "malformed"),
        ({"g": 0}, "malformed"),
        ({"max_bytes": -1}, "malformed"),
        ({"jti": "short"}, "malformed"),
    ],
)
def test_a_ticket_for_another_relay_or_time_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert refusal(gate(), token(**changed)) == reason


def test_a_ticket_by_another_key_is_forged() -> None:
    assert refusal(gate(), ticket.issue(make(), Ed25519PrivateKey.generate().sign)) == "forged"


@pytest.mark.parametrize("field", [f.name for f in msgspec.structs.fields(RelayTicket)])
def test_no_field_of_a_ticket_can_be_changed_by_its_bearer(field: str) -> None:
    body, sig = token().split(".")
    value = msgspec.json.decode(unb64url(body))[field]
    other = {**msgspec.json.decode(unb64url(body)), field: value + 1 if isinstance(value, (int, float)) else "9"}
    if field in ("jti", "pair_id"):
        other[field] = b64url(b"9" * 16)
    if field == "role":
        other[field] = "console"
    text = f"{b64url(msgspec.json.encode(other))}.{sig}"
    assert refusal(gate(keys={"k1": KEY.public_key().public_bytes_raw(), "9": b"9" * 32}), text) in (
        "forged",
        "version",
    )


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_instead_of_a_ticket_is_malformed(text: str | bytes) -> None:
    assert refusal(gate(), text) == "malformed"


def test_a_ticket_cut_or_stretched_anywhere_is_refused() -> None:
    text = token()
    for at in range(len(text)):
        assert refusal(gate(), text[:at]) in ("malformed", "forged")
        assert refusal(gate(), text[:at] + "A" + text[at:]) in ("malformed", "forged", "unknown_key")
    assert refusal(gate(), text + "A" * TICKET) == "malformed"
    assert refusal(gate(), f"{text}.") == "malformed"


def test_a_refused_ticket_is_not_spent() -> None:
    relay, text = gate(), token(iat=NOW + 6, exp=NOW + 36)
    assert refusal(relay, text) == "not_yet"
    assert relay.admit(text, NOW + 1)


def test_spent_tickets_are_forgotten_when_they_have_expired() -> None:
    relay = gate()
    for second in range(1000):
        now = NOW + second
        relay.admit(token(iat=now, exp=now + 30), now)
    assert len(relay._spent) <= 31


def test_a_ticket_fits_its_control_message() -> None:
    message = Ticket(session_id=b64url(bytes(16)), relay_url="/relay", g=1, token=token())
    assert msgspec.json.decode(msgspec.json.encode(message), type=Ticket) == message
