"""What a relay of its own and its broker say to each other on `/ws/relay`: JSON text, one message a frame.

Counterparts: `link.py` at the relay's end, `remote.py` at the broker's.  Both are parts of the broker, so these are
no part of the public protocol.
"""

from typing import Annotated, Final

from msgspec import Meta

from protocol import limits
from protocol.codec import Reader
from protocol.control import Message
from protocol.fields import Count, Generation, Identifier, Key, ShortText

WORKERS: Final = 64
"""Processes of one relay, at most.  Each has a link of its own and says in its address which it is: `?worker=2`."""


class RelayWelcome(Message, frozen=True, kw_only=True):
    """B→R, first: the keys whose tickets count, and the name that they must be made out to."""

    relay_id: ShortText
    keys: dict[ShortText, Key]


class RelayDrop(Message, frozen=True, kw_only=True):
    """B→R: close both lines of that pair."""

    pair_id: Identifier


class RelayOpened(Message, frozen=True, kw_only=True):
    """R→B: both ends are on the line; also for every line that is open when the link comes up."""

    pair_id: Identifier
    g: Generation


class RelayClosed(Message, frozen=True, kw_only=True):
    """R→B: the line is gone; bytes agent → console (`up`) and back (`down`)."""

    pair_id: Identifier
    g: Generation
    up: Count
    down: Count


class RelayCounts(Message, frozen=True, kw_only=True):
    """R→B, now and then: pair, bytes up, bytes down of lines that are open."""

    counts: Annotated[tuple[tuple[Identifier, Count, Count], ...], Meta(max_length=500)]


FromRelay = RelayOpened | RelayClosed | RelayCounts
ToRelay = RelayWelcome | RelayDrop

FROM_RELAY: Reader[FromRelay] = Reader(FromRelay, "A message from a relay", limits.CONTROL_FRAME)
TO_RELAY: Reader[ToRelay] = Reader(ToRelay, "A message from the broker", limits.CONTROL_FRAME)
