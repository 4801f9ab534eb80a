"""The control messages about a session's price, beside the offer that both ends agreed to, and about its receipt."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.fields import Count, Identifier, LongText, ShortText, whole
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


# After the end (31–34) -----------------------------------------------------------------------------------------------


class BillRequest(Message, frozen=True, kw_only=True):
    """A→B, after `ended`: what has it come to?  Answered to the run alone whose key is in the session's log."""

    session_id: Identifier


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a bill: what it is, and how much."""

    name: ShortText
    value: ShortText


class Bill(Message, frozen=True, kw_only=True):
    """B→A: what the provider charges for a session, in the language of its consent.  The provider's word, unsigned.

    `state`: `held` until an administrator decides, `none` where there is nothing to charge by.  `provisional`: it may
    still be classified otherwise.  `explanation`: line by line, in order.  `rated`: the customer has rated the help.
    """

    session_id: Identifier
    state: Literal["charged", "held", "dismissed", "none"]
    provisional: bool
    rated: bool
    lang: Literal["es", "en"]
    facts: Annotated[tuple[Fact, ...], Meta(max_length=limits.BILL_LINES)]
    explanation: Annotated[tuple[LongText, ...], Meta(max_length=limits.BILL_LINES)]


class Opinion(Message, frozen=True, kw_only=True):
    """A→B: how the help was, from 1 (very bad) to 5 (very good), in a session that this run had.  Taken once."""

    session_id: Identifier
    stars: Annotated[int, Meta(ge=1, le=5)]
    comment: LongText


class OpinionAck(Message, frozen=True, kw_only=True):
    """B→A: the opinion has been stored; not `taken`: there was one already, by the receipt's link."""

    session_id: Identifier
    taken: bool
