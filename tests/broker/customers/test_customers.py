"""Customers over HTTP: made, corrected, found, exported; contacts, consents, status."""

import csv
import io
from typing import Any

import httpx2
import pytest

from broker.permissions import Role
from tests.support.office import Office

PATH = "/api/v1/customers"
ANA: dict[str, Any] = {
    "name": "Talleres Ruiz", "email": "Ana@Ruiz.Example", "phone": "600 000 000", "tax_id": "B12345678",
    "licence_key": "LK-0001", "address": "Calle Mayor 1", "note": "Llamar por la tarde.\nPreguntar por Ana.",
}  # fmt: skip


async def added(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json={"name": "Alguien", **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_technician_makes_a_customer_and_corrects_one(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.OPERATOR)) as technician:
        made = await added(technician, **ANA)
        assert made == {
            **ANA, "id": made["id"], "email": "ana@ruiz.example", "local": True, "lang": "es", "status": "active",
            "created_utc": "2026-11-22T12:00:00.000000Z", "erased_utc": None,
        }  # fmt: skip
        changed = await technician.patch(f"{PATH}/{made['id']}", json={"phone": "", "local": False})
        assert changed.json() == {**made, "phone": "", "local": False}
        page = (await technician.get(f"{PATH}/{made['id']}")).json()
        assert page == {**changed.json(), "contacts": [], "consents": [], "contracts": []}


NO_CUSTOMERS: tuple[Any, ...] = (
    {}, {"name": ""}, {"name": " "}, {"name": "a\u202eb"}, {"name": "x", "email": "no address"}, {"name": None},
    {"name": "x", "email": "a@b@c"}, {"name": "x", "status": "suspended"}, {"name": "x", "id": "A" * 22},
    {"name": "x", "lang": "fr"}, {"name": "x", "local": "yes"}, {"name": "x", "phone": "0" * 41}, [], None,
)  # fmt: skip


async def test_what_is_no_customer_is_refused(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        for body in NO_CUSTOMERS:
            answer = await admin.post(PATH, json=body)
            assert (answer.status_code, answer.json()["error"]) == (422, "unacceptable"), body
        assert (await admin.get(PATH)).json() == {"items": [], "next": None}


async def test_the_list_finds_by_whatever_a_caller_says(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        ana = (await added(admin, **ANA))["id"]
        desk.clock.advance(1)
        luis = (await added(admin, name="100 % Luis"))["id"]
        await admin.post(f"{PATH}/{luis}/contacts", json={"name": "Eva Gil", "email": "eva@gil.example"})
        await admin.put(f"{PATH}/{luis}/status", json={"status": "delinquent"})

        async def found(**filters: str) -> list[str]:
            answer = await admin.get(PATH, params=filters)
            assert answer.status_code == 200, answer.text
            return [item["id"] for item in answer.json()["items"]]

        assert await found() == [luis, ana]
        for text in ("talleres", "ruiz.example", "b1234", "lk-00"):
            assert await found(text=text) == [ana], text
        for text in ("luis", "eva g", "gil.example", "100 %"):
            assert await found(text=text) == [luis], text
        assert await found(text="_") == [], "an underscore is itself"
        assert await found(status="delinquent") == [luis]
        assert await found(status="suspended") == []
        assert await found(erased="true") == []
        assert (await admin.get(PATH, params={"status": "gone"})).status_code == 422


async def test_pages_follow_each_other_and_the_export_gives_all(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor, desk.client(await desk.hire(Role.ADMIN)) as admin:
        made = [(await added(admin, name=f"=Cliente {number}"))["id"] for number in range(5)]
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await auditor.get(PATH, params={"limit": "2", **cursor})).json()
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert sorted(seen) == sorted(made)
        assert len(seen) == len(made)
        file = await auditor.get(f"{PATH}/export", params={"format": "csv"})
        assert file.headers["content-disposition"] == 'attachment; filename="customers.csv"'
        rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
        assert [row["id"] for row in rows] == seen
        assert all(row["name"].startswith("'=") for row in rows), "a name starts no formula"
        exported = await auditor.get(f"{PATH}/export", params={"format": "json", "text": "cliente 3"})
        assert [item["id"] for item in exported.json()["items"]] == [made[3]]
        assert (await auditor.get(PATH, params={"cursor": "AAAA"})).status_code == 400


@pytest.mark.clause("E15")
async def test_contacts_come_and_go_and_consents_are_only_ever_added(desk: Office) -> None:
    technician = await desk.hire(Role.OPERATOR)
    async with desk.client(technician) as client:
        where = f"{PATH}/{(await added(client, **ANA))['id']}"
        contact = (await client.post(f"{where}/contacts", json={"name": "Eva", "email": "EVA@ruiz.example"})).json()
        assert contact["email"] == "eva@ruiz.example"
        for given in (True, False):
            desk.clock.advance(60)
            body = {"purpose": "newsletter", "given": given}
            assert (await client.post(f"{where}/consents", json=body)).status_code == 201
        page = (await client.get(where)).json()
        assert page["contacts"] == [contact]
        assert [(one["purpose"], one["given"], one["utc"], one["by_operator"]) for one in page["consents"]] == [
            ("newsletter", True, "2026-11-22T12:01:00.000000Z", technician.id),
            ("newsletter", False, "2026-11-22T12:02:00.000000Z", technician.id),
        ]
        for expected in (204, 404):
            assert (await client.delete(f"{where}/contacts/{contact['id']}")).status_code == expected
        assert (await client.get(where)).json()["contacts"] == []
        assert (await client.delete(f"{where}/consents/{page['consents'][0]['id']}")).status_code in (404, 405)


@pytest.mark.clause("E10")
async def test_an_administrator_alone_says_who_is_delinquent_and_the_log_keeps_it(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin, desk.client(await desk.hire(Role.OPERATOR)) as other:
        where = f"{PATH}/{(await added(admin, **ANA))['id']}/status"
        assert (await other.put(where, json={"status": "suspended"})).status_code == 403
        before = (await admin.get("/api/v1/log/head")).json()["seq"]
        for _ in range(2):
            assert (await admin.put(where, json={"status": "delinquent"})).json()["status"] == "delinquent"
        assert (await admin.get("/api/v1/log/head")).json()["seq"] == before + 1, "the second time changed nothing"
        assert (await admin.put(where, json={"status": "erased"})).status_code == 422
        assert (await admin.get("/api/v1/log/verify")).json()["ok"]


async def test_another_organisations_customers_do_not_exist(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        theirs = f"{PATH}/{(await added(admin, **ANA))['id']}"
        contact = (await admin.post(f"{theirs}/contacts", json={"name": "Eva"})).json()["id"]
    elsewhere = await desk.services.organisations.add("Otra casa")
    async with desk.client(await desk.hire(Role.ADMIN, elsewhere)) as stranger:
        assert (await stranger.get(PATH)).json()["items"] == []
        for method, path, body in (
            ("GET", theirs, None), ("PATCH", theirs, {"name": "x"}), ("PUT", f"{theirs}/status", {"status": "active"}),
            ("POST", f"{theirs}/contacts", {"name": "x"}), ("DELETE", f"{theirs}/contacts/{contact}", None),
            ("POST", f"{theirs}/consents", {"purpose": "x", "given": True}), ("GET", f"{theirs}/data", None),
            ("POST", f"{theirs}/erase", None),
        ):  # fmt: skip
            assert (await stranger.request(method, path, json=body)).status_code == 404, (method, path)
