"""The log key: the broker's Ed25519 key that signs chain heads and countersigns consent.

Its seed is derived from the installation's master key (`broker.keys`), which is made at the first start and readable
by the broker alone.  The public part is pinned in the agent's build; `relevo log key` shows it.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker.keys import Keys
from protocol.text import b64url

PURPOSE = "log"


class LogKey:
    """Signs; never shows its private part."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = b64url(self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        """32 bytes, base64url."""

    @classmethod
    def of(cls, keys: Keys) -> "LogKey":
        """The log key of this installation."""
        return cls(keys.derive(PURPOSE))

    def __repr__(self) -> str:
        return f"LogKey({self.public})"

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._private.sign(message)
