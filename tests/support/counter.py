"""A provider's desk for tests: an office with a policy, customers and contracts, asked over HTTP."""

from datetime import UTC, date, datetime
from typing import Any

import httpx2

from broker.contracts.service import Held, NewContract
from broker.ids import new_id
from broker.permissions import Role
from broker.policies import files
from broker.policies.schema import Policy
from broker.store.billing_tables import CustomerRow
from tests.support.live_broker import Operator
from tests.support.office import ADDRESS, Office

API = "/api/v1"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10:00 in Madrid, 03:00 in Mexico City, 01:00 in Los Angeles; a working day in all."""


class Counter:
    """One provider, with a technician who is signed in."""

    def __init__(self, office: Office, technician: Operator, admin: Operator) -> None:
        self.office, self.services, self.clock = office, office.services, office.clock
        self.org, self.technician, self.admin = office.home.id, technician, admin

    @classmethod
    async def opened(cls, office: Office, policy: str | Policy | None) -> "Counter":
        """The desk of a provider with this policy, on a Monday morning."""
        office.clock.step((MONDAY - office.clock.utc()).total_seconds())
        made = cls(office, await office.hire(Role.OPERATOR), await office.hire(Role.ADMIN, name="Ana Ruiz"))
        if policy is not None:
            adopted = files.load(policy) if isinstance(policy, str) else policy
            await made.services.policies.adopt(made.org, adopted, made.admin.id)
        return made

    async def customer(self, name: str = "Talleres Núñez", **more: Any) -> str:
        """A customer; `more` are columns."""
        row = CustomerRow(id=new_id(), org_id=self.org, name=name, created_utc=self.clock.utc(), **more)
        async with self.services.store.transaction() as db:
            db.add(row)
        return row.id

    async def contract(self, customer: str, plan: str, **more: Any) -> Held:
        """A contract of the year 2026."""
        year = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
        wanted = NewContract(customer, plan, **{**year, **more})
        return await self.services.contracts.make(self.org, wanted, self.admin.id)

    async def go_to(self, *when: int) -> None:
        """Set the clock to an instant in UTC; the technician signs in again."""
        self.clock.step((datetime(*when, tzinfo=UTC) - self.clock.utc()).total_seconds())  # type: ignore[misc,arg-type]
        self.technician = await self.office.hire(Role.OPERATOR)
        self.admin = await self.office.hire(Role.ADMIN, name="Ana Ruiz")

    async def ask(
        self, method: str, path: str, body: Any = None, *, who: Operator | None = None, address: str = ADDRESS,
        content: bytes | None = None, **headers: str,
    ) -> httpx2.Response:  # fmt: skip
        """A request of the technician, or of `who`."""
        async with self.office.client(who or self.technician, address) as client:
            return await client.request(method, API + path, json=body, content=content, headers=headers)

    async def get(self, path: str) -> Any:
        """What is answered with 200."""
        return await self.send("GET", path, expect=200)

    async def send(self, method: str, path: str, body: Any = None, expect: int = 200, **more: Any) -> Any:
        """What is answered with `expect`."""
        answer = await self.ask(method, path, body, **more)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        return answer.json()

    async def public(
        self, method: str, path: str, body: Any = None, *, token: str = "", expect: int = 200,
        address: str = "198.51.100.7", content: bytes | None = None, lang: str = "es",
    ) -> Any:  # fmt: skip
        """A customer's request, with the secret if there is one."""
        headers = {"Accept-Language": lang, **({"Relevo-Token": token} if token else {})}
        async with self.office.client(None, address) as client:
            answer = await client.request(method, API + path, json=body, content=content, headers=headers)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        return answer.json()

    async def ticket(self, **said: Any) -> Any:
        """A ticket that came in by e-mail."""
        return await self.send("POST", "/tickets", {"channel": "email", "subject": "No imprime", **said}, 201)
