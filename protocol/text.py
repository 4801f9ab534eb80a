"""Bytes that both ends must build alike: length-prefixed fields, hashes, keyed derivation, base64url.

Counterpart: `operator_console/web/src/protocol/text.ts`. Every function here is pure; none may ever keep or
log what it is given.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol.errors import Malformed

Field = str | bytes | bytearray

NONCE_BYTES = 16
"""Length of every ID and nonce, in bytes; 22 characters as base64url text."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def lv(*fields: Field) -> bytes:
    """Concatenate the fields, each behind its length in bytes as unsigned LEB128 (CPace draft, `prepend_len`).

    Text is UTF-8; bytes go in as they are. Injective: no two lists of fields give the same bytes.
    """
    out = bytearray()
    for field in fields:
        data = field.encode() if isinstance(field, str) else field
        length = len(data)
        while length > 0x7F:
            out.append(length & 0x7F | 0x80)
            length >>= 7
        out.append(length)
        out += data
    return bytes(out)


def unlv(data: bytes) -> tuple[bytes, ...]:
    """Split what :func:`lv` built into its fields.

    Raises `Malformed` for anything that `lv` cannot have built, a padded length included.
    """
    return tuple(_fields(data))


def _fields(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length = shift = 0
        while True:
            if at == len(data) or shift > 28:
                raise Malformed("A list of fields", "a length is cut short or too long")
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if (byte == 0 and shift > 7) or at + length > len(data):
            raise Malformed("A list of fields", "a length does not match its field")
        yield data[at : at + length]
        at += length


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts put together (32 bytes)."""
    return hashlib.sha256(b"".join(parts)).digest()


def sha512(*parts: bytes) -> bytes:
    """SHA-512 of the parts put together (64 bytes)."""
    return hashlib.sha512(b"".join(parts)).digest()


def hmac_sha512(key: bytes | bytearray, message: bytes) -> bytes:
    """HMAC-SHA-512 (64 bytes)."""
    return hmac.digest(bytes(key), message, "sha512")


def hkdf_sha512(key: bytes | bytearray, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-512, extract and expand (RFC 5869); `length` in bytes."""
    return HKDF(SHA512(), length, salt, info).derive(bytes(key))


def same(left: bytes, right: bytes) -> bool:
    """Compare two secrets or tags in constant time."""
    return hmac.compare_digest(left, right)


def wipe(secret: bytearray) -> None:
    """Overwrite a secret in place. Copies that the interpreter or a library made cannot be reached."""
    secret[:] = bytes(len(secret))


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    """Decode :func:`b64url`'s text. Raises `Malformed` for padding, other symbols or spare bits that are not zero."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Malformed("Base64url text", "it has other symbols or a wrong length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64url(data) != text:
        raise Malformed("Base64url text", "its spare bits are not zero")
    return data
