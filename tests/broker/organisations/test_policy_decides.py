"""What a policy says stands before the organisation's own settings, and no contradiction stays unsaid."""

import pytest

from broker.permissions import Role
from broker.policies import files
from tests.support.agent_peer import AgentPeer
from tests.support.live_broker import LiveBroker
from tests.support.office import Office

TERMS = {"es": "Las nuevas.", "en": "The new ones."}


def policy(**rules: object) -> dict[str, str]:
    """A policy as an administrator would paste it: quasar's, with other rules."""
    text = "".join(f"{key} = {value!r}\n" for key, value in rules.items())
    kept = [
        line for line in (files.FOLDER / "quasar.toml").read_text("utf-8").splitlines(keepends=True)
        if line.split(" = ")[0] not in ("terms_version", "bandwidth_floor_kbit")
    ]  # fmt: skip
    return {"toml": text + "".join(kept)}


@pytest.mark.clause("Q10")
async def test_the_policys_floor_stands_before_the_setting_and_the_setting_says_so(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        await admin.patch("/api/v1/organisation", json={"bandwidth_floor_kbit": 512})
        assert (await admin.put("/api/v1/policy", json=policy(bandwidth_floor_kbit=4096))).status_code == 200
        seen = (await admin.get("/api/v1/organisation")).json()
        assert (seen["bandwidth_floor_kbit"], seen["fixed_by_policy"]) == (4096, ["bandwidth_floor_kbit"])
        assert (await desk.services.organisations.get(desk.home.id)).bandwidth_floor_kbit == 4096

        refused = await admin.patch("/api/v1/organisation", json={"bandwidth_floor_kbit": 256, "name": "Otra"})
        assert refused.status_code == 409
        same = await admin.patch("/api/v1/organisation", json={"bandwidth_floor_kbit": 4096, "name": "Otra"})
        assert (same.status_code, same.json()["name"]) == (200, "Otra")

        await admin.put("/api/v1/policy", json=policy())
        silent = (await admin.get("/api/v1/organisation")).json()
        assert (silent["bandwidth_floor_kbit"], silent["fixed_by_policy"]) == (512, [])


@pytest.mark.clause("Q8")
async def test_a_policy_names_the_terms_that_customers_accept(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        early = await admin.put("/api/v1/policy", json=policy(terms_version=2))
        assert early.status_code == 409
        assert "2" in early.json()["message"]
        await admin.put("/api/v1/policy", json=policy(terms_version=1))
        await admin.post("/api/v1/organisation/terms", json=TERMS)
        public = f"/api/v1/public/organisations/{desk.home.id}"
        assert (await admin.get(public)).json()["terms_version"] == 1
        assert (await admin.get("/api/v1/organisation")).json()["fixed_by_policy"] == ["terms_version"]
        await admin.put("/api/v1/policy", json=policy(terms_version=2))
        assert (await admin.get(public)).json()["terms_version"] == 2


@pytest.mark.clause("Q10")
async def test_an_agent_is_measured_against_the_policys_floor(broker: LiveBroker) -> None:
    terms = files.parse(policy(bandwidth_floor_kbit=10_000_000)["toml"], "policy")
    await broker.services.policies.adopt(broker.provider.org_id, terms, broker.operator.id)
    async with await AgentPeer.connect(broker.provider) as agent:
        result = await agent.register()
    assert (result.ok, result.floor_kbit) == (False, 10_000_000)
