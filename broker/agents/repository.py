"""The only SQL of the agents' side: which nine digits were given to whom, in the last day."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.plane_tables import GivenId


class GivenIds:
    """Within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def forget_before(self, utc: datetime) -> None:
        """IDs that have rested long enough."""
        await self._session.execute(delete(GivenId).where(GivenId.given_utc < utc))

    async def owner(self, id: str) -> str | None:
        """The key of the run that has that ID."""
        return await self._session.scalar(select(GivenId.pk_agent).where(GivenId.id == id))

    def give(self, id: str, pk_agent: str, utc: datetime) -> None:
        """Write down whose it is."""
        self._session.add(GivenId(id=id, pk_agent=pk_agent, given_utc=utc))

    async def disown(self, pk_agent: str) -> None:
        """What was given to that key is nobody's."""
        await self._session.execute(update(GivenId).where(GivenId.pk_agent == pk_agent).values(pk_agent=""))
