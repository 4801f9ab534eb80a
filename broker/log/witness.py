"""What an end kept of the log, signed by the broker, and whether the log still agrees with it (pairing rule 8).

A witness is a `receipt_ack` or `ended` message as JSON, the file with both that the customer's program keeps, or the
answer of `GET /log/head` that an auditor saved.  Whoever can write to the database can make a chain anew, but not what
others have kept.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from broker.i18n import N_
from broker.log.key import LogKey
from protocol import control, fields, receipt
from protocol.errors import Malformed
from protocol.text import b64url, lv, unb64url


class LogHead(Struct, frozen=True, kw_only=True):
    """The end of an organisation's chain at a moment, signed by the log key.  `key` is its public part."""

    org_id: fields.Identifier
    seq: fields.Count
    head: fields.Key
    utc: fields.Utc
    sig: str
    key: fields.Key

    def signed_bytes(self) -> bytes:
        """What `sig` signs."""
        return lv("relevo-log-head-1", self.org_id, str(self.seq), self.head, self.utc)


Witness = control.ReceiptAck | control.Ended | LogHead

CUSTOMERS_COPY: Final = {"acknowledgement": "receipt_ack", "ended": "ended"}
"""The parts of the customer's file that the broker signed, and the messages that they are."""

SIGNATURE = N_("This was not signed with the key of this log.")
CUT = N_("The log ends before it: its tail was cut off.")
CHANGED = N_("The log holds another event in its place: it was changed.")
AGREES = N_("The log agrees with it.")


@dataclass(frozen=True, slots=True)
class Testimony:
    """What a witness says: after event `seq` the chain's head was `head` (base64url)."""

    seq: int
    head: str
    session_id: str | None
    org_id: str | None


def read(data: bytes) -> tuple[Witness, ...]:
    """Every witness in a file, at least one.  Raises `Malformed` for what is none."""
    try:
        found = msgspec.json.decode(data, type=dict[str, Any])
        parts = [{"type": kind, **found[name]} for name, kind in CUSTOMERS_COPY.items() if name in found]
        return tuple(_message(part) for part in parts) or (_head(found) if "key" in found else _message(found),)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
        raise Malformed("A witness", str(error)) from None


def _message(found: dict[str, Any]) -> Witness:
    message: Witness = msgspec.convert(found, control.ReceiptAck | control.Ended)
    return message


def _head(found: dict[str, Any]) -> Witness:
    return msgspec.convert(found, LogHead)


def testimony(witness: Witness, public_key: str) -> Testimony:
    """What it says, once its signature holds under `public_key` (base64url).  Raises `SignatureRefused`."""
    if isinstance(witness, LogHead):
        receipt.check_bytes("log head", unb64url(public_key), witness.sig, witness.signed_bytes())
        return Testimony(witness.seq, witness.head, None, witness.org_id)
    receipt.check(witness, unb64url(public_key))
    return Testimony(witness.seq, witness.head, witness.session_id, None)


def sign_head(org_id: str, seq: int, head: bytes, utc: str, key: LogKey) -> LogHead:
    """The end of a chain, as an auditor may keep it."""
    unsigned = LogHead(org_id=org_id, seq=seq, head=b64url(head), utc=utc, sig="", key=key.public)
    return replace(unsigned, sig=b64url(key.sign(unsigned.signed_bytes())))
