"""`make demo` says at once all that a newcomer needs, on the screen and in `demo.json`."""

import asyncio
import json
from pathlib import Path

import httpx2
import pytest

from tests.support.demo import running_demo
from tests.support.patience import PATIENCE

FACTS = {
    *("console", "broker", "chair", "display", "note", "organisation_id"),
    *("technician", "administrator", "id", "password"),
}


@pytest.mark.e2e
async def test_everything_is_there_without_anybody_in_the_customers_chair(tmp_path: Path) -> None:
    async with running_demo(tmp_path / "demo") as demo:
        file = demo.folder / "demo.json"
        await asyncio.to_thread(demo.processes.wait_for, "demo.json", file.exists, PATIENCE)
        facts = json.loads(file.read_text())
        assert facts.keys() == FACTS
        assert all(facts.values())
        assert (facts["id"], facts["password"]) == await demo.code()

        said = (tmp_path / "demo-log" / "demo.log").read_text()
        agent_id, password = facts["id"], facts["password"]
        assert f"{agent_id[:3]} {agent_id[3:6]} {agent_id[6:]}   password   {password[:4]}-{password[4:]}" in said
        assert {facts[who]["password"] in said for who in ("technician", "administrator")} == {True}
        assert facts["console"] in said
        assert "accept the terms" not in said

        state = demo.folder / "customer" / ".local" / "state" / "relevo" / facts["organisation_id"] / "state.json"
        accepted = json.loads(state.read_text())["terms"]
        async with httpx2.AsyncClient(base_url=facts["broker"]) as public:
            found = (await public.get(f"/api/v1/public/organisations/{facts['organisation_id']}")).json()
        assert (accepted["version"], accepted["sha256"]) == (found["terms_version"], found["terms_sha256"])
