"""Work: what sessions and people's entries become, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from broker.contracts.service import NewContract
from broker.ids import new_id
from broker.permissions import Role
from broker.policies import files
from broker.policies.service import engine_of
from broker.store.billing_tables import CustomerRow
from broker.work.cli import app
from broker.work.verify import verify
from tests.support.live_broker import Operator
from tests.support.log import LogWorld
from tests.support.office import Office, office

API = "/api/v1"


class Desk:
    """An office with an administrator, whose sessions are made by hand."""

    def __init__(self, made: Office, admin: Operator) -> None:
        self.office, self.admin, self.org = made, admin, made.home.id
        self.services, self.clock = made.services, made.clock
        self.world = LogWorld(self.services.store, self.clock)

    async def adopt(self, policy: str) -> None:
        await self.services.policies.adopt(self.org, files.load(policy), self.admin.id)

    async def customer(self, name: str = "Talleres Núñez") -> str:
        row = CustomerRow(id=new_id(), org_id=self.org, name=name, created_utc=self.clock.utc())
        async with self.services.store.transaction() as db:
            db.add(row)
        return row.id

    async def contract(self, customer: str, plan: str, **more: Any) -> str:
        wanted = NewContract(customer, plan, more.pop("start", date(2026, 1, 1)), **more)
        return (await self.services.contracts.make(self.org, wanted, self.admin.id)).row.id

    async def balance(self, contract: str) -> int | None:
        return (await self.services.contracts.get(self.org, contract)).balance_minutes

    async def session(self, minutes: int, pause: int = 0, **facts: Any) -> str:
        """A session of so many connected minutes, in two halves if there is a pause."""
        asked = self.world.request(self.org, **facts.pop("request", {}))
        asked = replace(asked, **facts)
        await self.world.joined(asked)
        if pause:
            self.clock.advance(minutes * 30)
            await self.world.sessions.paused(asked.session_id, 1, "relay")
            self.clock.advance(pause * 60)
            await self.world.sessions.resumed(asked.session_id, 2)
            self.clock.advance(minutes * 30)
        else:
            self.clock.advance(minutes * 60)
        await self.world.sessions.ended(asked.session_id, "technician", "technician")
        await self.services.work.catch_up()
        return asked.session_id

    async def at(self, *when: int) -> None:
        """Set the wall clock to an instant in UTC; the administrator signs in again."""
        self.clock.step((datetime(*when, tzinfo=UTC) - self.clock.utc()).total_seconds())  # type: ignore[misc,arg-type]
        self.admin = await self.office.hire(Role.ADMIN)

    async def get(self, path: str) -> Any:
        return (await self._ask("GET", path)).json()

    async def send(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        answer = await self._ask(method, path, body)
        assert answer.status_code == expect, answer.text
        return answer.json()

    async def _ask(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        async with self.office.client(self.admin) as client:
            return await client.request(method, API + path, json=body)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with office(tmp_path) as made:
        yield Desk(made, await made.hire(Role.ADMIN))


@pytest.mark.clause("Q2")
async def test_a_session_without_contract_costs_the_tariff_and_says_why(desk: Desk) -> None:
    await desk.adopt("quasar")
    session = await desk.session(68)
    (work,) = (await desk.get(f"/time-entries?session={session}"))["items"]
    assert (work["billable_seconds"], work["rounded_minutes"], work["net"], work["currency"]) == (
        4080,
        90,
        "67.50",
        "EUR",
    )
    assert work["explanation"][-1] == "Q2: 90 min at 45.00 EUR an hour: 0.00 EUR → 67.50 EUR"


@pytest.mark.clause("Q2")
async def test_a_pause_is_not_billed(desk: Desk) -> None:
    await desk.adopt("quasar")
    session = await desk.session(60, pause=45)
    (work,) = (await desk.get(f"/time-entries?session={session}"))["items"]
    assert (work["billable_seconds"], work["net"]) == (3600, "45.00")


async def test_a_wall_clock_that_is_set_in_mid_session_changes_no_bill(desk: Desk) -> None:
    await desk.adopt("quasar")
    asked = await desk.world.joined(desk.world.request(desk.org))
    desk.clock.advance(1800)
    desk.clock.step(-86_400)
    desk.clock.advance(1800)
    await desk.world.sessions.ended(asked.session_id, "technician", "technician")
    await desk.services.work.catch_up()
    (work,) = (await desk.get(f"/time-entries?session={asked.session_id}"))["items"]
    assert work["billable_seconds"] == 3600


async def test_a_session_is_charged_once_however_often_the_log_is_read(desk: Desk) -> None:
    await desk.adopt("quasar")
    await desk.session(30)
    assert await desk.services.work.catch_up() == 0
    assert len((await desk.get("/time-entries"))["items"]) == 1


async def test_a_session_that_was_never_joined_becomes_no_work(desk: Desk) -> None:
    await desk.adopt("quasar")
    asked = await desk.world.consented(desk.world.request(desk.org))
    await desk.world.sessions.ended(asked.session_id, "refused", "customer")
    await desk.services.work.catch_up()
    assert (await desk.get("/time-entries"))["items"] == []


@pytest.mark.clause("I4", "I6")
async def test_a_plan_pays_until_it_is_empty_and_the_rest_is_at_the_tariff(desk: Desk) -> None:
    await desk.adopt("informapuntcom")
    customer = await desk.customer()
    contract = await desk.contract(customer, "support", months=12, minutes=50)
    await desk.at(2026, 11, 23, 9, 0)
    session = await desk.session(70, customer_id=customer)
    (work,) = (await desk.get(f"/time-entries?session={session}"))["items"]
    assert (work["from_balance_minutes"], work["charged_minutes"], work["net"]) == (50, 20, "20.00")
    assert await desk.balance(contract) == 0
    ledger = await desk.get(f"/contracts/{contract}/ledger")
    assert [(entry["minutes"], entry["reason"]) for entry in ledger["entries"]] == [(50, "purchase"), (-50, "use")]


@pytest.mark.clause("I3")
async def test_time_entered_by_hand_is_rated_like_a_session(desk: Desk) -> None:
    await desk.adopt("informapuntcom")
    customer = await desk.customer()
    contract = await desk.contract(customer, "support", months=12, minutes=100)
    body = {
        "means": "phone", "start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:12:30+01:00",
        "customer_id": customer, "urgent": True,
    }  # fmt: skip
    work = await desk.send("POST", "/time-entries", body, 201)
    assert (work["rounded_minutes"], await desk.balance(contract)) == (43, 57)


async def test_what_the_terms_do_not_serve_is_held_until_somebody_decides(desk: Desk) -> None:
    await desk.adopt("informapuntcom")
    customer = await desk.customer()
    await desk.at(2026, 11, 23, 9, 0)
    session = await desk.session(30, customer_id=customer)
    (work,) = (await desk.get("/time-entries?state=held"))["items"]
    assert (work["session_id"], work["held_clause"], work["net"]) == (session, "I8", None)
    assert "no contract in force" in work["held_reason"]
    accepted = await desk.send("PATCH", f"/time-entries/{work['id']}", {"urgent": True, "accepted": True})
    assert (accepted["state"], accepted["revision"], accepted["net"]) == ("charged", 2, "30.00")


async def test_a_revision_gives_back_what_the_one_before_took(desk: Desk) -> None:
    await desk.adopt("easi")
    customer = await desk.customer()
    contract = await desk.contract(customer, "poliza", months=6, size="hours5", start=date(2026, 11, 1))
    await desk.at(2026, 11, 24, 15, 0)
    await desk.session(5, customer_id=customer)
    await desk.at(2026, 11, 24, 16, 0)
    session = await desk.session(60, customer_id=customer)
    assert await desk.balance(contract) == 300 - 10 - 70
    (work,) = (await desk.get(f"/time-entries?session={session}"))["items"]
    again = await desk.send("PATCH", f"/time-entries/{work['id']}", {"warranty": True})
    assert (again["basis"], again["from_balance_minutes"], await desk.balance(contract)) == ("free", 0, 290)
    dismissed = await desk.send("POST", f"/time-entries/{work['id']}/dismiss")
    assert (dismissed["state"], await desk.balance(contract)) == ("dismissed", 290)


async def test_the_time_of_a_session_cannot_be_changed(desk: Desk) -> None:
    await desk.adopt("quasar")
    await desk.session(30)
    (work,) = (await desk.get("/time-entries"))["items"]
    await desk.send("PATCH", f"/time-entries/{work['id']}", {"end": "2026-11-22T12:00:01Z"}, 409)


async def test_two_sessions_of_one_customer_at_once_are_not_charged_twice(desk: Desk) -> None:
    await desk.adopt("quasar")
    customer = await desk.customer()
    body = {"means": "phone", "start": "2026-11-22T12:10:00Z", "end": "2026-11-22T12:40:00Z", "customer_id": customer}
    await desk.send("POST", "/time-entries", body, 201)
    await desk.session(30, customer_id=customer)
    assert [work["state"] for work in (await desk.get("/time-entries"))["items"]] == ["charged", "held"]


@pytest.mark.clause("I15")
async def test_a_running_contract_keeps_the_policy_it_was_made_with(desk: Desk) -> None:
    await desk.adopt("informapuntcom")
    customer = await desk.customer()
    await desk.contract(customer, "support", months=12, minutes=10)
    dearer = files.parse(
        (files.FOLDER / "informapuntcom.toml").read_text("utf-8").replace('hourly = "60.00"', 'hourly = "90.00"'), "x"
    )
    await desk.services.policies.adopt(desk.org, dearer, desk.admin.id)
    await desk.at(2026, 11, 23, 9, 0)
    session = await desk.session(70, customer_id=customer)
    (work,) = (await desk.get(f"/time-entries?session={session}"))["items"]
    assert work["net"] == "60.00", "an hour past the balance, at the price of then"


async def test_contracts_of_one_customer_do_not_overlap(desk: Desk) -> None:
    await desk.adopt("easi")
    customer = await desk.customer()
    await desk.contract(customer, "poliza", months=6, size="hours5")
    body = {"customer_id": customer, "plan": "iguala", "start": "2026-06-30", "months": 6, "size": "small"}
    await desk.send("POST", "/contracts", body, 409)
    made = await desk.send("POST", "/contracts", body | {"start": "2026-07-01"}, 201)
    assert (made["end"], made["minutes"]) == ("2026-12-31", 240)


@pytest.mark.clause("R1")
async def test_a_bigger_licence_counts_at_once(desk: Desk) -> None:
    await desk.adopt("remote-utilities")
    customer = await desk.customer()
    contract = await desk.contract(customer, "PLUS", end=date(2026, 12, 31))
    made = await desk.send("POST", f"/contracts/{contract}/plan", {"plan": "SITE"})
    assert (made["plan"], made["start"], made["in_force"]) == ("SITE", "2026-11-22", True)
    assert (await desk.get(f"/contracts/{contract}"))["in_force"] is False


@pytest.mark.clause("I11", "I12")
async def test_a_missed_appointment_costs_its_half_hour_from_the_balance(desk: Desk) -> None:
    await desk.adopt("informapuntcom")
    customer = await desk.customer()
    contract = await desk.contract(customer, "support", months=12, minutes=100)
    at = int(datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp())
    await desk.services.work.record_missed(desk.org, customer, "no_show", at, desk.admin.id)
    assert await desk.balance(contract) == 70


async def test_an_operator_sees_only_their_own_work(desk: Desk) -> None:
    await desk.adopt("quasar")
    await desk.session(30)
    other = await desk.office.hire(Role.OPERATOR, name="Ana Ruiz")
    async with desk.office.client(other) as client:
        assert (await client.get(f"{API}/time-entries")).json()["items"] == []
        (work,) = (await desk.get("/time-entries"))["items"]
        assert (await client.get(f"{API}/time-entries/{work['id']}")).status_code == 404


async def test_every_charge_can_be_computed_again_from_the_log(desk: Desk) -> None:
    await history(desk)
    checked = await verify(desk.services.store, desk.org)
    assert (checked.charges, checked.differences) == (5, ())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("UPDATE work SET net_minor = net_minor + 1 WHERE session_id IS NOT NULL", "net"),
        ("UPDATE work SET state = 'dismissed'", "state"),
        ("DELETE FROM ledger WHERE reason = 'use'", "ledger"),
        ("DELETE FROM work", "work"),
        ("UPDATE policies SET text = replace(text, '60.00', '61.00')", "policy"),
    ],
)
async def test_a_changed_bill_is_found_and_named(desk: Desk, change: str, field: str) -> None:
    await history(desk)
    async with desk.services.store.transaction() as db:
        await db.execute(text(change))
    engine_of.cache_clear()
    checked = await verify(desk.services.store, desk.org)
    assert field in {one.field for one in checked.differences}


def test_a_command_recomputes_the_bills(tmp_path: Path) -> None:
    async def filled() -> None:
        async with office(tmp_path) as made:
            await history(Desk(made, await made.hire(Role.ADMIN)))

    asyncio.run(filled())
    said = CliRunner().invoke(app, ["bill", "verify", "--data", str(tmp_path)])
    assert (said.exit_code, "5 charges" in said.output) == (0, True), said.output


async def history(desk: Desk) -> None:
    """A month at a provider whose every rule leaves a trace: a plan that runs out, a revision, a missed appointment."""
    await desk.adopt("informapuntcom")
    customer = await desk.customer()
    await desk.contract(customer, "support", months=12, minutes=150)
    await desk.at(2026, 11, 23, 9, 0)
    session = await desk.session(40, pause=5, customer_id=customer)
    (work,) = (await desk.get(f"/time-entries?session={session}"))["items"]
    await desk.send("PATCH", f"/time-entries/{work['id']}", {"urgent": True})
    at = int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())
    await desk.services.work.record_missed(desk.org, customer, "no_show", at, desk.admin.id)
    await desk.at(2026, 11, 24, 11, 0)
    await desk.session(90, customer_id=customer)
    await desk.at(2026, 11, 25, 9, 0)
    await desk.session(10, customer_id=customer)
    (held,) = (await desk.get("/time-entries?state=held"))["items"]
    await desk.send("PATCH", f"/time-entries/{held['id']}", {"urgent": True, "accepted": True})


async def test_invoices_are_computed_again_too_and_a_changed_one_is_named(desk: Desk) -> None:
    await history(desk)
    (customer,) = {work["customer_id"] for work in (await desk.get("/time-entries"))["items"]}
    (first,) = (await desk.send("POST", "/invoices", {"customer_id": customer}, 201))["items"]
    await desk.send("POST", f"/invoices/{first['id']}/cancel", {})
    await desk.send("POST", "/invoices", {"customer_id": customer}, 201)
    checked = await verify(desk.services.store, desk.org)
    assert (checked.invoices, checked.differences) == (3, ()), "the bill, its credit note, and the bill anew"
