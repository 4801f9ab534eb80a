"""Tells open live feeds that their organisation's queue has changed, and ends those whose sign-in is over.

In memory, of this process: what another process changes, a feed finds when it looks by itself.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from broker.operators.revocations import Revoked
from broker.operators.watch import Held
from broker.roles import Principal


class Listener:
    """One live feed.  Several changes before it looks are one."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.ended = False
        self._changed = asyncio.Event()

    async def changed(self, seconds: float) -> bool:
        """Wait for a change or the end, but not longer than `seconds`; whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def tell(self) -> None:
        """The queue has changed."""
        self._changed.set()

    def end(self) -> None:
        """Nothing more for this one."""
        self.ended = True
        self._changed.set()


class QueueHub:
    """Every live feed of this process."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._closed = False

    @contextmanager
    def listen(self, principal: Principal) -> Iterator[Listener]:
        """A feed, for as long as the context lasts."""
        listener = Listener(principal)
        if self._closed:
            listener.end()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def changed(self, org_id: str) -> None:
        """Something of this organisation's queue is different now."""
        for listener in self._listeners:
            if listener.principal.org_id == org_id:
                listener.tell()

    async def revoked(self, revoked: Revoked) -> None:
        """A sign-in is over, and with it what it listens to."""
        for listener in self._listeners:
            if revoked.covers(listener.principal.operator_id, listener.principal.sign_in_id):
                listener.end()

    def held(self) -> set[Held]:
        """Whose sign-ins hold a feed."""
        who = [listener.principal for listener in self._listeners]
        return {Held(one.operator_id, one.sign_in_id, one.role) for one in who}

    def close(self) -> None:
        """The broker stops: every feed ends, so that no connection keeps it from stopping."""
        self._closed = True
        for listener in self._listeners:
            listener.end()
