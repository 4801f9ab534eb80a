"""The whole HTTP API against generated requests (schemathesis): whatever is sent, the broker never fails."""

import asyncio
import copy
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from broker.app import create_app
from broker.contracts.service import NewContract
from broker.invoices.model import Billed, Purchase
from broker.permissions import Role
from broker.policies import files
from broker.settings import Settings
from tests.support.live_broker import LiveBroker

SEED = "20261122"
SECONDS = {None: 4, Role.OPERATOR: 6, Role.ADMIN: 15}
"""Each: the whole stays under half a minute."""
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance,status_code_conformance"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The API as the application describes it; it is served to nobody."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("description"))).openapi()


def with_what_is_there(described: dict[str, Any], there: dict[str, str | int]) -> dict[str, Any]:
    """The description with something real among what an address may name, so that requests get further than 404."""
    description = copy.deepcopy(described)
    for operations in description["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in there:
                    parameter["schema"] = {"anyOf": [{"const": there[parameter["name"]]}, parameter["schema"]]}
    return description


async def what_is_there(broker: LiveBroker) -> dict[str, str | int]:
    """Something of each kind that an address may name."""
    services, org_id, operator = broker.services, broker.provider.org_id, broker.operator.id
    customer = (await services.customers.add(org_id, {"name": "Talleres Ruiz"})).id
    await services.policies.adopt(org_id, files.load("quasar"), operator)
    plan = NewContract(customer, "maintenance", date(2026, 1, 1), months=24)
    contract = (await services.contracts.make(org_id, plan, operator)).row.id
    await services.policies.adopt(org_id, files.load("itplusnet"), operator)
    bought = Purchase({"es": "Alta", "en": "Set-up"}, Decimal(45_000))
    (invoice,) = await services.invoices.issue(org_id, customer, Billed(purchases=[bought]), operator)
    contact = (await services.customers.add_contact(org_id, customer, "Ana", "", "")).id
    order = await services.orders.make(org_id, customer, "reinstall", None, None, operator)
    return {
        "org_id": org_id, "operator_id": operator, "version": 1, "customer_id": customer, "contact_id": contact,
        "contract_id": contract, "invoice_id": invoice.id, "order_id": order.order.row.id, "token": order.token,
    }  # fmt: skip


@pytest.mark.parametrize("role", [None, Role.OPERATOR, Role.ADMIN], ids=["nobody", "operator", "admin"])
async def test_no_request_makes_the_broker_fail(
    broker: LiveBroker, described: dict[str, Any], tmp_path: Path, role: Role | None
) -> None:
    signed_in = [] if role is None else ["-H", f"Authorization: Bearer {(await broker.hire('Fuzz', role)).token}"]
    there = await what_is_there(broker)
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(with_what_is_there(described, there)))
    st = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "st"), "run", str(file), "--url", broker.provider.origin),
        *("--seed", SEED, "--max-time", str(SECONDS[role]), "--checks", CHECKS, "--phases", "coverage,fuzzing"),
        *("--exclude-path", "/api/v1/sign-out", "--exclude-path", "/api/v1/queue/events"),  # the feed never ends
        *("--no-color", "--generation-database", "none", *signed_in),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await st.communicate()
    assert st.returncode == 0, said.decode()
