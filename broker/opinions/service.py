"""Opinions: taken once from whoever holds the secret of the receipt, and read by administrators.

Counterpart: `broker.mail.receipts`, which makes the secret.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.errors import LinkSpent
from broker.ids import fingerprint
from broker.opinions.repository import Filter, Given, OpinionRepository
from broker.store.engine import Store


@dataclass(frozen=True, slots=True)
class Page:
    """Opinions, newest first, and of all that match how many there are and the sum of their stars."""

    given: Sequence[Given]
    next: str | None
    count: int
    stars: int


class OpinionService:
    """The opinions of one organisation at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def give(self, token: str, stars: int, comment: str) -> None:
        """Take an opinion, already validated.  Raises `LinkSpent` for an unknown secret, and the second time."""
        async with self._store.transaction() as db:
            row = await OpinionRepository(db).to_give(fingerprint(token))
            if row is None or row.stars is not None:
                raise LinkSpent
            row.stars, row.comment, row.utc = stars, comment, self._clock.utc()

    async def page(self, which: Filter, limit: int, cursor: str | None) -> Page:
        """Raises `Malformed` for a cursor that no page gave."""
        async with self._store.reading() as db:
            opinions = OpinionRepository(db)
            found = await opinions.page(which, limit + 1, place(cursor) if cursor else None)
            count, stars = await opinions.summary(which)
        shown = found[:limit]
        following = cursor_of(shown[-1].utc, shown[-1].session_id) if len(found) > limit else None
        return Page(shown, following, count, stars)

    async def every(self, which: Filter) -> AsyncGenerator[Given]:
        """All that match, read as they are wanted."""
        async with self._store.reading() as db:
            async for batch in OpinionRepository(db).every(which):
                for one in batch:
                    yield one
