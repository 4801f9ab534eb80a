"""Upgrades: from nothing, from the previous schema with data in it, from a newer one never."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from broker.errors import StoreRefused
from broker.organisations.service import OrganisationService
from broker.store import billing_tables, desk_tables, invoice_tables, log_tables, mail_tables, tables
from broker.store.base import Base
from broker.store.engine import Store
from broker.store.schema import MIGRATIONS, newest, revision, upgrade
from tests.support.log import HandClock, sqlite

TABLES = (billing_tables, desk_tables, invoice_tables, log_tables, mail_tables, tables)

ORGANISATION = text(
    "INSERT INTO organisations (id, name, services, price_note, bandwidth_floor_kbit, inactivity_s, created_utc) "
    "VALUES ('AAAAAAAAAAAAAAAAAAAAAA', 'Vieja', '[\"Correo\"]', '', 1024, 900, '2026-11-22 12:00:00.000000')"
)
TERMS = text(
    "INSERT INTO terms (org_id, version, es, en, sha256, by, created_utc) "
    "VALUES ('AAAAAAAAAAAAAAAAAAAAAA', 1, 'Uno', 'One', 'x', 'Ana', '2026-11-22 12:00:00.000000')"
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(sqlite(tmp_path))
    yield opened
    await opened.close()


def all_revisions() -> list[str]:
    """Oldest first."""
    return [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


async def test_the_revisions_make_exactly_the_tables_of_the_program(store: Store) -> None:
    await upgrade(store)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await revision(store) == newest()


@pytest.mark.parametrize("from_revision", all_revisions())
async def test_an_older_database_is_upgraded_with_what_is_in_it(store: Store, from_revision: str) -> None:
    await upgrade(store, from_revision)
    async with store.transaction() as session:
        await session.execute(ORGANISATION)
        await session.execute(TERMS)
    await upgrade(store)
    found = await OrganisationService(store, HandClock()).get("A" * 22)
    assert (found.name, found.services, found.terms_version) == ("Vieja", ("Correo",), 1)
    assert await revision(store) == newest()


async def test_an_upgrade_that_is_done_changes_nothing(store: Store) -> None:
    await upgrade(store)
    await upgrade(store)
    assert await revision(store) == newest()


async def test_a_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    await upgrade(store)
    async with store.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreRefused, match="newer"):
        await upgrade(store)
    assert await revision(store) == "9999"


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(store: Store) -> None:
    await upgrade(store, all_revisions()[0])
    async with store.transaction() as session:
        await session.execute(text("CREATE TABLE log_heads (in_the_way INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        await upgrade(store)
    assert await revision(store) == all_revisions()[0]
    async with store.reading() as session:
        found = await session.scalars(text("SELECT name FROM sqlite_master WHERE name LIKE 'log_%' AND type = 'table'"))
        assert list(found) == ["log_heads"]
