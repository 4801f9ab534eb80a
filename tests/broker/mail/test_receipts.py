"""Receipts: a session ends, and its customer reads what it comes to, why, and where to rate the help."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from broker.contracts.service import NewContract
from broker.mail.letter import Letter
from broker.mail.service import SEALED_FOR
from broker.permissions import Role
from broker.policies import files
from broker.store.mail_tables import MailRow
from tests.support.live_broker import Operator
from tests.support.log import LogWorld
from tests.support.office import Office, office


class Desk:
    """An office whose sessions are made by hand, and whose letters are read before they go."""

    def __init__(self, made: Office, admin: Operator) -> None:
        self.office, self.admin, self.org, self.services = made, admin, made.home.id, made.services
        self.world = LogWorld(made.services.store, made.clock)

    async def customer(self, **values: Any) -> str:
        values = {"name": "Talleres <b>Núñez</b>", "email": "ana@talleres.example"} | values
        return (await self.services.customers.add(self.org, values)).id

    async def session(self, minutes: int, customer_id: str | None) -> str:
        asked = replace(self.world.request(self.org), customer_id=customer_id)
        await self.world.joined(asked)
        self.office.clock.advance(minutes * 60)
        await self.world.sessions.ended(asked.session_id, "technician", "technician")
        await self.services.work.catch_up()
        row = await self.services.work.of_session(self.org, asked.session_id)
        assert row is not None
        return row.id

    async def letters(self) -> list[Letter]:
        async with self.services.store.reading() as db:
            rows = list(await db.scalars(select(MailRow).order_by(MailRow.made_utc)))
        unseal = self.services.keys.unseal
        return [Letter.from_bytes(unseal(SEALED_FOR, row.sealed, row.id)) for row in rows if row.sealed]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with office(tmp_path) as made:
        admin = await made.hire(Role.ADMIN)
        await made.services.policies.adopt(made.home.id, files.load("quasar"), admin.id)
        yield Desk(made, admin)


async def test_the_customer_reads_what_a_session_costs_and_why(desk: Desk) -> None:
    await desk.session(68, await desk.customer())
    (got,) = await desk.letters()
    assert got.subject == "Recibo de su sesión · Soporte Cuásar"
    for words in (
        "Conectados, sin pausas: 1:08:00",
        "Importe sin impuestos: 67,50",
        "Impuesto: 14,18",
        "Total: 81,68",
        "Q2: 90 min",
    ):
        assert words in got.text.replace("\xa0", " "), got.text
    assert re.search(r"https://support\.example/opinion#[\w-]{43}\n", got.text)


async def test_what_comes_from_records_is_escaped_in_html(desk: Desk) -> None:
    await desk.session(10, await desk.customer())
    (got,) = await desk.letters()
    assert "Talleres <b>Núñez</b>" in got.text
    assert "Talleres &lt;b&gt;Núñez&lt;/b&gt;" in got.html


async def test_it_is_in_the_customers_language(desk: Desk) -> None:
    await desk.session(10, await desk.customer(lang="en"))
    (got,) = await desk.letters()
    assert got.subject == "Receipt of your session · Soporte Cuásar"


async def test_a_contract_is_named_with_what_is_left(desk: Desk) -> None:
    await desk.services.policies.adopt(desk.org, files.load("easi"), desk.admin.id)
    customer = await desk.customer(lang="en")
    wanted = NewContract(customer, "poliza", date(2026, 10, 1), months=6, minutes=600)
    contract = await desk.services.contracts.make(desk.org, wanted, desk.admin.id)
    await desk.session(60, customer)
    (got,) = await desk.letters()
    left = (await desk.services.contracts.get(desk.org, contract.row.id)).balance_minutes
    assert f"Minutes left in your plan: {left}\n" in got.text
    assert contract.row.number in got.text


async def test_a_note_brings_no_second_receipt_and_another_amount_brings_a_corrected_one(desk: Desk) -> None:
    work = await desk.session(68, await desk.customer(lang="en"))
    await desk.services.work.revise(desk.org, work, {"note": "Changed the cable"}, desk.admin.id)
    assert len(await desk.letters()) == 1
    desk.office.clock.advance(60)
    await desk.services.work.revise(desk.org, work, {"warranty": True}, desk.admin.id)
    _, corrected = await desk.letters()
    assert corrected.subject.startswith("Corrected receipt")
    assert "opinion#" not in corrected.text, "the first one's link still holds"
    desk.office.clock.advance(60)
    await desk.services.work.dismiss(desk.org, work, desk.admin.id)
    assert "this session is not charged" in (await desk.letters())[-1].text


@pytest.mark.parametrize("who", ["nobody", "no address", "erased"])
async def test_nobody_is_written_to_without_an_address(desk: Desk, who: str) -> None:
    customer = None if who == "nobody" else await desk.customer(email="" if who == "no address" else "ana@ruiz.example")
    if customer is not None and who == "erased":
        await desk.services.customers.erase(desk.org, customer, desk.admin.id)
    await desk.session(10, customer)
    assert await desk.letters() == []
