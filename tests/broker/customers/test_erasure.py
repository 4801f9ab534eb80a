"""Personal data can be seen whole, and erased so that no byte of them is left in the database (E15)."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from broker.ids import fingerprint, new_id
from broker.permissions import Role
from broker.store.base import Base
from broker.store.billing_tables import WorkRow
from broker.store.desk_tables import AttachmentRow, OpinionRow, TicketMessageRow, TicketRow
from broker.store.engine import Store
from broker.store.invoice_tables import InvoiceRow
from tests.support.log import LogWorld
from tests.support.office import Office

CANARY = "Zurbarán-4711"
RUIZ = {
    "name": f"{CANARY} name", "email": "zurbaran-4711@example.com", "phone": f"{CANARY} phone",
    "tax_id": f"{CANARY} tax", "licence_key": f"{CANARY} key", "address": f"{CANARY} street", "note": f"{CANARY} note",
}  # fmt: skip
CANARIES = (CANARY.encode(), b"zurbaran-4711")


@dataclass
class Held:
    """A customer about whom every table holds something."""

    id: str
    session: str
    rows: tuple[Base, ...]


async def a_customer_with_everything(desk: Office, book: LogWorld, canary: str = CANARY) -> Held:
    services, org_id, now = desk.services, desk.home.id, desk.clock.utc()
    customer = await services.customers.add(org_id, {**RUIZ, "name": f"{canary} name"})
    await services.customers.add_contact(org_id, customer.id, f"{canary} contact", RUIZ["email"], canary)
    await services.customers.add_consent(org_id, customer.id, "newsletter", True, "O" * 22)
    session = await book.joined(book.request(org_id, computer=f"{canary} computer"))
    ticket, invoice = new_id(), new_id()
    rows: tuple[Base, ...] = (
        TicketRow(
            id=ticket, org_id=org_id, number=1, customer_id=customer.id, channel="web", subject=f"{canary} subject",
            text=f"{canary} text", contact=f"{canary} contact", phone=canary, email=RUIZ["email"], company=canary,
            tax_id=canary, contract_number="C-1", state="waiting", opened_utc=now,
        ),
        TicketMessageRow(id=new_id(), ticket_id=ticket, operator_id=None, text=f"{canary} message", utc=now),
        AttachmentRow(
            id=new_id(), ticket_id=ticket, name=f"{canary}.png", media_type="image/png",
            data=canary.encode() * 5_000, utc=now,
        ),
        WorkRow(
            id=new_id(), org_id=org_id, revision=1, seq=1, customer_id=customer.id, session_id=session.session_id,
            operator_id="O" * 22, kind="session", start=1, end=2, note=f"{canary} note", state="charged",
        ),
        OpinionRow(
            session_id=session.session_id, org_id=org_id, token_sha256=fingerprint("x"), stars=5,
            comment=f"{canary} comment", utc=now,
        ),
        InvoiceRow(
            id=invoice, org_id=org_id, customer_id=customer.id, series="A", number=1, issued=date(2026, 11, 22),
            due=date(2026, 12, 22), policy_sha256="0" * 64, currency="EUR", tax_name="IVA", tax_percent="21",
            net_minor=100, tax_minor=21, total_minor=121, state="open", buyer={"name": canary}, issued_utc=now,
        ),
    )  # fmt: skip
    async with services.store.transaction() as db:
        for row in rows:
            db.add(row)
            await db.flush()
    return Held(customer.id, session.session_id, rows)


@pytest.fixture
def book(desk: Office) -> LogWorld:
    return LogWorld(desk.services.store, desk.clock)


def files(store: Store) -> dict[str, bytes]:
    """The database and what stands beside it."""
    database = Path(str(store.url.database))
    return {file.name: file.read_bytes() for file in database.parent.glob(f"{database.name}*")}


@pytest.mark.clause("E15")
async def test_everything_that_is_held_about_a_customer_comes_as_one_file(desk: Office, book: LogWorld) -> None:
    held = await a_customer_with_everything(desk, book)
    other = await a_customer_like(desk, "Otro")
    async with desk.client(await desk.hire(Role.AUDITOR)) as auditor:
        answer = await auditor.get(f"/api/v1/customers/{held.id}/data")
    assert answer.headers["content-disposition"].startswith("attachment")
    data = answer.json()["held"]
    assert data["customer"][0]["address"] == RUIZ["address"]
    expected = {
        "contacts": f"{CANARY} contact", "consents": "newsletter", "tickets": f"{CANARY} text", "invoices": CANARY,
        "messages": f"{CANARY} message", "attachments": f"{CANARY}.png", "work": f"{CANARY} note",
        "opinions": f"{CANARY} comment", "sessions": f"{CANARY} computer",
    }  # fmt: skip
    for table, value in expected.items():
        assert value in str(data[table]), table
    assert other not in answer.text
    assert "token_sha256" not in answer.text
    assert "salt" not in answer.text


@pytest.mark.clause("E15")
async def test_after_an_erasure_no_byte_of_it_is_left(desk: Office, book: LogWorld) -> None:
    held = await a_customer_with_everything(desk, book)
    neighbour = await a_customer_like(desk, "Vecino")
    await book.sessions.ended(held.session, "customer")
    assert any(canary in data for data in files(desk.services.store).values() for canary in CANARIES)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        for _ in range(2):
            assert (await admin.post(f"/api/v1/customers/{held.id}/erase")).status_code == 204
        for name, data in files(desk.services.store).items():
            assert not any(canary in data for canary in CANARIES), name
        page = (await admin.get(f"/api/v1/customers/{held.id}")).json()
        assert (page["name"], page["email"], page["contacts"]) == ("", "", [])
        assert page["erased_utc"] is not None
        data = (await admin.get(f"/api/v1/customers/{held.id}/data")).json()["held"]
        assert [(one["total_minor"], one["customer_id"]) for one in data["invoices"]] == [(121, held.id)]
        assert [one["session_id"] for one in data["work"]] == [held.session]
        assert [one["number"] for one in data["tickets"]] == [1]
        assert (data["messages"], data["attachments"], data["sessions"]) == ([], [], [])
        assert (await admin.get("/api/v1/log/verify")).json()["ok"]
        shown = (await admin.get("/api/v1/customers")).json()["items"]
        assert [one["id"] for one in shown] == [neighbour]
        assert [one["id"] for one in (await admin.get("/api/v1/customers?erased=true")).json()["items"]] == [held.id]


@pytest.mark.clause("E15")
async def test_a_session_that_the_customer_refused_goes_with_the_rest(desk: Office, book: LogWorld) -> None:
    customer = await a_customer_like(desk, "Ana")
    asked = replace(book.request(desk.home.id, computer=f"{CANARY} computer"), customer_id=customer)
    await book.sessions.requested(asked)
    await book.sessions.ended(asked.session_id, "customer")
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        where = f"/api/v1/customers/{customer}"
        assert CANARY in (await admin.get(f"{where}/data")).text
        assert (await admin.post(f"{where}/erase")).status_code == 204
        assert CANARY not in (await admin.get(f"{where}/data")).text
        for name, data in files(desk.services.store).items():
            assert CANARY.encode() not in data, name
        assert (await admin.get("/api/v1/log/verify")).json()["ok"]


@pytest.mark.clause("E15")
async def test_a_running_session_is_ended_first(desk: Office, book: LogWorld) -> None:
    held = await a_customer_with_everything(desk, book)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        assert (await admin.post(f"/api/v1/customers/{held.id}/erase")).status_code == 409
        assert (await admin.get(f"/api/v1/customers/{held.id}")).json()["name"] == f"{CANARY} name"


async def test_nothing_new_is_written_to_an_erased_customer(desk: Office) -> None:
    customer = await a_customer_like(desk, "Ana")
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        where = f"/api/v1/customers/{customer}"
        await admin.post(f"{where}/erase")
        answers = [
            await admin.patch(where, json={"name": "Ana otra vez"}),
            await admin.post(f"{where}/contacts", json={"name": "Eva"}),
            await admin.post(f"{where}/consents", json={"purpose": "newsletter", "given": True}),
        ]
        assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(409, "customer_erased")}


async def a_customer_like(desk: Office, name: str) -> str:
    return (await desk.services.customers.add(desk.home.id, {"name": name})).id
