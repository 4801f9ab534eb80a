"""The relay's rules, pure: what its sockets did goes in, what is to be done comes out (step 16).

Counterpart: `server.py`, which performs.  A socket shows a ticket; two of the same pair and generation are joined, a
higher generation evicts a lower one; from then on every byte that one sends is copied to the other, and counted here.
Must never look into what is carried: it hears how many bytes came, not which.

    WAITING ─the other's ticket─▶ JOINED ─either leaves─▶ gone        a ticket that runs out, eviction, a drop ─▶ gone
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from protocol.errors import Malformed, TicketRefused
from protocol.ticket import Gate, RelayTicket

LEFT, DROPPED, UNPAIRED, EVICTED, USED_UP = 1000, 4403, 4408, 4409, 4413
"""Close codes: the other left | the broker said so | the other never came | a higher generation came | `max_bytes`.

Said to an end that still waits.  One that is joined hears the other end's frames only, so it sees an end of its
connection and no code: where a frame ends, nobody here knows.
"""
TOO_SOON: Final = "an agent says nothing between its ticket and the join"

AHEAD: Final = 0.5
"""Seconds that a direction may run ahead of its rate."""
PIECE: Final = 1 / 16
"""Seconds of its rate that are read from a socket at once: what came is passed on, so a read must not be far ahead."""
PATIENCE: Final = 10.0
"""Seconds beyond its ticket for which a socket waits for the other."""

SocketId = int


@dataclass(frozen=True, slots=True)
class Join:
    """From now on every byte of either is the other's.  The agent is told, for it changes its part with this."""

    agent: SocketId
    console: SocketId


@dataclass(frozen=True, slots=True)
class Hold:
    """Do not read `socket` for so many seconds: it is ahead of its rate."""

    socket: SocketId
    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """Close a socket, after what was written to it.  What it still sends is nobody's."""

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
Command = Join | Hold | Close | Report

NOTHING: Final[tuple[Command, ...]] = ()


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

    def shown(self, socket: SocketId, token: str, utc: float, *, more: bool = False) -> list[Command]:
        """A socket's first message; `more`: something came right behind it.

        Raises `TicketRefused` or `Malformed`; then nothing has changed but, perhaps, the ticket.
        """
        ticket = self._gate.admit(token, utc)
        if more and ticket.role == "agent":
            raise Malformed("What an agent sends", TOO_SOON)
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
            agent, console = (end, first) if ticket.role == "agent" else (first, end)
            commands += [Join(agent.socket, console.socket), Opened(ticket.pair_id, ticket.g)]
        return commands

    def early(self, socket: SocketId) -> Sequence[Command]:
        """A socket sent something after its ticket and before it is joined.  A console may, and it is kept for it.

        What an agent said would be the words of a client, in the middle of what it says as the console's server.
        """
        end = self._ends.get(socket)
        if end is None or end.ticket.role == "console":
            return NOTHING
        return self._remove([end], Malformed.close_code, TOO_SOON)

    def passed(self, socket: SocketId, size: int, now: float) -> Sequence[Command]:
        """A joined socket sent `size` bytes.  They go to the other, unless this closes the line.

        `now`: monotonic seconds.  Called for every read: most answers are the same empty one.
        """
        end = self._ends.get(socket)
        if end is None or end.other is None:
            return NOTHING  # it was closed while this was under way
        end.sent += size
        if end.sent + end.other.sent > end.ticket.max_bytes:
            return self._remove([end], USED_UP, "this session's data is used up")
        even_at = end.even_at if end.even_at > now else now
        end.even_at = even_at = even_at + size / end.rate
        if (ahead := even_at - now - AHEAD) > 0:
            return (Hold(socket, ahead),)
        return NOTHING

    def piece(self, socket: SocketId) -> int:
        """Bytes that may be read at once from a socket that is being joined."""
        return max(1, int(self._ends[socket].rate * PIECE))

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
