"""Upgrades: from nothing, from the previous schema with data in it, from a newer one never."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from broker.errors import StoreRefused
from broker.log.moment import Moment
from broker.log.projections import SessionState, SessionView
from broker.organisations.service import OrganisationService
from broker.sessions.repository import SessionRepository, columns_agree
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
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD_SESSION = text(
    "INSERT INTO sessions (id, org_id, first_seq, state, operator_id, requested_utc, end_reason, view) "
    "VALUES (:id, 'AAAAAAAAAAAAAAAAAAAAAA', 1, 'ended', 'OOOOOOOOOOOOOOOOOOOOOO', '2026-11-22 12:00:00.000000', "
    ":why, :view)"
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


async def test_sessions_of_an_older_database_get_what_figures_are_counted_from(store: Store) -> None:
    await upgrade(store, "0003")
    asked, joined = Moment(NOON, 0, "boot"), Moment(NOON + timedelta(seconds=9), 9_000, "boot")
    view = SessionView(
        session_id="S" * 22, state=SessionState.ENDED, operator_id="O" * 22, agent_id="123456789", pk_agent="x",
        service="Correo", offer_sha256="x", requested=asked, since=joined, joined=joined, connected_ms=61_500,
        end_reason="customer",
    )  # fmt: skip
    refused = replace(view, session_id="T" * 22, joined=None, connected_ms=0, end_reason="refused")
    async with store.transaction() as session:
        for one in (view, refused):
            row = {"id": one.session_id, "view": msgspec.json.encode(one), "why": one.end_reason}
            await session.execute(OLD_SESSION, row)
    await upgrade(store)
    async with store.reading() as session:
        kept = [one async for one in SessionRepository(session).rows("A" * 22)]
    assert [one.view for one in kept] == [view, refused]
    assert all(columns_agree(one) for one in kept)


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
