"""A provider of prepaid services, with a customer; a payment service that signs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from broker.permissions import Role
from broker.policies import files
from tests.support.live_broker import Operator
from tests.support.office import Office, office

RUIZ: dict[str, Any] = {"name": "Almacén Ruiz", "email": "ana@ruiz.example", "phone": "+56 9 1234 5678"}
TOTAL = "53550"
"""45,000 CLP and 19 % IVA."""


@dataclass
class Shop:
    """A provider that sells prepaid services, its people, and a customer in the region."""

    desk: Office
    admin: Operator
    technician: Operator
    customer_id: str

    def client(self, who: Operator | None = None) -> httpx2.AsyncClient:
        return self.desk.client(who)

    async def ordered(self, service: str = "reinstall", **more: Any) -> dict[str, Any]:
        async with self.client(self.technician) as technician:
            body = {"customer_id": self.customer_id, "service": service, **more}
            answer = await technician.post("/api/v1/orders", json=body)
            assert answer.status_code == 201, answer.text
            made: dict[str, Any] = answer.json()
            return made

    async def look(self, order_id: str) -> dict[str, Any]:
        async with self.client(self.technician) as technician:
            found: dict[str, Any] = (await technician.get(f"/api/v1/orders/{order_id}")).json()
            return found

    async def pay(self, order_id: str, **body: Any) -> httpx2.Response:
        async with self.client(self.admin) as admin:
            return await admin.post(f"/api/v1/orders/{order_id}/payments", json=body)


@dataclass
class PaymentService:
    """What tells the provider that a customer paid."""

    shop: Shop
    secret: str

    async def tell(
        self, body: bytes, *, id: str = "msg_1", at: datetime | None = None, headers: dict[str, str] | None = None
    ) -> int:
        """Deliver a message, and give the answer's status."""
        at = at or datetime.now(UTC)
        signed = {
            "webhook-id": id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(id, at, body.decode("utf-8", "replace")),
            **(headers or {}),
        }
        path = f"/api/v1/public/organisations/{self.shop.desk.home.id}/webhooks/payments"
        async with self.shop.client() as client:
            return int((await client.post(path, content=body, headers=signed)).status_code)


async def opened(desk: Office) -> Shop:
    """The provider's policy is in force, and it has a customer."""
    admin, technician = await desk.hire(Role.ADMIN), await desk.hire(Role.OPERATOR, name="Luis Gil")
    await desk.services.policies.adopt(desk.home.id, files.load("itplusnet"), admin.id)
    customer = await desk.services.customers.add(desk.home.id, RUIZ)
    return Shop(desk, admin, technician, customer.id)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with office(tmp_path / "data") as desk:
        yield await opened(desk)


@pytest.fixture
async def payments(shop: Shop) -> PaymentService:
    async with shop.client(shop.admin) as admin:
        return PaymentService(shop, (await admin.put("/api/v1/orders/webhook-secret")).json()["secret"])
