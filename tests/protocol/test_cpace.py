"""CPace against the draft's vectors, and the shares that it must refuse."""

import json
import secrets
from pathlib import Path

import pytest
import rbcl
from hypothesis import given
from hypothesis import strategies as st

from protocol import cpace
from protocol.cpace import Exchange, Role
from protocol.errors import PairingFailed

_FILE = json.loads((Path(__file__).parents[1] / "vectors/cpace-ristretto255.json").read_text())["vectors"]
V = {name: bytes.fromhex(value) for name, value in _FILE["G_Coffee25519"].items()}
POINTS = _FILE["G_Coffee25519_points"]

IDENTITY = bytes(32)
ORDER = 2**252 + 27742317777372353535851937790883648493


def run(prs_a: bytes = b"U9XDT", prs_b: bytes = b"U9XDT") -> tuple[Exchange, Exchange]:
    ci, sid = b"context", b"0123456789abcdef"
    return (
        Exchange(Role.INITIATOR, prs_a, ci, sid, cpace.scalar(secrets.token_bytes(64))),
        Exchange(Role.RESPONDER, prs_b, ci, sid, cpace.scalar(secrets.token_bytes(64))),
    )


def test_the_generator_is_the_drafts() -> None:
    assert cpace.generator(V["PRS"], V["CI"], V["sid"]) == V["g"]


def test_both_roles_reach_the_drafts_shares_and_key() -> None:
    a = Exchange(Role.INITIATOR, V["PRS"], V["CI"], V["sid"], V["ya"])
    b = Exchange(Role.RESPONDER, V["PRS"], V["CI"], V["sid"], V["yb"])
    assert (a.share, b.share) == (V["Ya"], V["Yb"])
    assert cpace.scalar_mult_vfy(V["ya"], V["Yb"]) == cpace.scalar_mult_vfy(V["yb"], V["Ya"]) == V["K"]
    assert a.key(V["ADa"], b.share, V["ADb"]) == b.key(V["ADb"], a.share, V["ADa"]) == V["ISK_IR"]


def test_the_drafts_valid_point_is_multiplied() -> None:
    valid = {name: bytes.fromhex(value) for name, value in POINTS["Valid"].items()}
    assert cpace.scalar_mult_vfy(valid["s"], valid["X"]) == valid["G.scalar_mult_vfy(s,X)"]


@pytest.mark.parametrize(("name", "reason"), [("Invalid Y1", "not_an_element"), ("Invalid Y2", "identity")])
def test_the_drafts_invalid_points_are_refused(name: str, reason: str) -> None:
    with pytest.raises(PairingFailed) as failed:
        cpace.scalar_mult_vfy(bytes.fromhex(POINTS["Valid"]["s"]), bytes.fromhex(POINTS[name]))
    assert failed.value.reason == reason


def test_a_scalar_that_gives_the_identity_is_refused() -> None:
    with pytest.raises(PairingFailed) as failed:
        cpace.scalar_mult_vfy(bytes(32), V["Ya"])
    assert failed.value.reason == "identity"


def test_our_own_share_sent_back_is_refused() -> None:
    a, _ = run()
    with pytest.raises(PairingFailed) as failed:
        a.key(b"a", a.share, b"b")
    assert failed.value.reason == "reflected"


@given(st.binary(max_size=40))
def test_any_bytes_are_an_element_or_refused(share: bytes) -> None:
    a, _ = run()
    if len(share) == 32 and share != IDENTITY and rbcl.crypto_core_ristretto255_is_valid_point(share):
        assert len(a.key(b"a", share, b"b")) == 64
    else:
        with pytest.raises(PairingFailed):
            a.key(b"a", share, b"b")


def test_different_passwords_give_different_keys() -> None:
    a, b = run(prs_b=b"U9XDV")
    assert a.key(b"a", b.share, b"b") != b.key(b"b", a.share, b"a")


@pytest.mark.parametrize("share", ["good", "identity", "own"])
def test_the_scalar_is_gone_after_one_use_whatever_the_outcome(share: str) -> None:
    a, b = run()
    peer = {"good": b.share, "identity": IDENTITY, "own": a.share}[share]
    for _ in range(2):
        try:
            a.key(b"a", peer, b"b")
        except PairingFailed:
            pass
        assert a._secret == bytes(32)
    with pytest.raises(PairingFailed):
        a.key(b"a", b.share, b"b")


def test_a_seed_becomes_a_scalar_below_the_groups_order() -> None:
    for seed in (b"\xff" * 64, bytes(63) + b"\x01"):
        assert int.from_bytes(cpace.scalar(seed), "little") == int.from_bytes(seed, "little") % ORDER
