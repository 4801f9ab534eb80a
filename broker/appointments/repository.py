"""The queries of appointments."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from broker.appointments.states import State
from broker.store.desk_tables import AppointmentRow
from broker.store.tables import OperatorRow

BATCH: Final = 500
"""Rows read at a time."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which appointments are wanted; None is any.  By their start: `since` is included, `until` is not."""

    org_id: str
    since: int | None = None
    until: int | None = None
    state: State | None = None
    customer_id: str | None = None
    operator_id: str | None = None
    ticket_id: str | None = None
    earliest_first: bool = False


class AppointmentRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, org_id: str, appointment_id: str) -> AppointmentRow | None:
        return await self._one(AppointmentRow.org_id == org_id, AppointmentRow.id == appointment_id)

    async def to_change(self, org_id: str, appointment_id: str) -> AppointmentRow | None:
        """Locked until the transaction ends."""
        return await self._one(AppointmentRow.org_id == org_id, AppointmentRow.id == appointment_id, locked=True)

    async def by_invite(self, invite_sha256: bytes) -> AppointmentRow | None:
        return await self._one(AppointmentRow.invite_sha256 == invite_sha256)

    async def add(self, row: AppointmentRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def begun(self, now: int) -> Sequence[AppointmentRow]:
        """Of all organisations: those whose time has come and of which nothing has become yet."""
        begun = select(AppointmentRow).where(AppointmentRow.state == State.AGREED.value, AppointmentRow.at <= now)
        return (await self._db.scalars(begun.order_by(AppointmentRow.at, AppointmentRow.id))).all()

    async def page(self, which: Filter, limit: int, place: tuple[int, str] | None = None) -> Sequence[AppointmentRow]:
        """In the order that is wanted, at most `limit`, those after `place`."""
        wanted, here = _matching(which).limit(limit), tuple_(AppointmentRow.at, AppointmentRow.id)
        if which.earliest_first:
            wanted = wanted.order_by(AppointmentRow.at, AppointmentRow.id)
        else:
            wanted = wanted.order_by(AppointmentRow.at.desc(), AppointmentRow.id.desc())
        if place is not None:
            wanted = wanted.where(here > place if which.earliest_first else here < place)
        return (await self._db.scalars(wanted)).all()

    async def every(self, which: Filter) -> AsyncIterator[Sequence[AppointmentRow]]:
        """All that match, in batches: memory does not grow with their number."""
        place: tuple[int, str] | None = None
        while batch := await self.page(which, BATCH, place):
            yield batch
            place = batch[-1].at, batch[-1].id
            self._db.expunge_all()

    async def is_technician(self, org_id: str, operator_id: str) -> bool:
        """Whether the account is there and may work."""
        wanted = select(OperatorRow.id).where(OperatorRow.org_id == org_id, OperatorRow.id == operator_id)
        return await self._db.scalar(wanted.where(OperatorRow.disabled.is_(False))) is not None

    async def _one(self, *conditions: ColumnElement[bool], locked: bool = False) -> AppointmentRow | None:
        wanted = select(AppointmentRow).where(*conditions)
        row: AppointmentRow | None = await self._db.scalar(wanted.with_for_update() if locked else wanted)
        return row


def _matching(which: Filter) -> Select[Any]:
    wanted = select(AppointmentRow).where(AppointmentRow.org_id == which.org_id)
    if which.since is not None:
        wanted = wanted.where(AppointmentRow.at >= which.since)
    if which.until is not None:
        wanted = wanted.where(AppointmentRow.at < which.until)
    if which.state is not None:
        wanted = wanted.where(AppointmentRow.state == which.state.value)
    for column, value in (
        (AppointmentRow.customer_id, which.customer_id),
        (AppointmentRow.operator_id, which.operator_id),
        (AppointmentRow.ticket_id, which.ticket_id),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    return wanted
