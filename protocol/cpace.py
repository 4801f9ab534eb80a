"""CPace with ristretto255 and SHA-512: a short common secret becomes a strong key, one guess a run.

Suite CPACE-RISTR255-SHA512 of draft-irtf-cfrg-cpace, initiator–responder form; names follow the draft. Passes
`tests/vectors/cpace-ristretto255.json`. Counterpart: `operator_console/web/src/protocol/cpace.ts`.
Never imported by the broker, which relays shares and must be unable to use them.
"""

from enum import Enum

import rbcl

from protocol.errors import PairingFailed
from protocol.text import lv, sha512, wipe

SHARE_BYTES = 32
SCALAR_BYTES = 32
SEED_BYTES = 64

_DSI = b"CPaceRistretto255"
_BLOCK_BYTES = 128
"""SHA-512's input block: the password is padded so that the hash takes it as a block of its own."""
_IDENTITY = bytes(SHARE_BYTES)


class Role(Enum):
    """The initiator's share and data come first in the transcript. In Relevo the console is the initiator."""

    INITIATOR = "initiator"
    RESPONDER = "responder"


def generator_string(prs: bytes, ci: bytes, sid: bytes) -> bytes:
    """What is hashed into the generator (draft, section "Definitions for common parts")."""
    padding = max(0, _BLOCK_BYTES - 1 - len(lv(prs)) - len(lv(_DSI)))
    return lv(_DSI, prs, bytes(padding), ci, sid)


def generator(prs: bytes, ci: bytes, sid: bytes) -> bytes:
    """The run's generator: a group element that only those who know the password can tell."""
    return bytes(rbcl.crypto_core_ristretto255_from_hash(sha512(generator_string(prs, ci, sid))))


def scalar(seed: bytes) -> bytes:
    """A uniform secret scalar from 64 random bytes."""
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(seed))


def scalar_mult_vfy(y: bytes, share: bytes) -> bytes:
    """`y` times the peer's share. Raises `PairingFailed` for the identity and for bytes that are no element."""
    if share == _IDENTITY:
        raise PairingFailed("identity")
    if len(share) != SHARE_BYTES or not rbcl.crypto_core_ristretto255_is_valid_point(share):
        raise PairingFailed("not_an_element")
    try:
        product = bytes(rbcl.crypto_scalarmult_ristretto255(y, share))
    except RuntimeError:
        raise PairingFailed("identity") from None
    if product == _IDENTITY:
        raise PairingFailed("identity")
    return product


def initiator_responder_key(sid: bytes, k: bytes, ya: bytes, ada: bytes, yb: bytes, adb: bytes) -> bytes:
    """ISK (64 bytes) from the common element `k` and the ordered transcript."""
    return sha512(lv(_DSI + b"_ISK", sid, k), lv(ya, ada), lv(yb, adb))


class Exchange:
    """One end of one run. `share` is what to send; the password is not kept, the scalar only until `key`."""

    def __init__(self, role: Role, prs: bytes, ci: bytes, sid: bytes, secret: bytes) -> None:
        """`secret` is a scalar, 32 bytes, from `scalar` and used for nothing else."""
        self._role, self._sid = role, sid
        self._secret = bytearray(secret)
        self.share = scalar_mult_vfy(secret, generator(prs, ci, sid))

    def key(self, own_ad: bytes, peer_share: bytes, peer_ad: bytes) -> bytearray:
        """ISK, 64 bytes, which the caller wipes. Works once: the scalar is gone after it, whatever the outcome.

        Raises `PairingFailed`: `identity`, `not_an_element`, or `reflected` when the peer sent our own share back.
        """
        try:
            if peer_share == self.share:
                raise PairingFailed("reflected")
            common = scalar_mult_vfy(bytes(self._secret), peer_share)
        finally:
            self.forget()
        mine, theirs = (self.share, own_ad), (peer_share, peer_ad)
        first, second = (mine, theirs) if self._role is Role.INITIATOR else (theirs, mine)
        return bytearray(initiator_responder_key(self._sid, common, *first, *second))

    def forget(self) -> None:
        """Wipe the scalar: nothing can come of this run any more."""
        wipe(self._secret)
