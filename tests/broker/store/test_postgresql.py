"""The same broker on PostgreSQL, by changing one URL: its schema, its accounts, its rules."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from broker.permissions import Role
from broker.store.base import Base
from tests.support.office import Office, office
from tests.support.postgresql import postgresql, programs


@pytest.fixture(scope="module")
def new_database() -> Iterator[Callable[[], str]]:
    """Makes databases on a PostgreSQL server."""
    if (binaries := programs()) is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql(binaries) as database:
        yield database


@pytest.fixture
async def desk(tmp_path: Path, new_database: Callable[[], str]) -> AsyncIterator[Office]:
    async with office(tmp_path, database_url=new_database()) as opened:
        yield opened


async def test_the_revisions_make_the_same_tables_there(desk: Office) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with desk.services.store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_accounts_whole_story_is_the_same_there(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    ana = await desk.employ("ana@example.com")
    token = (await desk.sign_in("ana@example.com")).json()["token"]
    async with desk.client(token) as hers, desk.client(boss) as admin:
        secret = (await hers.post("/api/v1/me/totp")).json()["secret"]
        code = {"code": pyotp.TOTP(secret).at(desk.clock.utc())}
        assert (await hers.post("/api/v1/me/totp/confirm", json=code)).status_code == 204
        assert (await desk.sign_in("ana@example.com", totp=code["code"])).status_code == 401, "used"
        changed = await admin.patch("/api/v1/organisation", json={"services": ["Correo"], "tariff": None})
        assert changed.json()["services"] == ["Correo"]
        body = {"email": "ANA@example.com", "name": "Otra", "role": "operator"}
        assert (await admin.post("/api/v1/operators", json=body)).status_code == 409
        assert (await admin.patch(f"/api/v1/operators/{boss.id}", json={"disabled": True})).status_code == 409
        assert (await admin.post(f"/api/v1/operators/{ana}/reset")).status_code == 201
        assert (await admin.patch(f"/api/v1/operators/{ana}", json={"disabled": True})).status_code == 200
        assert (await hers.get("/api/v1/me")).status_code == 401
        assert (await admin.post("/api/v1/organisation/terms", json={"es": "Uno", "en": "One"})).json()["version"] == 2
        items = (await admin.get("/api/v1/operators")).json()["items"]
    assert {item["id"]: item["state"] for item in items} == {boss.id: "active", ana: "disabled"}
