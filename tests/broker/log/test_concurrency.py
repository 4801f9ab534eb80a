"""Many writers, one chain: no number twice, none left out, on both databases."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from broker.log.events import Alert
from broker.sessions.service import SessionService
from broker.store.engine import Store
from tests.support.log import ORG, OTHER_ORG, LogWorld, open_world, sqlite
from tests.support.postgresql import postgresql, programs

WRITERS = 8
EACH = 10


@pytest.fixture(scope="module")
def new_database() -> Iterator[Callable[[], str]]:
    """Makes databases on a PostgreSQL server."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql(binaries) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return sqlite(tmp_path)
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return new_database()


async def test_parallel_writers_of_two_brokers_make_whole_chains(url: str) -> None:
    async with open_world(url) as world:
        second = Store(url)
        brokers = [world.sessions, SessionService(second, world.clock, world.key)]

        async def write(number: int) -> None:
            for count in range(EACH):
                await brokers[number % 2].alert(ORG, "pair_denied", {"writer": number, "count": count})
                if count % 5 == 0:
                    await brokers[number % 2].alert(OTHER_ORG, "pair_denied", {})

        try:
            await asyncio.gather(*map(write, range(WRITERS)))
        finally:
            await second.close()
        assert [await world.problems(ORG), await world.problems(OTHER_ORG)] == [[], []]
        assert (await world.log.verify(ORG)).events == WRITERS * EACH


async def test_of_many_who_end_a_session_one_does_and_all_get_the_same_answer(url: str) -> None:
    async with open_world(url) as world:
        session = await world.joined()
        ended = await asyncio.gather(
            *(world.sessions.ended(session.session_id, "technician", "technician") for _ in range(WRITERS)),
            *(world.sessions.ended_by_agent(world.agent.end(session.session_id)) for _ in range(WRITERS)),
        )
        assert len(set(ended)) == 1
        assert await world.problems() == []


async def test_the_whole_story_is_the_same_on_both_databases(url: str) -> None:
    async with open_world(url) as world:
        session = await world.joined()
        await world.beat(session, 2)
        await world.sessions.paused(session.session_id, 1, "relay")
        world.clock.advance(5)
        world.boot = "boot-2"
        world.start()
        await world.sessions.recover()
        await world.sessions.resumed(session.session_id, 2)
        await world.beat(session)
        assert (await world.sessions.ended(session.session_id, "no_end_message")).connected_s == 30
        assert await world.problems() == []


async def test_a_look_while_others_write_is_of_one_moment(url: str) -> None:
    async with open_world(url) as world:
        session = await world.joined()
        done = asyncio.Event()

        async def write() -> None:
            while not done.is_set():
                await world.sessions.heartbeat([session.session_id])

        writing = asyncio.create_task(write())
        for _ in range(10):
            assert await world.problems() == []
        done.set()
        await writing


async def test_names_with_a_nul_are_kept_and_verified(url: str) -> None:
    async with open_world(url) as world:
        await world.joined(world.request(computer="PC\0-1"))
        assert await world.problems() == []


async def test_a_writer_without_a_turn_is_stopped_by_the_number(url: str) -> None:
    async with open_world(url) as world:
        await world.sessions.alert(ORG, "pair_denied", {})
        with pytest.raises(IntegrityError):
            async with world.store.transaction() as db:
                await db.execute(
                    text(
                        "INSERT INTO log_events SELECT org_id, seq, kind, session_id, utc, stored, head FROM log_events"
                    )
                )
        assert await world.problems() == []


async def test_what_fails_after_an_append_takes_it_back(world: LogWorld) -> None:
    async def fail() -> None:
        async with world.events.writing() as writer:
            await writer.append(ORG, Alert(alert="pair_denied"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await world.sessions.alert(ORG, "code_burned", {})
    assert (await world.log.verify(ORG)).events == 1
    assert await world.problems() == []
