"""The lists, pages and exports of sessions, asked over HTTP."""

import csv
import io
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from broker.permissions import Role
from broker.sessions.archive import SessionArchive
from broker.sessions.repository import Filter
from tests.support.log import LogWorld
from tests.support.office import Office

PATH = "/api/v1/sessions"


@pytest.fixture
async def book(desk: Office) -> LogWorld:
    """The session log of the same broker."""
    return LogWorld(desk.services.store, desk.clock)


async def _write(desk: Office, book: LogWorld, org_id: str = "", **about: Any) -> str:
    """A session of one minute, ended by its customer; its id."""
    session = await book.joined(book.request(org_id or desk.home.id, **about))
    await book.beat(session, 6)
    await book.sessions.ended_by_agent(book.agent.end(session.session_id))
    return session.session_id


async def test_the_administrator_finds_a_session_with_its_duration(desk: Office, book: LogWorld) -> None:
    written = await _write(desk, book)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        answer = (await admin.get(PATH)).json()
        [item] = answer["items"]
        assert answer["next"] is None
        assert item | {"operator_id": ""} == {
            "id": written, "started_utc": "2026-11-22T12:00:00.000000Z", "joined_utc": "2026-11-22T12:00:00.000000Z",
            "ended_utc": "2026-11-22T12:01:00.000000Z", "state": "ended", "operator_id": "",
            "operator_name": "Ana Pérez",
            "customer": {"computer": "PC-RECEPCION", "user": "maría", "address": "203.0.113.7"}, "service": "Correo",
            "end_reason": "customer", "connected_s": 60, "paused_s": 0, "agent_id": "123456789",
        }  # fmt: skip


async def test_a_sessions_page_tells_its_story(desk: Office, book: LogWorld) -> None:
    written = await _write(desk, book)
    await book.sessions.note_bytes(written, 1, 5_000, 70)
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        page = (await auditor.get(f"{PATH}/{written}")).json()
    kinds = ["requested", "paired", "consented", "joined", "ended", "traffic"]
    assert [event["kind"] for event in page["events"]] == kinds
    assert page["events"][4]["data"]["at_utc"] == "2026-11-22T12:01:00.000000Z"
    assert (page["bytes_up"], page["bytes_down"], page["granted"]) == (5_000, 70, ["view", "control"])
    assert page["bandwidth"] == {"down_kbit": 20_000, "up_kbit": 5_000, "rtt_ms": 30}
    assert page["offer"]["operator_name"] == "Ana Pérez"
    assert page["receipt"]["granted"] == ["view", "control"]
    assert (page["receipt"]["seq"], page["erased"]) == (3, False)


async def test_the_list_filters(desk: Office, book: LogWorld) -> None:
    first = await _write(desk, book, computer="Caja_1")
    desk.clock.advance(86_400)
    second = await _write(desk, book, operator="Luis Gil", computer="Caja 12")
    live = (await book.joined(book.request(desk.home.id))).session_id
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:

        async def found(**filters: str) -> list[str]:
            answer = await admin.get(PATH, params=filters)
            assert answer.status_code == 200, answer.text
            return [item["id"] for item in answer.json()["items"]]

        assert await found() == [live, second, first]
        assert await found(to="2026-11-22") == [first]
        assert await found(to="2026-11-22T12:00:00Z") == []
        assert await found(**{"from": "2026-11-23"}) == [live, second]
        assert await found(**{"from": "2026-11-22T14:00:00+02:00", "to": "2026-11-22T14:00:01+02:00"}) == [first]
        assert await found(operator="luis") == [second]
        luis = (await admin.get(f"{PATH}/{second}")).json()["operator_id"]
        assert await found(operator=luis) == [second]
        assert await found(customer="caja_") == [first], "a percent sign or underscore is itself"
        assert await found(customer="203.0.113") == [live, second, first]
        assert await found(reason="customer") == [second, first]
        assert await found(reason="technician") == []
        assert await found(state="joined") == [live]
        assert await found(customer="%") == []


NONSENSE = (
    "from=ayer", "from=2026-13-01", "from=2026-11-22T12:00", "to=9999-12-31", "from=0001-01-01T00:00:00%2B10:00",
    "limit=0", "limit=201", "limit=x", "reason=none", "state=open", "cursor=%00", "cursor=AAAA", "cursor=YSBi",
    "customer=%00", "operator=" + "x" * 101, "from=", "format=csv&from=x",
)  # fmt: skip


async def test_a_question_that_makes_no_sense_is_refused(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        answers = {query: (await admin.get(f"{PATH}?{query}")).status_code for query in NONSENSE}
    assert [query for query, code in answers.items() if code not in (400, 422)] == []


async def test_pages_follow_each_other_without_a_gap(desk: Office, book: LogWorld) -> None:
    written = [await _write(desk, book) for _ in range(3)]
    for _ in range(2):  # two at the same instant
        session = book.request(desk.home.id)
        await book.sessions.requested(session)
        written.append(session.session_id)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = (await admin.get(PATH, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            assert len(answer["items"]) <= 2
            found += [item["id"] for item in answer["items"]]
            cursor = answer["next"]
    assert sorted(found) == sorted(written)
    assert found[2:] == written[2::-1]


async def test_an_operator_sees_only_their_own(desk: Office, book: LogWorld) -> None:
    operator = await desk.hire(Role.OPERATOR)
    own = await _write(desk, book, operator_id=operator.id)
    other = await _write(desk, book)
    async with desk.client(operator) as client:
        assert [item["id"] for item in (await client.get(PATH)).json()["items"]] == [own]
        assert (await client.get(PATH, params={"operator": "Ana"})).json()["items"][0]["id"] == own
        assert (await client.get(f"{PATH}/{own}")).status_code == 200
        assert (await client.get(f"{PATH}/{other}")).status_code == 404
        assert [item["id"] for item in (await client.get(f"{PATH}/export?format=json")).json()["items"]] == [own]
        for path in ("/api/v1/log/head", "/api/v1/log/verify", "/api/v1/suspicions", "/api/v1/alerts"):
            assert (await client.get(path)).status_code == 403
        assert (await client.post(f"{PATH}/{own}/erase")).status_code == 403


async def test_another_organisations_sessions_do_not_exist(desk: Office, book: LogWorld) -> None:
    elsewhere = await desk.services.organisations.add("Otra casa")
    theirs = await _write(desk, book, elsewhere.id)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        assert (await admin.get(PATH)).json()["items"] == []
        assert (await admin.get(f"{PATH}/{theirs}")).status_code == 404
        assert (await admin.post(f"{PATH}/{theirs}/erase")).status_code == 404
        assert (await admin.get(f"{PATH}/export?format=json")).json() == {"items": []}


async def test_an_administrator_erases_a_customers_data_and_the_log_verifies(desk: Office, book: LogWorld) -> None:
    written = await _write(desk, book)
    live = (await book.joined(book.request(desk.home.id))).session_id
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        assert (await auditor.post(f"{PATH}/{written}/erase")).status_code == 403
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        assert (await admin.post(f"{PATH}/{live}/erase")).status_code == 409
        for _ in range(2):
            assert (await admin.post(f"{PATH}/{written}/erase")).status_code == 204
        page = (await admin.get(f"{PATH}/{written}")).json()
        assert page["customer"] == {"computer": None, "user": None, "address": None}
        assert (page["erased"], page["operator_name"], page["connected_s"]) == (True, "Ana Pérez", 60)
        assert (await admin.get(PATH, params={"customer": "recepcion"})).json()["items"][0]["id"] == live
        verdict = (await admin.get("/api/v1/log/verify")).json()
        assert verdict == {"ok": True, "events": 16, "first_bad": None, "problems": []}


async def test_the_export_is_a_file_that_starts_no_formula(desk: Office, book: LogWorld) -> None:
    written = await _write(desk, book, computer='=HYPERLINK("http://example.com";"Sueldos")')
    for sign in "+-@\t＝":
        await _write(desk, book, computer=f"{sign}1+1")
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        answer = await auditor.get(f"{PATH}/export", params={"to": "2026-11-23"})
    assert answer.headers["content-disposition"] == 'attachment; filename="sessions.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith("\ufeff"), "or Excel reads no accents"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 6
    assert all(row["computer"].startswith("'") for row in rows)
    assert rows[-1]["id"].removeprefix("'") == written, "an ID may begin with a sign too"
    assert (rows[-1]["connected_s"], rows[-1]["operator_name"]) == ("60", "Ana Pérez")
    assert (rows[-1]["computer"], rows[-1]["user"]) == ('\'=HYPERLINK("http://example.com";"Sueldos")', "maría")


async def test_the_json_export_gives_what_the_list_gives(desk: Office, book: LogWorld) -> None:
    for _ in range(3):
        await _write(desk, book)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        exported = await admin.get(f"{PATH}/export", params={"format": "json"})
        assert exported.json()["items"] == (await admin.get(PATH)).json()["items"]
        assert (await admin.get(f"{PATH}/export?format=xml")).status_code == 422


async def test_an_export_that_is_read_slowly_holds_nothing_open(
    desk: Office, book: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's write-ahead log, with what was erased, can be emptied while somebody reads."""
    monkeypatch.setattr("broker.sessions.archive.BATCH", 2)
    before = [(await book.joined(book.request(desk.home.id))).session_id for _ in range(5)]  # at the same moment
    desk.clock.advance(1)
    async with aclosing(SessionArchive(book.store, book.events).every(Filter(desk.home.id))) as entries:
        read = [(await anext(entries)).view.session_id]
        await _write(desk, book)
        await book.store.forget_erased()
        assert Path(f"{book.store.url.database}-wal").stat().st_size == 0, "a transaction was open"
        read += [entry.view.session_id async for entry in entries]
    assert sorted(read) == sorted(before), "one was doubled or left out"


async def test_a_live_session_counts_up_to_its_last_heartbeat(desk: Office, book: LogWorld) -> None:
    session = await book.joined(book.request(desk.home.id))
    await book.beat(session, 2)
    desk.clock.advance(9)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        [item] = (await admin.get(PATH)).json()["items"]
    assert (item["state"], item["connected_s"], item["ended_utc"]) == ("joined", 20, None)
