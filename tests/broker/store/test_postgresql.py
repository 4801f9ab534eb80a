"""The same broker on PostgreSQL: schema, accounts, sessions, lists, the dashboard, erasure and the log."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx2
import pytest

from broker.contracts.service import NewContract
from broker.permissions import Role
from broker.policies import files
from protocol.text import b64url
from tests.support.log import LogWorld
from tests.support.office import office
from tests.support.postgresql import postgresql, programs


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An empty database."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql(binaries) as database:
        yield database()


async def test_changing_the_url_is_all_that_it_takes(url: str, tmp_path: Path) -> None:
    async with office(tmp_path, database_url=url) as desk:
        book = LogWorld(desk.services.store, desk.clock)
        await desk.employ("ana@example.com", Role.ADMIN)
        token = (await desk.sign_in("ana@example.com")).json()["token"]
        session = await book.joined(book.request(desk.home.id))
        await book.beat(session, 3)
        await book.sessions.ended_by_agent(book.agent.end(session.session_id))
        async with desk.client(token) as admin:
            await _read_and_erase(admin, session.session_id)
            report = await admin.post(f"/api/v1/public/organisations/{desk.home.id}/suspicions", json={"text": "Raro"})
            handled = f"/api/v1/suspicions/{report.json()['report_id']}/handled"
            assert (await admin.post(handled, json={"note": "Hablado"})).status_code == 204
            await desk.services.sessions.alert(desk.home.id, "pair_denied", {"try": 1}, {"address": "203.0.113.7"})
            assert (await admin.get("/api/v1/alerts")).json()["items"][0]["data"]["address"] == "203.0.113.7"
            assert (await admin.get("/api/v1/log/verify")).json()["problems"] == []
    async with office(tmp_path, database_url=url) as again:
        assert len(await again.services.organisations.list_all()) == 2, "a second start finds what the first left"


async def test_the_dashboard_adds_up_there_too(url: str, tmp_path: Path) -> None:
    async with office(tmp_path, database_url=url) as desk:
        house = await desk.services.organisations.add("Otra casa")
        admin = await desk.hire(Role.ADMIN, house)
        await desk.services.policies.adopt(house.id, files.load("easi"), admin.id)
        async with desk.client(admin) as client:
            made = (await client.post("/api/v1/customers", json={"name": "Acme"})).json()
            first = NewContract(made["id"], "poliza", date(2026, 11, 1), end=date(2027, 4, 30), minutes=60)
            await desk.services.contracts.make(house.id, first, admin.id)
            book = LogWorld(desk.services.store, desk.clock)
            asked = replace(book.request(house.id, operator=admin.name, operator_id=admin.id), customer_id=made["id"])
            session = await book.joined(asked)
            desk.clock.advance(1200)
            await book.sessions.ended_by_agent(book.agent.end(session.session_id))
            await book.joined(book.request(house.id, operator=admin.name, operator_id=admin.id))
            await desk.services.work.catch_up()
            [contract] = (await client.get("/api/v1/contracts")).json()["items"]
            for narrowed in ({}, {"customer": made["id"]}, {"operator": admin.id}, {"service": "Correo"}):
                seen = (await client.get("/api/v1/dashboard", params=narrowed)).json()
                assert seen["total"]["connected_s"] == 1200
                assert sum(day["connected_s"] for day in seen["days"]) == 1200
                assert sum(one["works"] for one in seen["revenue"]) == 1
                assert [one["left_minutes"] for one in seen["balances"]] == [contract["balance_minutes"]]
            of_plan = {"plan": "poliza", "basis": "plan", "service": "Correo"}
            assert len((await client.get("/api/v1/time-entries", params=of_plan)).json()["items"]) == 1
            assert (await client.get("/api/v1/tickets", params={"target": "missed"})).json()["items"] == []
            nobody = (await client.get("/api/v1/sessions", params={"customer_id": "-"})).json()
            assert [one["state"] for one in nobody["items"]] == ["joined"]


async def _read_and_erase(admin: httpx2.AsyncClient, session_id: str) -> None:
    filters = {"customer": "RECEPCION", "operator": "ana", "reason": "customer", "from": "2026-11-22", "limit": "1"}
    found = (await admin.get("/api/v1/sessions", params=filters)).json()
    assert [(item["id"], item["connected_s"]) for item in found["items"]] == [(session_id, 30)]
    after = {"cursor": b64url(f"2026-11-22T12:00:00Z {'~' * 22}".encode())}
    assert (await admin.get("/api/v1/sessions", params=after)).json()["items"][0]["id"] == session_id
    assert (await admin.get("/api/v1/sessions/export", params={"format": "json"})).json()["items"] == found["items"]
    assert (await admin.post(f"/api/v1/sessions/{session_id}/erase")).status_code == 204
    assert (await admin.get(f"/api/v1/sessions/{session_id}")).json()["customer"]["computer"] is None
