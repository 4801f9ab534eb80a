"""The control messages about a session's price, beside the offer that both ends agreed to."""

from typing import Annotated

from msgspec import Meta

from protocol.fields import Count, Identifier, LongText, whole
from protocol.message import Message


class NotServed(Message, frozen=True, kw_only=True):
    """B→A: a technician asked, and the provider's terms do not allow a session now; the code stays good."""

    es: LongText
    en: LongText


class Meter(Message, frozen=True, kw_only=True):
    """B→A, C, now and then while joined: what the session has come to so far.

    `charged_minor` in the currency's minor unit, before tax; `minutes_left` of the contract's balance, None where there
    is none to count.
    """

    session_id: Identifier
    connected_s: Count
    rounded_minutes: Count
    charged_minor: Count
    currency: Annotated[str, Meta(pattern=whole("[A-Z]{3}"))]
    minutes_left: Count | None = None
