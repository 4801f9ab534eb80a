"""Contracts and the ledger of their minutes: every change is an event of the chain.

A contract keeps the policy version that it was made with (I15).  Contracts of one customer never overlap, so that a
piece of work belongs to one at most.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import structlog

from broker.clock import Clock
from broker.contracts.balance import Entry, balance, lapses, months_after, next_lapse
from broker.contracts.repository import ContractRepository
from broker.errors import Conflict, NotFound, Unacceptable
from broker.i18n import N_
from broker.ids import new_id
from broker.log.billing_events import BalanceChanged, BalanceReason, ContractEnded, ContractMade, RenewalSet
from broker.log.writer import EventLog, Writer
from broker.policies.hours import ONE_DAY
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Plan
from broker.policies.service import engine_of
from broker.rating.engine import Engine
from broker.store.billing_tables import ContractRow, LedgerRow
from broker.store.engine import Store
from broker.store.numbers import next_number

log = structlog.get_logger(__name__)

MOST = 500
"""Contracts in one list."""


@dataclass(frozen=True, slots=True)
class Held:
    """A contract with the policy version that it keeps and the minutes left on a day (None: nothing to count)."""

    row: ContractRow
    engine: Engine
    balance_minutes: int | None

    @property
    def plan(self) -> Plan:
        return self.engine.policy.plans[self.row.plan]


@dataclass(frozen=True, slots=True)
class NewContract:
    """What a contract is made of.  One of `months` and `end`; one of `size` and `minutes` where a balance counts."""

    customer_id: str
    plan: str
    start: date
    end: date | None = None
    months: int | None = None
    size: str | None = None
    minutes: int | None = None
    number: str | None = None
    excess_hourly: Decimal | None = None


class ContractService:
    """The contracts of one organisation at a time.  `changed` is told the organisation whose queue may differ."""

    def __init__(self, store: Store, log: EventLog, clock: Clock, changed: Callable[[str], None]) -> None:
        self._store, self._log, self._clock, self._changed = store, log, clock, changed

    async def make(self, org_id: str, wanted: NewContract, by_operator: str) -> Held:
        """A new contract by the policy in force.  Raises `NotFound`, `Unacceptable`, and `Conflict` for an overlap."""
        async with self._changing(org_id) as writer:
            return await self.make_within(writer, org_id, wanted, by_operator)

    async def make_within(
        self, writer: Writer, org_id: str, wanted: NewContract, by_operator: str | None, renewal_of: str | None = None
    ) -> Held:
        """The same within the caller's transaction, which holds the organisation's chain."""
        contracts = ContractRepository(writer.db)
        customer = await contracts.customer(org_id, wanted.customer_id)
        if customer is None or customer.erased_utc is not None:
            raise NotFound
        kept = await PolicyRepository(writer.db).in_force(org_id)
        if kept is None:
            raise Conflict(N_("Adopt a policy first: contracts are made by it."))
        policy = engine_of(kept.text).policy
        plan = policy.plans.get(wanted.plan)
        if plan is None:
            raise Unacceptable(N_("“{plan}” is no plan of the policy."), plan=wanted.plan)
        end, minutes = _last_day(plan, wanted), _minutes(plan, wanted)
        if other := await contracts.overlapping(customer.id, wanted.start, end):
            text = N_("Contract {number} covers some of these days already. Contracts of one customer do not overlap.")
            raise Conflict(text, number=other.number)
        number = wanted.number or f"C-{await next_number(writer.db, org_id, 'contract'):06}"
        if await contracts.by_number(org_id, number) is not None:
            raise Conflict(N_("There is a contract {number} already."), number=number)
        excess = None if wanted.excess_hourly is None else str(wanted.excess_hourly)
        row = ContractRow(
            id=new_id(),
            org_id=org_id,
            customer_id=customer.id,
            number=number,
            plan=wanted.plan,
            start=wanted.start,
            end=end,
            minutes=minutes,
            policy_sha256=kept.sha256,
            excess_hourly=excess,
            lapse_due=next_lapse(plan, wanted.start, end, minutes),
            renews=plan.renewal == "automatic",
            created_utc=writer.now().utc,
        )
        await contracts.add(row)
        await writer.append(
            org_id,
            ContractMade(
                contract_id=row.id,
                customer_id=customer.id,
                number=number,
                plan=row.plan,
                start=row.start.isoformat(),
                end=end.isoformat(),
                minutes=minutes,
                policy_sha256=kept.sha256,
                by_operator=by_operator,
                excess_hourly=excess,
                renewal_of=renewal_of,
            ),
        )
        if plan.balance == "block" and minutes:
            await self._write(writer, row, minutes, "purchase", by_operator)
        return await held_on(contracts, row, engine_of(kept.text), wanted.start)

    async def change_balance(
        self, org_id: str, contract_id: str, minutes: int, reason: BalanceReason, by_operator: str
    ) -> Held:
        """Add or take minutes by hand.  Raises `NotFound`, and `Conflict` where the balance would fall below zero."""
        async with self._changing(org_id) as writer:
            contracts = ContractRepository(writer.db)
            held = await self._get(contracts, PolicyRepository(writer.db), org_id, contract_id)
            if held.balance_minutes is None:
                raise Conflict(N_("This contract has no balance to count."))
            if held.balance_minutes + minutes < 0:
                raise Conflict(N_("Only {left} min are left in this contract."), left=held.balance_minutes)
            await self._write(writer, held.row, minutes, reason, by_operator)
            return await held_on(contracts, held.row, held.engine, self._today(held.engine))

    async def end(self, org_id: str, contract_id: str, end: date, by_operator: str) -> Held:
        """Bring the last day forward.  Raises `NotFound`, `Conflict` for a day outside of it."""
        async with self._changing(org_id) as writer:
            contracts = ContractRepository(writer.db)
            held = await self._get(contracts, PolicyRepository(writer.db), org_id, contract_id)
            await self._end(writer, held.row, held.plan, end, by_operator)
            return held

    async def change_plan(self, org_id: str, contract_id: str, plan: str, size: str | None, by_operator: str) -> Held:
        """Another plan from today to the same last day, such as a bigger licence, at once (R1)."""
        async with self._changing(org_id) as writer:
            contracts = ContractRepository(writer.db)
            held = await self._get(contracts, PolicyRepository(writer.db), org_id, contract_id)
            today = self._today(held.engine)
            if not held.row.start <= today <= held.row.end:
                raise Conflict(N_("This contract is not in force today."))
            last = held.row.end
            await self._end(writer, held.row, held.plan, today - timedelta(days=1), by_operator)
            wanted = NewContract(held.row.customer_id, plan, today, end=last, size=size)
            return await self.make_within(writer, org_id, wanted, by_operator)

    async def set_renewal(self, org_id: str, contract_id: str, renews: bool, by_operator: str) -> Held:
        """Whether another one like it follows by itself; cancelled so many days before the end at the latest (E16).

        Raises `NotFound` and `Conflict`.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            contracts = ContractRepository(writer.db)
            held = await self._get(contracts, PolicyRepository(writer.db), org_id, contract_id)
            row, today = held.row, self._today(held.engine)
            if held.plan.renewal != "automatic" or row.end < today:
                raise Conflict(N_("This contract does not renew by itself."))
            if not renews and today > (last := cancel_by(held)):
                raise Conflict(N_("Renewal could be cancelled until {day}."), day=last.isoformat())
            if row.renews != renews:
                row.renews = renews
                await writer.append(org_id, RenewalSet(contract_id=row.id, renews=renews, by_operator=by_operator))
            return held

    async def renew(self) -> int:
        """Let the contracts that renew be followed by another like it, by the policy in force; gives how many were.

        Repeated, it changes nothing.  Where that policy does not have the plan any more, or another contract covers
        the days, there is no renewal, and the log says so.
        """
        async with self._store.reading() as db:
            due = await ContractRepository(db).renewing(self._clock.utc().date() + ONE_DAY)
        return await self._each(due, self._renew)

    async def lapse(self) -> int:
        """Write down the minutes whose time is over (I2, E2, E3); gives how many contracts have an entry more.

        What is written is the difference to what was written before: repeated, it changes nothing, and work that is
        entered late corrects it.
        """
        async with self._store.reading() as db:
            due = await ContractRepository(db).lapsing(self._clock.utc().date() + ONE_DAY)
        return await self._each(due, self._lapse)

    async def get(self, org_id: str, contract_id: str) -> Held:
        """A contract with its balance of today.  Raises `NotFound`."""
        async with self._store.reading() as db:
            return await self._get(ContractRepository(db), PolicyRepository(db), org_id, contract_id)

    async def ledger(self, org_id: str, contract_id: str) -> tuple[Held, Sequence[LedgerRow]]:
        """A contract with every change of its balance.  Raises `NotFound`."""
        async with self._store.reading() as db:
            contracts = ContractRepository(db)
            held = await self._get(contracts, PolicyRepository(db), org_id, contract_id)
            return held, await contracts.ledger(contract_id)

    async def listed(
        self, org_id: str, customer_id: str | None = None, plan: str | None = None, on: date | None = None
    ) -> list[Held]:
        """Contracts, newest first, with their balances of today."""
        async with self._store.reading() as db:
            contracts, policies = ContractRepository(db), PolicyRepository(db)
            rows = await contracts.listed(org_id, customer_id, plan, on, MOST)
            return [await self._with_policy(contracts, policies, row) for row in rows]

    async def in_force(self, org_id: str, customer_id: str, instant: int) -> Held | None:
        """The customer's contract at an instant, used up or not; None without one."""
        async with self._store.reading() as db:
            return await in_force(ContractRepository(db), PolicyRepository(db), org_id, customer_id, instant)

    @asynccontextmanager
    async def _changing(self, org_id: str) -> AsyncIterator[Writer]:
        """A transaction that holds the organisation's chain; who waits may stand elsewhere after it."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            yield writer
        self._changed(org_id)

    async def _each(self, due: Iterable[tuple[str, str]], do: Callable[[Writer, str, str], Awaitable[bool]]) -> int:
        """Do it for each (organisation, contract), in a transaction of its own; for how many it changed something."""
        count = 0
        for org_id, contract_id in due:
            async with self._changing(org_id) as writer:
                count += await do(writer, org_id, contract_id)
        return count

    async def _get(
        self, contracts: ContractRepository, policies: PolicyRepository, org_id: str, contract_id: str
    ) -> Held:
        row = await contracts.find(org_id, contract_id)
        if row is None:
            raise NotFound
        return await self._with_policy(contracts, policies, row)

    async def _with_policy(self, contracts: ContractRepository, policies: PolicyRepository, row: ContractRow) -> Held:
        kept = await policies.version(row.org_id, row.policy_sha256)
        assert kept is not None, "a contract's policy is never deleted"
        engine = engine_of(kept.text)
        return await held_on(contracts, row, engine, self._today(engine))

    async def _end(self, writer: Writer, row: ContractRow, plan: Plan, end: date, by_operator: str) -> None:
        if not row.start - timedelta(days=1) <= end <= row.end:
            raise Conflict(N_("The last day can only be brought forward, within the contract."))
        event = ContractEnded(contract_id=row.id, end=end.isoformat(), by_operator=by_operator)
        await writer.append(row.org_id, event)
        row.end, row.lapse_due, row.renews = end, next_lapse(plan, row.start, end, row.minutes), False
        await writer.db.flush()

    async def _renew(self, writer: Writer, org_id: str, contract_id: str) -> bool:
        held = await self._get(ContractRepository(writer.db), PolicyRepository(writer.db), org_id, contract_id)
        row = held.row
        if not row.renews or row.end >= self._today(held.engine):
            return False
        row.renews = False
        start = row.end + ONE_DAY
        wanted = NewContract(
            row.customer_id, row.plan, start, end=as_long(row.start, row.end, start), minutes=row.minutes,
            excess_hourly=None if row.excess_hourly is None else Decimal(row.excess_hourly),
        )  # fmt: skip
        try:
            await self.make_within(writer, org_id, wanted, None, row.id)
        except (Conflict, NotFound, Unacceptable) as why:
            log.warning("contract_not_renewed", org_id=org_id, contract_id=row.id, reason=type(why).__name__)
            await writer.append(org_id, RenewalSet(contract_id=row.id, renews=False, by_operator=None))
            return False
        return True

    async def _lapse(self, writer: Writer, org_id: str, contract_id: str) -> bool:
        contracts = ContractRepository(writer.db)
        held = await self._get(contracts, PolicyRepository(writer.db), org_id, contract_id)
        row, hours, today = held.row, held.engine.hours, self._today(held.engine)
        if row.lapse_due is None or row.lapse_due > today:
            return False
        ledger = await contracts.ledger(row.id)
        missing: Counter[date] = Counter()
        for lapsed in lapses(held.plan, row.start, row.end, row.minutes, entries_of(ledger, held.engine), today):
            missing[lapsed.on] -= lapsed.minutes
        for entry in ledger:
            if entry.reason == "expiry":
                missing[hours.local(entry.at).date()] -= entry.minutes
        for day, minutes in sorted(missing.items()):
            if minutes:
                await self._write(writer, row, minutes, "expiry", None, day, hours.midnight(day))
        row.lapse_due = next_lapse(held.plan, row.start, row.end, row.minutes, today)
        return any(missing.values())

    async def _write(
        self, writer: Writer, row: ContractRow, minutes: int, reason: BalanceReason, by_operator: str | None,
        on: date | None = None, at: int | None = None,
    ) -> None:  # fmt: skip
        event = BalanceChanged(
            contract_id=row.id, minutes=minutes, reason=reason, by_operator=by_operator,
            on=None if on is None else on.isoformat(),
        )  # fmt: skip
        recorded = (await writer.append(row.org_id, event)).recorded
        utc = recorded.moment.utc
        await ContractRepository(writer.db).write_ledger(
            row.org_id, recorded.seq, utc, int(utc.timestamp()) if at is None else at, row.id, minutes, reason
        )

    def _today(self, engine: Engine) -> date:
        return self._clock.utc().astimezone(engine.policy.zone).date()


async def in_force(
    contracts: ContractRepository, policies: PolicyRepository, org_id: str, customer_id: str, instant: int
) -> Held | None:
    """The customer's contract whose days include `instant` in its policy's zone, with the balance of that day."""
    present = await policies.in_force(org_id)
    if present is None:
        return None
    day = engine_of(present.text).hours.local(instant).date()
    row = await contracts.on(org_id, customer_id, day)
    if row is None:
        return None
    kept = await policies.version(org_id, row.policy_sha256)
    assert kept is not None, "a contract's policy is never deleted"
    return await held_on(contracts, row, engine_of(kept.text), day)


async def held_on(contracts: ContractRepository, row: ContractRow, engine: Engine, day: date) -> Held:
    """A contract with the minutes left on `day`."""
    entries = entries_of(await contracts.ledger(row.id), engine)
    plan = engine.policy.plans[row.plan]
    return Held(row, engine, balance(plan, row.start, row.end, row.minutes, entries, day))


def cancel_by(held: Held) -> date:
    """The last day on which a renewal can be cancelled (E16)."""
    rule = held.engine.policy.rent
    return held.row.end - timedelta(days=rule.cancel_notice_days if rule else 0)


def as_long(start: date, end: date, following: date) -> date:
    """The last day of a contract from `following` that is as long as the one from `start` to `end`, in months if it
    had whole ones."""
    after = end + ONE_DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    if months > 0 and months_after(start, months) == after:
        return months_after(following, months) - ONE_DAY
    return following + (end - start)


def entries_of(ledger: Iterable[LedgerRow], engine: Engine) -> list[Entry]:
    """What counts of a ledger: everything but what has lapsed, which is counted from it."""
    return [Entry(engine.hours.local(one.at).date(), one.minutes) for one in ledger if one.reason != "expiry"]


def _last_day(plan: Plan, wanted: NewContract) -> date:
    if (wanted.end is None) == (wanted.months is None):
        raise Unacceptable(N_("Give the last day or the number of months, one of them."))
    if wanted.end is not None:
        if wanted.end < wanted.start:
            raise Unacceptable(N_("The last day is before the first."))
        return wanted.end
    assert wanted.months is not None
    if plan.months and wanted.months not in plan.months:
        known = ", ".join(map(str, plan.months))
        raise Unacceptable(N_("This plan is sold for {months} months."), months=known)
    return months_after(wanted.start, wanted.months) - timedelta(days=1)


def _minutes(plan: Plan, wanted: NewContract) -> int | None:
    if plan.balance == "none":
        if wanted.size is not None or wanted.minutes is not None:
            raise Unacceptable(N_("This plan has no minutes to count."))
        return None
    if (wanted.size is None) == (wanted.minutes is None):
        raise Unacceptable(N_("Give the size or the minutes, one of them."))
    if wanted.size is not None:
        size = plan.sizes.get(wanted.size)
        if size is None:
            raise Unacceptable(N_("“{size}” is no size of this plan."), size=wanted.size)
        return size.minutes
    return wanted.minutes
