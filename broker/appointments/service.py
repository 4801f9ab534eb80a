"""Appointments: made within support hours, with a secret for the customer; settled once; missed ones are charged.

Counterparts: `times.py` (which starts, what is late), `broker.work` (what a missed one costs), `broker.tickets` (the
ticket closes with it).  A missed appointment, its charge and its ticket's end are one transaction: nothing is charged
twice or lost.  The invitation's secret is told once; only its hash is kept, and it is in no log (R7).
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from broker.appointments.repository import AppointmentRepository, Filter
from broker.appointments.states import MISSED, State, settled
from broker.appointments.times import cancelled, check_start, over_at
from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.errors import Conflict, LinkSpent, NotFound, Unacceptable
from broker.i18n import N_
from broker.ids import fingerprint, new_id, new_token
from broker.log.events import Requested
from broker.log.writer import EventLog, Writer
from broker.policies.schema import Appointments
from broker.sessions.repository import Filter as SessionFilter
from broker.sessions.repository import SessionRepository
from broker.store.desk_tables import AppointmentRow
from broker.store.engine import Store
from broker.store.log_tables import SessionRow
from broker.tickets.reasons import Reason
from broker.tickets.repository import TicketRepository
from broker.tickets.service import close_within
from broker.tickets.states import OPEN
from broker.tickets.who import standing_of
from broker.work.service import WorkService

EARLIEST: Final = timedelta(hours=12)
"""So long before an agreed start a session may have begun that still lasts at it."""
MOST_SESSIONS: Final = 1000
"""That are looked at for one appointment."""


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """A start to agree on.  The customer is named, or is the ticket's; `operator_id` None: whoever makes it."""

    at: int
    minutes: int = 60
    customer_id: str | None = None
    ticket_id: str | None = None
    operator_id: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An appointment with the invitation's secret, told this once."""

    row: AppointmentRow
    token: str


@dataclass(frozen=True, slots=True)
class Invited:
    """What the holder of the secret sees.  `free_until`: until when a cancellation costs nothing; None: always."""

    row: AppointmentRow
    free_until: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Appointments, by their start.  `next`: where the page after it begins, None for the last."""

    rows: Sequence[AppointmentRow]
    next: str | None


class AppointmentService:
    """The appointments of one organisation at a time.  `changed` is told the organisation whose queue may differ."""

    def __init__(
        self, store: Store, log: EventLog, clock: Clock, work: WorkService, changed: Callable[[str], None]
    ) -> None:
        self._store, self._log, self._clock, self._work, self._changed = store, log, clock, work, changed

    # Making ----------------------------------------------------------------------------------------------------------

    async def make(self, org_id: str, wanted: NewAppointment, by_operator: str) -> Made:
        """Agree on a start (I10).  Raises `NotFound`, `Unacceptable` for a time that is not served, `Conflict`."""
        token = new_token()
        async with self._store.transaction() as db:
            appointments = AppointmentRepository(db)
            operator_id = wanted.operator_id or by_operator
            if not await appointments.is_technician(org_id, operator_id):
                raise NotFound
            customer_id = await _customer(db, org_id, wanted)
            standing = await standing_of(db, org_id, customer_id, datetime.fromtimestamp(wanted.at, UTC))
            if standing.customer is None:
                raise NotFound
            check_start(standing.engine, wanted.at, self._now())
            row = AppointmentRow(
                id=new_id(), org_id=org_id, customer_id=customer_id,
                contract_id=standing.held.row.id if standing.held else None, ticket_id=wanted.ticket_id,
                operator_id=operator_id, at=wanted.at, minutes=wanted.minutes, state=State.AGREED.value,
                invite_sha256=fingerprint(token), made_utc=self._clock.utc(),
            )  # fmt: skip
            await appointments.add(row)
        return Made(row, token)

    # Settling --------------------------------------------------------------------------------------------------------

    async def cancel(
        self, org_id: str, appointment_id: str, by: Literal["customer", "provider"], by_operator: str
    ) -> AppointmentRow:
        """The customer cancels by telephone or mail (I11), or the provider, which costs nothing.  `Conflict` twice."""
        async with self._log.writing() as writer:
            row = await self._to_change(writer, org_id, appointment_id)
            if by == "provider":
                self._settle(row, State.CANCELLED)
            else:
                await self._cancel(writer, row, by_operator)
        self._changed(org_id)
        return row

    async def keep(self, org_id: str, appointment_id: str, session_id: str | None) -> AppointmentRow:
        """The customer is there; `session_id`: the session that came of it.  Raises `NotFound`, `Conflict`."""
        async with self._log.writing() as writer:
            row = await self._to_change(writer, org_id, appointment_id)
            if session_id is not None:
                session = await writer.db.get(SessionRow, session_id)
                if session is None or session.org_id != org_id:
                    raise NotFound
            self._settle(row, State.KEPT)
            row.session_id = session_id
        return row

    async def fail(
        self, org_id: str, appointment_id: str, through: Literal["customer", "other"], by_operator: str
    ) -> AppointmentRow:
        """There was no connection: through the customer's set-up it is a no-show (I13), else it costs nothing."""
        async with self._log.writing() as writer:
            row = await self._to_change(writer, org_id, appointment_id)
            if through == "other":
                self._settle(row, State.FAILED)
            else:
                if row.at > self._now():
                    raise Conflict(N_("The time of this appointment has not come yet."))
                text = N_("The connection failed through the customer's set-up.")
                rules = await _rules(writer.db, row)
                await self._miss(writer, row, State.NO_SHOW, _reason(rules, State.NO_SHOW, text), by_operator)
        self._changed(org_id)
        return row

    async def end_overdue(self) -> int:
        """End the appointments to which the customer did not come within the terms' wait (I12); how many.

        Who is or was in a session at the agreed start, or has come to one since, was there, whoever forgot to say so.
        """
        now = self._now()
        async with self._store.reading() as db:
            due = [row for row in await AppointmentRepository(db).begun(now) if _over(await _rules(db, row), row, now)]
        ended = 0
        for seen in due:
            async with self._log.writing() as writer:
                row = await self._to_change(writer, seen.org_id, seen.id)
                if row.state != State.AGREED:
                    continue
                session_id = await _session_with_customer(writer.db, row)
                if session_id is not None:
                    self._settle(row, State.KEPT)
                    row.session_id = session_id
                    continue
                rules = await _rules(writer.db, row)
                reason = _reason(rules, State.NO_SHOW, N_("The customer was not there at the appointed time."))
                await self._miss(writer, row, State.NO_SHOW, reason, row.operator_id or "")
                ended += 1
            self._changed(seen.org_id)
        return ended

    # The customer, with the secret -----------------------------------------------------------------------------------

    async def invited(self, token: str) -> Invited:
        """Date and time.  Raises `LinkSpent` for a secret that there never was."""
        async with self._store.reading() as db:
            row = await _by_token(db, token)
            return await _invited(db, row)

    async def cancel_own(self, token: str) -> Invited:
        """The customer cancels (I11).  Raises `LinkSpent`, and `Conflict` for one that is settled."""
        async with self._store.reading() as db:
            seen = await _by_token(db, token)
        async with self._log.writing() as writer:
            row = await self._to_change(writer, seen.org_id, seen.id)
            await self._cancel(writer, row, row.operator_id or "")
            invited = await _invited(writer.db, row)
        self._changed(row.org_id)
        return invited

    # Looking ---------------------------------------------------------------------------------------------------------

    async def get(self, org_id: str, appointment_id: str) -> AppointmentRow:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            row = await AppointmentRepository(db).find(org_id, appointment_id)
        if row is None:
            raise NotFound
        return row

    async def page(self, which: Filter, limit: int, cursor: str | None = None) -> Page:
        """At most `limit` appointments.  Raises `Malformed` for a cursor that no page gave."""
        after = None
        if cursor is not None:
            utc, appointment_id = place(cursor)
            after = int(utc.timestamp()), appointment_id
        async with self._store.reading() as db:
            found = await AppointmentRepository(db).page(which, limit + 1, after)
        last = found[limit - 1] if len(found) > limit else None
        return Page(found[:limit], cursor_of(datetime.fromtimestamp(last.at, UTC), last.id) if last else None)

    async def every(self, which: Filter) -> AsyncGenerator[AppointmentRow]:
        """All appointments, by their start, read as they are wanted."""
        async with self._store.reading() as db:
            async for batch in AppointmentRepository(db).every(which):
                for row in batch:
                    yield row

    async def waits_until(self, row: AppointmentRow) -> int | None:
        """Until when the technician waits for the customer (I12); None once it is settled, or where no terms say."""
        if row.state != State.AGREED:
            return None
        async with self._store.reading() as db:
            return over_at(await _rules(db, row), row.at)

    # Inside ----------------------------------------------------------------------------------------------------------

    def _now(self) -> int:
        return int(self._clock.utc().timestamp())

    def _settle(self, row: AppointmentRow, to: State) -> None:
        row.state, row.settled_utc = settled(row.state, to).value, self._clock.utc()

    async def _to_change(self, writer: Writer, org_id: str, appointment_id: str) -> AppointmentRow:
        await writer.lock(org_id)
        row = await AppointmentRepository(writer.db).to_change(org_id, appointment_id)
        if row is None:
            raise NotFound
        return row

    async def _cancel(self, writer: Writer, row: AppointmentRow, by_operator: str) -> None:
        rules = await _rules(writer.db, row)
        to = settled(row.state, cancelled(rules, row.at, self._now()))
        if to in MISSED:
            hours = rules.cancel_hours if rules else 0
            text = N_("The customer cancelled the appointment less than {hours} hours before.")
            await self._miss(writer, row, to, _reason(rules, to, text, hours=hours), by_operator)
            return
        self._settle(row, to)
        await self._close_ticket(writer, row, _reason(rules, to, N_("The customer cancelled the appointment in time.")))

    async def _miss(self, writer: Writer, row: AppointmentRow, to: State, reason: Reason, by_operator: str) -> None:
        """Settle, charge and close: a late cancellation counts when it is made, a no-show at the agreed start."""
        self._settle(row, to)
        what: Literal["no_show", "late_cancel"] = "no_show" if to is State.NO_SHOW else "late_cancel"
        at = row.at if to is State.NO_SHOW else self._now()
        work = await self._work.record_missed_within(
            writer, row.org_id, row.customer_id, what, at, by_operator, row.id, row.ticket_id
        )
        row.work_id = work.id
        await self._close_ticket(writer, row, reason)

    async def _close_ticket(self, writer: Writer, row: AppointmentRow, reason: Reason) -> None:
        if row.ticket_id is None:
            return
        ticket = await TicketRepository(writer.db).to_change(row.org_id, row.ticket_id)
        if ticket is not None:
            close_within(ticket, reason, self._clock.utc())


async def _customer(db: AsyncSession, org_id: str, wanted: NewAppointment) -> str:
    """The named customer, or the ticket's; they must agree."""
    if wanted.ticket_id is None:
        if wanted.customer_id is None:
            raise Unacceptable
        return wanted.customer_id
    ticket = await TicketRepository(db).find(org_id, wanted.ticket_id)
    if ticket is None:
        raise NotFound
    if ticket.state not in OPEN:
        raise Conflict(N_("The ticket's state does not allow that. Look again at where it stands."))
    if ticket.customer_id is None or wanted.customer_id not in (None, ticket.customer_id):
        raise Conflict(N_("This ticket is another customer's."))
    return ticket.customer_id


async def _rules(db: AsyncSession, row: AppointmentRow) -> Appointments | None:
    """By the contract in force at the agreed start, else the policy in force (I15)."""
    standing = await standing_of(db, row.org_id, row.customer_id, datetime.fromtimestamp(row.at, UTC))
    return standing.policy.appointments if standing.policy else None


def _over(rules: Appointments | None, row: AppointmentRow, now: int) -> bool:
    until = over_at(rules, row.at)
    return until is not None and now >= until


def _reason(rules: Appointments | None, to: State, text: str, /, **values: object) -> Reason:
    rule = None if rules is None else rules.no_show if to is State.NO_SHOW else rules.late_cancel
    return Reason.of(rule.clause if rule else None, text, **values)


async def _session_with_customer(db: AsyncSession, row: AppointmentRow) -> str | None:
    """A session with this customer that was joined at the agreed start or after it; None: there was none."""
    sessions, at = SessionRepository(db), datetime.fromtimestamp(row.at, UTC)
    for kept in await sessions.page(SessionFilter(row.org_id, since=at - EARLIEST), MOST_SESSIONS):
        view = kept.view
        if view.joined is None or (view.ended is not None and view.ended.utc < at):
            continue
        requested = (await sessions.event(row.org_id, kept.first_seq)).recorded.event
        if isinstance(requested, Requested) and requested.customer_id == row.customer_id:
            return view.session_id
    return None


async def _by_token(db: AsyncSession, token: str) -> AppointmentRow:
    row = await AppointmentRepository(db).by_invite(fingerprint(token))
    if row is None:
        raise LinkSpent
    return row


async def _invited(db: AsyncSession, row: AppointmentRow) -> Invited:
    rules = await _rules(db, row)
    hours = rules.cancel_hours if rules else None
    return Invited(row, None if hours is None else row.at - hours * 3600)
