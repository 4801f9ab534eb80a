"""The Noise handshake against published vectors, another implementation and a tampering line."""

import json
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise.connection import Keypair, NoiseConnection

from protocol import noise
from protocol.errors import BadTransition, IntegrityError

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/noise-nnpsk0.json").read_text())["vectors"][0]


def pair(**changed: bytes) -> tuple[noise.Initiator, bytes, noise.Transport]:
    """A responder's answer to an initiator with the same key, except for what is `changed` at the responder."""
    own = {"psk": b"k" * 32, "prologue": b"prologue"}
    initiator = noise.Initiator(**own, ephemeral=secrets.token_bytes(32))
    given = {**own, "message": initiator.message, **changed}
    return (initiator, *noise.respond(**given, ephemeral=secrets.token_bytes(32)))


def test_both_roles_reproduce_the_published_vector() -> None:
    hexed = bytes.fromhex
    wires = [(hexed(m["payload"]), hexed(m["ciphertext"])) for m in VECTOR["messages"]]
    a = noise.Initiator(
        hexed(VECTOR["init_psks"][0]), hexed(VECTOR["init_prologue"]), hexed(VECTOR["init_ephemeral"]), wires[0][0]
    )
    assert a.message == wires[0][1]
    message, at_b = noise.respond(
        hexed(VECTOR["resp_psks"][0]), hexed(VECTOR["resp_prologue"]), hexed(VECTOR["resp_ephemeral"]), *wires[0][1:],
        payload=wires[1][0],
    )  # fmt: skip
    assert message == wires[1][1]
    at_a = a.finish(message)
    assert (at_b.payload, at_a.payload) == (wires[0][0], wires[1][0])
    assert at_a.handshake_hash == at_b.handshake_hash == hexed(VECTOR["handshake_hash"])
    for turn, (plain, sealed) in enumerate(wires[2:]):
        sender, receiver = (at_a, at_b) if turn % 2 == 0 else (at_b, at_a)
        assert sender.sending.encrypt(plain) == sealed
        assert receiver.receiving.decrypt(sealed) == plain


@pytest.mark.filterwarnings("ignore:One of ephemeral keypairs")
@pytest.mark.parametrize("we_start", [True, False])
def test_another_implementation_understands_us(we_start: bool) -> None:
    psk, prologue = secrets.token_bytes(32), secrets.token_bytes(20)
    other = NoiseConnection.from_name(noise.NAME)
    other.set_psks(psk)
    other.set_prologue(prologue)
    other.set_keypair_from_private_bytes(Keypair.EPHEMERAL, secrets.token_bytes(32))
    if we_start:
        other.set_as_responder()
        other.start_handshake()
        ours = noise.Initiator(psk, prologue, secrets.token_bytes(32), b"one")
        assert other.read_message(ours.message) == b"one"
        transport = ours.finish(bytes(other.write_message(b"two")))
        assert transport.payload == b"two"
    else:
        other.set_as_initiator()
        other.start_handshake()
        message, transport = noise.respond(psk, prologue, secrets.token_bytes(32), bytes(other.write_message(b"one")))
        assert transport.payload == b"one"
        other.read_message(message)
    assert transport.handshake_hash == other.get_handshake_hash()
    for text in (b"", b"a", b"z" * 60_000):
        assert other.decrypt(transport.sending.encrypt(text)) == text
        assert transport.receiving.decrypt(bytes(other.encrypt(text))) == text


@pytest.mark.parametrize("changed", ["psk", "prologue"])
def test_a_different_key_or_prologue_gives_no_connection(changed: str) -> None:
    with pytest.raises(IntegrityError):
        pair(**{changed: b"x" * 32})


@given(at=st.integers(0, 47), bit=st.integers(0, 7), first=st.booleans())
def test_a_flipped_bit_in_either_message_gives_no_connection(at: int, bit: int, first: bool) -> None:
    initiator, answer, _ = pair()
    message = bytearray(initiator.message if first else answer)
    message[at] ^= 1 << bit
    with pytest.raises(IntegrityError):
        pair(message=bytes(message)) if first else initiator.finish(bytes(message))


@given(st.binary(max_size=100))
def test_any_bytes_instead_of_a_message_are_refused(message: bytes) -> None:
    initiator, _, _ = pair()
    with pytest.raises(IntegrityError):
        pair(message=message)
    with pytest.raises(IntegrityError):
        initiator.finish(message)


def test_a_degenerate_key_is_refused_even_from_someone_with_the_secret() -> None:
    symmetric = noise._Symmetric(b"prologue")
    symmetric.mix_key_and_hash(b"k" * 32)
    symmetric.mix_ephemeral(bytes(32))
    with pytest.raises(IntegrityError, match="degenerate"):
        pair(message=bytes(32) + symmetric.encrypt_and_hash(b""))


def test_an_initiator_finishes_once() -> None:
    initiator, answer, _ = pair()
    initiator.finish(answer)
    with pytest.raises(BadTransition):
        initiator.finish(answer)


def test_a_repeated_or_skipped_message_does_not_open() -> None:
    initiator, answer, at_b = pair()
    at_a = initiator.finish(answer)
    one, two = at_a.sending.encrypt(b"one"), at_a.sending.encrypt(b"two")
    with pytest.raises(IntegrityError):
        at_b.receiving.decrypt(two)
    assert at_b.receiving.decrypt(two) == b"two"  # place 1: CipherState only counts; the channel dies at the failure
    with pytest.raises(IntegrityError):
        at_b.receiving.decrypt(one)


def test_keys_do_not_show_themselves() -> None:
    assert repr(pair()[2]) == "Transport(…)"
