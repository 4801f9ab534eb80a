"""What a field of a message may hold: texts of a known form and length, numbers in range.

Used by `control`, `inner`, `offer`, `ticket`.  Binary values (keys, shares, signatures, hashes, tokens) are base64url
text without padding.  A value outside its bounds is refused where the message is read.
"""

from typing import Annotated

from msgspec import Meta

from protocol import limits


def whole(pattern: str) -> str:
    """A regular expression for the whole of a text. Python's `$` alone would let a last newline pass."""
    return rf"^(?:{pattern})(?!\n)$"


def symbols(size: int) -> int:
    """How many symbols of base64url text, without padding, `size` bytes come to."""
    return -(-size * 4 // 3)


B64 = whole("[A-Za-z0-9_-]*")
Nonce = Annotated[str, Meta(pattern=whole("[A-Za-z0-9_-]{22}"), description="16 random bytes")]
Identifier = Annotated[str, Meta(pattern=whole("[A-Za-z0-9_-]{22}"), description="16 random bytes naming a thing")]
Key = Annotated[
    str, Meta(pattern=whole("[A-Za-z0-9_-]{43}"), description="32 bytes: a public key, a share or a SHA-256")
]
Signature = Annotated[str, Meta(pattern=whole("[A-Za-z0-9_-]{86}"), description="64 bytes: Ed25519, or HMAC-SHA-512")]
Bytes = Annotated[str, Meta(pattern=B64, max_length=4096, description="bytes")]
OfferBytes = Annotated[
    str, Meta(pattern=B64, max_length=symbols(limits.OFFER), description="the exact bytes of an offer")
]
ProbeBytes = Annotated[str, Meta(pattern=B64, max_length=symbols(limits.PROBE_CHUNK))]
Token = Annotated[str, Meta(pattern=whole("[A-Za-z0-9_.-]*"), max_length=limits.TICKET)]
ShortText = Annotated[str, Meta(max_length=limits.SHORT_TEXT)]
LongText = Annotated[str, Meta(max_length=limits.LONG_TEXT)]
Version = Annotated[str, Meta(pattern=whole("[0-9]{1,4}"))]
AgentId = Annotated[str, Meta(pattern=whole("[0-9]{9}"), description="the ID that the customer reads out")]
ServerPart = Annotated[str, Meta(pattern=whole("[0-9A-Z]{3}"), description="the first three symbols of the password")]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Generation = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Utc = Annotated[
    str,
    Meta(
        pattern=whole(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z"),
        description="RFC 3339 in UTC",
    ),
]
