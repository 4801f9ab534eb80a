"""The nine digits: random, unique among the living, not given out again for a day, and whose they were."""

from datetime import timedelta
from typing import Final

from broker.agents.repository import GivenIds
from broker.clock import Clock
from broker.store.engine import Store
from protocol.code import Randbelow, random_id

REST: Final = timedelta(days=1)
"""An ID is not given out again for this long; longer than a run can keep one without asking for the next."""


class Identities:
    """Gives out IDs; what was given survives a restart."""

    def __init__(self, store: Store, clock: Clock, randbelow: Randbelow) -> None:
        self._store, self._clock, self._randbelow = store, clock, randbelow

    async def reserve(self, pk_agent: str) -> str:
        """A new ID for the run with that key."""
        now = self._clock.utc()
        async with self._store.transaction() as session:
            given = GivenIds(session)
            await given.forget_before(now - REST)
            while await given.owner(id := random_id(self._randbelow)) is not None:
                pass
            given.give(id, pk_agent, now)
        return id

    async def owned(self, id: str, pk_agent: str) -> bool:
        """Whether that ID was given to that key, within a day."""
        async with self._store.reading() as session:
            return await GivenIds(session).owner(id) == pk_agent

    async def retire(self, pk_agent: str) -> None:
        """No ID is that run's any more; they still rest."""
        async with self._store.transaction() as session:
            await GivenIds(session).disown(pk_agent)
