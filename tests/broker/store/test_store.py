"""The database: durable, one writer after the other, readers beside them, secrets out of the way."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from broker.errors import StoreRefused
from broker.ids import new_id
from broker.store.engine import Store
from broker.store.schema import upgrade
from broker.store.tables import OrganisationRow
from tests.support.log import sqlite


def a_row(name: str = "Uno") -> OrganisationRow:
    return OrganisationRow(
        id=new_id(), name=name, services=[], tariff=None, price_note="", bandwidth_floor_kbit=1, inactivity_s=1,
        created_utc=datetime.now(UTC),
    )  # fmt: skip


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(sqlite(tmp_path))
    await upgrade(opened)
    yield opened
    await opened.close()


async def names(store: Store) -> list[str]:
    async with store.reading() as session:
        return sorted(await session.scalars(select(OrganisationRow.name)))


async def test_sqlite_is_set_up_to_lose_nothing(store: Store) -> None:
    async with store.reading() as session:
        found = [
            (await session.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 1, 10_000]


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.transaction() as session:
            session.add(a_row())
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await names(store) == []


async def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    async with store.reading() as session:
        before = (await session.scalars(select(OrganisationRow.name))).all()
        async with store.transaction() as other:
            other.add(a_row())
        assert (await session.scalars(select(OrganisationRow.name))).all() == before == []
    assert await names(store) == ["Uno"]


async def test_writers_wait_for_each_other_and_none_is_turned_away(store: Store) -> None:
    async def write(number: int) -> None:
        async with store.transaction() as session:
            count = len((await session.scalars(select(OrganisationRow.name))).all())
            session.add(a_row(f"{count:03}"))

    await asyncio.gather(*(write(number) for number in range(40)))
    assert await names(store) == [f"{number:03}" for number in range(40)]


async def test_a_transaction_within_a_transaction_is_a_mistake_that_is_told(store: Store) -> None:
    async with store.transaction():
        with pytest.raises(RuntimeError, match="within a transaction"):
            async with store.transaction():
                pass


async def test_a_time_without_a_zone_is_not_stored(store: Store) -> None:
    row = a_row()
    row.created_utc = datetime(2026, 11, 22)  # noqa: DTZ001
    with pytest.raises(Exception, match="without a zone"):
        async with store.transaction() as session:
            session.add(row)


def test_sqlite_in_memory_is_refused() -> None:
    with pytest.raises(StoreRefused, match="file"):
        Store("sqlite+aiosqlite:///:memory:")


WRITER = """
import asyncio, sys
from broker.store.engine import Store
from broker.store.schema import upgrade
from tests.broker.store.test_store import a_row
async def main():
    store = Store(sys.argv[1])
    await upgrade(store)
    number = 0
    while True:
        async with store.transaction() as session:
            session.add(a_row(f"{number:06}"))
        print(number, flush=True)
        number += 1
asyncio.run(main())
"""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    url = sqlite(tmp_path)
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(25)]
        os.kill(writer.pid, signal.SIGKILL)
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
    with sqlite3.connect(tmp_path / "relevo.db") as database:
        found = [name for (name,) in database.execute("SELECT name FROM organisations ORDER BY name")]
    assert found[: len(told)] == [f"{number:06}" for number in told]
    assert len(found) <= len(told) + 1, "at most the one whose word was cut off"


async def test_what_is_erased_is_gone_from_the_file(tmp_path: Path) -> None:
    url = sqlite(tmp_path)
    store = Store(url)
    await upgrade(store)
    async with store.transaction() as session:
        session.add(a_row("canary-erased-name"))
    async with store.transaction() as session:
        await session.execute(text("DELETE FROM organisations"))
    await store.close()
    file = next(tmp_path.glob("*.db"))
    with sqlite3.connect(file) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert all(b"canary-erased-name" not in path.read_bytes() for path in tmp_path.glob("*.db*"))
