"""Signatures: what they cover, and that nothing covered can change."""

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import control, receipt
from protocol.errors import Malformed, ProtocolError, SignatureRefused
from protocol.receipt import Consent
from protocol.text import b64url, unlv

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32).public_key().public_bytes_raw()

ID = b64url(bytes(16))
HASH = b64url(bytes(32))
ORIGIN = "https://ayuda.example"

HELLO = control.Hello(
    version="1", program="0.1.0", platform="linux", org_id=ID, pk_agent=b64url(PUBLIC), terms_version=3,
    terms_sha256=HASH, terms_accepted_utc="2026-11-22T10:00:00Z", lang="es", computer="Caja", user="Íñigo", sig="",
)  # fmt: skip
MESSAGES: list[receipt.Signed] = [
    HELLO,
    replace(HELLO, id="012345678"),
    control.End(session_id=ID, reason="customer", utc="2026-11-22T10:00:00Z", connected_s=61, sig=""),
    control.PermissionChanged(session_id=ID, name="control", on=False, utc="2026-11-22T10:00:00Z", sig=""),
    control.ReceiptAck(session_id=ID, receipt_sha256=HASH, seq=7, head=HASH, utc="2026-11-22T10:00:00Z", sig=""),
    control.Ended(
        session_id=ID, reason="customer", connected_s=60, utc="2026-11-22T10:00:00Z", seq=9, head=HASH, sig=""
    ),
]
CONSENT = Consent(
    session_id=ID, sid=bytes(16), shares_sha256=b"s" * 32, offer_sha256=b"o" * 32, terms_version=3,
    terms_sha256=b"t" * 32, granted=("view", "control"), utc="2026-11-22T10:00:00Z", lang="es",
)  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_signed_message_holds_for_its_key_and_context_alone(message: receipt.Signed) -> None:
    made = receipt.signed(message, KEY.sign, ORIGIN, ID)
    receipt.check(made, PUBLIC, ORIGIN, ID)
    for public, context in [(OTHER, (ORIGIN, ID)), (PUBLIC, (ORIGIN, "x")), (PUBLIC, ()), (b"short", (ORIGIN, ID))]:
        with pytest.raises(SignatureRefused):
            receipt.check(made, public, *context)


@pytest.mark.parametrize(
    ("message", "field"),
    [(m, f.name) for m in MESSAGES for f in msgspec.structs.fields(m)],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_no_field_of_a_signed_message_can_change(message: receipt.Signed, field: str) -> None:
    made = receipt.signed(message, KEY.sign)
    value = getattr(made, field)
    other: Any = value + "A" if isinstance(value, str) else "1" if value is None else value + 1
    with pytest.raises(SignatureRefused):
        receipt.check(replace(made, **{field: other}), PUBLIC)


def test_one_kind_of_message_does_not_pass_for_another() -> None:
    firsts = [unlv(receipt.signed_bytes(m))[0] for m in MESSAGES[1:]]
    assert firsts == [
        b"relevo-hello-1", b"relevo-end-1", b"relevo-permission_changed-1", b"relevo-receipt_ack-1", b"relevo-ended-1",
    ]  # fmt: skip


def test_the_bytes_that_a_message_signs_are_as_documented() -> None:
    assert unlv(receipt.signed_bytes(MESSAGES[0], ORIGIN, "nonce")) == (
        b"relevo-hello-1", ORIGIN.encode(), b"nonce", b"1", b"0.1.0", b"linux", ID.encode(), b64url(PUBLIC).encode(),
        b"3", HASH.encode(), b"2026-11-22T10:00:00Z", b"es", b"Caja", "Íñigo".encode(), b"",
    )  # fmt: skip
    assert unlv(receipt.signed_bytes(MESSAGES[3]))[3] == b"0"


def test_a_consent_receipt_is_read_back_with_its_signature() -> None:
    body = CONSENT.body()
    assert Consent.read(body, b64url(KEY.sign(body)), PUBLIC) == CONSENT
    for granted in ((), ("view",)):
        other = replace(CONSENT, granted=granted).body()
        assert Consent.read(other, b64url(KEY.sign(other)), PUBLIC).granted == granted


@given(at=st.integers(0, len(CONSENT.body()) * 8 - 1))
def test_a_flipped_bit_in_a_receipt_is_refused(at: int) -> None:
    body = bytearray(CONSENT.body())
    sig = b64url(KEY.sign(bytes(body)))
    body[at // 8] ^= 1 << at % 8
    with pytest.raises(SignatureRefused):
        Consent.read(bytes(body), sig, PUBLIC)


@given(st.binary(max_size=300) | st.integers(0, 400).map(lambda at: CONSENT.body()[:at]))
def test_signed_bytes_are_one_consents_only_form_or_refused(body: bytes) -> None:
    try:
        assert Consent.read(body, b64url(KEY.sign(body)), PUBLIC).body() == body
    except Malformed:
        pass


@pytest.mark.parametrize("version", [b"+3", b"03", b"1_0", b"\xff", b"three", b""])
def test_a_number_in_another_spelling_is_refused(version: bytes) -> None:
    body = CONSENT.body().replace(b"\x013\x20ttt", bytes([len(version)]) + version + b"\x20ttt")
    with pytest.raises(Malformed):
        Consent.read(body, b64url(KEY.sign(body)), PUBLIC)


def test_a_receipts_name_depends_on_body_and_signature() -> None:
    body = CONSENT.body()
    names = {receipt.receipt_sha256(*pair) for pair in [(body, "AAAA"), (body, "AAAB"), (body[:-1], "AAAA")]}
    assert len(names) == 3


@given(st.text(max_size=100))
def test_any_text_as_a_signature_is_refused(sig: str) -> None:
    with pytest.raises(ProtocolError):
        receipt.check(replace(HELLO, sig=sig), PUBLIC, ORIGIN, ID)
