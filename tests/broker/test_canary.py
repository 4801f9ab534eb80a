"""Secrets walk through everything that the broker does with accounts, and come out nowhere: log, answer, database."""

import logging
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import structlog

from broker.keys import NAME, Keys
from broker.logs import configure
from broker.permissions import Role
from broker.store.backup import backup
from tests.support.office import Office, office

FIRST, SECOND, WRONG = "canary-first-password", "canary-second-password", "canary-wrong-password"
TOKEN = re.compile(r"token=([A-Za-z0-9_-]{43})")


async def live_through_everything(desk: Office) -> list[str]:
    """Every way that a secret takes; the secrets."""
    boss = await desk.hire(Role.ADMIN)
    link = await desk.services.operators.setup_link() or ""
    async with desk.client(boss) as admin:
        body = {"email": "eva@example.com", "name": "Eva", "role": "operator"}
        invitation = TOKEN.findall((await admin.post("/api/v1/operators", json=body)).text)[0]
        async with desk.client() as guest:
            accepted = {"token": invitation, "name": "Eva", "password": FIRST}
            assert (await guest.post("/api/v1/invitations/accept", json=accepted)).status_code == 204
        await desk.sign_in("eva@example.com", password=WRONG)
        token = (await desk.sign_in("eva@example.com", password=FIRST)).json()["token"]
        async with desk.client(token) as eva:
            secret = (await eva.post("/api/v1/me/totp")).json()["secret"]
            code = {"code": pyotp.TOTP(secret).at(desk.clock.utc())}
            assert (await eva.post("/api/v1/me/totp/confirm", json=code)).status_code == 204
            await eva.post("/api/v1/me/password", json={"old": WRONG, "new": SECOND})
            me = (await eva.get("/api/v1/me")).json()["operator_id"]
        reset = TOKEN.findall((await admin.post(f"/api/v1/operators/{me}/reset")).text)[0]
        async with desk.client() as guest:
            await guest.post("/api/v1/password-resets/accept", json={"token": reset, "password": SECOND})
            await guest.post("/api/v1/password-resets/accept", json={"token": reset, "password": SECOND})
            await guest.get("/healthz", params={"token": token})
    unused = TOKEN.findall(link)
    return [FIRST, SECOND, WRONG, invitation, token, secret, reset, boss.token, *unused]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "data", metrics_token="canary-metrics-token") as desk:
        yield desk


@pytest.mark.clause("Q11")
async def test_no_secret_is_in_the_log_nor_in_the_database_nor_in_its_backup(
    opened: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level, configuration = list(root.handlers), root.level, structlog.get_config()
    configure("debug", as_json=True)
    try:
        secrets = [*await live_through_everything(opened), "canary-metrics-token"]
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.configure(**configuration)
    logged = "".join(capsys.readouterr())
    folder = opened.services.settings.data_dir
    backup(opened.services.store, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        dumped = "\n".join(copy.iterdump())
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for secret in secrets:
        assert secret not in logged, "in the log"
        assert secret not in dumped, "in a dump"
        for name, data in files.items():
            assert secret.encode() not in data, name
    master = files[NAME]
    assert master not in files["relevo.db"] + files.get("relevo.db-wal", b"")
    assert master.hex().upper() not in dumped.upper()


async def test_another_installations_key_opens_no_second_factor(opened: Office, tmp_path: Path) -> None:
    await live_through_everything(opened)
    (opened.services.settings.data_dir / NAME).write_bytes(bytes(32))
    foreign = Keys.open(opened.services.settings.data_dir)
    (sealed,) = await sealed_secrets(opened)
    with pytest.raises(Exception, match="not the one"):
        foreign.unseal("totp", sealed[1], sealed[0])


async def sealed_secrets(desk: Office) -> list[tuple[str, bytes]]:
    rows = await desk.services.operators.everyone(desk.home.id)
    return [(row.id, row.totp_sealed) for row in rows if row.totp_sealed]
