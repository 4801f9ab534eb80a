"""Noise_NNpsk0_25519_AESGCM_SHA256: fresh keys for each connection, proved by the pre-shared key.

The Noise Protocol Framework, revision 34; names follow it. Passes `tests/vectors/noise-nnpsk0.json`. Ephemeral keys
are parameters: 32 random bytes, never used twice. Counterpart: `operator_console/web/src/protocol/noise.ts`.
Never imported by the broker; never offers a mode without keys.

    NNpsk0:  -> psk, e      Initiator(…).message
             <- e, ee       respond(…) → message, Transport;   Initiator.finish(message) → Transport
"""

import hashlib
import hmac
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.errors import BadTransition, IntegrityError
from protocol.limits import AEAD_TAG, RECORD

NAME = b"Noise_NNpsk0_25519_AESGCM_SHA256"
KEY_BYTES = 32

_LAST_NONCE = 2**64 - 1
"""Reserved by the framework (section 5.1)."""


class CipherState:
    """A key and its counter (section 5.1): every message takes the next nonce, in order, once."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._nonce = 0

    def encrypt(self, plaintext: bytes, data: bytes | None = None) -> bytes:
        """Seal with the next nonce; 16 bytes longer. `data` is authenticated and not sent."""
        return self._aead.encrypt(self._next_nonce(), plaintext, data)

    def decrypt(self, ciphertext: bytes, data: bytes | None = None) -> bytes:
        """Open with the next nonce. Raises `IntegrityError`; the caller must not go on with this key then."""
        try:
            return self._aead.decrypt(self._next_nonce(), ciphertext, data)
        except (InvalidTag, ValueError):
            raise IntegrityError("A sealed message does not open with its key at its place") from None

    def _next_nonce(self) -> bytes:
        if self._nonce == _LAST_NONCE:
            raise IntegrityError("This key has sealed as many messages as it may")
        nonce = bytes(4) + self._nonce.to_bytes(8, "big")
        self._nonce += 1
        return nonce


class Transport(NamedTuple):
    """What a handshake leaves: a key per direction, and the payload that the peer's message carried."""

    sending: CipherState
    receiving: CipherState
    handshake_hash: bytes
    payload: bytes

    def __repr__(self) -> str:
        return "Transport(…)"


class Initiator:
    """The end that speaks first. `message` goes out; the answer goes to `finish`, once."""

    def __init__(self, psk: bytes, prologue: bytes, ephemeral: bytes, payload: bytes = b"") -> None:
        self._symmetric = _Symmetric(prologue)
        self._ephemeral: X25519PrivateKey | None = X25519PrivateKey.from_private_bytes(ephemeral)
        public = self._ephemeral.public_key().public_bytes_raw()
        self._symmetric.mix_key_and_hash(psk)
        self._symmetric.mix_ephemeral(public)
        self.message = public + self._symmetric.encrypt_and_hash(payload)

    def finish(self, message: bytes) -> Transport:
        """The connection's keys. Raises `IntegrityError` when the peer lacks the key or anything was changed."""
        ephemeral, self._ephemeral = self._ephemeral, None
        if ephemeral is None:
            raise BadTransition("A Noise initiator", "finished", "another answer")
        public, sealed = _split(message)
        self._symmetric.mix_ephemeral(public)
        self._symmetric.mix_key(_dh(ephemeral, public))
        payload = self._symmetric.decrypt_and_hash(sealed)
        first, second = self._symmetric.split()
        return Transport(first, second, self._symmetric.h, payload)


def respond(
    psk: bytes, prologue: bytes, ephemeral: bytes, message: bytes, payload: bytes = b""
) -> tuple[bytes, Transport]:
    """Answer an initiator's message: ours, and the connection's keys. Raises `IntegrityError` as `finish` does."""
    symmetric = _Symmetric(prologue)
    public, sealed = _split(message)
    symmetric.mix_key_and_hash(psk)
    symmetric.mix_ephemeral(public)
    received = symmetric.decrypt_and_hash(sealed)
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    own = private.public_key().public_bytes_raw()
    symmetric.mix_ephemeral(own)
    symmetric.mix_key(_dh(private, public))
    answer = own + symmetric.encrypt_and_hash(payload)
    first, second = symmetric.split()
    return answer, Transport(second, first, symmetric.h, received)


class _Symmetric:
    """SymmetricState (section 5.2): the chaining key, the transcript's hash and the handshake's own key."""

    def __init__(self, prologue: bytes) -> None:
        self.h = self._ck = NAME  # exactly HASHLEN bytes, so it is its own hash
        self._cipher: CipherState
        self._mix_hash(prologue)

    def mix_ephemeral(self, public: bytes) -> None:
        """Token `e` of a handshake with a pre-shared key (section 9.2): hash and key take it."""
        self._mix_hash(public)
        self.mix_key(public)

    def mix_key(self, material: bytes) -> None:
        self._ck, key = self._hkdf(material, 2)
        self._cipher = CipherState(key)

    def mix_key_and_hash(self, material: bytes) -> None:
        self._ck, mixed, key = self._hkdf(material, 3)
        self._mix_hash(mixed)
        self._cipher = CipherState(key)

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        ciphertext = self._cipher.encrypt(plaintext, self.h)
        self._mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        plaintext = self._cipher.decrypt(ciphertext, self.h)
        self._mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        first, second = self._hkdf(b"", 2)
        return CipherState(first), CipherState(second)

    def _mix_hash(self, data: bytes) -> None:
        self.h = hashlib.sha256(self.h + data).digest()

    def _hkdf(self, material: bytes, outputs: int) -> list[bytes]:
        """HKDF with the chaining key as salt (section 4.3): it is RFC 5869's with an empty `info`."""
        key, block, blocks = hmac.digest(self._ck, material, "sha256"), b"", list[bytes]()
        for count in range(1, outputs + 1):
            block = hmac.digest(key, block + bytes([count]), "sha256")
            blocks.append(block)
        return blocks


def _split(message: bytes) -> tuple[bytes, bytes]:
    if not KEY_BYTES + AEAD_TAG <= len(message) <= RECORD:
        raise IntegrityError("A handshake message has an impossible length")
    return message[:KEY_BYTES], message[KEY_BYTES:]


def _dh(private: X25519PrivateKey, public: bytes) -> bytes:
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # a point of small order: the product says nothing of our key
        raise IntegrityError("A handshake message has a degenerate key") from None
