"""A copy made while the broker writes is whole; a restore overwrites nothing."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from broker.errors import StoreRefused
from broker.keys import Keys
from broker.organisations.service import OrganisationService
from broker.store.backup import backup, restore
from broker.store.engine import Store
from broker.store.schema import upgrade
from tests.support.log import HandClock, sqlite


async def filled(folder: Path, count: int = 1) -> Store:
    folder.mkdir()
    store = Store(sqlite(folder))
    await upgrade(store)
    for number in range(count):
        await OrganisationService(store, HandClock()).add(f"Número {number}")
    return store


async def count(store: Store) -> int:
    return len(await OrganisationService(store, HandClock()).list_all())


async def test_a_copy_made_while_others_write_is_whole_and_can_be_put_back(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old", 3)
    copy, stop = tmp_path / "copy.db", asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            await OrganisationService(store, HandClock()).add("Mientras tanto")

    writing = asyncio.create_task(write())
    size = await asyncio.to_thread(backup, store, copy)
    stop.set()
    await writing
    assert size == copy.stat().st_size
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("copy.db*")] == ["copy.db"], "one file, nothing beside it"

    (tmp_path / "new").mkdir()
    new = Store(sqlite(tmp_path / "new"))
    await asyncio.to_thread(restore, new, copy)
    await upgrade(new)
    assert 3 <= await count(new) <= await count(store)
    await new.close()
    await store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
async def test_what_root_puts_back_belongs_to_the_brokers_own_user(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")
    await store.close()
    copy, data = tmp_path / "copy.db", tmp_path / "new"
    backup(store, copy)
    data.mkdir()
    os.chown(data, 63_977, 63_977)
    restore(Store(sqlite(data)), copy)
    Keys.open(data)
    assert {(file.stat().st_uid, file.stat().st_gid) for file in data.iterdir()} == {(63_977, 63_977)}


async def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old")
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    with pytest.raises(StoreRefused, match="overwrites nothing"):
        backup(store, copy)
    assert copy.read_text() == "mine"
    await store.close()


async def test_a_restore_touches_no_database_that_is_there(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old", 2)
    copy = tmp_path / "copy.db"
    backup(store, copy)
    other = await filled(tmp_path / "other")
    with pytest.raises(StoreRefused, match="already"):
        restore(other, copy)
    assert await count(other) == 1
    for opened in (store, other):
        await opened.close()


async def test_a_restore_wants_a_sound_copy(tmp_path: Path) -> None:
    store = await filled(tmp_path / "old", 30)
    good = tmp_path / "good.db"
    backup(store, good)
    await store.close()
    torn, foreign, text = (tmp_path / name for name in ("torn.db", "foreign.db", "text.db"))
    data = good.read_bytes()
    torn.write_bytes(data[: len(data) // 2])
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE something (x)")
    text.write_text("no database")
    (tmp_path / "new").mkdir()
    for bad in (torn, foreign, text, tmp_path / "none.db"):
        with pytest.raises(StoreRefused):
            restore(Store(sqlite(tmp_path / "new")), bad)
    assert os.listdir(tmp_path / "new") == []


async def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="pg_dump"):
        backup(Store("postgresql+asyncpg://nobody@127.0.0.1/none"), tmp_path / "copy")
