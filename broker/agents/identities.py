"""The nine digits: random, unique among the living, not given out again for a day, and whose they were.

Local: what this process gave out.  The stored kind (`repository.py`) knows it after a restart too.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from protocol.code import Randbelow, random_id

REST: Final = timedelta(days=1)
"""An ID is not given out again for this long."""


class Identities(Protocol):
    """Gives out IDs."""

    async def reserve(self, pk: str) -> str:
        """A new ID for the run with that key."""
        ...

    async def owned(self, id: str, pk: str) -> bool:
        """Whether that ID was given to that key, within a day."""
        ...


class LocalIdentities:
    """IDs of one process."""

    def __init__(self, randbelow: Randbelow, utc: Callable[[], datetime]) -> None:
        self._randbelow, self._utc = randbelow, utc
        self._given: dict[str, tuple[str, datetime]] = {}

    async def reserve(self, pk: str) -> str:
        now = self._utc()
        while (id := random_id(self._randbelow)) in self._given and self._given[id][1] > now - REST:
            pass
        self._given[id] = (pk, now)
        return id

    async def owned(self, id: str, pk: str) -> bool:
        return self._given.get(id, ("",))[0] == pk
