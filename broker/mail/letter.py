"""A letter and the message that it becomes: pure."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import msgspec


@dataclass(frozen=True, slots=True)
class Letter:
    """What a customer reads, as plain text and as HTML."""

    lang: str
    subject: str
    text: str
    html: str

    def to_bytes(self) -> bytes:
        """For the outbox, which seals it."""
        return msgspec.json.encode(self)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Letter":
        """What `to_bytes` wrote."""
        return msgspec.json.decode(stored, type=cls)


def message(letter: Letter, id: str, host: str, sender: tuple[str, str], to: str, at: datetime) -> EmailMessage:
    """`sender`: name and address; `id` and `host` make the Message-ID, the same at every try (RFC 5322, 3.6.4).

    Raises `ValueError` for an address that no mail can have.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(sender[0], addr_spec=sender[1])
    made["To"] = Address(addr_spec=to)
    made["Subject"] = letter.subject
    made["Date"] = at
    made["Message-ID"] = f"<{id}@{host}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notices back
    made.set_content(letter.text)
    made.add_alternative(letter.html, subtype="html")
    made["Content-Language"] = letter.lang  # set last: making the parts clears it
    return made
