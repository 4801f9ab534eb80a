"""The relay's rules, pure: what its sockets did goes in, what is to be done comes out (step 16).

Counterpart: `server.py`, which performs.  A socket shows a ticket; two of the same pair and generation are joined, a
higher generation evicts a lower one; from then on what one sends is handed to the other, whole and in order, and
counted.
The shell stops reading a socket while what it sent last is still being handed on, so nothing is ever dropped here.
Must never look into what it carries, and knows nothing of a session but its ticket.

    WAITING ─the other's ticket─▶ JOINED ─either leaves─▶ gone        a ticket that runs out, eviction, a drop ─▶ gone
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from protocol import limits
from protocol.errors import TicketRefused, TooLarge
from protocol.ticket import Gate, RelayTicket

LEFT, DROPPED, UNPAIRED, EVICTED, USED_UP = 1000, 4403, 4408, 4409, 4413
"""Close codes: the other left | the broker said so | the other never came | a higher generation came | `max_bytes`."""

AHEAD: Final = 0.5
"""Seconds that a direction may run ahead of its rate."""
PATIENCE: Final = 10.0
"""Seconds beyond its ticket for which a socket waits for the other."""

SocketId = int


@dataclass(frozen=True, slots=True)
class Join:
    """Both may be read from now on."""

    sockets: tuple[SocketId, SocketId]


@dataclass(frozen=True, slots=True)
class Hand:
    """Send `data` to `to`, and do not read the sender before it is on its way."""

    to: SocketId
    data: bytes


@dataclass(frozen=True, slots=True)
class Hold:
    """Do not read `socket` for so many seconds: it is ahead of its rate."""

    socket: SocketId
    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """Close a socket, after what was handed to it."""

    socket: SocketId
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Tell the broker: both ends are on the line."""

    pair_id: str
    g: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Tell the broker: the line is gone; bytes agent → console (`up`) and back (`down`)."""

    pair_id: str
    g: int
    up: int
    down: int


Report = Opened | Closed
Command = Join | Hand | Hold | Close | Report


@dataclass(slots=True, eq=False)
class _End:
    """One admitted socket."""

    socket: SocketId
    ticket: RelayTicket
    rate: int
    other: "_End | None" = None
    sent: int = 0
    even_at: float = 0.0
    """When what it has sent is covered by its rate."""


class Relay:
    """Every pair on this relay.  Before `trust` no ticket opens anything."""

    def __init__(self) -> None:
        self._trusted: tuple[str, Mapping[str, bytes]] = "", {}
        self._gate = Gate("", {}, 0.0)
        self._ends: dict[SocketId, _End] = {}
        self._pairs: dict[str, list[_End]] = {}

    def trust(self, relay_id: str, keys: Mapping[str, bytes], utc: float) -> None:
        """From now on tickets to `relay_id` count that were signed by these keys and issued after `utc`.

        Repeated with the same, nothing changes: what was spent stays spent.
        """
        if (relay_id, keys) != self._trusted:
            self._trusted = relay_id, dict(keys)
            self._gate = Gate(relay_id, keys, utc)

    def shown(self, socket: SocketId, token: str, utc: float) -> list[Command]:
        """A socket's first message.  Raises `TicketRefused`; then nothing has changed but, perhaps, the ticket."""
        ticket = self._gate.admit(token, utc)
        present = self._pairs.get(ticket.pair_id, [])
        if any(end.ticket.g > ticket.g for end in present):
            raise TicketRefused("old_generation")
        evicted = [end for end in present if end.ticket.g < ticket.g or end.ticket.role == ticket.role]
        commands = self._remove(evicted, EVICTED, "a newer connection of this session")
        rate = ticket.rate_to_console if ticket.role == "agent" else ticket.rate_to_agent
        end = _End(socket, ticket, rate)
        waiting = self._pairs.setdefault(ticket.pair_id, [])
        waiting.append(end)
        self._ends[socket] = end
        if len(waiting) == 2:
            first = waiting[0]
            end.other, first.other = first, end
            commands += [Join((first.socket, socket)), Opened(ticket.pair_id, ticket.g)]
        return commands

    def received(self, socket: SocketId, data: bytes, now: float) -> list[Command]:
        """A joined socket sent a record.  `now`: monotonic seconds.  Raises `TooLarge`."""
        if len(data) > limits.RECORD:
            raise TooLarge("A record", len(data), limits.RECORD)
        end = self._ends.get(socket)
        if end is None or end.other is None:
            return []  # it was closed while this was under way
        end.sent += len(data)
        if end.sent + end.other.sent > end.ticket.max_bytes:
            return self._remove([end], USED_UP, "this session's data is used up")
        commands: list[Command] = [Hand(end.other.socket, data)]
        end.even_at = max(end.even_at, now) + len(data) / end.rate
        if (ahead := end.even_at - now - AHEAD) > 0:
            commands.append(Hold(socket, ahead))
        return commands

    def left(self, socket: SocketId) -> list[Command]:
        """A socket is gone."""
        end = self._ends.get(socket)
        return [] if end is None else self._remove([end], LEFT, "the other end left")[1:]

    def dropped(self, pair_id: str) -> list[Command]:
        """The broker wants that pair gone."""
        return self._remove(list(self._pairs.get(pair_id, [])), DROPPED, "the broker closed the line")

    def overdue(self, utc: float) -> list[Command]:
        """Close what has waited too long for its other end."""
        late = [end for end in self._ends.values() if end.other is None and utc > end.ticket.exp + PATIENCE]
        return self._remove(late, UNPAIRED, "the other end did not come")

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        """Bytes so far of a joined pair, agent → console and back."""
        ends = self._pairs.get(pair_id, [])
        return _bytes(ends[0]) if ends and ends[0].other else None

    def pairs(self) -> list[Opened]:
        """Every pair that is joined now."""
        return [Opened(pair_id, ends[0].ticket.g) for pair_id, ends in self._pairs.items() if ends[0].other]

    def _remove(self, ends: list[_End], code: int, reason: str) -> list[Command]:
        """Take ends off, with whom they are joined to; a `Close` each, theirs first, and `Closed` once per line."""
        commands: list[Command] = []
        for end in ends:
            if self._ends.pop(end.socket, None) is None:
                continue  # it went with the other
            commands.append(Close(end.socket, code, reason))
            pair = self._pairs[end.ticket.pair_id]
            pair.remove(end)
            if (other := end.other) is not None:
                end.other = other.other = None
                del self._ends[other.socket]
                pair.remove(other)
                commands.append(Close(other.socket, code, reason))
                up, down = (end.sent, other.sent) if end.ticket.role == "agent" else (other.sent, end.sent)
                commands.append(Closed(end.ticket.pair_id, end.ticket.g, up, down))
            if not pair:
                del self._pairs[end.ticket.pair_id]
        return commands


def _bytes(end: _End) -> tuple[int, int]:
    other = end.other.sent if end.other else 0
    return (end.sent, other) if end.ticket.role == "agent" else (other, end.sent)
