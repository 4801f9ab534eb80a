"""Who is it: by contract number, registered e-mail or licence key, as the policy says (I8, R6)."""

from datetime import date

import pytest

from broker.customers.errors import SeveralCustomers
from broker.customers.service import Customer
from broker.ids import new_id
from broker.policies import files
from broker.policies.schema import Policy
from broker.store.billing_tables import ContractRow
from tests.support.office import Office

BY_CONTRACT = files.load("informapuntcom")
BY_EMAIL_OR_KEY = files.load("remote-utilities")


def policy(*ways: str) -> Policy:
    return BY_CONTRACT.model_copy(update={"recognised_by": ways})


async def customer(desk: Office, name: str, **fields: str) -> Customer:
    return await desk.services.customers.add(desk.home.id, {"name": name, **fields})


async def contract(desk: Office, owner: Customer, number: str) -> None:
    async with desk.services.store.transaction() as db:
        db.add(
            ContractRow(
                id=new_id(), org_id=owner.org_id, customer_id=owner.id, number=number, plan="support",
                start=date(2026, 1, 1), end=date(2026, 12, 31), minutes=600, policy_sha256="0" * 64,
                created_utc=desk.clock.utc(),
            )
        )  # fmt: skip


@pytest.mark.clause("I8")
async def test_a_contract_number_names_its_customer(desk: Office) -> None:
    ana = await customer(desk, "Talleres Ruiz")
    await contract(desk, ana, "INF-2026-1")
    recognise = desk.services.customers.recognise
    assert await recognise(desk.home.id, "  INF-2026-1 ", policy("contract_number")) == ana
    for reference in ("INF-2026-2", "", "   ", "Talleres Ruiz", "%", "x" * 5_000):
        assert await recognise(desk.home.id, reference, policy("contract_number", "email", "licence_key")) is None


@pytest.mark.clause("R6")
async def test_an_address_in_any_spelling_or_a_licence_key_names_its_customer(desk: Office) -> None:
    ana = await customer(desk, "Ana", email="ana@ruiz.example", licence_key="LK-1")
    luis = await customer(desk, "Luis")
    await desk.services.customers.add_contact(desk.home.id, luis.id, "Eva", "eva@gil.example", "")
    recognise = desk.services.customers.recognise
    assert await recognise(desk.home.id, "ANA@Ruiz.example", BY_EMAIL_OR_KEY) == ana
    assert await recognise(desk.home.id, "eva@gil.example", BY_EMAIL_OR_KEY) == luis
    assert await recognise(desk.home.id, "LK-1", BY_EMAIL_OR_KEY) == ana


async def test_only_the_ways_that_the_policy_names_count(desk: Office) -> None:
    ana = await customer(desk, "Ana", email="ana@ruiz.example", licence_key="LK-1")
    await contract(desk, ana, "C-1")
    references = {"contract_number": "C-1", "email": "ana@ruiz.example", "licence_key": "LK-1"}
    for way in references:
        for named, reference in references.items():
            found = await desk.services.customers.recognise(desk.home.id, reference, policy(way))
            assert found == (ana if named == way else None), (way, named)


async def test_what_several_customers_share_names_none_of_them(desk: Office) -> None:
    for name in ("Ana", "Luis"):
        await customer(desk, name, email="info@shared.example")
    with pytest.raises(SeveralCustomers, match="contract number"):
        await desk.services.customers.recognise(desk.home.id, "info@shared.example", BY_EMAIL_OR_KEY)


async def test_one_customer_found_in_two_ways_is_one(desk: Office) -> None:
    ana = await customer(desk, "Ana", email="info@ruiz.example")
    await desk.services.customers.add_contact(desk.home.id, ana.id, "Eva", "info@ruiz.example", "")
    assert await desk.services.customers.recognise(desk.home.id, "info@ruiz.example", BY_EMAIL_OR_KEY) == ana


async def test_another_organisations_customer_is_a_stranger(desk: Office) -> None:
    await customer(desk, "Ana", email="ana@ruiz.example")
    elsewhere = await desk.services.organisations.add("Otra casa")
    assert await desk.services.customers.recognise(elsewhere.id, "ana@ruiz.example", BY_EMAIL_OR_KEY) is None
