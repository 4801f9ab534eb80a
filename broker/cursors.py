"""Where a page of a list goes on: after the record with this instant and this id, as text that only we read."""

from datetime import datetime

from broker.clock import rfc3339
from broker.errors import Malformed
from protocol.errors import Malformed as NotBase64
from protocol.text import b64url, unb64url


def cursor(utc: datetime, id: str) -> str:
    """After this record."""
    return b64url(f"{rfc3339(utc)} {id}".encode())


def place(cursor: str) -> tuple[datetime, str]:
    """What :func:`cursor` was made of.  Raises `Malformed` for text that it never gave."""
    try:
        text, id = unb64url(cursor).decode().split(" ")
        utc = datetime.fromisoformat(text)
    except (ValueError, NotBase64):
        raise Malformed from None
    if utc.tzinfo is None or not id.isprintable():
        raise Malformed
    return utc, id
