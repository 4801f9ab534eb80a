"""Minutes whose time is over: an entry of the ledger each, once, however often and by whom it is looked at."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from broker.clock import Clock
from broker.contracts.service import ContractService
from broker.log.writer import EventLog
from broker.store.billing_tables import LedgerRow
from broker.work.service import NewWork
from broker.work.verify import verify
from tests.broker.invoices.conftest import Books

NINE = datetime(2026, 4, 28, 16, 0, tzinfo=UTC)
"""10:00 in Mexico City, a Tuesday in a póliza's last week."""


async def expiries(books: Books, contract: str) -> list[tuple[str, int]]:
    """What has lapsed, as the page shows it: by which day, how much."""
    entries: list[dict[str, Any]] = (await books.get(f"/contracts/{contract}/ledger"))["entries"]
    return [(one["day"], one["minutes"]) for one in entries if one["reason"] == "expiry"]


async def used_late(books: Books, customer: str, minutes: int, begins: datetime) -> str:
    start = int(begins.timestamp())
    new = NewWork("session", start, start + minutes * 60, customer_id=customer)
    return (await books.services.work.record(books.org, new, books.admin.id)).id


def another_broker(books: Books, clock: Clock) -> ContractService:
    """The same database after a restart."""
    store = books.services.store
    return ContractService(store, EventLog(store, clock, "another boot"), clock, lambda _org_id: None)


@pytest.mark.clause("E2", "I2")
async def test_what_is_left_of_a_block_lapses_once_with_its_last_day(books: Books) -> None:
    books.at(2025, 11, 3, 18)
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "poliza", start=date(2025, 11, 1), months=6, size="hours10")
    await used_late(books, customer, 60, datetime(2025, 11, 3, 16, 0, tzinfo=UTC))  # 66 with the report: 70
    books.at(2026, 5, 1, 5, 59)  # still the last day in Mexico City
    assert await books.services.contracts.lapse() == 0
    books.at(2026, 5, 1, 6)
    assert await books.services.contracts.lapse() == 1
    assert await expiries(books, contract) == [("2026-05-01", -530)]
    assert await books.services.contracts.lapse() == 0
    assert await another_broker(books, books.clock).lapse() == 0
    books.later(days=40)
    assert await another_broker(books, books.clock).lapse() == 0
    assert await expiries(books, contract) == [("2026-05-01", -530)]
    item = await books.get(f"/contracts/{contract}")
    assert (item["balance_minutes"], item["in_force"]) == (0, False)
    statement = await books.get(f"/contracts/{contract}/statement")
    assert (statement["balance"], [line["minutes"] for line in statement["lines"]]) == (0, [600, -70, -530])
    assert (await verify(books.services.store, books.org)).differences == ()


@pytest.mark.clause("E2")
async def test_work_that_began_before_the_end_is_taken_from_what_has_lapsed(books: Books) -> None:
    books.at(2025, 11, 3, 18)
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "poliza", start=date(2025, 11, 1), months=6, size="hours10")
    books.at(2026, 5, 4, 18)
    await books.services.contracts.lapse()
    work = await used_late(books, customer, 100, NINE)  # entered late: 110 with the report
    assert (await books.services.work.get(books.org, work)).from_balance_minutes == 110
    assert await books.services.contracts.lapse() == 1
    assert await expiries(books, contract) == [("2026-05-01", -600), ("2026-05-01", 110)]
    await books.services.work.dismiss(books.org, work, books.admin.id)
    assert await books.services.contracts.lapse() == 1
    assert sum(minutes for _, minutes in await expiries(books, contract)) == -600
    assert (await verify(books.services.store, books.org)).differences == ()


@pytest.mark.clause("E3")
async def test_a_subscriptions_minutes_lapse_month_by_month(books: Books) -> None:
    books.at(2026, 1, 15, 18)
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "iguala", start=date(2026, 1, 15), months=6, size="small")
    await used_late(books, customer, 100, datetime(2026, 1, 15, 16, 0, tzinfo=UTC))  # 110 with the report
    books.at(2026, 3, 20, 18)  # a broker that stood still for a month catches up
    assert await books.services.contracts.lapse() == 1
    assert await expiries(books, contract) == [("2026-02-15", -130), ("2026-03-15", -240)]
    assert (await books.get(f"/contracts/{contract}"))["balance_minutes"] == 240
    books.at(2026, 12, 1, 18)
    assert await another_broker(books, books.clock).lapse() == 1
    assert await books.services.contracts.lapse() == 0
    lapsed = await expiries(books, contract)
    assert (len(lapsed), lapsed[-1]) == (6, ("2026-07-15", -240))
    statement = await books.get(f"/contracts/{contract}/statement")
    assert statement["balance"] == 0
    assert sum(line["minutes"] for line in statement["lines"]) == 0
    assert (await verify(books.services.store, books.org)).differences == ()


async def test_a_contract_that_is_ended_early_loses_what_is_left(books: Books) -> None:
    await books.adopt("informapuntcom")
    customer = await books.customer()
    contract = await books.contract(customer, "support", months=12, minutes=300)
    await books.send("POST", f"/contracts/{contract}/end", {"end": "2026-11-10"})
    books.later(days=1)
    assert await books.services.contracts.lapse() == 1
    assert await expiries(books, contract) == [("2026-11-11", -300)]


async def test_a_contract_without_minutes_is_never_looked_at(books: Books) -> None:
    await books.adopt("quasar")
    contract = await books.contract(await books.customer(), "maintenance", months=1)
    books.later(days=100)
    assert await books.services.contracts.lapse() == 0
    assert (await books.get(f"/contracts/{contract}"))["balance_minutes"] is None


async def test_a_false_expiry_is_found(books: Books) -> None:
    await books.adopt("informapuntcom")
    contract = await books.contract(await books.customer(), "support", months=12, minutes=300)
    books.later(days=400)
    await books.services.contracts.lapse()
    async with books.services.store.transaction() as db:
        await db.execute(update(LedgerRow).where(LedgerRow.reason == "expiry").values(minutes=-200))
    (found,) = (await verify(books.services.store, books.org)).differences
    assert (found.work_id, found.field) == (contract, "ledger")
