"""`relevo log`, run as a person runs it."""

import asyncio
import csv
import io
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from broker.cli import app
from broker.clock import SystemClock
from broker.keys import Keys
from broker.log.key import LogKey
from broker.store.engine import Store
from broker.store.schema import upgrade
from tests.support.log import ORG, LogWorld, sqlite

run = CliRunner().invoke


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A broker's folder with one session in its log, and what both ends and the broker said of it in `kept`."""
    folder = tmp_path_factory.mktemp("broker")
    asyncio.run(_write(folder))
    return folder


async def _write(folder: Path) -> None:
    store = Store(sqlite(folder))
    await upgrade(store)
    world = LogWorld(store, SystemClock(), key=LogKey.of(Keys.open(folder)))
    session = await world.joined()
    ended = await world.sessions.ended_by_agent(world.agent.end(session.session_id))
    (folder / "ended.json").write_bytes(msgspec.json.encode(ended))
    (folder / "head.json").write_bytes(msgspec.json.encode(await world.log.head(ORG)))
    (folder / "forged.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(ended, connected_s=7)))
    (folder / "key").write_text(world.log.public_key, encoding="ascii")
    await store.close()


def test_a_whole_log_and_its_witnesses_agree(installation: Path) -> None:
    kept = [str(installation / name) for name in ("ended.json", "head.json")]
    done = run(app, ["log", "verify", "--data", str(installation), "--witness", kept[0], "--witness", kept[1]])
    assert done.exit_code == 0, done.output
    assert f"The log of {ORG} is whole: 5 events" in done.output
    assert done.output.count("The log agrees with it.") == 2


def test_a_forged_witness_proves_nothing(installation: Path) -> None:
    done = run(app, ["log", "verify", "--data", str(installation), "--witness", str(installation / "forged.json")])
    assert done.exit_code == 1
    assert "was not signed with the key of this log" in done.output


def test_what_is_no_witness_is_said_so(installation: Path) -> None:
    for name, said in (("key", "is no witness"), ("missing", "cannot be read")):
        done = run(app, ["log", "verify", "--data", str(installation), "--witness", str(installation / name)])
        assert done.exit_code == 1
        assert said in done.output


def test_a_changed_log_is_told_and_fails(installation: Path, tmp_path: Path) -> None:
    for file in installation.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())

    async def tamper() -> None:
        store = Store(sqlite(tmp_path))
        async with store.transaction() as db:
            await db.execute(text("DELETE FROM log_events WHERE seq = 5"))
            await db.execute(text("UPDATE log_heads SET seq = 4"))
        await store.close()

    asyncio.run(tamper())
    done = run(app, ["log", "verify", "--data", str(tmp_path), "--witness", str(tmp_path / "ended.json")])
    assert done.exit_code == 1
    assert "is NOT whole" in done.output
    assert "its tail was cut off" in done.output


def test_the_public_key_is_printed(installation: Path) -> None:
    done = run(app, ["log", "key", "--data", str(installation)])
    assert done.output.strip() == (installation / "key").read_text(encoding="ascii")


def test_sessions_are_exported(installation: Path) -> None:
    done = run(app, ["log", "export", "--organisation", ORG, "--data", str(installation)])
    [row] = csv.DictReader(io.StringIO(done.output.removeprefix("\ufeff")))
    assert (row["operator_name"], row["end_reason"]) == ("Ana Pérez", "customer")
    done = run(app, ["log", "export", "--organisation", ORG, "--format", "json", "--data", str(installation)])
    assert len(msgspec.json.decode(done.output)["items"]) == 1


def test_a_log_without_events_is_said_to_have_none(tmp_path: Path) -> None:
    asyncio.run(_make_empty(tmp_path))
    done = run(app, ["log", "verify", "--data", str(tmp_path)])
    assert (done.exit_code, done.output) == (0, "Nothing has been logged yet.\n")


async def _make_empty(folder: Path) -> None:
    store = Store(sqlite(folder))
    await upgrade(store)
    await store.close()
    Keys.open(folder)


def test_an_empty_folder_stays_empty(tmp_path: Path) -> None:
    done = run(app, ["log", "verify", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "There is no log" in done.output
    assert list(tmp_path.iterdir()) == []
