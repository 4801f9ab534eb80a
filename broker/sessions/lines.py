"""The line of each live session: tickets, what relays saw, losses, heartbeats (steps 15–18, 23–25).

Counterparts: the relays, through `broker.relay.directory`; `live.py`, which hears both ends.  A loss is held back for
`HOLD` before it is written down, because the end of a session reaches the broker as a lost line first; it is dated when
the line was lost, so the hold makes no session longer.  Must never hold a key of a session.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol

from broker.clock import Clock
from broker.log.events import LossReporter
from broker.sessions.registry import Loss, Registry, Session, Side, Stage, alone
from broker.sessions.service import SessionService
from broker.timing import Timer
from protocol import control, limits

SLACK: Final = 15.0
"""Seconds that the broker waits beyond the agent's own deadlines, which are the ones that count."""
STANDSTILL: Final = 2 * limits.HEARTBEAT
"""Seconds without a heartbeat of the broker's own after which it cannot vouch for a session's time."""
HOLD: Final = 1.0
"""Seconds for which an end may follow its lost line; the sweep after them writes the loss down."""


class Relays(Protocol):
    """What carries the data; `broker.relay.directory` is the one."""

    def ticket(self, pair_id: str, side: Side, g: int) -> tuple[str, str]:
        """Where the relay is, and a ticket that opens it once."""
        ...

    def drop(self, pair_id: str) -> None:
        """Close both ends' lines."""
        ...

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        """Bytes so far, agent → console and back, on the line that is open; None without one."""
        ...


class SessionLines:
    """The lines of every session in the registry."""

    def __init__(
        self, *, sessions: SessionService, registry: Registry, relays: Relays, timer: Timer, clock: Clock
    ) -> None:
        self._log, self._registry, self._relays = sessions, registry, relays
        self._timer, self._clock = timer, clock
        self._awake = timer.now()

    # Opening ---------------------------------------------------------------------------------------------------------

    def open(self, session: Session) -> None:
        """Step 15: tickets of the next generation for both."""
        session.g = max(session.g, *session.asked.values(), 0) + 1
        session.asked.clear()
        sides: tuple[Side, Side] = ("agent", "console")
        for side in sides:
            url, token = self._relays.ticket(session.pair_id, side, session.g)
            ticket = control.Ticket(session_id=session.id, relay_url=url, g=session.g, token=token)
            self._registry.post(session, side, ticket)

    async def asked(self, session: Session, side: Side, last_g: int) -> None:
        """Step 25: when both have asked, a new line is made; asking means that the old one is no use."""
        if session.open_g:
            await self.lost(session, session.open_g, side)
        if session.stage is Stage.ENDED:  # meanwhile; who asked was told, or is told once more
            self._registry.post(session, side, control.ResumeDenied(session_id=session.id, reason="ended"))
            return
        session.asked[side] = last_g
        if len(session.asked) == 2:
            self.open(session)
        else:
            self._relays.drop(session.pair_id)  # the other may be waiting there, and has to ask too

    async def maybe_joined(self, session: Session) -> None:
        """Step 23: agreed, and both on the line.  The session is locked."""
        if not session.open_g or session.stage not in (Stage.AGREED, Stage.PAUSED):
            return
        if session.stage is Stage.AGREED:
            self._registry.tell(session, await self._log.joined(session.id, session.open_g))
        else:
            await self._write_down(session)
            await self._log.resumed(session.id, session.open_g)
        session.stage, session.deadline = Stage.JOINED, None

    # What relays saw -------------------------------------------------------------------------------------------------

    async def line_opened(self, pair_id: str, g: int) -> None:
        """Both ends are on the relay (step 16), or still are: it tells anew when its link comes back."""
        session = self._registry.of_pair(pair_id)
        if session is None:
            self._relays.drop(pair_id)
            return
        async with session.lock:
            if session.stage is Stage.ENDED:
                self._relays.drop(pair_id)
                return
            if g != session.g:
                return
            session.open_g, session.beat = g, (0, 0)
            await self.maybe_joined(session)

    async def line_closed(self, pair_id: str, g: int, up: int, down: int) -> None:
        """One end or both have left the relay, which carried so many bytes agent → console (`up`) and back."""
        session = self._registry.of_pair(pair_id)
        if session is None:
            return
        if session.stage is Stage.ENDED:
            self._registry.forget_pair(pair_id)
        else:
            await self.lost(session, g, "relay")
        await self._log.note_bytes(session.id, g, up, down)

    # Losing ----------------------------------------------------------------------------------------------------------

    async def lost(self, session: Session, g: int, reporter: LossReporter) -> None:
        """Step 24.  The first report of a generation counts."""
        async with session.lock:
            await self.count_no_standstill(session)
            if session.stage is Stage.ENDED or g != session.g or g != session.open_g:
                return
            if session.stage is Stage.JOINED:
                session.loss = Loss(g, reporter, self._timer.now())
            self._gone(session)

    def close(self, session: Session) -> None:
        """It has ended: whoever is on its line, or comes late, is sent away."""
        self._relays.drop(session.pair_id)

    def wait(self, session: Session, seconds: float) -> None:
        """The broker ends it by itself when the agent, which should within `seconds`, has not."""
        session.deadline = self._timer.now() + seconds + SLACK

    def lost_utc(self, session: Session) -> datetime | None:
        """When the line was lost, while that is not written down yet: an end that follows is not later."""
        return self._utc_of(session.loss.at) if session.loss is not None else None

    async def write_down_losses(self, *, all_of_them: bool = False) -> None:
        """Those that no end has followed within `HOLD`.  Call now and then; `all_of_them` when the broker stops."""
        for session in self._registry:
            with alone(session):
                async with session.lock:
                    if session.loss is not None and (all_of_them or self._timer.now() - session.loss.at >= HOLD):
                        await self._write_down(session)

    async def _write_down(self, session: Session) -> None:
        if (loss := session.loss) is not None and session.stage is not Stage.ENDED:
            await self._log.paused(session.id, loss.g, loss.reporter, self._utc_of(loss.at))
            session.loss = None

    def _gone(self, session: Session) -> None:
        session.open_g = 0
        self._relays.drop(session.pair_id)
        if session.stage is Stage.JOINED:
            session.stage = Stage.PAUSED
            self.wait(session, limits.RESUME)

    def _utc_of(self, at: float) -> datetime:
        """The wall time of a monotonic moment, as the wall clock goes now: setting that clock dates nothing later."""
        return self._clock.utc() - timedelta(seconds=self._timer.now() - at)

    # Heartbeats ------------------------------------------------------------------------------------------------------

    async def heartbeat(self) -> None:
        """Step 23: every session of which the relay has seen bytes both ways since the last one is alive."""
        for session in self._registry:
            with alone(session):
                async with session.lock:
                    await self.count_no_standstill(session)
        self._awake = self._timer.now()
        alive: list[str] = []
        for session in self._registry:
            counted = self._relays.counted(session.pair_id)
            if session.stage is not Stage.JOINED or counted is None:
                continue
            if counted[0] > session.beat[0] and counted[1] > session.beat[1]:
                alive.append(session.id)
                session.beat = counted
        if alive:
            await self._log.heartbeat(alive)

    async def count_no_standstill(self, session: Session) -> None:
        """A broker that stood still (stopped, a sleeping machine) saw nothing: the line is lost since its last beat.

        The session is locked.
        """
        if session.stage is Stage.JOINED and self._timer.now() - self._awake > STANDSTILL:
            session.loss = Loss(session.open_g, "broker", self._awake)  # tried again, should writing it down fail
            self._gone(session)
            await self._write_down(session)
