"""Work and its charges: recorded, rated at once, revised until it is on an invoice (I3).

Work is rated when it is recorded, from what its customer has left at that moment, and charged by the contract in
force at its start, else by the policy in force.  What the terms do not serve is held, never lost: an administrator
revises or dismisses it.  Everything is an event of the chain; one transaction records, rates, takes from the balance.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from broker.contracts.repository import ContractRepository
from broker.contracts.service import Held, in_force
from broker.errors import Conflict, NotFound, Unacceptable
from broker.i18n import LANGUAGES, N_
from broker.ids import new_id
from broker.log.billing_events import AppointmentMissed, WorkDismissed, WorkHeld, WorkKind, WorkRecorded
from broker.log.events import Ended, Requested
from broker.log.writer import EventLog, Writer
from broker.mail.receipts import Amounts, Receipts
from broker.policies import files
from broker.policies.repository import PolicyRepository
from broker.policies.service import engine_of
from broker.rating.engine import Engine
from broker.rating.errors import CaseRefused, NotServed
from broker.rating.explanation import to_json
from broker.rating.model import Case, Charge, Work, monday
from broker.sessions.repository import SessionRepository
from broker.store.billing_tables import WorkRow
from broker.store.desk_tables import OrderRow
from broker.store.engine import Store
from broker.work.assess import Circumstances, assess, contract_of, outcome
from broker.work.repository import Filter, WorkRepository
from broker.work.sessions import Connected, connected
from broker.work.warranty import refuse_too_late

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NewWork:
    """Time spent, as somebody enters it.  Instants in whole seconds since 1970."""

    means: WorkKind
    start: int
    end: int
    customer_id: str | None = None
    pauses: tuple[tuple[int, int], ...] = ()
    urgent: bool = False
    accepted: bool = False
    warranty: bool = False
    covered: bool = True
    local: bool = True
    order_id: str | None = None
    ticket_id: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a running session has come to: whole minutes, money in the minor unit before tax, minutes left of a plan."""

    connected_s: int
    rounded_minutes: int
    charged_minor: int
    currency: str
    minutes_left: int | None


class WorkService:
    """The work of one organisation at a time."""

    def __init__(self, store: Store, log: EventLog, receipts: Receipts) -> None:
        self._store, self._log, self._receipts = store, log, receipts

    # Recording -------------------------------------------------------------------------------------------------------

    async def catch_up(self) -> int:
        """Record the sessions that ended since the last time; gives how many became work.  Safe to repeat."""
        async with self._store.reading() as db:
            behind = await WorkRepository(db).organisations_behind()
        count = 0
        for org_id in behind:
            while (recorded := await self._next_session(org_id)) is not None:
                count += recorded
        return count

    async def record(self, org_id: str, new: NewWork, by_operator: str) -> WorkRow:
        """Time entered by hand.  Raises `Unacceptable` for what cannot be so, `NotFound` for a customer."""
        _checked(new)
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            await self._existing(writer, org_id, new.customer_id)
            await self._warranted(writer, org_id, new)
            event = WorkRecorded(work_id=new_id(), revision=1, by_operator=by_operator, **_facts(new))
            return await self._rate(writer, org_id, event, new.note)

    async def revise(self, org_id: str, work_id: str, changes: dict[str, Any], by_operator: str) -> WorkRow:
        """Rate a work anew with other facts, such as its customer, warranty or service (`changes` of `NewWork`).

        What the revision before took from a balance goes back first.  Raises `NotFound`; `Conflict` once it is on an
        invoice; `Unacceptable` for what cannot be so.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            row = await self._changeable(writer, org_id, work_id)
            if row.kind in ("no_show", "late_cancel"):
                raise Conflict(N_("A missed appointment can be dismissed, not changed."))
            if row.session_id is not None and {"start", "end", "pauses", "means"} & set(changes):
                raise Conflict(N_("The time of a session is what the log measured."))
            new = replace(_as_entered(row), **changes)
            _checked(new)
            await self._existing(writer, org_id, new.customer_id)
            if not row.warranty or {"start", "customer_id"} & set(changes):
                await self._warranted(writer, org_id, new, row.id)
            event = WorkRecorded(
                work_id=row.id, revision=row.revision + 1, by_operator=by_operator, session_id=row.session_id,
                **_facts(new),
            )  # fmt: skip
            return await self._rate(writer, org_id, event, new.note, row)

    async def record_missed(
        self, org_id: str, customer_id: str, what: Literal["no_show", "late_cancel"], at: int, by_operator: str,
        appointment_id: str | None = None, ticket_id: str | None = None,
    ) -> WorkRow:  # fmt: skip
        """A missed or late cancelled appointment (I11, I12); what it costs is the policy's."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            return await self.record_missed_within(
                writer, org_id, customer_id, what, at, by_operator, appointment_id, ticket_id
            )

    async def record_missed_within(
        self, writer: Writer, org_id: str, customer_id: str, what: Literal["no_show", "late_cancel"], at: int,
        by_operator: str, appointment_id: str | None = None, ticket_id: str | None = None,
    ) -> WorkRow:  # fmt: skip
        """The same within the caller's transaction, which holds the organisation's chain."""
        held = await in_force(ContractRepository(writer.db), PolicyRepository(writer.db), org_id, customer_id, at)
        event = AppointmentMissed(
            work_id=new_id(), customer_id=customer_id, contract_id=held.row.id if held else None, what=what, at=at,
            by_operator=by_operator, appointment_id=appointment_id, ticket_id=ticket_id,
        )  # fmt: skip
        return await self._rate(writer, org_id, event, "")

    async def dismiss(self, org_id: str, work_id: str, by_operator: str) -> WorkRow:
        """Work that is not to be charged: what it took goes back.  Raises `NotFound`, `Conflict` on an invoice."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            row = await self._changeable(writer, org_id, work_id)
            if row.state != "dismissed":
                event = WorkDismissed(work_id=row.id, revision=row.revision, by_operator=by_operator)
                recorded = (await writer.append(org_id, event)).recorded
                await self._give_back(writer, row, recorded.seq)
                before = Amounts.of(row)
                row.state, row.net_minor, row.from_balance_minutes, row.charged_minutes = "dismissed", 0, 0, 0
                await WorkRepository(writer.db).save(row)
                held = await self._contract_at(writer.db, org_id, row.customer_id, row.start)
                engine = await self._engine(writer.db, org_id, held)
                await self._receipts.rated(writer.db, row, engine, held, before)
        return row

    # Looking ---------------------------------------------------------------------------------------------------------

    async def get(self, org_id: str, work_id: str) -> WorkRow:
        """Raises `NotFound`."""
        async with self._store.reading() as db:
            row = await WorkRepository(db).find(org_id, work_id)
        if row is None:
            raise NotFound
        return row

    async def of_session(self, org_id: str, session_id: str) -> WorkRow | None:
        """What a session became, if it has."""
        async with self._store.reading() as db:
            return await WorkRepository(db).of_session(org_id, session_id)

    async def listed(self, org_id: str, by: Filter, limit: int, offset: int = 0) -> Sequence[WorkRow]:
        """Newest first."""
        async with self._store.reading() as db:
            return await WorkRepository(db).listed(org_id, by, limit, offset)

    async def names(self, org_id: str, rows: Sequence[WorkRow]) -> dict[str, str]:
        """The customers and technicians of these works by id."""
        async with self._store.reading() as db:
            return await WorkRepository(db).names(org_id, rows)

    async def so_far(self, org_id: str, session_id: str) -> SoFar | None:
        """What a session that is joined has come to until its last sign of life; None where there is no policy."""
        async with self._store.reading() as db:
            sessions = SessionRepository(db)
            kept = await sessions.find(session_id, org_id)
            if kept is None or await PolicyRepository(db).in_force(org_id) is None:
                return None
            own = [each.recorded for each in await sessions.events(org_id, session_id)]
            connected_s, requested = kept.view.connected_s, own[0].event
            time = connected(session_id, own, connected_s)
            if time is None or not isinstance(requested, Requested):
                return None
            event = _of_session(new_id(), kept.view.operator_id, session_id, requested, time)
            held = await self._contract_at(db, org_id, event.customer_id, event.start)
            by = await self._circumstances(db, org_id, event, held)
        result = assess(event, by)
        if isinstance(result, NotServed):
            return None
        left = None if held is None or held.balance_minutes is None else held.balance_minutes
        return SoFar(
            connected_s=connected_s,
            rounded_minutes=result.rounded_minutes,
            charged_minor=int(result.net.scaleb(by.engine.policy.minor_digits)),
            currency=by.engine.policy.currency,
            minutes_left=None if left is None else left - result.from_balance_minutes,
        )

    # Inside ----------------------------------------------------------------------------------------------------------

    async def _next_session(self, org_id: str) -> bool | None:
        """One ended session: recorded (True), nothing to record (False), or none left (None)."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            works, sessions = WorkRepository(writer.db), SessionRepository(writer.db)
            ended = await works.next_ended(org_id)
            if ended is None:
                return None
            assert isinstance(ended.event, Ended)
            await works.move_cursor(org_id, ended.seq)
            kept = await sessions.find(ended.event.session_id, org_id)
            if kept is None or await PolicyRepository(writer.db).in_force(org_id) is None:
                return False
            own = [each.recorded for each in await sessions.events(org_id, kept.view.session_id)]
            time = connected(kept.view.session_id, own, kept.view.connected_s)
            requested = own[0].event
            if time is None or not isinstance(requested, Requested):
                return False
            event = _of_session(new_id(), kept.view.operator_id, kept.view.session_id, requested, time)
            await self._rate(writer, org_id, event, "")
            return True

    async def _rate(
        self, writer: Writer, org_id: str, event: WorkRecorded | AppointmentMissed, note: str,
        before: WorkRow | None = None,
    ) -> WorkRow:  # fmt: skip
        """Record, rate, take from the balance: in the caller's transaction."""
        works, contracts = WorkRepository(writer.db), ContractRepository(writer.db)
        missed = isinstance(event, AppointmentMissed)
        at = event.at if isinstance(event, AppointmentMissed) else event.start
        if not isinstance(event, AppointmentMissed):
            held = await self._contract_at(writer.db, org_id, event.customer_id, at)
            event = msgspec.structs.replace(event, contract_id=held.row.id if held else None)
        recorded = (await writer.append(org_id, event)).recorded
        if before is not None:
            await self._give_back(writer, before, recorded.seq)
        # Looked at again: what went back is there to be taken.
        held = await self._contract_at(writer.db, org_id, event.customer_id, at)
        by = await self._circumstances(writer.db, org_id, event, held)
        result = assess(event, by)
        revision = 1 if isinstance(event, AppointmentMissed) else event.revision
        said = outcome(event.work_id, revision, by.engine, result)
        rated = (await writer.append(org_id, said)).recorded
        amounts = None if before is None else Amounts.of(before)  # `before` becomes the new revision
        row = _row(org_id, recorded.seq, event, by.engine, result, note)
        await works.save(row)
        if isinstance(result, Charge) and result.from_balance_minutes and row.contract_id:
            await contracts.write_ledger(
                org_id, rated.seq, rated.moment.utc, at, row.contract_id, -result.from_balance_minutes, "use", row.id
            )
        if isinstance(said, WorkHeld):
            log.warning("work_held", org_id=org_id, work_id=row.id, clause=said.clause, missed=missed)
        if row.session_id is not None:
            left = await self._contract_at(writer.db, org_id, event.customer_id, at)
            await self._receipts.rated(writer.db, row, by.engine, left, amounts)
        return row

    async def _circumstances(
        self, db: AsyncSession, org_id: str, event: WorkRecorded | AppointmentMissed, held: Held | None
    ) -> Circumstances:
        works = WorkRepository(db)
        engine = await self._engine(db, org_id, held)
        contract = balance = None
        if held is not None:
            row, balance = held.row, held.balance_minutes
            contract = contract_of(row.plan, row.start, row.end, balance, row.excess_hourly)
        if isinstance(event, AppointmentMissed):
            return Circumstances(engine, contract, balance)
        free, overlaps = 0, False
        if event.customer_id is not None:
            week = monday(engine.hours.local(event.start).date())
            begins, ends = engine.hours.midnight(week), engine.hours.midnight(week + timedelta(days=7))
            free = await works.allowances(event.customer_id, begins, ends, event.work_id)
            overlaps = bool(await works.overlapping(event.customer_id, event.start, event.end, event.work_id))
        service, charged = None, False
        if event.order_id is not None:
            order = await db.get(OrderRow, event.order_id)
            if order is not None and order.org_id == org_id and order.state in ("paid", "delivered", "done"):
                service, charged = order.service, await works.order_charged(order.id, event.work_id)
        return Circumstances(engine, contract, balance, free, overlaps, service, charged)

    async def _engine(self, db: AsyncSession, org_id: str, held: Held | None) -> Engine:
        if held is not None:
            return held.engine
        kept = await PolicyRepository(db).in_force(org_id)
        if kept is None:
            raise Conflict(N_("Adopt a policy first: work is rated by it."))
        return engine_of(kept.text)

    async def _contract_at(self, db: AsyncSession, org_id: str, customer_id: str | None, at: int) -> Held | None:
        if customer_id is None:
            return None
        return await in_force(ContractRepository(db), PolicyRepository(db), org_id, customer_id, at)

    async def _existing(self, writer: Writer, org_id: str, customer_id: str | None) -> None:
        if customer_id is not None and await ContractRepository(writer.db).customer(org_id, customer_id) is None:
            raise NotFound

    async def _warranted(self, writer: Writer, org_id: str, new: NewWork, but: str = "") -> None:
        if new.warranty:
            engine = await self._engine(
                writer.db, org_id, await self._contract_at(writer.db, org_id, new.customer_id, new.start)
            )
            await refuse_too_late(WorkRepository(writer.db), engine, new.customer_id, new.start, but)

    async def _changeable(self, writer: Writer, org_id: str, work_id: str) -> WorkRow:
        row = await WorkRepository(writer.db).find(org_id, work_id)
        if row is None:
            raise NotFound
        if row.invoice_id is not None:
            raise Conflict(N_("This work is on an invoice: cancel the invoice first."))
        return row

    async def _give_back(self, writer: Writer, row: WorkRow, seq: int) -> None:
        """What a charge took from a balance, when something else stands in its place."""
        if row.contract_id is not None and row.from_balance_minutes:
            await ContractRepository(writer.db).write_ledger(
                row.org_id, seq, writer.now().utc, row.start, row.contract_id, row.from_balance_minutes, "returned",
                row.id,
            )  # fmt: skip


def _of_session(work_id: str, operator_id: str, session_id: str, requested: Requested, time: Connected) -> WorkRecorded:
    return WorkRecorded(
        work_id=work_id, revision=1, means="session", start=time.start, end=time.end, pauses=time.pauses,
        by_operator=operator_id, session_id=session_id, customer_id=requested.customer_id,
        order_id=requested.order_id, ticket_id=requested.ticket_id, urgent=requested.urgent,
        accepted=requested.accepted,
    )  # fmt: skip


def spoken(refused: NotServed) -> dict[str, str]:
    """Why something was not served, in every language."""
    return {lang: refused.sentence(lang) for lang in LANGUAGES}


def _checked(new: NewWork) -> None:
    """Raise `Unacceptable` for time that contradicts itself."""
    try:
        Case(None, (Work(new.means, new.start, new.end, new.pauses),))
    except CaseRefused as wrong:
        raise Unacceptable(N_("The time cannot be taken: {reason}"), reason=wrong.sentence("en")) from None


def _facts(new: NewWork) -> dict[str, Any]:
    facts = asdict(new)
    del facts["note"]
    return facts


def _as_entered(row: WorkRow) -> NewWork:
    means: Any = row.kind
    return NewWork(
        means=means, start=row.start, end=row.end, customer_id=row.customer_id,
        pauses=tuple((begin, end) for begin, end in row.pauses), urgent=row.urgent, accepted=row.accepted,
        warranty=row.warranty, covered=row.covered, local=row.local, order_id=row.order_id, ticket_id=row.ticket_id,
        note=row.note,
    )  # fmt: skip


def _row(
    org_id: str, seq: int, event: WorkRecorded | AppointmentMissed, engine: Engine, result: Charge | NotServed,
    note: str,
) -> WorkRow:  # fmt: skip
    row = WorkRow(
        id=event.work_id, org_id=org_id, seq=seq, customer_id=event.customer_id, contract_id=event.contract_id,
        ticket_id=event.ticket_id, operator_id=event.by_operator, note=note, revision=1, pauses=[], steps=[],
    )  # fmt: skip
    if isinstance(event, AppointmentMissed):
        row.kind, row.start, row.end = event.what, event.at, event.at
    else:
        row.kind, row.start, row.end, row.revision = event.means, event.start, event.end, event.revision
        row.pauses = [list(pause) for pause in event.pauses]
        row.session_id, row.order_id, row.service = event.session_id, event.order_id, event.service
        row.urgent, row.accepted, row.warranty = event.urgent, event.accepted, event.warranty
        row.covered, row.local = event.covered, event.local
    if isinstance(result, NotServed):
        row.state, row.held_clause, row.held_reason = "held", result.clause, spoken(result)
        return row
    digits = engine.policy.minor_digits
    row.state, row.basis, row.currency = "charged", result.basis.value, engine.policy.currency
    row.policy_sha256 = files.version(engine.policy)
    row.billable_seconds, row.counted_minutes = result.billable_seconds, str(result.counted_minutes)
    row.rounded_minutes, row.from_balance_minutes = result.rounded_minutes, result.from_balance_minutes
    row.charged_minutes, row.net_minor = result.charged_minutes, int(result.net.scaleb(digits))
    row.steps = [to_json(step) for step in result.steps]
    return row
