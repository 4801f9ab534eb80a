"""What the broker must get, however often the line is lost: ends (steps 26–28) and reports of a suspicion (Q12).

Counterparts: `identity.py` keeps them over a kill; the broker's `sessions/live.py` answers `ended`, its reports
`suspicion_ack`.  Must never keep anything waiting: what cannot be told now is told later.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from client_agent.code_desk import new_name
from client_agent.identity import Identity, utc_text
from client_agent.tasks import Tasks
from protocol import control, limits, receipt

REPEAT = 10.0
"""Seconds between two tellings of an end that was not acknowledged."""


class Outbox:
    """`post` reaches the broker if there is a line."""

    def __init__(self, identity: Identity, tasks: Tasks, post: Callable[[control.AgentToBroker], None]) -> None:
        self._identity, self._tasks, self._post = identity, tasks, post
        self._empty = asyncio.Event()

    def recover(self, now: datetime) -> None:
        """At a start, after a kill: a run that was cut off is a burn, an open session is over."""
        identity = self._identity
        identity.interrupted_run(now)
        if (opened := identity.open_session) is not None:
            message = control.End(
                session_id=opened.session_id, reason="agent_closed", utc=utc_text(now),
                connected_s=opened.connected_s, sig="",
            )  # fmt: skip
            identity.session_ended(opened.session_id, receipt.signed(message, identity.sign))

    def line_up(self) -> None:
        """What was not acknowledged goes again."""
        for end in self._identity.ends:
            self._post(end)
        for report in self._identity.suspicions:
            self._post(report)

    def ended(self, session_id: str) -> None:
        """Tell that end until it is acknowledged.  A new control line repeats it too, and so does the next start."""
        self._tasks.start(self._repeat(session_id), "repeat end")

    async def _repeat(self, session_id: str) -> None:
        while any(end.session_id == session_id for end in self._identity.ends):
            await asyncio.sleep(REPEAT)
            for end in self._identity.ends:
                if end.session_id == session_id:
                    self._post(end)

    def end_told(self, session_id: str) -> bool:
        """The broker has that end; whether no other is left."""
        self._identity.end_told(session_id)
        if not self._identity.ends:
            self._empty.set()
        return not self._identity.ends

    async def all_told(self) -> None:
        """Wait until no end is left."""
        while self._identity.ends:
            self._empty.clear()
            await self._empty.wait()

    def report(self, text: str, session_id: str | None) -> None:
        """Q12: a suspicion about that session, or the last one.  Kept until the broker has it."""
        report = control.Suspicion(
            report_id=new_name(),
            session_id=session_id or self._identity.last_session,
            text=text[: limits.LONG_TEXT],
        )
        self._identity.suspect(report)
        self._post(report)
