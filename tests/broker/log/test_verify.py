"""Whoever can write to the database cannot change the log unseen."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from broker.alerts.service import AlertService
from broker.log.chain import GENESIS, next_head
from broker.log.events import from_stored, to_stored
from broker.log.repository import LogRepository
from broker.sessions.archive import SessionArchive
from protocol import control
from tests.support.log import ORG, OTHER_ORG, LogWorld, open_world, sqlite


async def _story(world: LogWorld) -> None:
    """A session with everything in it."""
    session = await world.joined()
    await world.beat(session, 2)
    await world.sessions.permission_changed(world.agent.permission(session.session_id, "control", False))
    await world.sessions.paused(session.session_id, 1, "relay")
    world.clock.advance(5)
    await world.sessions.resumed(session.session_id, 2)
    report = control.Suspicion(report_id="r" * 22, session_id=session.session_id, text="Me piden dinero")
    await world.sessions.suspicion(ORG, report, "203.0.113.7")
    await world.sessions.alert(ORG, "code_burned", {"agent_id": "123456789"}, {"operator": "Ana"})
    world.clock.advance(3)
    await world.sessions.ended_by_agent(world.agent.end(session.session_id, connected_s=23))
    await world.sessions.note_bytes(session.session_id, 2, 1000, 10)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a log with one story in it, written once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("log")

    async def write() -> None:
        async with open_world(sqlite(folder)) as world:
            await _story(world)

    asyncio.run(write())
    return folder


@pytest.fixture
async def told(written: Path, tmp_path: Path) -> AsyncIterator[LogWorld]:
    """A broker's log after the story."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    async with open_world(sqlite(tmp_path)) as world:
        yield world


async def _session(world: LogWorld) -> str:
    async with world.store.reading() as db:
        return str(await db.scalar(text("SELECT id FROM sessions")))


async def _sql(world: LogWorld, statement: str, **values: Any) -> None:
    async with world.store.transaction() as db:
        await db.execute(text(statement), values)


async def test_an_untouched_log_verifies(told: LogWorld) -> None:
    found = await told.log.verify(ORG)
    assert (found.ok, found.events, found.first_bad) == (True, 13, None)
    assert found.head == (await told.log.head(ORG)).head
    assert (await told.log.verify(OTHER_ORG)).events == 0


async def test_no_event_holds_personal_data(told: LogWorld) -> None:
    async with told.store.reading() as db:
        stored = b"".join([row.stored async for row in LogRepository(db).rows(ORG)]).decode()
    for datum in ("Ana", "PC-RECEPCION", "maría", "203.0.113.7", "Me piden dinero"):
        assert datum not in stored


@pytest.mark.parametrize("column", ["stored", "head"])
async def test_any_flipped_bit_is_found_at_its_event(told: LogWorld, column: str) -> None:
    chance = random.Random(7)
    async with told.store.reading() as db:
        rows = [row async for row in LogRepository(db).rows(ORG)]
    for row in rows:
        was: bytes = getattr(row, column)
        for at in {0, len(was) - 1, chance.randrange(len(was))}:
            bad = bytearray(was)
            bad[at] ^= 1 << chance.randrange(8)
            await _sql(told, f"UPDATE log_events SET {column} = :now WHERE seq = :seq", now=bytes(bad), seq=row.seq)
            assert (await told.log.verify(ORG)).first_bad == row.seq
        await _sql(told, f"UPDATE log_events SET {column} = :now WHERE seq = :seq", now=was, seq=row.seq)
    assert await told.problems() == []


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE log_events SET kind = 'paired' WHERE seq = 3", 3),
        ("UPDATE log_events SET session_id = NULL WHERE seq = 3", 3),
        ("UPDATE log_events SET utc = '2026-11-22 12:00:01.000000' WHERE seq = 3", 3),
        ("DELETE FROM log_events WHERE seq = 5", 6),
        ("DELETE FROM log_events WHERE seq = 1", 2),
        ("UPDATE log_events SET seq = 99 WHERE seq = 13", 99),
        ("DELETE FROM log_events WHERE seq = 13", None),
        ("UPDATE log_heads SET seq = 12", None),
        ("UPDATE log_heads SET head = zeroblob(32)", None),
        ("UPDATE log_personal SET value = 'Otra' WHERE field = 'operator_name'", 1),
        ("UPDATE log_personal SET salt = zeroblob(16) WHERE field = 'computer'", 1),
        ("UPDATE log_personal SET field = 'usuario' WHERE field = 'user'", 1),
        ("DELETE FROM log_personal WHERE field = 'operator_name'", 1),
        ("DELETE FROM log_personal WHERE field = 'computer'", 1),
        ("DELETE FROM log_personal WHERE field = 'operator'", 11),
        ("INSERT INTO log_personal VALUES (:org, 2, 'computer', NULL, 'x', zeroblob(16))", 2),
        ("UPDATE sessions SET state = 'joined'", None),
        ("UPDATE sessions SET operator_id = 'someone'", None),
        ("UPDATE sessions SET end_reason = 'technician'", None),
        ("UPDATE sessions SET view = replace(view, '23000', '99000')", None),
        ("DELETE FROM sessions", None),
    ],
)
async def test_what_is_done_to_the_tables_is_found(told: LogWorld, statement: str, first_bad: int | None) -> None:
    assert await told.problems() == []
    await _sql(told, statement, **({"org": ORG} if ":org" in statement else {}))
    found = await told.log.verify(ORG)
    assert not found.ok
    assert found.first_bad == first_bad


async def test_events_of_one_organisation_are_no_events_of_another(told: LogWorld) -> None:
    for table in ("log_events", "log_heads", "log_personal", "sessions"):
        await _sql(told, f"UPDATE {table} SET org_id = :other", other=OTHER_ORG)
    assert (await told.log.verify(OTHER_ORG)).first_bad == 1


async def test_events_that_change_places_are_found(told: LogWorld) -> None:
    for now, was in ((98, 4), (4, 5), (5, 98)):
        await _sql(told, "UPDATE log_events SET seq = :now WHERE seq = :was", now=now, was=was)
    assert (await told.log.verify(ORG)).first_bad == 4


Forge = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("kind", "forge", "sentence"),
    [
        ("ended", lambda stored: stored.replace(b'"connected_s":23', b'"connected_s":83'), "counts other seconds"),
        ("ended", lambda stored: stored.replace(b'"claimed_s":23', b'"claimed_s":83'), "the agent's signature"),
        ("consented", lambda stored: stored.replace(b'"body":"', b'"body":"AAAA'), "the agent's signature"),
        ("permission_changed", lambda stored: stored.replace(b'"on":false', b'"on":true'), "the agent's signature"),
        ("resumed", lambda stored: stored.replace(b'"g":2', b'"g":1'), "state does not allow"),
    ],
)
async def test_a_chain_made_anew_still_cannot_lie(told: LogWorld, kind: str, forge: Forge, sentence: str) -> None:
    """Someone rewrites an event and every head after it; what was signed and computed gives them away."""
    await _rewrite(told, kind, forge)
    assert any(sentence in problem for problem in await told.problems())


async def test_erasing_a_customers_data_leaves_the_log_whole(told: LogWorld) -> None:
    session_id, other = await _session(told), await told.joined()
    archive = SessionArchive(told.store, told.events)
    await archive.erase(ORG, session_id, "o" * 22)
    assert await told.problems() == []
    story = await archive.story(ORG, session_id)
    assert story.entry.personal.keys() == {"operator_name", "offer"}
    assert story.entry.view.erased
    await archive.erase(ORG, session_id, "o" * 22)
    assert len((await archive.story(ORG, session_id)).events) == len(story.events), "nothing left to erase"
    assert (await archive.story(ORG, other.session_id)).entry.personal["computer"] == "PC-RECEPCION"


async def test_an_address_in_an_alert_goes_with_the_session_that_it_is_about(told: LogWorld) -> None:
    session = await told.joined()
    personal = {"operator": "Ana", "address": "203.0.113.9"}
    await told.sessions.alert(ORG, "code_burned", {"agent_id": "123456789"}, personal, session.session_id)
    await told.sessions.alert(ORG, "pairing_failed", {}, personal)
    await told.sessions.ended(session.session_id, "customer")
    alerts = AlertService(told.store)
    assert [alert.data.get("address") for alert in await alerts.newest(ORG, 2)] == ["203.0.113.9"] * 2
    await SessionArchive(told.store, told.events).erase(ORG, session.session_id, "o" * 22)
    failed, burned = await alerts.newest(ORG, 2)
    assert burned.data == {"agent_id": "123456789", "operator": "Ana", "session_id": session.session_id}
    assert failed.data["address"] == "203.0.113.9", "a stranger's: no session, no customer"
    assert await told.problems() == []


async def test_erased_data_are_gone_from_the_files(told: LogWorld) -> None:
    session = await told.joined(told.request(computer="PC-DE-LA-CONDESA"))
    await told.sessions.ended(session.session_id, "customer")
    await SessionArchive(told.store, told.events).erase(ORG, session.session_id, "o" * 22)
    await told.store.close()  # which also empties the write-ahead log
    database = Path(told.store.url.database or "")
    assert [file.name for file in database.parent.iterdir() if b"PC-DE-LA-CONDESA" in file.read_bytes()] == []


async def test_erased_data_that_come_back_are_found(told: LogWorld) -> None:
    session_id = await _session(told)
    async with told.store.reading() as db:
        was = (await db.execute(text("SELECT * FROM log_personal WHERE field = 'computer'"))).one()
    await SessionArchive(told.store, told.events).erase(ORG, session_id, "o" * 22)
    await _sql(
        told, "INSERT INTO log_personal VALUES (:a, :b, :c, :d, :e, :f)", **dict(zip("abcdef", was, strict=True))
    )
    assert (await told.log.verify(ORG)).first_bad == 14


async def _rewrite(world: LogWorld, kind: str, forge: Forge) -> None:
    async with world.store.reading() as db:
        rows = [row async for row in LogRepository(db).rows(ORG)]
    head = GENESIS
    async with world.store.transaction() as db:
        for row in rows:
            stored = forge(row.stored) if row.kind == kind else row.stored
            assert (stored != row.stored) == (row.kind == kind)
            assert to_stored(from_stored(stored)) == stored
            head = next_head(ORG, row.seq, head, stored)
            await db.execute(
                text("UPDATE log_events SET stored = :stored, head = :head WHERE seq = :seq"),
                {"stored": stored, "head": head, "seq": row.seq},
            )
        await db.execute(text("UPDATE log_heads SET head = :head"), {"head": head})
