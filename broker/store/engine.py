"""The database connection: SQLite by default (WAL, `synchronous=FULL`), PostgreSQL by changing the URL.

`Store.transaction()` is one durable write, `Store.reading()` one consistent look.  When `transaction()` has been left
without an exception, what was written survives `kill -9`.  Must never be held open while waiting for a person or a
socket.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from broker.errors import StoreRefused

BUSY: Final = 10.0
"""Seconds that SQLite waits for another process (a backup, a command) to let go of the database."""

PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is erased is gone from the file too
    f"busy_timeout={int(BUSY * 1000)}",
)

_READING: Final = "relevo_reading"


class Store:
    """One database.  Writers of this process queue fairly; with SQLite a writer takes the lock when it begins."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database in (None, "", ":memory:"):
            raise StoreRefused("SQLite needs a file")
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY}} if self.is_sqlite else {"pool_pre_ping": True}
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One write: commits on leaving, rolls back on an exception.  Never nest it within itself."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._turn())
            session = await stack.enter_async_context(AsyncSession(self.engine, expire_on_commit=False))
            await stack.enter_async_context(session.begin())
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One look: every query in it sees the same state.  Nothing is written."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            # SQLite gives a whole look anyway, and knows no other level to ask for.
            level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            await session.connection(execution_options={_READING: True, **level})
            yield session

    async def forget_erased(self) -> None:
        """Take what was erased out of SQLite's write-ahead log too, unless somebody reads for longer than `BUSY`."""
        if self.is_sqlite:
            async with self._turn(), self.engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection  # outside of any transaction
                await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._writer is asyncio.current_task():
            raise RuntimeError("a transaction was begun within a transaction")
        async with self._writing:
            self._writer = asyncio.current_task()
            try:
                yield
            finally:
                self._writer = None


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: `_begin_sqlite` does, and takes the write lock at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
