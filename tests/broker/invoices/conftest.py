"""An office that bills: a policy, customers, work entered by hand, and a clock to turn."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from broker.contracts.service import NewContract
from broker.ids import new_id
from broker.log.events import AnyEvent, from_stored
from broker.permissions import Role
from broker.policies import files
from broker.store.billing_tables import CustomerRow, WorkRow
from broker.store.log_tables import LogEventRow
from broker.work.service import NewWork
from tests.support.live_broker import Operator, sign_in
from tests.support.office import Office, office

API = "/api/v1"
MONDAY = datetime(2026, 11, 9, 16, 0, tzinfo=UTC)
"""10:00 in Mexico City, 17:00 in Madrid, 13:00 in Santiago: served everywhere."""


class Books:
    """What a test holds."""

    def __init__(self, made: Office, admin: Operator) -> None:
        self.office, self.admin, self.org = made, admin, made.home.id
        self.services, self.clock = made.services, made.clock

    async def adopt(self, policy: str, org: str = "") -> None:
        await self.services.policies.adopt(org or self.org, files.load(policy), self.admin.id)

    async def customer(self, name: str = "Talleres Núñez", org: str = "", **more: Any) -> str:
        row = CustomerRow(id=new_id(), org_id=org or self.org, name=name, created_utc=self.clock.utc(), **more)
        async with self.services.store.transaction() as db:
            db.add(row)
        return row.id

    async def status(self, customer: str) -> str:
        return (await self.services.customers.get(self.org, customer)).status

    async def contract(self, customer: str, plan: str, **more: Any) -> str:
        wanted = NewContract(customer, plan, more.pop("start", date(2026, 11, 1)), **more)
        return (await self.services.contracts.make(self.org, wanted, self.admin.id)).row.id

    async def work(self, customer: str, minutes: int = 60, begins: datetime = MONDAY, **facts: Any) -> WorkRow:
        """Work that was entered by hand and charged."""
        start = int(begins.timestamp())
        new = NewWork(facts.pop("means", "session"), start, start + minutes * 60, customer_id=customer, **facts)
        row = await self.services.work.record(self.org, new, self.admin.id)
        assert row.state == "charged", row.held_reason
        return row

    def at(self, *when: int) -> None:
        """Set the wall clock to an instant in UTC."""
        self.clock.step((datetime(*when, tzinfo=UTC) - self.clock.utc()).total_seconds())  # type: ignore[misc,arg-type]

    def later(self, **time: float) -> None:
        self.clock.advance(timedelta(**time).total_seconds())

    async def bill(self, customer: str, **more: Any) -> dict[str, Any]:
        """The one invoice that is made of what is there."""
        made = await self.send("POST", "/invoices", {"customer_id": customer, **more}, 201)
        (only,) = made["items"]
        return dict(only)

    async def billed(self, minutes: int = 60) -> dict[str, Any]:
        """An invoice for a new customer's work."""
        customer = await self.customer()
        await self.work(customer, minutes)
        return await self.bill(customer)

    async def get(self, path: str, expect: int = 200) -> Any:
        return await self.send("GET", path, None, expect)

    async def send(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        answer = await self.ask(method, path, body)
        assert answer.status_code == expect, answer.text
        return answer.json()

    async def ask(self, method: str, path: str, body: Any = None, who: Operator | None = None) -> httpx2.Response:
        """A request; the administrator's sign-in is fresh, however far the clock was turned."""
        if who is None:
            async with self.services.store.transaction() as db:
                who = sign_in(db, self.clock, self.admin.id, self.admin.name)
        async with self.office.client(who) as client:
            return await client.request(method, API + path, json=body)

    async def events(self, *kinds: type) -> list[AnyEvent]:
        """What the chain holds of these kinds, in order."""
        async with self.services.store.reading() as db:
            stored = await db.scalars(
                select(LogEventRow.stored).where(LogEventRow.org_id == self.org).order_by(LogEventRow.seq)
            )
            told = [from_stored(one).event for one in stored]
        return [event for event in told if isinstance(event, kinds)]


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    async with office(tmp_path) as made:
        opened = Books(made, await made.hire(Role.ADMIN))
        opened.at(2026, 11, 10, 18, 0)
        yield opened
