"""The installation's own secrets: one random key in a file beside the database, and what is derived from it.

A copy of the database alone opens no account and forges no signature.  Whoever restores a backup elsewhere needs
`master.key` too.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.errors import SettingsRefused
from broker.store import private_file
from protocol.text import hkdf_sha512

NAME: Final = "master.key"
SIZE: Final = 32


class Keys:
    """Derives a key per purpose from the master key, and seals the few secrets that the database must give back."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    @classmethod
    def open(cls, data_dir: Path) -> "Keys":
        """The keys of this installation; made at the first start.  Raises `SettingsRefused` for a damaged file
        and for one of another user."""
        file = data_dir / NAME
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = private_file.create(file)
        except FileExistsError:
            master = cls._read(file)
        else:
            master = secrets.token_bytes(SIZE)
            with os.fdopen(handle, "wb") as out:
                out.write(master)
                out.flush()
                os.fsync(out.fileno())
        if len(master) != SIZE:
            raise SettingsRefused(f"{file} is damaged: it must hold {SIZE} bytes")
        return cls(master)

    @staticmethod
    def _read(file: Path) -> bytes:
        try:
            return file.read_bytes()
        except PermissionError:
            raise SettingsRefused(f"{file} belongs to another user: chown --reference={file.parent}/. {file}") from None

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """The key for one purpose, such as `log` or `server part`; always the same for the same installation."""
        return hkdf_sha512(self._master, b"relevo-keys-1", purpose.encode(), length)

    def seal(self, purpose: str, secret: bytes, about: str) -> bytes:
        """Encrypt `secret`, bound to `about` (whose it is).  AES-256-GCM, a random nonce in front."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.derive(purpose)).encrypt(nonce, secret, about.encode())

    def unseal(self, purpose: str, sealed: bytes, about: str) -> bytes:
        """What :func:`seal` hid.  Raises `SettingsRefused` if another key sealed it."""
        try:
            return AESGCM(self.derive(purpose)).decrypt(sealed[:12], sealed[12:], about.encode())
        except InvalidTag:
            raise SettingsRefused(f"{NAME} is not the one that this database was made with") from None
