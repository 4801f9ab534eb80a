"""Signatures that outlive a session: the agent's messages, its consent receipt, the broker's countersignatures.

Ed25519 (RFC 8032) over length-prefixed fields, never over JSON. A signed message is one of `control` with a `sig`:
`hello`, `end`, `permission_changed` by the agent's key, `receipt_ack`, `ended` by the broker's log key. Counterpart:
`operator_console/web/src/protocol/receipt.ts`. Holds no key: signing is passed in as a function.
"""

from collections.abc import Callable
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct
from msgspec.structs import fields, replace

from protocol.control import End, Ended, Hello, PermissionChanged, ReceiptAck
from protocol.errors import Malformed, SignatureRefused
from protocol.text import Field, b64url, lv, sha256, sha512, unb64url, unlv

Sign = Callable[[bytes], bytes]
"""Ed25519 with a key that stays where it is: message → 64 bytes."""

SIGNATURE_BYTES = 64


Signed = Hello | End | PermissionChanged | ReceiptAck | Ended
M = TypeVar("M", bound=Signed)


def signed_bytes(message: Signed, *context: Field) -> bytes:
    """What the `sig` of a control message signs: its kind, the `context`, then its other fields in their order.

    `hello` has the context (public origin, nonce_b); the others have none. A number is decimal text, true and false
    are `1` and `0`, none is empty, a list is one field of length-prefixed items.
    """
    values = (getattr(message, field.name) for field in fields(message) if field.name != "sig")
    return lv(f"relevo-{message.__struct_config__.tag}-1", *context, *map(_field, values))


def signed(message: M, sign: Sign, *context: Field) -> M:
    """The message with its signature; build it with `sig=""`."""
    return replace(message, sig=b64url(sign(signed_bytes(message, *context))))


def check(message: Signed, public_key: bytes, *context: Field) -> None:
    """Raises `SignatureRefused` unless the message's signature is by `public_key` (32 bytes) in this context."""
    check_bytes(str(message.__struct_config__.tag), public_key, message.sig, signed_bytes(message, *context))


def sid(session_id: str, nonce_console: str, nonce_agent: str) -> bytes:
    """CPace's session identifier, 16 bytes (step 10): names a pairing run in its keys and in the consent receipt."""
    return sha512(b"relevo-sid", lv(session_id, nonce_console, nonce_agent))[:16]


class Consent(Struct, frozen=True, kw_only=True):
    """What a customer agreed to (step 20): the body of a consent receipt."""

    session_id: str
    sid: bytes
    """CPace's session identifier, 16 bytes."""
    shares_sha256: bytes
    """SHA-256(Ya ‖ Yb), which names the run whose keys the session uses."""
    offer_sha256: bytes
    terms_version: int
    terms_sha256: bytes
    granted: tuple[str, ...]
    utc: str
    lang: str

    def body(self) -> bytes:
        """The bytes that the agent's key signs."""
        return lv(
            "relevo-consent-1", self.session_id, self.sid, self.shares_sha256, self.offer_sha256,
            str(self.terms_version), self.terms_sha256, lv(*self.granted), self.utc, self.lang,
        )  # fmt: skip

    @classmethod
    def read(cls, body: bytes, sig: str, pk_agent: bytes) -> "Consent":
        """The consent that `pk_agent` signed. The caller compares it with what it knows of the session.

        Raises `SignatureRefused`, or `Malformed` when no consent has this body.
        """
        check_bytes("consent", pk_agent, sig, body)
        try:
            _label, session_id, sid, shares, offer, version, terms, granted, utc, lang = unlv(body)
            consent = cls(
                session_id=session_id.decode(), sid=sid, shares_sha256=shares, offer_sha256=offer,
                terms_version=int(version), terms_sha256=terms, granted=tuple(g.decode() for g in unlv(granted)),
                utc=utc.decode(), lang=lang.decode(),
            )  # fmt: skip
        except ValueError:
            raise Malformed("A consent receipt", "its fields are not a consent's") from None
        if consent.body() != body:
            raise Malformed("A consent receipt", "it is not in the one form that it has")
        return consent


def receipt_sha256(body: bytes, sig: str) -> str:
    """Names a signed receipt in `receipt_ack`: SHA-256 over lv(body, signature), base64url."""
    return b64url(sha256(lv(body, unb64url(sig))))


def check_bytes(what: str, public_key: bytes, sig: str, data: bytes) -> None:
    """Raises `SignatureRefused` unless `sig` (base64url) over `data` is by `public_key` (32 bytes); `what` names it."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(unb64url(sig), data)
    except (InvalidSignature, Malformed, ValueError):
        raise SignatureRefused(what) from None


def _field(value: object) -> Field:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case int():
            return str(value)
        case str():
            return value
        case tuple():
            return lv(*map(_field, value))
    raise TypeError(f"a signed message cannot have {value!r}")
