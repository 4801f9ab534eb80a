"""Sealed message ↔ bytes (MessagePack): the only parser of what comes out of the channel.

Counterpart: `protocol.codec`, control messages.  The broker must never import this module.
"""

import msgspec

from protocol import inner, limits
from protocol.codec import Reader

_pack = msgspec.msgpack.Encoder()

INNER_FROM_CONSOLE: Reader[inner.ConsoleToAgent] = Reader(
    inner.ConsoleToAgent, "A sealed message", limits.FRAME_PAYLOAD, packed=True
)
INNER_FROM_AGENT: Reader[inner.AgentToConsole] = Reader(
    inner.AgentToConsole, "A sealed message", limits.FRAME_PAYLOAD, packed=True
)


def to_bytes(message: inner.Inner) -> bytes:
    """A sealed message as MessagePack."""
    return _pack.encode(message)
