"""A session's line, one generation after the other, and what waits for the next (steps 16–18, 24–25).

Counterparts: `dataline.py` is one generation of it; `session.py` owns it and says what a line, its loss and each
message mean.  Must never use a ticket twice, nor say a word before the console has proved the key.
"""

import asyncio
from typing import Protocol

from client_agent.dataline import DataLine, HandshakeFailed
from client_agent.errors import LinkFailure
from client_agent.link import Lines
from client_agent.tasks import Tasks
from protocol import control, inner, inner_codec
from protocol.control import Permission
from protocol.errors import BadTransition, ProtocolError, TicketRefused
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox, LaneScheduler
from protocol.pairing import SessionKeys
from protocol.session import Session

RETRY = 1.0
"""Seconds before another line is asked for after a handshake that failed."""


class Owner(Protocol):
    """What the line needs of its session."""

    @property
    def ended(self) -> bool:
        """Whether it is over, for good."""

    def granted(self) -> frozenset[Permission]:
        """What stands, for the greeting."""

    def line_up(self) -> None:
        """The console is there; what is said now goes."""

    def line_down(self, g: int) -> None:
        """The line of generation `g` is lost.  Calls `SessionLine.drop` when the desktop is paused."""

    def want_line(self) -> None:
        """Ask the broker for another."""

    def line_refused(self, failure: LinkFailure) -> None:
        """The relay could not prove who it is; it is not tried again."""

    def line_broken(self) -> None:
        """A record or a message that is none came."""

    def take(self, message: inner.ConsoleToAgent, frame: Frame) -> None:
        """A message of the technician's."""


class SessionLine:
    """All methods run in the loop's thread."""

    def __init__(self, owner: Owner, machine: Session, keys: SessionKeys, lines: Lines, tasks: Tasks) -> None:
        self._owner, self._machine, self._keys, self._lines, self._tasks = owner, machine, keys, lines, tasks
        self._inbox, self._lanes = Inbox(), LaneScheduler()
        self._line: DataLine | None = None
        self._task: asyncio.Task[None] | None = None
        self._screen_acked = 0
        self._last: bytes | None = None

    @property
    def up(self) -> bool:
        """Whether there is a line."""
        return self._line is not None

    @property
    def coming(self) -> bool:
        """Whether there is a line, or one is being made."""
        return self._line is not None or self._task is not None

    def ticket(self, ticket: control.Ticket) -> None:
        """Use a ticket.  One of an old generation, or one that is not wanted now, is ignored."""
        if ticket.g <= self._machine.last_g:
            return
        try:
            if self._line is not None:
                self._owner.line_down(self._line.g)
            self._machine.use_generation(ticket.g)
        except (TicketRefused, BadTransition):
            return
        self.stop()
        self._task = self._tasks.start(self._run(ticket), "data line")

    async def _run(self, ticket: control.Ticket) -> None:
        line = DataLine(ticket, self._keys, self._inbox, self._lanes, self._owner.take)
        try:
            await line.run(self._lines, self._ready)
        except HandshakeFailed:
            await asyncio.sleep(RETRY)
        except LinkFailure as failure:
            self._owner.line_refused(failure)
        except ProtocolError:
            self._owner.line_broken()
        finally:
            if self._task is asyncio.current_task():
                self._task = None
        if self._owner.ended or ticket.g != self._machine.last_g:
            return
        if self._line is line:
            self._owner.line_down(ticket.g)
        self._owner.want_line()

    def _ready(self, line: DataLine, first: inner.Ready) -> None:
        """Step 18: the console's first record came; ours goes before anything else."""
        if self._owner.ended:
            line.drop()
            return
        granted = tuple(sorted(self._owner.granted()))
        greeting = inner.Ready(g=line.g, acks=self._inbox.last, granted=granted)
        self._lanes.offer(Lane.CONTROL, inner_codec.to_bytes(greeting))
        self._lanes.joined(first.acks)
        self._line = line
        self._screen_acked = 0
        self._owner.line_up()
        line.wake()

    def say(self, message: inner.Inner) -> None:
        """Into the control lane, if there is a line."""
        self.offer(Lane.CONTROL, inner_codec.to_bytes(message))

    def offer(self, lane: Lane, data: bytes) -> None:
        """An encoded message into a lane, if there is a line."""
        if self._line is not None:
            self._lanes.offer(lane, data)
            self._line.wake()

    def drop_waiting(self, lane: Lane) -> int:
        """Forget what waits in a lane; how many messages."""
        return self._lanes.drop_waiting(lane)

    def acked(self, ack: inner.Ack) -> int:
        """The console's acknowledgement; how many more screen messages it has drawn.

        Numbers run over all lines, so the first acknowledgement on a line counts from the line's first picture.
        """
        self._lanes.acked(Lane(ack.lane), ack.number)
        if ack.lane != Lane.SCREEN:
            return 0
        first = self._line.first_screen if self._line else None
        before = max(self._screen_acked, (first or ack.number) - 1)
        self._screen_acked = max(before, ack.number)
        return max(0, ack.number - before)

    def heard(self) -> None:
        """A message was taken: there may be room for more."""
        if self._line is not None:
            self._line.wake()

    def drop(self) -> None:
        """Cut the line now.  What waits for an answer waits for the next line."""
        line, self._line = self._line, None
        if line is not None:
            line.drop()
        self._lanes.lost()

    def farewell(self, message: inner.Inner) -> None:
        """Seal the last record and forget the keys; nothing is awaited.  `close` sends it."""
        if self._line is not None:
            self._lanes.lost()
            self._lanes.offer(Lane.CONTROL, inner_codec.to_bytes(message))
            self._last = self._line.farewell(self._lanes.next_record())

    async def close(self) -> None:
        """Step 27: the farewell, if the line takes it in time, then no line any more."""
        line, self._line = self._line, None
        if line is not None:
            await line.close(self._last)
        self.stop()

    def stop(self) -> None:
        """No line is being made or kept any more."""
        if self._task is not None:
            self._task.cancel()
