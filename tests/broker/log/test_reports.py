"""Suspicions (Q12), alerts and the log's head, asked over HTTP."""

import msgspec
import pytest

from broker.log import witness
from broker.permissions import Role
from protocol import control
from tests.support.log import LogWorld
from tests.support.office import Office

REPORT = {"text": "Me ha llamado alguien que dice ser ustedes.\nMe pide la contraseña.", "contact": "600 000 000"}


async def test_a_report_from_the_page_reaches_the_administrators(desk: Office) -> None:
    async with desk.client(address="198.51.100.9") as anyone:
        sent = await anyone.post(f"/api/v1/public/organisations/{desk.home.id}/suspicions", json=REPORT)
        assert sent.status_code == 201
    admin = await desk.hire(Role.ADMIN)
    async with desk.client(admin) as client:
        [item] = (await client.get("/api/v1/suspicions")).json()["items"]
        assert item == {
            "id": sent.json()["report_id"], "utc": "2026-11-22T12:00:00.000000Z", **REPORT, "address": "198.51.100.9",
            "session_id": None, "source": "page", "state": "open",
            "handled_utc": None, "handled_by": None, "note": None,
        }  # fmt: skip
        path = f"/api/v1/suspicions/{item['id']}/handled"
        assert (await client.post(path, json={"note": "Llamado; todo en orden."})).status_code == 204
        assert (await client.post(path, json={"note": "Otra vez"})).status_code == 409
        [item] = (await client.get("/api/v1/suspicions", params={"state": "handled"})).json()["items"]
        assert (item["note"], item["handled_by"], item["state"]) == ("Llamado; todo en orden.", admin.id, "handled")
        assert (await client.get("/api/v1/suspicions", params={"state": "open"})).json()["items"] == []
        assert (await client.get("/api/v1/log/verify")).json()["ok"]


@pytest.mark.clause("Q12")
async def test_a_report_from_the_program_comes_with_its_session_and_goes_with_its_erasure(desk: Office) -> None:
    book = LogWorld(desk.services.store, desk.clock)
    session = await book.joined(book.request(desk.home.id))
    report = control.Suspicion(report_id="r" * 22, session_id=session.session_id, text="No era él")
    await book.sessions.suspicion(desk.home.id, report, "203.0.113.7")
    await book.sessions.ended(session.session_id, "customer")
    async with desk.client(await desk.hire(Role.ADMIN)) as client:
        [item] = (await client.get("/api/v1/suspicions")).json()["items"]
        assert (item["session_id"], item["text"], item["source"]) == (session.session_id, "No era él", "program")
        kinds = [
            event["kind"] for event in (await client.get(f"/api/v1/sessions/{session.session_id}")).json()["events"]
        ]
        assert "suspicion_reported" in kinds
        await client.post(f"/api/v1/sessions/{session.session_id}/erase")
        [item] = (await client.get("/api/v1/suspicions")).json()["items"]
        assert (item["text"], item["address"]) == ("", None)
        assert (await client.get("/api/v1/log/verify")).json()["ok"]


async def test_few_reports_per_address(desk: Office) -> None:
    path = f"/api/v1/public/organisations/{desk.home.id}/suspicions"
    async with desk.client(address="198.51.100.9") as anyone:
        codes = [(await anyone.post(path, json=REPORT)).status_code for _ in range(6)]
    assert codes == [201] * 5 + [429]


async def test_what_is_no_report_is_refused(desk: Office) -> None:
    path = f"/api/v1/public/organisations/{desk.home.id}/suspicions"
    bodies: tuple[dict[str, object], ...] = (
        {},
        {"text": ""},
        {"text": "x" * 4001},
        {"text": "a\u202eb"},
        {"text": "a\0"},
        {"text": 1},
    )
    async with desk.client() as anyone:
        assert {(await anyone.post(path, json=body)).status_code for body in bodies} <= {400, 422}
        unknown = await anyone.post(f"/api/v1/public/organisations/{'x' * 22}/suspicions", json=REPORT)
        assert unknown.status_code == 404


async def test_an_auditor_reads_reports_and_changes_none(desk: Office) -> None:
    async with desk.client() as anyone:
        sent = await anyone.post(f"/api/v1/public/organisations/{desk.home.id}/suspicions", json=REPORT)
    path = f"/api/v1/suspicions/{sent.json()['report_id']}/handled"
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        assert len((await auditor.get("/api/v1/suspicions")).json()["items"]) == 1
        assert (await auditor.post(path, json={"note": "x"})).status_code == 403
    elsewhere = await desk.services.organisations.add("Otra casa")
    async with desk.client(await desk.hire(Role.ADMIN, elsewhere)) as stranger:
        assert (await stranger.get("/api/v1/suspicions")).json()["items"] == []
        assert (await stranger.post(path, json={"note": "x"})).status_code == 404


async def test_alerts_come_newest_first_and_page_by_page(desk: Office) -> None:
    for number in range(3):
        await desk.services.sessions.alert(desk.home.id, "pair_denied", {"try": number}, {"address": "203.0.113.7"})
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        first = (await auditor.get("/api/v1/alerts", params={"limit": 2})).json()
        assert [item["data"] for item in first["items"]] == [
            {"try": 2, "address": "203.0.113.7"}, {"try": 1, "address": "203.0.113.7"},
        ]  # fmt: skip
        second = (await auditor.get("/api/v1/alerts", params={"limit": 2, "cursor": first["next"]})).json()
        assert ([item["data"]["try"] for item in second["items"]], second["next"]) == ([0], None)


async def test_an_auditor_keeps_the_head_and_it_is_a_witness(desk: Office) -> None:
    await desk.services.sessions.alert(desk.home.id, "pair_denied", {})
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        kept = (await auditor.get("/api/v1/log/head")).content
    assert msgspec.json.decode(kept)["seq"] == 1
    [head] = witness.read(kept)
    assert await desk.services.log.contradiction(head) is None


async def test_a_broken_chain_is_told_in_the_readers_language(desk: Office) -> None:
    await desk.services.sessions.alert(desk.home.id, "pair_denied", {})
    async with desk.services.store.transaction() as db:
        await (await db.connection()).exec_driver_sql("UPDATE log_events SET kind = 'joined'")
    async with desk.client(await desk.hire(Role.AUDITOR), **{"Accept-Language": "en"}) as auditor:
        verdict = (await auditor.get("/api/v1/log/verify")).json()
    assert verdict == {
        "ok": False, "events": 1, "first_bad": 1,
        "problems": ["Event 1: its look-up columns differ from what was written."],
    }  # fmt: skip
