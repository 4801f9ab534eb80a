"""Recomputes every charge and invoice of an organisation from its log, and compares log, tables and sessions.

Counterpart: `replay.py`, which rates; this reads.  It changes nothing.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from broker.invoices.purchase_replay import PurchaseReplay
from broker.invoices.replay import InvoiceReplay
from broker.log.billing_events import WorkRecorded
from broker.log.events import Recorded, from_stored
from broker.policies import files
from broker.policies.service import engine_of
from broker.rating.engine import Engine
from broker.sessions.repository import SessionRepository
from broker.store.billing_tables import LedgerRow, PolicyRow, WorkRow
from broker.store.engine import Store
from broker.store.log_tables import LogEventRow
from broker.work.replay import Difference, Replay, Settled
from broker.work.sessions import connected

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: how many charges and invoices were recomputed, and where they differ, in order."""

    charges: int
    invoices: int
    differences: tuple[Difference, ...]


async def verify(store: Store, org_id: str, since: int | None = None, until: int | None = None) -> Checked:
    """Rate everything again; differences of work that began from `since` until before `until` (seconds since 1970)."""
    async with store.reading() as db:
        policies = {row.sha256: engine_of(row.text) for row in await _policies(db, org_id)}
        altered = [sha for sha, engine in policies.items() if files.version(engine.policy) != sha]
        found = [Difference(0, "", 0, "policy", sha, "altered since") for sha in altered]

        def engine(sha256: str) -> Engine:
            return policies[sha256]

        replay, invoices = Replay(engine), InvoiceReplay(engine)
        purchases = PurchaseReplay(engine, replay.left)
        async for recorded in _events(db, org_id):
            found += purchases.feed(recorded)
            found += replay.feed(recorded)
            found += invoices.feed(recorded, replay.settled)
            if isinstance(recorded.event, WorkRecorded) and recorded.event.session_id is not None:
                found += await _against_session(db, org_id, recorded)
        found += await _against_tables(db, org_id, replay)
    inside = [one for one in found if (since is None or one.at >= since) and (until is None or one.at < until)]
    return Checked(replay.charges, invoices.count, tuple(inside))


async def _policies(db: AsyncSession, org_id: str) -> list[PolicyRow]:
    return list(await db.scalars(select(PolicyRow).where(PolicyRow.org_id == org_id)))


async def _events(db: AsyncSession, org_id: str) -> AsyncIterator[Recorded]:
    last = 0
    while True:
        rows = (
            await db.execute(
                select(LogEventRow.seq, LogEventRow.stored)
                .where(LogEventRow.org_id == org_id, LogEventRow.seq > last)
                .order_by(LogEventRow.seq)
                .limit(BATCH)
            )
        ).all()
        for _, stored in rows:
            yield from_stored(stored)
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


async def _against_session(db: AsyncSession, org_id: str, recorded: Recorded) -> list[Difference]:
    """The work of a session has the time that the session's own events have."""
    work = recorded.event
    assert isinstance(work, WorkRecorded)
    assert work.session_id is not None
    sessions = SessionRepository(db)
    kept = await sessions.find(work.session_id, org_id)
    own = [each.recorded for each in await sessions.events(org_id, work.session_id)]
    time = connected(work.session_id, own, kept.view.connected_s) if kept else None
    logged = (work.start, work.end, work.pauses)
    computed = (time.start, time.end, time.pauses) if time else None
    if logged == computed:
        return []
    return [Difference(recorded.seq, work.work_id, work.start, "time", str(logged), str(computed))]


async def _against_tables(db: AsyncSession, org_id: str, replay: Replay) -> list[Difference]:
    """The tables repeat what the log says."""
    found: list[Difference] = []
    rows = {row.id: row for row in await db.scalars(select(WorkRow).where(WorkRow.org_id == org_id))}
    for work_id, settled in replay.settled.items():
        row = rows.pop(work_id, None)
        found += _row_differs(work_id, settled, row)
    found += [Difference(row.seq, row.id, row.start, "work", "in the table", "not in the log") for row in rows.values()]
    kept = await db.execute(
        select(LedgerRow.contract_id, func.sum(LedgerRow.minutes))
        .where(LedgerRow.org_id == org_id)
        .group_by(LedgerRow.contract_id)
    )
    sums = replay.ledger_sums()
    for contract_id, minutes in kept.all():
        if sums.pop(contract_id, 0) != int(minutes):
            found.append(Difference(0, contract_id, 0, "ledger", str(minutes), "another sum"))
    found += [Difference(0, contract, 0, "ledger", "missing", str(left)) for contract, left in sums.items() if left]
    return found


def _row_differs(work_id: str, settled: Settled, row: WorkRow | None) -> list[Difference]:
    if row is None:
        return [Difference(0, work_id, 0, "work", "missing in the table", "in the log")]
    charge = settled.charge
    if (row.state == "charged") != (charge is not None):
        return [Difference(row.seq, work_id, row.start, "state", row.state, "charged" if charge else "not charged")]
    if charge is None:
        return []
    kept = {
        "net": (str(row.net_minor), str(int(charge.net.replace(".", "")))),
        "from_balance_minutes": (str(row.from_balance_minutes), str(charge.from_balance_minutes)),
        "charged_minutes": (str(row.charged_minutes), str(charge.charged_minutes)),
        "billable_seconds": (str(row.billable_seconds), str(charge.billable_seconds)),
        "policy_sha256": (str(row.policy_sha256), charge.policy_sha256),
    }
    return [
        Difference(row.seq, work_id, row.start, field, in_table, in_log)
        for field, (in_table, in_log) in kept.items()
        if in_table != in_log
    ]
