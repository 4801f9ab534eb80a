"""An order's payment is the payment of its invoice, entered once, whoever says that the money came in (T1, E10)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from broker.work.service import NewWork
from broker.work.verify import verify
from tests.broker.orders.conftest import TOTAL, PaymentService, Shop
from tests.broker.orders.test_webhook import told


async def bills(shop: Shop) -> list[dict[str, Any]]:
    async with shop.client(shop.admin) as admin:
        items: list[dict[str, Any]] = (await admin.get("/api/v1/invoices")).json()["items"]
        return [(await admin.get(f"/api/v1/invoices/{one['id']}")).json() for one in items]


async def send(shop: Shop, path: str, body: Any, expect: int) -> Any:
    async with shop.client(shop.admin) as admin:
        answer = await admin.post(f"/api/v1{path}", json=body)
        assert answer.status_code == expect, answer.text
        return answer.json()


async def agrees(shop: Shop) -> None:
    assert (await verify(shop.desk.services.store, shop.desk.home.id)).differences == ()


@pytest.mark.clause("T1")
async def test_a_webhook_issues_the_invoice_and_pays_it_once(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    for _ in range(3):
        assert await payments.tell(told()) == 204
    assert await payments.tell(told(), id="msg_2") == 204
    (bill,) = await bills(shop)
    assert (bill["state"], bill["total"], bill["paid"], bill["excess"]) == ("paid", TOTAL, TOTAL, "0")
    assert [(one["receipt"], one["amount"], one["reference"]) for one in bill["payments"]] == [(1, TOTAL, "pay_1")]
    assert bill["lines"][0]["title"]["es"].endswith(", pedido 1")
    assert (await shop.look(made["id"]))["invoice_id"] == bill["id"]
    await agrees(shop)


@pytest.mark.clause("T1")
async def test_an_administrators_word_is_enough_and_the_work_is_not_billed_again(shop: Shop) -> None:
    made = await shop.ordered()
    await shop.pay(made["id"])
    start = int(datetime(2026, 11, 20, 14, 0, tzinfo=UTC).timestamp())
    new = NewWork("session", start, start + 5400, customer_id=shop.customer_id, order_id=made["id"])
    work = await shop.desk.services.work.record(shop.desk.home.id, new, shop.technician.id)
    assert (work.state, work.basis, work.net_minor) == ("charged", "order", 45000)
    await send(shop, "/invoices", {"customer_id": shop.customer_id}, 409)
    (bill,) = await bills(shop)
    assert (bill["state"], len(bill["payments"])) == ("paid", 1)
    await agrees(shop)


@pytest.mark.clause("E10")
async def test_parts_have_a_receipt_each_and_too_much_is_in_excess(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    await shop.pay(made["id"], amount="3550", reference="a")
    (bill,) = await bills(shop)
    assert (bill["state"], bill["outstanding"]) == ("open", "50000")
    await shop.pay(made["id"], amount="50000", reference="b")
    assert await payments.tell(told(amount="1000")) == 204
    (bill,) = await bills(shop)
    assert (bill["state"], [one["receipt"] for one in bill["payments"]], bill["excess"]) == ("paid", [1, 2, 3], "1000")
    await send(shop, f"/invoices/{bill['id']}/overpayment", {"choice": "credit"}, 200)
    await agrees(shop)


@pytest.mark.clause("T1")
async def test_an_order_that_is_billed_first_is_paid_by_its_invoices_payment(
    shop: Shop, payments: PaymentService
) -> None:
    made = await shop.ordered()
    body = {"customer_id": shop.customer_id, "orders": [made["id"]]}
    (bill,) = (await send(shop, "/invoices", body, 201))["items"]
    await send(shop, "/invoices", body, 409)
    await send(shop, f"/invoices/{bill['id']}/payments", {"amount": TOTAL, "reference": "pay_1"}, 201)
    assert ((await shop.look(made["id"]))["state"], (await shop.look(made["id"]))["paid"]) == ("paid", TOTAL)
    assert await payments.tell(told()) == 204, "the same reference, by the payment service as well"
    (same,) = await bills(shop)
    assert (same["paid"], len(same["payments"])) == (TOTAL, 1)
    await agrees(shop)


async def test_a_reference_of_another_invoices_payment_is_refused_and_nothing_is_kept(
    shop: Shop, payments: PaymentService
) -> None:
    made = await shop.ordered()
    title = {"es": "Otra cosa", "en": "Something else"}
    body = {"customer_id": shop.customer_id, "purchases": [{"title": title, "net": "100"}]}
    (other,) = (await send(shop, "/invoices", body, 201))["items"]
    await send(shop, f"/invoices/{other['id']}/payments", {"amount": "119", "reference": "pay_1"}, 201)
    assert await payments.tell(told()) == 409
    found = await shop.look(made["id"])
    assert (found["state"], found["paid"], found["invoice_id"]) == ("unpaid", "0", None)
    await agrees(shop)
