"""Opinions: taken once from whoever holds the secret of the receipt or had the session; read by administrators.

Counterpart: `broker.mail.receipts`, which makes the secret.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.errors import LinkSpent, Unacceptable
from broker.ids import fingerprint, new_token
from broker.log.errors import UnknownSession
from broker.opinions.repository import Filter, Given, OpinionRepository
from broker.opinions.schemas import OpinionBody
from broker.sessions.repository import SessionRepository
from broker.store.desk_tables import OpinionRow
from broker.store.engine import Store
from protocol import control


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

    async def give_by_program(self, org_id: str, pk_agent: str, opinion: control.Opinion) -> control.OpinionAck:
        """The same from the program that had the session, without a secret: it proved its key.

        Raises `UnknownSession` for a session that is not that run's or has not ended, `Unacceptable` for no plain text.
        """
        try:
            said = OpinionBody(stars=opinion.stars, comment=opinion.comment)
        except ValidationError:
            raise Unacceptable from None
        async with self._store.transaction() as db:
            kept = await SessionRepository(db).find(opinion.session_id, org_id)
            if kept is None or kept.view.pk_agent != pk_agent or kept.view.ended is None or kept.view.joined is None:
                raise UnknownSession
            row = await OpinionRepository(db).of_session(org_id, opinion.session_id)
            if row is None:  # no receipt has gone out: the secret of this one nobody gets to know
                row = OpinionRow(session_id=opinion.session_id, org_id=org_id, token_sha256=fingerprint(new_token()))
                await OpinionRepository(db).add(row)
            taken = row.stars is None
            if taken:
                row.stars, row.comment, row.utc = said.stars, said.comment, self._clock.utc()
        return control.OpinionAck(session_id=opinion.session_id, taken=taken)

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
