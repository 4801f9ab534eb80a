"""When a code is asked for, shown, replaced and gone (steps 4–5 and 30, rules 1 and 4).

Counterparts: `codes.py` holds them, `identity.py` counts burns, `core.py` says what else goes on.  Must never show a
code that the burns forbid, or one while a session lives.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime

from client_agent import events as ev
from client_agent.codes import CodeBook, RunEnd
from client_agent.identity import Identity
from client_agent.tasks import Tasks
from protocol import control
from protocol.text import b64url

ASK_AGAIN = 5.0
"""Seconds after which a request that the broker refused is repeated."""


def new_name() -> str:
    """16 random bytes as text: an ID or a nonce."""
    return b64url(secrets.token_bytes(16))


class CodeDesk:
    """`free`: whether neither a session nor a run is in the way; `post` reaches the broker if there is a line."""

    def __init__(
        self,
        *,
        identity: Identity,
        tasks: Tasks,
        clock: Callable[[], float],
        utc: Callable[[], datetime],
        emit: Callable[[ev.Event], None],
        post: Callable[[control.AgentToBroker], None],
        free: Callable[[], bool],
    ) -> None:
        self.book = CodeBook(secrets.randbelow)
        self._identity, self._tasks, self._clock, self._utc = identity, tasks, clock, utc
        self._emit, self._post, self._free = emit, post, free
        self._connected = False
        self._rotation: asyncio.Task[None] | None = None

    def ready(self) -> None:
        """There is a line, and what it carries is enough: a code may be asked for."""
        self._connected = True
        self.want()

    def line_lost(self) -> None:
        """Nothing can be asked for; codes that were issued live on."""
        self._connected = False
        self.book.give_up()

    def want(self) -> None:
        """Ask for a code, if everything allows it; say so where burns forbid it."""
        now = self._utc()
        if not self._free():
            return
        if self._identity.spent(now) or self._identity.must_warn(now):
            self._emit(ev.BurnWarning(burns=self._identity.burns(now), spent=self._identity.spent(now)))
        elif self._connected and not self.book.waiting:
            self._emit(ev.StepChanged(step=ev.Step.CODE, state=ev.StepState.DOING))
            self._post(self.book.request(new_name(), new_name()))

    def want_anyway(self) -> None:
        """The customer has read the warning."""
        if not self._identity.spent(self._utc()):
            self._identity.warned(self._utc())
            self.want()

    def renew(self) -> None:
        """The customer wants another code; those before it die."""
        if self._free():
            self.cancel()
            self.want()

    def cancel(self) -> None:
        """Kill every code, and tell the broker."""
        for dead in self.book.kill("cancelled"):
            self._post(dead)

    def issued(self, message: control.CodeIssued) -> None:
        """Step 5."""
        code = self.book.issued(message, self._clock())
        if code is None or not self._free():
            return
        self._identity.named(code.id)
        life = code.shown_until - self._clock()
        self._emit(ev.StepChanged(step=ev.Step.CODE, state=ev.StepState.DONE))
        self._emit(ev.CodeShown(id=code.id, password=code.password, until=code.shown_until, life_s=life))
        self._stop_rotation()
        self._rotation = self._tasks.start(self._rotate(life), "code rotation")

    def refused(self) -> None:
        """The broker did not issue what was asked for."""
        if self.book.waiting:
            self.book.give_up()
            self._tasks.start(self._ask_again(), "another request")

    def dead(self, message: control.CodeDead) -> None:
        """The broker's tries are spent, on guesses at its part or on refusals: no burn, but another code."""
        current = self.book.current
        if self.book.forget(message.code_id) and current is not None and current.code_id == message.code_id:
            self._stop_rotation()
            self._emit(ev.CodeGone(reason="refused" if message.reason == "tries_refused" else "burnt"))
            self.want()

    def run_over(self, how: RunEnd) -> None:
        """A pairing run has ended: all codes are dead, or it was untried and the one on show lives on."""
        if how == "untried":
            if self._rotation is None or self._rotation.done():  # its time ran out during the run
                self.want()
            return
        self._stop_rotation()
        self._emit(ev.CodeGone(reason=how))
        if how == "burnt":
            self.want()

    async def _rotate(self, life: float) -> None:
        await asyncio.sleep(life)
        self.book.expire(self._clock())
        if not self._connected:
            self._emit(ev.CodeGone(reason="rotated"))
        self.want()

    async def _ask_again(self) -> None:
        await asyncio.sleep(ASK_AGAIN)
        self.want()

    def _stop_rotation(self) -> None:
        if self._rotation is not None:
            self._rotation.cancel()
            self._rotation = None
