"""The chain: what binds each stored event to all before it, and the commitments that stand for personal data.  Pure.

    head_0 = 32 zero bytes
    head_n = SHA-256(lv("relevo-log-1", org_id, n, head_{n-1}, stored bytes of event n))
    commitment = SHA-256(lv("relevo-personal-1", org_id, n, field, salt, value)), salt = 16 random bytes

Counterpart: `broker.log.writer` appends, `broker.log.verify` checks.  Pairing rule 8.
"""

from protocol.text import b64url, lv, sha256

GENESIS = bytes(32)
"""The head of a chain without events."""

SALT_BYTES = 16


def next_head(org_id: str, seq: int, head: bytes, stored: bytes) -> bytes:
    """The head after event `seq`, whose bytes are `stored`; `head` is the one before it."""
    return sha256(lv("relevo-log-1", org_id, str(seq), head, stored))


def commitment(org_id: str, seq: int, field: str, salt: bytes, value: str) -> str:
    """What an event holds in place of a personal datum, base64url.  Without the salt it tells nothing of the value."""
    return b64url(sha256(lv("relevo-personal-1", org_id, str(seq), field, salt, value)))
