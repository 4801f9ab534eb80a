"""A statement of use: how a contract's minutes came to be what they are, line by line, with each work's explanation.

`statement_of` is pure; `StatementService` reads what it needs in one look.  Lines stand in the order in which the
ledger was written, so the running balance is what the customer had at each moment; a monthly plan is told month by
month, with what was granted and what lapsed (E3, E8).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from broker.clock import Clock
from broker.contracts.balance import Lapse, lapses, month_of, months_after
from broker.contracts.repository import ContractRepository
from broker.contracts.service import Held, entries_of, held_on
from broker.errors import NotFound
from broker.i18n import N_, translate
from broker.invoices.amounts import shown, shown_day, shown_number, shown_time
from broker.invoices.document import (
    TITLES,
    Column,
    Document,
    Letterhead,
    Row,
    Total,
    buyer_lines,
    sentences,
)
from broker.invoices.issuing import KINDS
from broker.policies.repository import PolicyRepository
from broker.policies.service import engine_of
from broker.store.billing_tables import CustomerRow, LedgerRow, WorkRow
from broker.store.engine import Store
from broker.work.repository import Filter, WorkRepository

REASONS = {
    "purchase": N_("Bought"),
    "refund": N_("Refunded"),
    "expiry": N_("Lapsed"),
    "correction": N_("Put right"),
    "returned": N_("Given back"),
    "granted": N_("Granted for the month"),
}
MOST = 100_000
"""Works in one statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """A change of the balance, a work that left it as it was, or both.  `at`: whole seconds since 1970.

    `what`: a word of `REASONS`, or `work`.  `balance` None: there is nothing to count.
    """

    at: int
    what: str
    minutes: int
    balance: int | None
    work: WorkRow | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """The whole of a contract until now.  The lines' minutes add up to the balance, their nets to `net_minor`."""

    held: Held
    customer: CustomerRow
    made: int
    lines: tuple[Line, ...]

    @property
    def currency(self) -> str:
        return self.held.engine.policy.currency

    @property
    def added(self) -> int:
        """Minutes bought, granted or put back."""
        return sum(line.minutes for line in self.lines if line.minutes > 0)

    @property
    def taken(self) -> int:
        """Minutes used, lapsed or refunded, as a positive number."""
        return -sum(line.minutes for line in self.lines if line.minutes < 0)

    @property
    def balance(self) -> int | None:
        """What is left."""
        return None if self.held.balance_minutes is None else self.added - self.taken

    @property
    def net_minor(self) -> int:
        """What was charged beside the balance."""
        return sum(line.work.net_minor for line in self.lines if line.work is not None)


class StatementService:
    """Reads the statements of one organisation at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def get(self, org_id: str, contract_id: str) -> Statement:
        """Raises `NotFound`."""
        now = self._clock.utc()
        async with self._store.reading() as db:
            contracts = ContractRepository(db)
            row = await contracts.find(org_id, contract_id)
            if row is None:
                raise NotFound
            kept = await PolicyRepository(db).version(org_id, row.policy_sha256)
            customer = await contracts.customer(org_id, row.customer_id)
            assert kept is not None, "a contract's policy is never deleted"
            assert customer is not None, "a contract's customer is never deleted"
            engine = engine_of(kept.text)
            held = await held_on(contracts, row, engine, now.astimezone(engine.policy.zone).date())
            ledger = await contracts.ledger(row.id)
            works = await WorkRepository(db).listed(org_id, Filter(contract_id=row.id, state="charged"), MOST)
        return statement_of(held, customer, ledger, works, int(now.timestamp()))


def statement_of(
    held: Held, customer: CustomerRow, ledger: Sequence[LedgerRow], works: Iterable[WorkRow], now: int
) -> Statement:
    """The statement of a contract from its ledger and its charged work."""
    by_id = {work.id: work for work in works}
    changes = [_change(row, by_id) for row in ledger if row.reason != "expiry"]
    told = {line.work.id for _, line in changes if line.work is not None}
    changes += [(one.seq, Line(one.start, "work", 0, None, one)) for one in by_id.values() if one.id not in told]
    ordered = [line for _, line in sorted(changes, key=lambda change: change[0])]
    # What has lapsed is told as of now, however late the ledger's entry is written.
    row, engine = held.row, held.engine
    today, entries = engine.hours.local(now).date(), entries_of(ledger, engine)
    over = lapses(held.plan, row.start, row.end, row.minutes, entries, today)
    if held.plan.balance == "monthly" and row.minutes is not None:
        ordered = list(_by_month(held, ordered, over, today))
    else:
        ordered += [_lapsed(held, one) for one in over if one.minutes]
    counted = held.balance_minutes is not None
    return Statement(held, customer, now, tuple(_running(ordered) if counted else ordered))


def _change(row: LedgerRow, by_id: Mapping[str, WorkRow]) -> tuple[int, Line]:
    """A ledger's row as a line.  The explanation stands with the use by the revision that holds, not one before it."""
    if row.reason != "use":
        return row.seq, Line(row.at, row.reason, row.minutes, None)
    work = by_id.get(row.work_id or "")
    return row.seq, Line(row.at, "work", row.minutes, None, work if work and work.seq < row.seq else None)


def _running(lines: Iterable[Line]) -> Iterator[Line]:
    balance = 0
    for line in lines:
        balance += line.minutes
        yield Line(line.at, line.what, line.minutes, balance, line.work)


def _lapsed(held: Held, lapse: Lapse) -> Line:
    return Line(held.engine.hours.midnight(lapse.on), "expiry", -lapse.minutes, None)


def _by_month(held: Held, lines: Sequence[Line], over: Sequence[Lapse], today: date) -> Iterator[Line]:
    """A monthly plan: granted, used, and what was left lapses before the next month's grant."""
    hours, start = held.engine.hours, held.row.start
    months: dict[date, list[Line]] = {}
    for line in lines:
        months.setdefault(month_of(start, hours.local(line.at).date())[0], []).append(line)
    first, count = start, 0
    while first <= min(today, held.row.end) or any(month >= first for month in months):
        following = months_after(start, count + 1)
        own, granted = months.get(first, []), held.row.minutes or 0
        yield Line(hours.midnight(first), "granted", granted, None)
        yield from own
        if count < len(over) and over[count].minutes:
            yield _lapsed(held, over[count])
        first, count = following, count + 1


def statement_document(statement: Statement, sender: Letterhead, lang: str) -> Document:
    """A statement as a page."""
    held, customer, currency = statement.held, statement.customer, statement.currency
    local = held.engine.hours.local
    buyer = {} if customer.erased_utc else {
        "name": customer.name, "tax_id": customer.tax_id, "address": customer.address, "email": customer.email,
    }  # fmt: skip
    columns = [
        Column(translate(lang, N_("Date")), 28),
        Column(translate(lang, N_("What")), 46),
        Column(translate(lang, N_("Minutes")), 13, "R"),
        Column(translate(lang, N_("Balance")), 13, "R"),
        Column(translate(lang, N_("Charged")), 20, "R"),
    ]
    rows = [
        Row(
            (
                shown_time(local(line.at), lang),
                title(line, lang),
                shown_number(line.minutes, lang) if line.minutes else "",
                "" if line.balance is None else shown_number(line.balance, lang),
                shown(line.work.net_minor, currency, lang) if line.work else "",
            ),
            sentences(line.work.steps, lang) if line.work else (),
        )
        for line in statement.lines
    ]
    totals = [Total(translate(lang, N_("Charged beside the balance, net")), shown(statement.net_minor, currency, lang))]
    if statement.balance is not None:
        minutes = translate(lang, N_("{minutes} min"))
        totals = [
            Total(translate(lang, N_("Added")), minutes.format(minutes=shown_number(statement.added, lang))),
            Total(translate(lang, N_("Taken")), minutes.format(minutes=shown_number(statement.taken, lang))),
            Total(
                translate(lang, N_("Balance")), minutes.format(minutes=shown_number(statement.balance, lang)),
                strong=True,
            ),
            *totals,
        ]  # fmt: skip
    return Document(
        lang=lang, title=translate(lang, TITLES["statement"]), number=held.row.number, made=local(statement.made),
        sender=sender, receiver=buyer_lines(buyer, customer.id, lang),
        facts=(
            (translate(lang, N_("Contract")), held.row.number),
            (translate(lang, N_("Plan")), str(getattr(held.plan.title, lang))),
            (translate(lang, N_("From")), shown_day(held.row.start, lang)),
            (translate(lang, N_("Until")), shown_day(held.row.end, lang)),
            (translate(lang, N_("As of")), shown_time(local(statement.made), lang)),
        ),
        columns=tuple(columns), rows=tuple(rows), totals=tuple(totals), remarks=(),
        page_words=translate(lang, N_("Page {page} of {pages}")),
    )  # fmt: skip


def title(line: Line, lang: str) -> str:
    """What a line is about."""
    if line.work is not None:
        return translate(lang, KINDS[line.work.kind])
    return translate(lang, REASONS.get(line.what, N_("Work, revised later")))
