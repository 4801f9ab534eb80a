"""Names and secrets made at random, and the hash under which a secret is stored."""

import hashlib
import secrets

from protocol.text import NONCE_BYTES, b64url


def new_id() -> str:
    """16 random bytes as base64url text (22 characters); no minus first, which spreadsheets take for a formula."""
    while (made := b64url(secrets.token_bytes(NONCE_BYTES))).startswith("-"):
        pass
    return made


def new_token() -> str:
    """32 random bytes as base64url text (43 characters): a sign-in or a one-time link.  Shown once, never stored."""
    return b64url(secrets.token_bytes(32))


def fingerprint(token: str) -> bytes:
    """What is stored of a token: SHA-256 suffices, since a token has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
