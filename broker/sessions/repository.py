"""The queries of sessions and their events: the only SQL of this feature.  Counterpart: `broker.store.log_tables`."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import ColumnElement, CursorResult, Select, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.log.event import Event
from broker.log.events import CUSTOMER_FIELDS, ChainedEvent, from_stored, kind_name
from broker.log.moment import Moment
from broker.log.projections import SessionState, SessionView
from broker.store.billing_tables import WorkRow
from broker.store.log_tables import LogEventRow, LogPersonalRow, SessionRow
from protocol.control import EndReason

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SessionView).decode

NOBODY = "-"
"""In the place of a customer's id: sessions that are no customer's."""
BATCH = 500
"""Rows read at a time when a list is streamed."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sessions are wanted; None is any.  `since` is included, `until` is not."""

    org_id: str
    since: datetime | None = None
    until: datetime | None = None
    only_operator_id: str | None = None
    """Whoever may see no others' sessions."""
    operator: str | None = None
    """An operator's id, or a part of the name, in any case."""
    customer: str | None = None
    """A part of the computer's, user's name or address, in any case."""
    customer_id: str | None = None
    """Whose work the session became; `NOBODY`: no customer's."""
    service: str | None = None
    connected: bool | None = None
    """Whether both ends ever were on the line."""
    end_reason: EndReason | None = None
    state: SessionState | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list, newest first, goes on: after this session."""

    requested_utc: datetime
    session_id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept.  `columns`: what its row repeats of the view for look-ups."""

    org_id: str
    first_seq: int
    view: SessionView
    columns: tuple[object, ...]


class SessionRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    # One session -----------------------------------------------------------------------------------------------------

    async def organisation_of(self, session_id: str) -> str | None:
        """The organisation of a session; it never changes."""
        return await self._db.scalar(select(SessionRow.org_id).where(SessionRow.id == session_id))

    async def find(self, session_id: str, org_id: str | None = None) -> Kept | None:
        """A session, of one organisation if that is given."""
        wanted = select(SessionRow).where(SessionRow.id == session_id)
        if org_id is not None:
            wanted = wanted.where(SessionRow.org_id == org_id)
        row = await self._db.scalar(wanted)
        return _kept(row) if row else None

    async def insert(self, org_id: str, first_seq: int, view: SessionView) -> None:
        """Keep a new session."""
        self._db.add(SessionRow(id=view.session_id, org_id=org_id, first_seq=first_seq, **_columns(view)))
        await self._db.flush()

    async def save(self, view: SessionView) -> None:
        """Keep a session as it is after an event."""
        await self._db.execute(update(SessionRow).where(SessionRow.id == view.session_id).values(**_columns(view)))

    async def beat(self, session_ids: Collection[str], at: Moment) -> None:
        """These joined sessions were alive `at`."""
        alive = {"alive_utc": at.utc, "alive_ms": at.mono_ms, "alive_boot": at.boot}
        await self._db.execute(update(SessionRow).where(SessionRow.id.in_(session_ids)).values(**alive))

    async def joined(self, session_ids: Collection[str]) -> list[tuple[str, str]]:
        """(organisation, session) of those that are joined, in order."""
        wanted = select(SessionRow.org_id, SessionRow.id).where(
            SessionRow.id.in_(session_ids), SessionRow.state == SessionState.JOINED.value
        )
        found = await self._db.execute(wanted.order_by(SessionRow.org_id, SessionRow.id))
        return [(org_id, session_id) for org_id, session_id in found]

    async def unended(self, org_id: str | None = None) -> list[Kept]:
        """Sessions that have not ended, in a fixed order."""
        wanted = select(SessionRow).where(SessionRow.state != SessionState.ENDED.value)
        if org_id is not None:
            wanted = wanted.where(SessionRow.org_id == org_id)
        return [_kept(row) for row in await self._db.scalars(wanted.order_by(SessionRow.org_id, SessionRow.id))]

    async def rows(self, org_id: str) -> AsyncIterator[Kept]:
        """Every session of an organisation as it is kept."""
        after = ""
        while True:
            wanted = select(SessionRow).where(SessionRow.org_id == org_id, SessionRow.id > after)
            batch = list(await self._db.scalars(wanted.order_by(SessionRow.id).limit(BATCH)))
            for row in batch:
                yield _kept(row)
            if len(batch) < BATCH:
                return
            after = batch[-1].id
            self._db.expunge_all()

    # Events and personal data ----------------------------------------------------------------------------------------

    async def events(self, org_id: str, session_id: str) -> list[ChainedEvent]:
        """A session's own events in order; heartbeats, which are many sessions' at once, are not among them."""
        wanted = select(LogEventRow.stored, LogEventRow.head).where(
            LogEventRow.org_id == org_id, LogEventRow.session_id == session_id
        )
        rows = await self._db.execute(wanted.order_by(LogEventRow.seq))
        return [ChainedEvent(from_stored(stored), head) for stored, head in rows]

    async def event(self, org_id: str, seq: int) -> ChainedEvent:
        """One event, which must be there."""
        wanted = select(LogEventRow.stored, LogEventRow.head).where(
            LogEventRow.org_id == org_id, LogEventRow.seq == seq
        )
        stored, head = (await self._db.execute(wanted)).one()
        return ChainedEvent(from_stored(stored), head)

    async def first(self, org_id: str, session_id: str, kind: type[Event]) -> ChainedEvent | None:
        """A session's first event of one kind, if there is one."""
        wanted = select(LogEventRow.stored, LogEventRow.head).where(
            LogEventRow.org_id == org_id, LogEventRow.session_id == session_id, LogEventRow.kind == kind_name(kind)
        )
        found = (await self._db.execute(wanted.order_by(LogEventRow.seq).limit(1))).one_or_none()
        return found and ChainedEvent(from_stored(found.stored), found.head)

    async def personal(self, org_id: str, seqs: Iterable[int]) -> dict[int, dict[str, str]]:
        """The personal data of these events that have not been erased: seq → field → value."""
        found: dict[int, dict[str, str]] = {seq: {} for seq in seqs}
        rows = await self._db.execute(
            select(LogPersonalRow.seq, LogPersonalRow.field, LogPersonalRow.value).where(
                LogPersonalRow.org_id == org_id, LogPersonalRow.seq.in_(list(found))
            )
        )
        for seq, field, value in rows:
            found[seq][field] = value
        return found

    async def erase_customer(self, org_id: str, session_id: str) -> int:
        """Delete the customer's personal data of a session, with their salts; how many there were."""
        deleted = await self._db.execute(
            delete(LogPersonalRow).where(
                LogPersonalRow.org_id == org_id,
                LogPersonalRow.session_id == session_id,
                LogPersonalRow.field.in_(CUSTOMER_FIELDS),
            )
        )
        return cast(CursorResult[Any], deleted).rowcount

    # Lists -----------------------------------------------------------------------------------------------------------

    async def page(self, which: Filter, limit: int, after: Place | None = None) -> list[Kept]:
        """Sessions, newest first, at most `limit`."""
        wanted = _matching(which).order_by(SessionRow.requested_utc.desc(), SessionRow.id.desc()).limit(limit)
        if after is not None:
            place = tuple_(SessionRow.requested_utc, SessionRow.id)
            wanted = wanted.where(place < (after.requested_utc, after.session_id))
        return [_kept(row) for row in await self._db.scalars(wanted)]

    async def every(self, which: Filter) -> AsyncIterator[list[Kept]]:
        """All sessions that match, newest first, in batches: memory does not grow with their number."""
        after: Place | None = None
        while batch := await self.page(which, BATCH, after):
            yield batch
            last = batch[-1].view
            after = Place(last.requested.utc, last.session_id)


def columns_agree(kept: Kept) -> bool:
    """Whether the row repeats its view faithfully."""
    return kept.columns == tuple(_lookup(kept.view).values())


def _lookup(view: SessionView) -> dict[str, object]:
    return {
        "state": view.state.value,
        "operator_id": view.operator_id,
        "requested_utc": view.requested.utc,
        "end_reason": view.end_reason,
        "service": view.service,
        "joined_utc": view.joined and view.joined.utc,
        "connected_ms": view.connected_ms,
    }


def _columns(view: SessionView) -> dict[str, object]:
    alive = view.alive
    return _lookup(view) | {
        "view": _encode(replace(view, alive=None)),
        "alive_utc": alive and alive.utc,
        "alive_ms": alive and alive.mono_ms,
        "alive_boot": alive and alive.boot,
    }


def _kept(row: SessionRow) -> Kept:
    view = _decode(row.view)
    if row.alive_utc is not None and row.alive_ms is not None and row.alive_boot is not None:
        view = replace(view, alive=Moment(row.alive_utc, row.alive_ms, row.alive_boot))
    return Kept(row.org_id, row.first_seq, view, tuple(getattr(row, column) for column in _lookup(view)))


def _matching(which: Filter) -> Select[Any]:
    return select(SessionRow).where(*conditions(which))


def conditions(which: Filter) -> Iterator[ColumnElement[bool]]:
    """What a session must be to be listed; who counts sessions asks by the same."""
    yield SessionRow.org_id == which.org_id
    if which.since is not None:
        yield SessionRow.requested_utc >= which.since
    if which.until is not None:
        yield SessionRow.requested_utc < which.until
    for column, value in (
        (SessionRow.operator_id, which.only_operator_id),
        (SessionRow.service, which.service),
        (SessionRow.end_reason, which.end_reason),
        (SessionRow.state, which.state and which.state.value),
    ):
        if value is not None:
            yield column == value
    if which.connected is not None:
        yield SessionRow.joined_utc.is_not(None) == which.connected
    if which.customer_id == NOBODY:
        theirs = select(WorkRow.id).where(WorkRow.session_id == SessionRow.id, WorkRow.customer_id.is_not(None))
        yield ~theirs.correlate(SessionRow).exists()
    elif which.customer_id is not None:
        work = select(WorkRow.session_id).where(WorkRow.org_id == which.org_id, WorkRow.session_id.is_not(None))
        yield SessionRow.id.in_(work.where(WorkRow.customer_id == which.customer_id))
    if which.operator:
        named = _has_personal(("operator_name",), which.operator)
        yield or_(SessionRow.operator_id == which.operator, named)
    if which.customer:
        yield _has_personal(("computer", "user", "address"), which.customer)


def _has_personal(fields: Collection[str], part: str) -> ColumnElement[bool]:
    return (
        select(LogPersonalRow.seq)
        .where(
            LogPersonalRow.session_id == SessionRow.id,
            LogPersonalRow.seq == SessionRow.first_seq,
            LogPersonalRow.org_id == SessionRow.org_id,
            LogPersonalRow.field.in_(fields),
            LogPersonalRow.value.icontains(part, autoescape=True),
        )
        .exists()
    )
