"""Which sign-in sits at the technician's end of each open session: it alone may resume (step 25)."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select

from broker.store.engine import Store
from broker.store.plane_tables import Seat


class Seats:
    """One row for each session that has not ended."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, session_id: str, sign_in_id: str) -> None:
        """A session begins."""
        async with self._store.transaction() as session:
            session.add(Seat(session_id=session_id, sign_in_id=sign_in_id))

    async def leave(self, session_id: str) -> None:
        """It has ended."""
        async with self._store.transaction() as session:
            await session.execute(delete(Seat).where(Seat.session_id == session_id))

    async def keep_only(self, session_ids: Collection[str]) -> Mapping[str, str]:
        """After a start: forget all but these sessions' seats; who sits where."""
        async with self._store.transaction() as session:
            await session.execute(delete(Seat).where(Seat.session_id.not_in(session_ids)))
            return {seat.session_id: seat.sign_in_id for seat in await session.scalars(select(Seat))}
