"""The customer's consent as signed bytes: receipt out, countersignature in, what the console and the customer keep.

Steps 20–22 of docs/protocol.md.  Counterparts: the broker's log, `protocol.receipt`.  Pure but for the key, which is
passed in as a function.
"""

import json
from typing import Literal

from protocol import control, inner, receipt
from protocol.control import Permission
from protocol.errors import SignatureRefused
from protocol.offer import Offer
from protocol.pairing import SessionKeys
from protocol.receipt import Consent, Sign
from protocol.text import b64url, sha256, unb64url


class Agreement:
    """`log_key`: the broker's, 32 bytes; None: countersignatures cannot be checked (a trial without a build file)."""

    def __init__(self, keys: SessionKeys, offer: Offer, offer_bytes: bytes, log_key: bytes | None) -> None:
        self._keys, self._offer, self._offer_sha256, self._log_key = keys, offer, sha256(offer_bytes), log_key
        self.sent: control.Receipt | None = None
        self.acked: control.ReceiptAck | None = None

    @property
    def granted(self) -> frozenset[Permission]:
        """What the customer agreed to; in force only with the countersignature."""
        return frozenset(self.sent.granted) if self.sent else frozenset()

    @property
    def waiting(self) -> bool:
        """Whether the customer has agreed and the broker has not written it down yet."""
        return self.sent is not None and self.acked is None

    def consent(
        self, granted: frozenset[Permission], utc: str, lang: Literal["es", "en"], sign: Sign
    ) -> control.Receipt:
        """Step 20.  `granted` is a part of what was wanted."""
        names: tuple[Permission, ...] = tuple(name for name in self._offer.wanted if name in granted)
        body = Consent(
            session_id=self._keys.session_id, sid=self._keys.sid, shares_sha256=self._keys.shares_sha256(),
            offer_sha256=self._offer_sha256, terms_version=self._offer.terms_version,
            terms_sha256=unb64url(self._offer.terms_sha256), granted=names, utc=utc, lang=lang,
        ).body()  # fmt: skip
        self.sent = control.Receipt(
            session_id=self._keys.session_id, granted=names, utc=utc, lang=lang, body=b64url(body),
            sig=b64url(sign(body)),
        )  # fmt: skip
        return self.sent

    def countersigned(self, ack: control.ReceiptAck) -> None:
        """Step 21.  Raises `SignatureRefused` for one that is not by the broker's log key, or of another receipt."""
        sent = self.sent
        if sent is None or ack.receipt_sha256 != receipt.receipt_sha256(unb64url(sent.body), sent.sig):
            raise SignatureRefused("the receipt's acknowledgement")
        if self._log_key is not None:
            receipt.check(ack, self._log_key)
        self.acked = ack

    def grant(self) -> inner.Grant:
        """Step 22.  Only after `countersigned`."""
        sent, ack = self._both()
        return inner.Grant(
            granted=sent.granted, body=unb64url(sent.body), sig=unb64url(sent.sig), ack_seq=ack.seq,
            ack_head=unb64url(ack.head), ack_utc=ack.utc, ack_sig=unb64url(ack.sig),
        )  # fmt: skip

    def kept(self) -> bytes:
        """What the customer keeps, as JSON.  Only after `countersigned`."""
        sent, ack = self._both()
        content = {"receipt": _plain(sent), "acknowledgement": _plain(ack), "pk_agent": b64url(self._keys.pk_agent)}
        return json.dumps(content, indent=2).encode()

    def _both(self) -> tuple[control.Receipt, control.ReceiptAck]:
        if self.sent is None or self.acked is None:
            raise SignatureRefused("a consent that nobody countersigned")
        return self.sent, self.acked


def _plain(message: control.Message) -> dict[str, object]:
    return {name: getattr(message, name) for name in message.__struct_fields__}
