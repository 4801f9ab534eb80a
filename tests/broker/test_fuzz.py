"""The whole HTTP API against generated requests (schemathesis): whatever is sent, the broker never fails."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from broker.app import create_app
from broker.permissions import Role
from broker.settings import Settings
from tests.support.live_broker import LiveBroker

SEED = "20261122"
SECONDS = {None: 8, Role.OPERATOR: 12, Role.ADMIN: 30}
"""Each: the whole stays well under a minute and a half."""
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance"


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API as the application describes it; it is served to nobody."""
    folder = tmp_path_factory.mktemp("description")
    file = folder / "openapi.json"
    file.write_text(json.dumps(create_app(Settings(data_dir=folder)).openapi()))
    return file


@pytest.mark.parametrize("role", [None, Role.OPERATOR, Role.ADMIN], ids=["nobody", "operator", "admin"])
async def test_no_request_makes_the_broker_fail(
    broker: LiveBroker, description: Path, tmp_path: Path, role: Role | None
) -> None:
    signed_in = [] if role is None else ["-H", f"Authorization: Bearer {(await broker.hire('Fuzz', role)).token}"]
    st = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "st"), "run", str(description), "--url", broker.provider.origin),
        *(
            "--seed",
            SEED,
            "--max-time",
            str(SECONDS[role]),
            "--checks",
            CHECKS,
            "--phases",
            "examples,coverage,fuzzing",
        ),
        *("--exclude-path", "/api/v1/sign-out", "--no-color", "--generation-database", "none", *signed_in),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await st.communicate()
    assert st.returncode == 0, said.decode()
