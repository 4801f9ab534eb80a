"""The queries of tickets, their messages and attachments, and of who asks."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, case, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from broker.store.billing_tables import ContactRow, CustomerRow, WorkRow
from broker.store.desk_tables import AttachmentRow, TicketMessageRow, TicketRow
from broker.tickets.states import State

BATCH: Final = 500
"""Rows read at a time."""

FirstAnswer = Literal["within", "missed", "waiting", "none"]
"""`waiting`: the target is still ahead; `none`: there is no target."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets are wanted; None is any.  `since` is included, `until` is not."""

    org_id: str
    since: datetime | None = None
    until: datetime | None = None
    state: State | None = None
    customer_id: str | None = None
    operator_id: str | None = None
    channel: str | None = None
    category: str | None = None
    priority: str | None = None
    answer: tuple[FirstAnswer, datetime] | None = None
    """How the first answer stood to its target at that instant."""
    text: str | None = None
    """A number, or a part of subject or company, in any case."""


class TicketRepository:
    """Bound to one transaction."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    # Tickets ---------------------------------------------------------------------------------------------------------

    async def find(self, org_id: str, ticket_id: str) -> TicketRow | None:
        return await self._one(TicketRow.org_id == org_id, TicketRow.id == ticket_id)

    async def to_change(self, org_id: str, ticket_id: str) -> TicketRow | None:
        """Locked until the transaction ends."""
        return await self._one(TicketRow.org_id == org_id, TicketRow.id == ticket_id, locked=True)

    async def by_token(self, token_sha256: bytes) -> TicketRow | None:
        return await self._one(TicketRow.token_sha256 == token_sha256)

    async def by_token_to_change(self, token_sha256: bytes) -> TicketRow | None:
        """Locked until the transaction ends."""
        return await self._one(TicketRow.token_sha256 == token_sha256, locked=True)

    async def add(self, row: TicketRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def take(self, org_id: str, ticket_id: str, operator_id: str, target: datetime | None) -> bool:
        """Give a waiting ticket to a technician; False when somebody else was first."""
        waits = (TicketRow.org_id == org_id, TicketRow.id == ticket_id, TicketRow.state == State.WAITING.value)
        taken = (
            update(TicketRow).where(*waits).values(state=State.TAKEN.value, operator_id=operator_id, target_utc=target)
        )
        return await self._db.scalar(taken.returning(TicketRow.id)) is not None

    async def waiting(self, org_id: str) -> Sequence[TicketRow]:
        """In order of arrival."""
        waits = select(TicketRow).where(TicketRow.org_id == org_id, TicketRow.state == State.WAITING.value)
        return (await self._db.scalars(waits.order_by(TicketRow.opened_utc, TicketRow.number))).all()

    async def may_be_over(self, before: datetime) -> Sequence[tuple[TicketRow, int | None]]:
        """Of all organisations: tickets that the provider answered last, before this instant, and those that were
        worked on; with the end of the last work, in seconds since 1970."""
        theirs = (WorkRow.ticket_id == TicketRow.id) & (WorkRow.state == "charged")
        served = select(func.max(WorkRow.end)).where(theirs).correlate(TicketRow).scalar_subquery()
        answered = (TicketRow.state == State.ANSWERED.value) & (TicketRow.last_provider_utc <= before)
        worked_on = TicketRow.state.in_((State.ANSWERED.value, State.TAKEN.value)) & served.is_not(None)
        rows = await self._db.execute(select(TicketRow, served).where(answered | worked_on).order_by(TicketRow.id))
        return [(row, ended) for row, ended in rows]

    async def page(self, which: Filter, limit: int, place: tuple[datetime, str] | None = None) -> Sequence[TicketRow]:
        """Newest first, at most `limit`, those after `place`."""
        wanted = _matching(which).order_by(TicketRow.opened_utc.desc(), TicketRow.id.desc()).limit(limit)
        if place is not None:
            wanted = wanted.where(tuple_(TicketRow.opened_utc, TicketRow.id) < place)
        return (await self._db.scalars(wanted)).all()

    async def every(self, which: Filter) -> AsyncIterator[Sequence[TicketRow]]:
        """All that match, newest first, in batches: memory does not grow with their number."""
        place: tuple[datetime, str] | None = None
        while batch := await self.page(which, BATCH, place):
            yield batch
            place = batch[-1].opened_utc, batch[-1].id
            self._db.expunge_all()

    # What is said ----------------------------------------------------------------------------------------------------

    async def add_message(self, row: TicketMessageRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def messages(self, ticket_id: str) -> Sequence[TicketMessageRow]:
        """Oldest first."""
        of = select(TicketMessageRow).where(TicketMessageRow.ticket_id == ticket_id)
        return (await self._db.scalars(of.order_by(TicketMessageRow.utc, TicketMessageRow.id))).all()

    async def count_messages(self, ticket_id: str) -> int:
        of = select(func.count()).select_from(TicketMessageRow).where(TicketMessageRow.ticket_id == ticket_id)
        return await self._db.scalar(of) or 0

    async def add_attachment(self, row: AttachmentRow) -> None:
        self._db.add(row)
        await self._db.flush()

    async def attachments(self, ticket_id: str) -> Sequence[AttachmentRow]:
        """Oldest first, without their bytes."""
        of = select(AttachmentRow).where(AttachmentRow.ticket_id == ticket_id)
        return (await self._db.scalars(of.order_by(AttachmentRow.utc, AttachmentRow.id))).all()

    async def attachment(self, ticket_id: str, attachment_id: str) -> AttachmentRow | None:
        """One, with its bytes."""
        wanted = select(AttachmentRow).where(AttachmentRow.ticket_id == ticket_id, AttachmentRow.id == attachment_id)
        row: AttachmentRow | None = await self._db.scalar(wanted.options(undefer(AttachmentRow.data)))
        return row

    # Who asks --------------------------------------------------------------------------------------------------------

    async def customer(self, org_id: str, customer_id: str) -> CustomerRow | None:
        """One whose data have not been erased."""
        return await self._only_customer(org_id, CustomerRow.id == customer_id)

    async def customer_by_email(self, org_id: str, email: str) -> CustomerRow | None:
        """Whose own address or contact's it is; None when several share it."""
        contacts = select(ContactRow.customer_id).where(ContactRow.org_id == org_id, ContactRow.email == email)
        return await self._only_customer(org_id, or_(CustomerRow.email == email, CustomerRow.id.in_(contacts)))

    async def customer_by_licence(self, org_id: str, licence_key: str) -> CustomerRow | None:
        """None when several have it."""
        return await self._only_customer(org_id, CustomerRow.licence_key == licence_key)

    async def _only_customer(self, org_id: str, condition: ColumnElement[bool]) -> CustomerRow | None:
        wanted = select(CustomerRow).where(CustomerRow.org_id == org_id, CustomerRow.erased_utc.is_(None), condition)
        found = (await self._db.scalars(wanted.limit(2))).all()
        return found[0] if len(found) == 1 else None

    async def _one(self, *conditions: ColumnElement[bool], locked: bool = False) -> TicketRow | None:
        wanted = select(TicketRow).where(*conditions)
        row: TicketRow | None = await self._db.scalar(wanted.with_for_update() if locked else wanted)
        return row


def first_answer(now: datetime) -> ColumnElement[str]:
    """Which `FirstAnswer` a ticket is; one that is over without an answer had none to wait for any more."""
    target, done = TicketRow.target_utc, func.coalesce(TicketRow.answered_utc, TicketRow.closed_utc)
    return case(
        (target.is_(None), "none"),
        (done.is_not(None), case((done <= target, "within"), else_="missed")),
        (target >= now, "waiting"),
        else_="missed",
    )


def _matching(which: Filter) -> Select[Any]:
    return select(TicketRow).where(*conditions(which))


def conditions(which: Filter) -> Iterator[ColumnElement[bool]]:
    """What a ticket must be to be listed; who counts tickets asks by the same."""
    yield TicketRow.org_id == which.org_id
    if which.since is not None:
        yield TicketRow.opened_utc >= which.since
    if which.until is not None:
        yield TicketRow.opened_utc < which.until
    if which.state is not None:
        yield TicketRow.state == which.state.value
    if which.answer is not None:
        answer, now = which.answer
        yield first_answer(now) == answer
    for column, value in (
        (TicketRow.customer_id, which.customer_id),
        (TicketRow.operator_id, which.operator_id),
        (TicketRow.channel, which.channel),
        (TicketRow.category, which.category),
        (TicketRow.priority, which.priority),
    ):
        if value is not None:
            yield column == value
    if which.text:
        named = [column.icontains(which.text, autoescape=True) for column in (TicketRow.subject, TicketRow.company)]
        if which.text.isascii() and which.text.isdecimal() and len(which.text) < 10:
            named.append(TicketRow.number == int(which.text))
        yield or_(*named)
