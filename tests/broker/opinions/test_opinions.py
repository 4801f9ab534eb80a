"""Opinions: given once with the secret of a receipt, read by administrators."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from broker.ids import fingerprint, new_id, new_token
from broker.permissions import Role
from broker.store.desk_tables import OpinionRow
from tests.support.office import Office, office


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


async def secret(desk: Office) -> str:
    token = new_token()
    async with desk.services.store.transaction() as db:
        db.add(OpinionRow(session_id=new_id(), org_id=desk.home.id, token_sha256=fingerprint(token)))
    return token


async def give(desk: Office, token: str, **body: Any) -> httpx2.Response:
    async with desk.client(None, **{"Relevo-Token": token}) as client:
        return await client.post("/api/v1/public/opinion", json=body)


async def read(desk: Office, path: str) -> httpx2.Response:
    async with desk.client(await desk.hire(Role.ADMIN)) as client:
        return await client.get(f"/api/v1{path}")


async def test_help_is_rated_once(desk: Office) -> None:
    token = await secret(desk)
    assert (await give(desk, token, stars=5, comment="Muy bien")).status_code == 204
    assert (await give(desk, token, stars=1)).status_code == 410
    listed = (await read(desk, "/opinions")).json()
    assert [(one["stars"], one["comment"]) for one in listed["items"]] == [(5, "Muy bien")]


@pytest.mark.parametrize("body", [{"stars": 0}, {"stars": 6}, {"stars": "5"}, {"stars": 5, "comment": "\u202e"}, {}])
async def test_only_one_to_five_and_plain_text_are_taken(desk: Office, body: dict[str, Any]) -> None:
    token = await secret(desk)
    assert (await give(desk, token, **body)).status_code == 422
    assert (await give(desk, token, stars=3)).status_code == 204, "the secret still holds"


async def test_an_unknown_secret_rates_nothing(desk: Office) -> None:
    await secret(desk)
    assert (await give(desk, "A" * 43, stars=5)).status_code == 410
    assert (await read(desk, "/opinions")).json() == {"items": [], "count": 0, "average": None, "next": None}


async def test_the_average_is_of_all_that_match_and_pages_lose_none(desk: Office) -> None:
    for stars in (5, 5, 4):
        await give(desk, await secret(desk), stars=stars)
        desk.clock.advance(60)
    first = (await read(desk, "/opinions?limit=2")).json()
    second = (await read(desk, f"/opinions?limit=2&cursor={first['next']}")).json()
    assert (first["count"], first["average"]) == (3, "4.67")
    assert [one["stars"] for one in first["items"] + second["items"]] == [4, 5, 5]
    assert second["next"] is None


async def test_the_export_disarms_formulas(desk: Office) -> None:
    await give(desk, await secret(desk), stars=2, comment="=1+1")
    assert ",'=1+1," in (await read(desk, "/opinions/export")).text
    assert (await read(desk, "/opinions/export?format=json")).json()["items"][0]["comment"] == "=1+1"
