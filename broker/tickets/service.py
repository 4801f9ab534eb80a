"""Tickets: requests with a number each, taken or refused as the terms say, and what both sides say on them.

Counterparts: `terms.py` (what the terms say), `who.py` (who asks), `broker.queue` (who is next).  What customers write
is personal data: it stands in the tables of tickets alone, never in a log or a chain.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.errors import Conflict, LinkSpent, NotFound
from broker.i18n import N_
from broker.ids import fingerprint, new_id, new_token
from broker.policies.schema import Channel
from broker.rating.engine import Engine
from broker.store.desk_tables import AttachmentRow, TicketMessageRow, TicketRow
from broker.store.engine import Store
from broker.store.numbers import next_number
from broker.tickets import attachments
from broker.tickets.closing import over
from broker.tickets.reasons import Reason
from broker.tickets.repository import Filter, TicketRepository
from broker.tickets.states import OPEN, State, Step, after
from broker.tickets.terms import Request, Standing, classified, due, excluded, refusal, target
from broker.tickets.who import check_belongings, identify, present_terms, standing_of, terms_of

MOST_MESSAGES: Final = 500
"""On one ticket."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new ticket.  `token`: the secret with which the customer comes back; only its hash is kept."""

    row: TicketRow
    token: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A ticket with all that was said, and how its customer stands."""

    row: TicketRow
    messages: Sequence[TicketMessageRow]
    attachments: Sequence[AttachmentRow]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets, newest first.  `next`: where the page after it begins, None for the last."""

    rows: Sequence[TicketRow]
    next: str | None


class TicketService:
    """The tickets of one organisation at a time.  `changed` is told the organisation after each change."""

    def __init__(self, store: Store, clock: Clock, changed: Callable[[str], None]) -> None:
        self._store, self._clock, self._changed = store, clock, changed
        self._unpacking = asyncio.Semaphore(1)

    # Opening ---------------------------------------------------------------------------------------------------------

    async def open(self, org_id: str, request: Request, customer_id: str | None = None) -> Opened:
        """A request as a technician writes it down (I3).  Refused by the terms, it is kept with the reason.

        Raises `NotFound` for a customer, session or order that is not there, `Unacceptable` for unknown words.
        """
        async with self._store.transaction() as db:
            await check_belongings(db, org_id, request)
            row = await self._open(db, org_id, request, customer_id, None)
        self._changed(org_id)
        return Opened(row, None)

    async def open_from_form(self, org_id: str, request: Request) -> Opened:
        """A request that a customer sends, who gets the secret to come back with."""
        token = new_token()
        async with self._store.transaction() as db:
            row = await self._open(db, org_id, request, None, token)
        self._changed(org_id)
        return Opened(row, token)

    async def form_channel(self, org_id: str) -> Channel:
        """What a request on the public form counts as: a ticket where the terms know tickets, else the web page."""
        async with self._store.reading() as db:
            engine = await present_terms(db, org_id)
        return "ticket" if engine is None or "ticket" in engine.policy.tickets.channels else "web"

    async def _open(
        self, db: AsyncSession, org_id: str, request: Request, customer_id: str | None, token: str | None
    ) -> TicketRow:
        now = self._clock.utc()
        request, standing = await identify(db, org_id, request, customer_id, now)
        priority = classified(standing.policy, request.priority, request.category)
        reason = refusal(standing, request)
        row = TicketRow(
            id=new_id(), org_id=org_id, number=await next_number(db, org_id, "ticket"),
            customer_id=standing.customer.id if standing.customer else None,
            contract_id=standing.held.row.id if standing.held else None,
            order_id=request.order_id, session_id=request.session_id, channel=request.channel,
            category=request.category, priority=priority, urgent=request.urgent, accepted=request.accepted,
            subject=request.subject, text=request.text, contact=request.contact, phone=request.phone,
            email=request.email, company=request.company, tax_id=request.tax_id,
            contract_number=request.contract_number, token_sha256=fingerprint(token) if token else None,
            state=(State.REFUSED if reason else State.WAITING).value, state_reason=reason.stored() if reason else "",
            opened_utc=now, target_utc=None if reason else target(standing, priority, request.urgent, now),
            last_customer_utc=now, closed_utc=now if reason else None,
        )  # fmt: skip
        await TicketRepository(db).add(row)
        return row

    # Technicians -----------------------------------------------------------------------------------------------------

    async def take(self, org_id: str, ticket_id: str, operator_id: str) -> Whole:
        """Raises `NotFound`, and `Conflict` when it does not wait (any more)."""
        async with self._store.transaction() as db:
            row = await _to_change(db, org_id, ticket_id)
            await self._step(db, row, Step.TAKE)
            row.operator_id = operator_id
            whole = await self._whole(db, row)
        self._changed(org_id)
        return whole

    async def release(self, org_id: str, ticket_id: str) -> Whole:
        """Back into the queue, for a colleague."""
        async with self._store.transaction() as db:
            row = await _to_change(db, org_id, ticket_id)
            await self._step(db, row, Step.RELEASE)
            row.operator_id = None
            whole = await self._whole(db, row)
        self._changed(org_id)
        return whole

    async def answer(self, org_id: str, ticket_id: str, operator_id: str, text: str) -> Whole:
        """The provider says something; the first time is the first answer that the target is about."""
        async with self._store.transaction() as db:
            row = await _to_change(db, org_id, ticket_id)
            await self._step(db, row, Step.ANSWER)
            row.operator_id = row.operator_id or operator_id
            row.last_provider_utc = now = self._clock.utc()
            row.answered_utc = row.answered_utc or now
            await self._say(db, row, operator_id, text)
            whole = await self._whole(db, row)
        self._changed(org_id)
        return whole

    async def refuse(self, org_id: str, ticket_id: str, what: str | int) -> Whole:
        """Not done: excluded work by its place in the policy (I17), or a sentence.  Raises `Unacceptable`."""
        async with self._store.transaction() as db:
            row = await _to_change(db, org_id, ticket_id)
            await self._step(db, row, Step.REFUSE)
            engine = await terms_of(db, row)
            reason = Reason(what, what) if isinstance(what, str) else excluded(engine.policy if engine else None, what)
            row.state_reason = reason.stored()
            whole = await self._whole(db, row)
        self._changed(org_id)
        return whole

    async def classify(
        self, org_id: str, ticket_id: str, *, priority: str | None = None, category: str | None = None,
        urgent: bool | None = None, customer_id: str | None = None,
    ) -> Whole:  # fmt: skip
        """What is given is set; the target follows until the first answer.  Raises `Unacceptable`, `NotFound`."""
        async with self._store.transaction() as db:
            row = await _to_change(db, org_id, ticket_id)
            if customer_id is not None:
                standing = await standing_of(db, org_id, customer_id, row.opened_utc)
                if standing.customer is None:
                    raise NotFound
                row.customer_id, row.contract_id = customer_id, standing.held.row.id if standing.held else None
            standing = await standing_of(db, org_id, row.customer_id, row.opened_utc)
            row.category = row.category if category is None else category
            row.urgent = row.urgent if urgent is None else urgent
            row.priority = classified(standing.policy, row.priority if priority is None else priority, row.category)
            if row.answered_utc is None and row.state != State.REFUSED:
                row.target_utc = target(standing, row.priority, row.urgent, row.opened_utc)
            whole = await self._whole(db, row)
        self._changed(org_id)
        return whole

    async def hear(self, org_id: str, ticket_id: str, text: str) -> Whole:
        """A technician writes down what the customer said, by telephone or mail (I3)."""
        async with self._store.transaction() as db:
            whole = await self._hear(db, await _to_change(db, org_id, ticket_id), text)
        self._changed(org_id)
        return whole

    async def close(self, org_id: str, ticket_id: str) -> Whole:
        """The customer says that it is solved, or the provider judges so (I14)."""
        async with self._store.transaction() as db:
            row = await _to_change(db, org_id, ticket_id)
            await self._step(db, row, Step.CLOSE)
            whole = await self._whole(db, row)
        self._changed(org_id)
        return whole

    async def attach(self, org_id: str, ticket_id: str, name: str, data: bytes) -> AttachmentRow:
        """A screenshot (I16).  Raises `TooLarge`, `Unacceptable`, `NotFound`, `Conflict` for one too many."""
        media_type = await self._checked(data)
        async with self._store.transaction() as db:
            return await self._attach(db, await _to_change(db, org_id, ticket_id), name, data, media_type)

    # The customer, with the secret -----------------------------------------------------------------------------------

    async def own(self, token: str) -> Whole:
        """The ticket of whoever holds the secret.  Raises `LinkSpent` for one that there never was."""
        async with self._store.reading() as db:
            row = await TicketRepository(db).by_token(fingerprint(token))
            if row is None:
                raise LinkSpent
            return await self._whole(db, row)

    async def hear_own(self, token: str, text: str) -> Whole:
        """The customer says something; a closed ticket opens again."""
        async with self._store.transaction() as db:
            whole = await self._hear(db, await _own_to_change(db, token), text)
        self._changed(whole.row.org_id)
        return whole

    async def close_own(self, token: str) -> Whole:
        """The customer says that it is solved (I14)."""
        async with self._store.transaction() as db:
            row = await _own_to_change(db, token)
            await self._step(db, row, Step.CLOSE)
            whole = await self._whole(db, row)
        self._changed(row.org_id)
        return whole

    async def attach_own(self, token: str, name: str, data: bytes) -> AttachmentRow:
        """The customer's screenshot (I16)."""
        media_type = await self._checked(data)
        async with self._store.transaction() as db:
            return await self._attach(db, await _own_to_change(db, token), name, data, media_type)

    # Looking ---------------------------------------------------------------------------------------------------------

    async def get(self, org_id: str, ticket_id: str) -> Whole:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            row = await TicketRepository(db).find(org_id, ticket_id)
            if row is None:
                raise NotFound
            return await self._whole(db, row)

    async def page(self, which: Filter, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` tickets.  Raises `Malformed` for a cursor that no page gave."""
        async with self._store.reading() as db:
            found = await TicketRepository(db).page(which, limit + 1, place(cursor) if cursor else None)
        last = found[limit - 1] if len(found) > limit else None
        return Page(found[:limit], cursor_of(last.opened_utc, last.id) if last else None)

    async def every(self, which: Filter) -> AsyncGenerator[TicketRow]:
        """All tickets, newest first, read as they are wanted."""
        async with self._store.reading() as db:
            async for batch in TicketRepository(db).every(which):
                for row in batch:
                    yield row

    async def attachment(self, org_id: str, ticket_id: str, attachment_id: str) -> AttachmentRow:
        """With its bytes.  Raises `NotFound`."""
        async with self._store.reading() as db:
            tickets = TicketRepository(db)
            ticket = await tickets.find(org_id, ticket_id)
            found = await tickets.attachment(ticket.id, attachment_id) if ticket else None
        if found is None:
            raise NotFound
        return found

    # By the clock ----------------------------------------------------------------------------------------------------

    async def close_overdue(self) -> int:
        """Close the tickets that close by themselves (I14, E13); how many."""
        now = self._clock.utc()
        async with self._store.reading() as db:
            waiting = await TicketRepository(db).may_be_over(now)
            known: dict[tuple[str, str | None], Engine | None] = {}
            for row, _ in waiting:
                if (row.org_id, row.contract_id) not in known:
                    known[row.org_id, row.contract_id] = await terms_of(db, row)
        count = 0
        for seen, served in waiting:
            terms = known[seen.org_id, seen.contract_id]
            if over(seen, terms, served, now) is None:
                continue
            async with self._store.transaction() as db:
                row = await _to_change(db, seen.org_id, seen.id)
                why = over(row, terms, served, now)
                if why is None:
                    continue
                await self._step(db, row, Step.CLOSE)
                row.state_reason = why.stored()
                count += 1
            self._changed(seen.org_id)
        return count

    # Inside ----------------------------------------------------------------------------------------------------------

    async def _step(self, db: AsyncSession, row: TicketRow, step: Step) -> None:
        row.state = after(State(row.state), step).value
        ends = row.state in (State.CLOSED, State.REFUSED)
        row.closed_utc, row.state_reason = self._clock.utc() if ends else None, ""
        if step in (Step.TAKE, Step.ANSWER) and row.answered_utc is None:
            row.target_utc = due(row, await standing_of(db, row.org_id, row.customer_id, self._clock.utc()))

    async def _hear(self, db: AsyncSession, row: TicketRow, text: str) -> Whole:
        was_closed = row.state == State.CLOSED
        await self._step(db, row, Step.HEAR)
        if was_closed:
            row.operator_id = None
        row.last_customer_utc = self._clock.utc()
        await self._say(db, row, None, text)
        return await self._whole(db, row)

    async def _say(self, db: AsyncSession, row: TicketRow, operator_id: str | None, text: str) -> None:
        tickets = TicketRepository(db)
        if await tickets.count_messages(row.id) >= MOST_MESSAGES:
            raise Conflict(N_("Nothing more fits on this ticket. Open another one."))
        message = TicketMessageRow(
            id=new_id(), ticket_id=row.id, operator_id=operator_id, text=text, utc=self._clock.utc()
        )
        await tickets.add_message(message)

    async def _attach(self, db: AsyncSession, row: TicketRow, name: str, data: bytes, media_type: str) -> AttachmentRow:
        tickets = TicketRepository(db)
        if row.state == State.REFUSED or len(await tickets.attachments(row.id)) >= attachments.MOST:
            raise Conflict(N_("Nothing more fits on this ticket. Open another one."))
        made = AttachmentRow(
            id=new_id(), ticket_id=row.id, name=name, media_type=media_type, data=data, utc=self._clock.utc()
        )
        await tickets.add_attachment(made)
        return made

    async def _checked(self, data: bytes) -> str:
        """Beside the event loop, and one at a time: a picture that is packed small may unpack large."""
        async with self._unpacking:
            return await asyncio.to_thread(attachments.checked_screenshot, data)

    async def _whole(self, db: AsyncSession, row: TicketRow) -> Whole:
        tickets = TicketRepository(db)
        standing = await standing_of(db, row.org_id, row.customer_id, self._clock.utc())
        return Whole(row, await tickets.messages(row.id), await tickets.attachments(row.id), standing)


def close_within(row: TicketRow, reason: Reason, now: datetime) -> None:
    """Close a ticket if it is open, within the caller's transaction; one that is closed stays as it is."""
    if row.state in OPEN:
        row.state, row.closed_utc, row.state_reason = State.CLOSED.value, now, reason.stored()


async def _to_change(db: AsyncSession, org_id: str, ticket_id: str) -> TicketRow:
    row = await TicketRepository(db).to_change(org_id, ticket_id)
    if row is None:
        raise NotFound
    return row


async def _own_to_change(db: AsyncSession, token: str) -> TicketRow:
    row = await TicketRepository(db).by_token_to_change(fingerprint(token))
    if row is None:
        raise LinkSpent
    return row
