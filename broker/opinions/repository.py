"""The queries of opinions."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.billing_tables import CustomerRow, WorkRow
from broker.store.desk_tables import OpinionRow
from broker.store.tables import OperatorRow

BATCH: Final = 500
"""Rows read at a time."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which opinions are wanted; None is any.  By when they were given: `since` is included, `until` is not."""

    org_id: str
    since: datetime | None = None
    until: datetime | None = None
    operator_id: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """An opinion, and whose help it is about."""

    session_id: str
    stars: int
    comment: str
    utc: datetime
    operator_id: str | None
    operator_name: str | None
    customer_id: str | None
    customer_name: str | None


class OpinionRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def to_give(self, token_sha256: bytes) -> OpinionRow | None:
        """Locked until the transaction ends."""
        row: OpinionRow | None = await self._db.scalar(
            select(OpinionRow).where(OpinionRow.token_sha256 == token_sha256).with_for_update()
        )
        return row

    async def of_session(self, org_id: str, session_id: str) -> OpinionRow | None:
        """Locked until the transaction ends."""
        row: OpinionRow | None = await self._db.scalar(
            select(OpinionRow).where(OpinionRow.session_id == session_id, OpinionRow.org_id == org_id).with_for_update()
        )
        return row

    async def given(self, session_id: str) -> bool:
        """Whether there is one about that session."""
        row = await self._db.get(OpinionRow, session_id)
        return row is not None and row.stars is not None

    async def add(self, row: OpinionRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def summary(self, which: Filter) -> tuple[int, int]:
        """How many there are, and the sum of their stars."""
        found = _matching(which).with_only_columns(func.count(), func.coalesce(func.sum(OpinionRow.stars), 0))
        count, stars = (await self._db.execute(found)).one()
        return int(count), int(stars or 0)

    async def page(self, which: Filter, limit: int, after: tuple[datetime, str] | None = None) -> Sequence[Given]:
        """Newest first, at most `limit`, those after a place."""
        wanted = _matching(which).order_by(OpinionRow.utc.desc(), OpinionRow.session_id.desc()).limit(limit)
        if after is not None:
            wanted = wanted.where(tuple_(OpinionRow.utc, OpinionRow.session_id) < after)
        return [Given(*row) for row in await self._db.execute(wanted)]

    async def every(self, which: Filter) -> AsyncIterator[Sequence[Given]]:
        """All that match, in batches."""
        after: tuple[datetime, str] | None = None
        while batch := await self.page(which, BATCH, after):
            yield batch
            after = batch[-1].utc, batch[-1].session_id


def _matching(which: Filter) -> Select[Any]:
    columns: list[Any] = [
        OpinionRow.session_id, OpinionRow.stars, OpinionRow.comment, OpinionRow.utc, WorkRow.operator_id,
        OperatorRow.name, WorkRow.customer_id, CustomerRow.name,
    ]  # fmt: skip
    of_it = (WorkRow.session_id == OpinionRow.session_id) & (WorkRow.org_id == OpinionRow.org_id)
    wanted = select(*columns).outerjoin_from(OpinionRow, WorkRow, of_it)
    wanted = wanted.outerjoin(OperatorRow, OperatorRow.id == WorkRow.operator_id)
    wanted = wanted.outerjoin(CustomerRow, CustomerRow.id == WorkRow.customer_id)
    wanted = wanted.where(OpinionRow.org_id == which.org_id, OpinionRow.stars.is_not(None))
    if which.since is not None:
        wanted = wanted.where(OpinionRow.utc >= which.since)
    if which.until is not None:
        wanted = wanted.where(OpinionRow.utc < which.until)
    if which.operator_id is not None:
        wanted = wanted.where(WorkRow.operator_id == which.operator_id)
    return wanted
