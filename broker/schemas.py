"""The kinds of values in HTTP bodies, and the two bases: closed frozen requests, frozen replies.

Free text never holds control or bidirectional characters (pairing rule 5 applies to what the broker shows as well).
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from broker.clock import rfc3339
from protocol import limits

BIDIRECTIONAL: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f<>\"(),:;\\\[\]]{1,64}@[^\s@\x00-\x1f\x7f<>\"(),:;\\\[\]]{1,189}")


class Body(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Reply(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True)


def _one_line(text: str) -> str:
    text = unicodedata.normalize("NFC", text.strip())
    if not text.isprintable() or not BIDIRECTIONAL.isdisjoint(text):
        raise ValueError("must be one line of plain text")
    return text


def _paragraphs(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
    if not BIDIRECTIONAL.isdisjoint(text) or not all(c in "\n\t" or c.isprintable() for c in text):
        raise ValueError("must be plain text")
    return text


def _filled(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _prose(text: str) -> str:
    return _filled(_paragraphs(text))


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be an e-mail address")
    return text.casefold()


def _email0(text: str) -> str:
    return _email(text) if text else ""


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be plain text") from None
    return text


def _instant(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
        if found.tzinfo is None:
            raise ValueError("has no zone")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be an instant with its zone") from None


Line0 = Annotated[str, Field(max_length=limits.SHORT_TEXT), AfterValidator(_one_line)]
"""One line of plain text, which may be empty."""
Line = Annotated[Line0, AfterValidator(_filled)]
"""One line of plain text with something in it."""
Prose = Annotated[str, Field(max_length=40_000), AfterValidator(_prose)]
"""Paragraphs of plain text."""
Note = Annotated[str, Field(max_length=limits.LONG_TEXT), AfterValidator(_paragraphs)]
"""What people of the provider write down for each other; may be empty."""
Report = Annotated[str, Field(max_length=limits.LONG_TEXT), AfterValidator(_prose)]
"""A person's report."""
Email = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(_email)]
"""Case-folded: two spellings are one account."""
Email0 = Annotated[str, Field(max_length=254), AfterValidator(_email0)]
"""The same, or none."""
NewPassword = Annotated[str, Field(min_length=12, max_length=200), AfterValidator(_encodable)]
Password = Annotated[str, Field(max_length=200), AfterValidator(_encodable)]
"""One that is compared; a new one must be longer."""
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Totp = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Lang = Literal["es", "en"]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 with an offset, as a request gives it."""
UtcTime = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
"""RFC 3339 in UTC."""
