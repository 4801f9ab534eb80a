"""Brings a database to this program's schema, and says when it cannot.

Runs at every start: nothing to do costs one query.  An upgrade is one transaction, so that one which fails leaves the
database as it was.  `python -m broker.store.schema "what changes"` writes the next revision from the tables as they are
now, in a checkout; read it before you commit it.
"""

import sys
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from broker.errors import StoreRefused
from broker.store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def newest() -> str:
    """The revision that this program works with.  Every revision's file is read for it: once is enough."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None, "there is at least one revision"
    return head


async def upgrade(store: Store, to: str = "head") -> None:
    """Upgrade the database where it is older.  Raises `StoreRefused` for one that a newer program has upgraded."""
    async with store.engine.begin() as connection:
        await connection.run_sync(upgrade_on, to)


async def revision(store: Store) -> str | None:
    """The revision that the database is at; None when it is empty."""
    async with store.engine.connect() as connection:
        return await connection.run_sync(_revision)


def upgrade_on(connection: Connection, to: str = "head") -> None:
    """The same on one connection, within the caller's transaction."""
    present = _revision(connection)
    if to == "head" and present == newest():
        return
    if present is not None and present not in _known():
        raise StoreRefused("a newer version of this program has upgraded it")
    command.upgrade(_config(connection), to)


def _known() -> set[str]:
    return {one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _write_next(message: str) -> None:
    with create_engine("sqlite://").begin() as scratch:
        if known := _known():
            upgrade_on(scratch)
        command.revision(_config(scratch), message, autogenerate=True, rev_id=f"{len(known) + 1:04}")


if __name__ == "__main__":
    _write_next(sys.argv[1])
