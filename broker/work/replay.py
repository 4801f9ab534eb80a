"""Replays an organisation's log and rates everything again: pure.

Fed every event in order, it keeps what the bills depend on (policies, contracts, balances, free help, orders) and
compares each logged charge with what rating makes of it now.  Counterparts: `service.py`, which wrote the charges;
`assess.py`, which both ask; `verify.py`, which reads the log and the tables.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from broker.contracts.balance import Entry, balance, lapses
from broker.log.billing_events import (
    AppointmentMissed,
    BalanceChanged,
    ContractEnded,
    ContractMade,
    OrderEnded,
    OrderMade,
    OrderPaid,
    PolicyAdopted,
    WorkCharged,
    WorkDismissed,
    WorkHeld,
    WorkRecorded,
)
from broker.log.events import Recorded
from broker.policies.hours import EPOCH, ONE_DAY, ONE_SECOND
from broker.rating.engine import Engine
from broker.rating.model import monday
from broker.work.assess import Circumstances, assess, contract_of, outcome

Timed = WorkRecorded | AppointmentMissed


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a bill is not what rating makes of it.  `field`: of the charge; `logged` and `computed` as text."""

    seq: int
    work_id: str
    at: int
    field: str
    logged: str
    computed: str


@dataclass(slots=True)
class Kept:
    """A contract as the log tells it."""

    made: ContractMade
    engine: Engine
    start: date
    end: date


@dataclass(slots=True)
class Settled:
    """The latest revision of a work and its charge, if it was charged."""

    event: Timed
    charge: WorkCharged | None = None


class Replay:
    """`policy` gives the engine of a version, as it is kept."""

    def __init__(self, policy: Callable[[str], Engine]) -> None:
        self._policy = policy
        self._orders: dict[str, str] = {}
        self._paid: set[str] = set()
        self._present: Engine | None = None
        self._contracts: dict[str, Kept] = {}
        self._of_customer: defaultdict[str, list[Kept]] = defaultdict(list)
        self._ledger: defaultdict[str, list[Entry]] = defaultdict(list)
        self._expired: defaultdict[str, Counter[date]] = defaultdict(Counter)
        self.settled: dict[str, Settled] = {}
        self._works_of: defaultdict[str, set[str]] = defaultdict(set)
        self.charges = 0

    def feed(self, recorded: Recorded) -> Iterator[Difference]:
        """One more event; gives where it is not what it should be."""
        event = recorded.event
        match event:
            case PolicyAdopted():
                self._present = self._policy(event.policy_sha256)
            case ContractMade():
                yield from self._renewed(recorded, event)
                days = date.fromisoformat(event.start), date.fromisoformat(event.end)
                kept = Kept(event, self._policy(event.policy_sha256), *days)
                self._contracts[event.contract_id] = kept
                self._of_customer[event.customer_id].append(kept)
            case ContractEnded():
                self._contracts[event.contract_id].end = date.fromisoformat(event.end)
            case BalanceChanged(reason="expiry"):
                yield from self._lapsed(recorded, event)
            case BalanceChanged():
                at = (recorded.moment.utc - EPOCH) // ONE_SECOND
                self._book(event.contract_id, at, event.minutes)
            case WorkRecorded() | AppointmentMissed():
                self._give_back(event.work_id)
                self.settled[event.work_id] = Settled(event)
                if event.customer_id is not None:
                    self._works_of[event.customer_id].add(event.work_id)
            case WorkCharged() | WorkHeld():
                yield from self._compare(recorded.seq, event)
                if isinstance(event, WorkCharged):
                    self.charges += 1
                    self._charge(event)
            case WorkDismissed():
                self._give_back(event.work_id)
            case OrderMade():
                self._orders[event.order_id] = event.service
                if not Decimal(event.total):
                    self._paid.add(event.order_id)
            case OrderPaid() if event.whole:
                self._paid.add(event.order_id)
            case OrderEnded(state="cancelled"):
                self._paid.discard(event.order_id)

    def _renewed(self, recorded: Recorded, event: ContractMade) -> Iterator[Difference]:
        """A contract that follows another by itself begins when that ends, with the same plan and minutes (E16)."""
        before = self._contracts.get(event.renewal_of or "")
        if before is None:
            return
        logged = (event.start, event.plan, event.minutes)
        computed = ((before.end + ONE_DAY).isoformat(), before.made.plan, before.made.minutes)
        if logged != computed:
            at = (recorded.moment.utc - EPOCH) // ONE_SECOND
            yield Difference(recorded.seq, event.contract_id, at, "renewal", str(logged), str(computed))

    def _lapsed(self, recorded: Recorded, event: BalanceChanged) -> Iterator[Difference]:
        """What is written of a time that is over is all that was left of it, less what was written before."""
        kept, at = self._contracts[event.contract_id], (recorded.moment.utc - EPOCH) // ONE_SECOND
        day, made = date.fromisoformat(event.on or kept.made.start), kept.made
        today, plan = kept.engine.hours.local(at).date(), kept.engine.policy.plans[made.plan]
        over = lapses(plan, kept.start, kept.end, made.minutes, self._ledger[made.contract_id], today)
        left = sum(lapse.minutes for lapse in over if lapse.on == day)
        written = self._expired[made.contract_id]
        expected = -left - written[day]
        written[day] += event.minutes
        if event.minutes != expected:
            yield Difference(recorded.seq, made.contract_id, at, "expiry", str(event.minutes), str(expected))

    def _compare(self, seq: int, event: WorkCharged | WorkHeld) -> Iterator[Difference]:
        settled = self.settled.get(event.work_id)
        if settled is None:
            yield Difference(seq, event.work_id, 0, "work", "charged", "never recorded")
            return
        timed = settled.event
        at = timed.at if isinstance(timed, AppointmentMissed) else timed.start
        by = self._circumstances(timed, at)
        if by is None:
            yield Difference(seq, event.work_id, at, "policy", "charged", "none in force")
            return
        said = outcome(event.work_id, event.revision, by.engine, assess(timed, by))
        if type(said) is not type(event):
            yield Difference(seq, event.work_id, at, "outcome", _kind(event), _kind(said))
            return
        logged, computed = msgspec.to_builtins(event), msgspec.to_builtins(said)
        for field in logged.keys() | computed.keys():
            # Sentences may be put better in a later version; what they say is the same.
            if field in ("reason", "steps_sha256") or logged.get(field) == computed.get(field):
                continue
            yield Difference(seq, event.work_id, at, field, str(logged.get(field)), str(computed.get(field)))

    def _circumstances(self, timed: Timed, at: int) -> Circumstances | None:
        if self._present is None:
            return None
        kept = self._contract_at(timed.customer_id, at)
        engine = kept.engine if kept else self._present
        contract = left = None
        if kept is not None:
            made, left = kept.made, self.left(kept.made.contract_id, at)
            contract = contract_of(made.plan, kept.start, kept.end, left, made.excess_hourly)
        if isinstance(timed, AppointmentMissed):
            return Circumstances(engine, contract, left)
        free, overlaps = self._others(timed, engine)
        service = self._orders.get(timed.order_id) if timed.order_id in self._paid else None
        return Circumstances(engine, contract, left, free, overlaps, service, self._order_charged(timed))

    def left(self, contract_id: str, at: int) -> int | None:
        """The minutes that a contract has left on the day of an instant."""
        kept = self._contracts[contract_id]
        day, plan = kept.engine.hours.local(at).date(), kept.engine.policy.plans[kept.made.plan]
        return balance(plan, kept.start, kept.end, kept.made.minutes, self._ledger[contract_id], day)

    def _contract_at(self, customer_id: str | None, at: int) -> Kept | None:
        assert self._present is not None
        if customer_id is None:
            return None
        day = self._present.hours.local(at).date()
        return next((kept for kept in self._of_customer[customer_id] if kept.start <= day <= kept.end), None)

    def _others(self, timed: WorkRecorded, engine: Engine) -> tuple[int, bool]:
        """How much free help the customer had in that week, and whether other charged work shares its time."""
        if timed.customer_id is None:
            return 0, False
        week, free, overlaps = monday(engine.hours.local(timed.start).date()), 0, False
        for other in self._works_of[timed.customer_id] - {timed.work_id}:
            settled = self.settled[other]
            if settled.charge is None or isinstance(settled.event, AppointmentMissed):
                continue
            start, end = settled.event.start, settled.event.end
            overlaps = overlaps or (start < timed.end and end > timed.start)
            free += settled.charge.basis == "allowance" and monday(engine.hours.local(start).date()) == week
        return free, overlaps

    def _order_charged(self, timed: WorkRecorded) -> bool:
        if timed.order_id is None:
            return False
        return any(
            settled.charge is not None
            and settled.charge.basis == "order"
            and isinstance(settled.event, WorkRecorded)
            and settled.event.order_id == timed.order_id
            and settled.event.work_id != timed.work_id
            for settled in self.settled.values()
        )

    def _charge(self, event: WorkCharged) -> None:
        settled = self.settled[event.work_id]
        settled.charge = event
        if event.from_balance_minutes:
            self._move(settled, -event.from_balance_minutes)

    def _give_back(self, work_id: str) -> None:
        settled = self.settled.get(work_id)
        if settled is not None and settled.charge is not None:
            if settled.charge.from_balance_minutes:
                self._move(settled, settled.charge.from_balance_minutes)
            settled.charge = None

    def _move(self, settled: Settled, minutes: int) -> None:
        at = settled.event.at if isinstance(settled.event, AppointmentMissed) else settled.event.start
        if settled.event.contract_id is not None:
            self._book(settled.event.contract_id, at, minutes)

    def _book(self, contract_id: str, at: int, minutes: int) -> None:
        day = self._contracts[contract_id].engine.hours.local(at).date()
        self._ledger[contract_id].append(Entry(day, minutes))

    def ledger_sums(self) -> dict[str, int]:
        """By contract: all changes of its balance together."""
        sums: Counter[str] = Counter()
        for contract, entries in self._ledger.items():
            sums[contract] += sum(entry.minutes for entry in entries)
        for contract, expired in self._expired.items():
            sums[contract] += expired.total()
        return dict(sums)


def _kind(event: WorkCharged | WorkHeld) -> str:
    return "charged" if isinstance(event, WorkCharged) else "held"
