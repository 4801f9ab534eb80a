"""A payment service says that an order was paid: signed, just now, and once (T1)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.broker.orders.conftest import TOTAL, PaymentService, Shop


def told(**changed: Any) -> bytes:
    return json.dumps({"order_number": 1, "amount": TOTAL, "currency": "CLP", "reference": "pay_1", **changed}).encode()


async def standing(shop: Shop, order_id: str) -> tuple[str, str, int]:
    found = await shop.look(order_id)
    return found["state"], found["paid"], len(found["payments"])


@pytest.mark.clause("T1")
async def test_a_signed_word_opens_remote_attention_at_once(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    assert await payments.tell(told()) == 204
    assert await standing(shop, made["id"]) == ("paid", TOTAL, 1)
    paid = await shop.desk.services.orders.paid_order(shop.desk.home.id, shop.customer_id, "reinstall")
    assert paid is not None
    assert paid.id == made["id"]
    assert (await shop.look(made["id"]))["payments"][0]["by_operator"] is None


async def test_delivered_again_it_changes_nothing_and_answers_the_same(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    for _ in range(3):
        assert await payments.tell(told()) == 204
    assert await payments.tell(told(), id="msg_2") == 204, "the same payment under another id"
    assert await standing(shop, made["id"]) == ("paid", TOTAL, 1)
    assert await payments.tell(told(amount="1"), id="msg_3") == 409, "the same reference, another amount"
    assert await standing(shop, made["id"]) == ("paid", TOTAL, 1)


@pytest.mark.clause("E10")
async def test_too_small_an_amount_leaves_it_unpaid(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    assert await payments.tell(told(amount="1000")) == 204
    found = await shop.look(made["id"])
    assert (found["state"], found["missing"]) == ("unpaid", "52550")
    assert "52.550" in found["note"]
    assert await payments.tell(told(amount="52550", reference="pay_2"), id="msg_2") == 204
    assert await standing(shop, made["id"]) == ("paid", TOTAL, 2)


async def test_what_the_secret_has_not_signed_just_now_is_refused(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    now = datetime.now(UTC)
    forged = PaymentService(shop, "whsec_" + "A" * 44)
    assert await forged.tell(told()) == 401
    for minutes in (-10, 10):
        assert await payments.tell(told(), at=now + timedelta(minutes=minutes)) == 401
    for headers in (
        {"webhook-signature": ""}, {"webhook-signature": "v1,!!!"}, {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b"}, {"webhook-signature": "v2,AAAA"}, {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e400"}, {"webhook-id": ""}, {"webhook-id": "other"},
    ):  # fmt: skip
        assert await payments.tell(told(), headers=headers) == 401, headers
    assert await payments.tell(told(), id="x" * 201) == 401
    assert await payments.tell(b"\xff\xfe") == 401
    assert await standing(shop, made["id"]) == ("unpaid", "0", 0)


async def test_a_signed_message_that_is_no_payment_is_refused(shop: Shop, payments: PaymentService) -> None:
    made = await shop.ordered()
    for body, status in (
        (b"", 422), (b"{}", 422), (b"[1]", 422), (told(amount=53550), 422), (told(amount="53550.5"), 422),
        (told(amount="-1"), 422), (told(currency="EUR"), 422), (told(reference=""), 422), (told(order_number="1"), 422),
        (told(order_number=2), 404), (told(order_number=2**40), 422), (told(more=1), 422),
    ):  # fmt: skip
        assert await payments.tell(body) == status, body
    assert await standing(shop, made["id"]) == ("unpaid", "0", 0)
    assert await payments.tell(told()) == 204, "what was refused was not taken"


async def test_a_new_secret_ends_the_one_before_and_is_nowhere_in_the_database(
    shop: Shop, payments: PaymentService
) -> None:
    await shop.ordered()
    async with shop.client(shop.admin) as admin:
        renewed = (await admin.put("/api/v1/orders/webhook-secret")).json()["secret"]
    assert await payments.tell(told()) == 401
    assert await PaymentService(shop, renewed).tell(told()) == 204
    folder = shop.desk.services.settings.data_dir
    for file in folder.glob("relevo.db*"):
        for secret in (payments.secret, renewed):
            raw = secret.removeprefix("whsec_")
            assert raw.encode() not in file.read_bytes()
            assert base64.b64decode(raw) not in file.read_bytes()


async def test_without_a_secret_nobody_can_sign(shop: Shop) -> None:
    await shop.ordered()
    assert await PaymentService(shop, "whsec_" + "A" * 44).tell(told()) == 401
