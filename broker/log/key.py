"""The log key: the broker's Ed25519 key that signs chain heads and countersigns consent.

Made at the first start in the data folder, readable by the broker alone; its public part is pinned in the agent's build
(`relevo log key`).  Losing it does not break the chain, but what it signed can then be checked only with the old public part.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from protocol.text import b64url, unb64url

FILE_NAME = "log.key"


class LogKey:
    """Signs; never shows its private part."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = b64url(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        """32 bytes, base64url."""

    def __repr__(self) -> str:
        return f"LogKey({self.public})"

    def sign(self, message: bytes) -> str:
        """Ed25519 signature, base64url."""
        return b64url(self._private.sign(message))


def open_log_key(data_dir: Path) -> LogKey:
    """The key in `data_dir`, made there if it is the first start.  Raises `OSError` or `ValueError` for an unusable file."""
    path = data_dir / FILE_NAME
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        pem = _make(path)
    private = load_pem_private_key(pem, password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key.")
    return LogKey(private)


def holds(public: str, signature: str, message: bytes) -> bool:
    """Whether `signature` (base64url) over `message` was made with the key whose public part is `public` (base64url)."""
    try:
        Ed25519PublicKey.from_public_bytes(unb64url(public)).verify(unb64url(signature), message)
    except InvalidSignature:
        return False
    return True


def _make(path: Path) -> bytes:
    """Write a new key so that a crash leaves either none or a whole one, and two starters agree on the same."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
