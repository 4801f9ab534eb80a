"""Copies a SQLite database while the broker runs, and puts a copy back where there is none.

The copy is made with SQLite's own backup, so that it is whole however much is written meanwhile.  The installation's
master key is not in it (`broker.keys`): it is a file of the data folder and is kept apart on purpose.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

from broker.errors import StoreRefused
from broker.store import private_file
from broker.store.engine import BUSY, Store

PAGES_AT_ONCE: Final = 500
"""Copied before writers get a turn."""


def backup(store: Store, target: Path) -> int:
    """Copy the database to `target`, which must not exist; returns its size in bytes.  Raises `StoreRefused`."""
    source = _database(store)
    if not source.is_file():
        raise StoreRefused(f"there is none at {source}")
    if target.exists():
        raise StoreRefused(f"{target} is there already; a backup overwrites nothing")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _copy(source, part)
        _check(part)
        _sync(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(store: Store, copy: Path) -> None:
    """Put `copy` in the place of the database.  Raises `StoreRefused` where one is, or for an unsound `copy`."""
    target = _database(store)
    for present in (target, target.with_name(target.name + "-wal"), target.with_name(target.name + "-journal")):
        if present.exists():
            raise StoreRefused(f"{present} is there already; stop the broker and move it away first")
    if not copy.is_file():
        raise StoreRefused(f"there is no backup {copy}")
    _check(copy)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(private_file.create(part))
    try:
        _copy(copy, part)
        _sync(part)
        os.link(part, target)  # fails, and does not overwrite, if a broker has begun one meanwhile
    except FileExistsError:
        raise StoreRefused(f"{target} is there already") from None
    finally:
        part.unlink(missing_ok=True)


def _database(store: Store) -> Path:
    if not store.is_sqlite or store.url.database is None:
        raise StoreRefused("this is for SQLite; copy PostgreSQL with pg_dump and put it back with pg_restore")
    return Path(store.url.database)


def _copy(source: Path, target: Path) -> None:
    with _opened(source, "ro") as reading, _opened(target, "rw") as writing:
        reading.backup(writing, pages=PAGES_AT_ONCE, sleep=0.01)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
    reading.close()
    writing.close()


def _check(file: Path) -> None:
    try:
        with _opened(file, "ro") as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
            database.execute("SELECT version_num FROM alembic_version").fetchone()
        database.close()
    except sqlite3.DatabaseError as wrong:
        raise StoreRefused(f"{file} is not a database of this program ({wrong})") from None
    if found != "ok":
        raise StoreRefused(f"{file} is damaged")


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode={mode}", uri=True, timeout=BUSY)


def _sync(file: Path) -> None:
    for path, flags in ((file, os.O_RDONLY), (file.parent, os.O_RDONLY | os.O_DIRECTORY)):
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
