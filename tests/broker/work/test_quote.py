"""May they have a session now, and at what price: as a technician's page asks it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from broker.contracts.service import NewContract
from broker.permissions import Role
from broker.policies import files
from tests.support.live_broker import Operator
from tests.support.office import Office

API = "/api/v1"


async def at_work(desk: Office, policy: str, *when: int) -> Operator:
    """A technician of a provider with that policy, at an instant in UTC."""
    desk.clock.step((datetime(*when, tzinfo=UTC) - desk.clock.utc()).total_seconds())  # type: ignore[misc,arg-type]
    who = await desk.hire(Role.OPERATOR)
    await desk.services.policies.adopt(desk.home.id, files.load(policy), who.id)
    return who


async def test_without_a_policy_there_is_nothing_to_say(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.OPERATOR)) as client:
        answer = (await client.get(f"{API}/quote")).json()
        assert answer == {"why_not": "", "knows_urgency": False, "tariff": None, "charging": None}
        assert (await client.get(f"{API}/customers/recognise?reference=INF-1")).status_code == 404


@pytest.mark.clause("I8", "I9")
async def test_a_recognised_customer_is_served_by_contract_and_nobody_at_night(desk: Office) -> None:
    who = await at_work(desk, "informapuntcom", 2026, 11, 23, 10)
    ana = await desk.services.customers.add(desk.home.id, {"name": "Ana"})
    made = await desk.services.contracts.make(
        desk.home.id, NewContract(ana.id, "support", date(2026, 1, 1), date(2026, 12, 31), minutes=600), who.id
    )
    async with desk.client(who) as client:
        found = (await client.get(f"{API}/customers/recognise", params={"reference": made.row.number})).json()
        assert found["id"] == ana.id
        quoted = (await client.get(f"{API}/quote", params={"customer": ana.id})).json()
        assert quoted["why_not"] == ""
        assert quoted["knows_urgency"] is True
        assert (quoted["charging"]["covers"], quoted["charging"]["minutes_left"]) == ("balance", 600)
    who = await at_work(desk, "informapuntcom", 2026, 11, 23, 23)
    async with desk.client(who, **{"Accept-Language": "es"}) as client:
        quoted = (await client.get(f"{API}/quote", params={"customer": ana.id})).json()
        assert quoted["charging"] is None
        assert "2026-11-24 09:00 (Europe/Madrid)" in quoted["why_not"]


async def test_past_the_balance_the_contracts_own_price_is_quoted(desk: Office) -> None:
    who = await at_work(desk, "easi", 2026, 11, 23, 18)
    ana = await desk.services.customers.add(desk.home.id, {"name": "Ana"})
    wanted = NewContract(
        ana.id, "poliza", date(2026, 1, 1), date(2026, 12, 31), minutes=600, excess_hourly=Decimal("321.50")
    )
    await desk.services.contracts.make(desk.home.id, wanted, who.id)
    async with desk.client(who) as client:
        quoted = (await client.get(f"{API}/quote", params={"customer": ana.id})).json()
    assert (quoted["charging"]["covers"], quoted["tariff"]["unit_minor"]) == ("balance", 32_150)


@pytest.mark.clause("T1")
async def test_a_prepaid_service_is_refused_until_its_order_is_paid(desk: Office) -> None:
    who = await at_work(desk, "itplusnet", 2026, 11, 25, 13)  # ten o'clock in Santiago
    ana = await desk.services.customers.add(desk.home.id, {"name": "Ana"})
    made = await desk.services.orders.make(desk.home.id, ana.id, "reinstall", None, None, who.id)
    asked = {"customer": ana.id, "order": made.order.row.id}
    async with desk.client(who) as client:
        none = (await client.get(f"{API}/quote", params={"customer": ana.id})).json()
        assert none["why_not"] == "Not now: Help is for a service that was ordered and paid beforehand."
        unpaid = (await client.get(f"{API}/quote", params=asked)).json()
        assert unpaid["why_not"] == "Not now: Order 1 has not been paid yet."
        await desk.services.order_payments.confirm(desk.home.id, made.order.row.id, None, None, who.id)
        paid = (await client.get(f"{API}/quote", params=asked)).json()
        assert (paid["why_not"], paid["charging"]["covers"], paid["tariff"]["unit_minor"]) == ("", "fixed", 45_000)


@pytest.mark.clause("E1", "E10")
async def test_a_quoted_event_waits_for_the_whole_payment_and_then_costs_what_was_quoted(desk: Office) -> None:
    who = await at_work(desk, "easi", 2026, 12, 1, 16)  # ten o'clock in Mexico City
    ana = await desk.services.customers.add(desk.home.id, {"name": "Ana"})
    made = await desk.services.orders.make(desk.home.id, ana.id, "event", Decimal("900.00"), None, who.id)
    asked = {"customer": ana.id, "order": made.order.row.id}
    async with desk.client(who) as client:
        await desk.services.order_payments.confirm(desk.home.id, made.order.row.id, Decimal(500), None, who.id)
        part = (await client.get(f"{API}/quote", params=asked)).json()
        assert part["why_not"] == "Not now: Order 1 has not been paid yet."
        await desk.services.order_payments.confirm(desk.home.id, made.order.row.id, None, None, who.id)
        paid = (await client.get(f"{API}/quote", params=asked)).json()
    assert (paid["why_not"], paid["charging"]["covers"], paid["tariff"]["unit_minor"]) == ("", "fixed", 90_000)
