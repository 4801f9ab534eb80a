"""Length-prefixed fields, base64url and key derivation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Malformed
from protocol.text import b64url, hkdf_sha512, hmac_sha512, lv, unb64url, unlv, wipe


def test_fields_carry_their_length_in_leb128() -> None:
    assert lv("", "a", "é", b"x" * 128) == b"\x00" + b"\x01a" + b"\x02\xc3\xa9" + b"\x80\x01" + b"x" * 128


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_fields_are_read_back(fields: list[bytes]) -> None:
    assert unlv(lv(*fields)) == tuple(fields)


@given(st.binary(max_size=40))
def test_any_bytes_are_the_one_form_of_some_fields_or_refused(data: bytes) -> None:
    try:
        fields = unlv(data)
    except Malformed:
        return
    assert lv(*fields) == data


@pytest.mark.parametrize("data", [b"\x01", b"\x80", b"\x80\x00", b"\x81\x00a", b"\xff\xff\xff\xff\xff\x01", b"\x02a"])
def test_a_padded_or_cut_length_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        unlv(data)


@given(st.binary(max_size=100))
def test_base64url_is_read_back_without_padding(data: bytes) -> None:
    assert "=" not in b64url(data)
    assert unb64url(b64url(data)) == data


@pytest.mark.parametrize("text", ["A", "AA=", "AA==", "AB", "A+", "A/", "AA\n", " AA", "ÁÁ", "AAAAA"])
def test_base64url_that_is_padded_spare_or_foreign_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        unb64url(text)


def test_hkdf_with_sha512_gives_the_value_of_another_implementation() -> None:
    """Expected value from the definition in RFC 5869, section 2, with HMAC alone."""
    key, salt, info = b"\x0b" * 22, bytes(range(13)), b"confirm"
    extracted = hmac_sha512(salt, key)
    first = hmac_sha512(extracted, info + b"\x01")
    second = hmac_sha512(extracted, first + info + b"\x02")
    assert hkdf_sha512(key, salt, info, 80) == (first + second)[:80]


def test_a_wiped_secret_is_zero() -> None:
    secret = bytearray(b"secret")
    wipe(secret)
    assert secret == bytes(6)
