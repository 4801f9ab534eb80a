"""E9: a block that was bought is cancelled within a day of its payment, and goes back less five per cent."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from broker.log.billing_events import PurchaseRefunded
from broker.permissions import Role
from broker.work.verify import verify
from tests.broker.invoices.conftest import Books

PRICES = {"hours5": "4000.00", "hours10": "7500.00", "hours20": "14000.00"}


class Block:
    """A póliza that was bought, billed and paid."""

    def __init__(self, books: Books, customer: str, contract: str) -> None:
        self.books, self.customer, self.contract = books, customer, contract

    async def look(self) -> dict[str, Any]:
        (only,) = (await self.books.get(f"/contracts/{self.contract}/purchases"))["items"]
        return dict(only)

    async def bill(self) -> dict[str, Any]:
        seq = (await self.look())["seq"]
        net = PRICES[self.size]
        title = {"es": "Póliza de horas", "en": "Block of hours"}
        purchase = {"title": title, "net": net, "contract_id": self.contract, "bought_seq": seq}
        return await self.books.bill(self.customer, purchases=[purchase])

    async def pay(self) -> dict[str, Any]:
        bill = await self.bill()
        await self.books.send("POST", f"/invoices/{bill['id']}/payments", {"amount": bill["total"]}, 201)
        return bill

    async def cancel(self, expect: int = 200) -> dict[str, Any]:
        path = f"/contracts/{self.contract}/purchases/{(await self.look())['seq']}/cancel"
        return dict(await self.books.send("POST", path, None, expect))

    size = "hours10"


async def bought(books: Books, size: str = "hours10") -> Block:
    await books.adopt("easi")
    customer = await books.customer()
    contract = await books.contract(customer, "poliza", start=date(2026, 11, 10), months=6, size=size)
    block = Block(books, customer, contract)
    block.size = size
    return block


@pytest.mark.clause("E9")
async def test_a_block_that_was_not_begun_goes_back_less_five_per_cent(books: Books) -> None:
    block = await bought(books)
    bill = await block.pay()
    books.later(hours=23)
    said = await block.look()
    # 7,500.00 less 375.00, and 16 % on what is left; 72 working hours of nine a day, the 16th is a holiday.
    assert said["refund"] == {"amount": "8265.00", "fee": "375.00", "pay_by_utc": "2026-11-24T17:00:00.000000Z"}
    assert await block.cancel() == said
    gone = await block.look()
    assert (gone["refund"], gone["why_not"]) == (None, "Estos minutos ya se devolvieron")
    await block.cancel(409)
    entries = (await books.get(f"/contracts/{block.contract}/ledger"))["entries"]
    assert [(one["minutes"], one["reason"], one["of_seq"]) for one in entries] == [
        (600, "purchase", None), (-600, "refund", said["seq"]),
    ]  # fmt: skip
    notes = (await books.get(f"/invoices?customer={block.customer}&state=credit"))["items"]
    assert [(note["net"], note["tax"], note["total"], note["due"], note["credit_of"]) for note in notes] == [
        ("-7125.00", "-1140.00", "-8265.00", "2026-11-24", bill["id"]),
    ]  # fmt: skip
    (event,) = await books.events(PurchaseRefunded)
    assert isinstance(event, PurchaseRefunded)
    assert (event.amount, event.fee, event.by_operator) == ("8265.00", "375.00", books.admin.id)
    await books.send("POST", f"/invoices/{bill['id']}/cancel", {}, 409)
    assert (await verify(books.services.store, books.org)).differences == ()


@pytest.mark.clause("E9")
@pytest.mark.parametrize(
    ("size", "hours", "used", "reason"),
    [
        ("hours10", 24.001, 0, "24 h"),
        ("hours5", 1, 0, "300 min"),
        ("hours10", 1, 10, "empezado"),
    ],
)
async def test_otherwise_the_time_stays(books: Books, size: str, hours: float, used: int, reason: str) -> None:
    block = await bought(books, size)
    await block.pay()
    if used:
        await books.work(block.customer, used, datetime(2026, 11, 10, 17, 0, tzinfo=UTC))
    books.later(hours=hours)
    said = await block.look()
    assert (said["refund"], said["clause"]) == (None, "E9")
    assert reason in said["why_not"], said["why_not"]
    left = (await books.get(f"/contracts/{block.contract}"))["balance_minutes"]
    await block.cancel(409)
    assert (await books.get(f"/contracts/{block.contract}"))["balance_minutes"] == left
    assert await books.events(PurchaseRefunded) == []


@pytest.mark.clause("E9")
async def test_of_two_blocks_the_one_that_was_not_begun_goes_back(books: Books) -> None:
    block = await bought(books)
    await block.pay()
    body = {"minutes": 1200, "reason": "purchase"}
    await books.send("POST", f"/contracts/{block.contract}/balance", body)
    second = (await books.get(f"/contracts/{block.contract}/purchases"))["items"][1]["seq"]
    purchase = {
        "title": {"es": "Póliza", "en": "Block"}, "net": "14000.00", "contract_id": block.contract,
        "bought_seq": second,
    }  # fmt: skip
    bill = await books.bill(block.customer, purchases=[purchase])
    again = {"customer_id": block.customer, "purchases": [purchase]}
    await books.send("POST", "/invoices", again, 409)
    await books.send("POST", f"/invoices/{bill['id']}/payments", {"amount": bill["total"]}, 201)
    await books.work(block.customer, 60, datetime(2026, 11, 10, 17, 0, tzinfo=UTC))
    first, other = (await books.get(f"/contracts/{block.contract}/purchases"))["items"]
    assert (first["refund"], other["refund"]["fee"]) == (None, "700.00")
    await books.send("POST", f"/contracts/{block.contract}/purchases/{second}/cancel")
    assert (await books.get(f"/contracts/{block.contract}"))["balance_minutes"] == 530
    assert (await verify(books.services.store, books.org)).differences == ()


async def test_what_is_not_paid_or_not_billed_says_so_and_only_administrators_cancel(books: Books) -> None:
    block = await bought(books)
    assert "ninguna factura" in (await block.look())["why_not"]
    await block.bill()
    said = await block.look()
    assert "no está pagada" in said["why_not"]
    await block.cancel(409)
    auditor = await books.office.hire(Role.AUDITOR)
    path = f"/contracts/{block.contract}/purchases/{said['seq']}/cancel"
    assert (await books.ask("POST", path, None, auditor)).status_code == 403
    await books.send("POST", f"/contracts/{block.contract}/purchases/{said['seq'] + 1}/cancel", None, 404)


@pytest.mark.clause("E9")
async def test_a_false_refund_is_found(books: Books) -> None:
    block = await bought(books)
    bill = await block.pay()
    seq = (await block.look())["seq"]
    wrong = PurchaseRefunded(
        contract_id=block.contract, bought_seq=seq, invoice_id=bill["id"], amount="8700.00", fee="0.00", pay_by=None,
        by_operator=books.admin.id,
    )  # fmt: skip
    async with books.services.work._log.writing() as writer:
        await writer.append(books.org, wrong)
    found = (await verify(books.services.store, books.org)).differences
    assert {(one.field, one.logged) for one in found} >= {("amount", "8700.00"), ("fee", "0.00")}


@pytest.mark.clause("E16")
async def test_what_may_be_billed_is_proposed_with_the_terms_prices(books: Books) -> None:
    block = await bought(books)
    asked = f"/customers/{block.customer}/billable"
    found = await books.get(asked)
    assert [(one["net"], one["title"]["es"]) for one in found["purchases"]] == [
        ("7500.00", "Póliza de horas, contrato C-000001: 600 min")
    ]
    await block.bill()
    assert (await books.get(asked))["purchases"] == []
    renter = await books.customer("Rentas, S. A.")
    order = {"customer_id": renter, "service": "event", "net": "450.00"}
    made = await books.send("POST", "/orders", order, 201)
    contract = await books.contract(renter, "iguala", start=date(2026, 11, 5), months=6, size="small")
    found = await books.get(f"/customers/{renter}/billable")
    (rent,) = found["rents"]
    assert (rent["net"], rent["title"]["en"]) == (
        "2800.00", "Subscription, contract C-000002: 5 Nov 2026 to 4 Dec 2026",
    )  # fmt: skip
    assert [(one["order_id"], one["net"]) for one in found["orders"]] == [(made["id"], "450.00")]
    assert found["reconnections"] == []
    purchase = {"title": rent["title"], "net": rent["net"], "contract_id": contract}
    await books.bill(renter, work=False, purchases=[purchase], orders=[made["id"]])
    found = await books.get(f"/customers/{renter}/billable")
    assert (found["rents"], found["orders"]) == ([], [])
    await books.send("PUT", f"/customers/{renter}/status", {"status": "suspended"}, 200)
    (again,) = (await books.get(f"/customers/{renter}/billable"))["reconnections"]
    assert (again["rent"], again["monthly"], again["yearly"]) == ("2800.00", "280.00", "28.00")
