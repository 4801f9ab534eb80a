"""Every route × role × owner, generated from the application's own routes: whoever may not, cannot.

A new route needs a line in `ASKED`, and a declared permission, or these tests fail.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext

from broker.app import create_app
from broker.appointments.service import NewAppointment
from broker.contracts.service import NewContract
from broker.errors import UndeclaredPermission
from broker.ids import new_id
from broker.invoices.model import Billed, Purchase
from broker.mail.letter import Letter
from broker.organisations.service import Organisation
from broker.permissions import (
    ALLOWED,
    Allowed,
    Permission,
    Role,
    allow,
    check_every_route,
    declaration,
    open_to,
    routes,
)
from broker.policies import files
from broker.sessions.model import Bandwidth, Customer, RequestedSession
from broker.settings import Settings
from broker.tickets.terms import Request
from broker.work.service import NewWork
from protocol.codec import offer_bytes
from protocol.offer import Offer
from tests.support.live_broker import Operator
from tests.support.log import Agent
from tests.support.office import Office

CANARY = "Zurbarán-4711"
"""Stands in everything that the first organisation owns; nobody of another may ever read it."""


@dataclass
class Asked:
    """How a route is asked so that whoever may gets an answer of the 200s.  `{…}` in the address are filled in."""

    json: Any = None
    content: bytes | None = None
    query: dict[str, str] = field(default_factory=dict)
    needs: str = ""
    """What must be so for the answer to be of the 200s, where this is not: then only the refusals are checked."""


LINK = "A" * 43
TARIFF = {"currency": "EUR", "unit_minor": 4500, "minimum_minutes": 60, "increment_minutes": 30, "tax_percent": "21"}
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e3"
    "660000000049454e44ae426082"
)

ASKED: dict[tuple[str, str], Asked] = {
    ("POST", "/api/v1/sign-in"): Asked(needs="an account with a password"),
    ("POST", "/api/v1/sign-out"): Asked(),
    ("GET", "/api/v1/me"): Asked(),
    ("PATCH", "/api/v1/me"): Asked({"lang": "en"}),
    ("POST", "/api/v1/me/password"): Asked({"old": "x", "new": "y" * 12}, needs="the account's password"),
    ("POST", "/api/v1/me/totp"): Asked(),
    ("POST", "/api/v1/me/totp/confirm"): Asked({"code": "000000"}, needs="a second factor on offer"),
    ("DELETE", "/api/v1/me/totp"): Asked({"password": "x"}, needs="the account's password"),
    ("GET", "/api/v1/setup"): Asked(),
    ("POST", "/api/v1/setup"): Asked(needs="a link"),
    ("POST", "/api/v1/invitations/accept"): Asked(needs="a link"),
    ("POST", "/api/v1/password-resets/accept"): Asked(needs="a link"),
    ("GET", "/api/v1/operators"): Asked(),
    ("GET", "/api/v1/colleagues"): Asked(),
    ("POST", "/api/v1/operators"): Asked({"email": "nueva@example.com", "name": "Nueva", "role": "operator"}),
    ("PATCH", "/api/v1/operators/{operator_id}"): Asked({"name": "Otro nombre"}),
    ("POST", "/api/v1/operators/{operator_id}/reset"): Asked(),
    ("GET", "/api/v1/organisation"): Asked(),
    ("PATCH", "/api/v1/organisation"): Asked({"tariff": TARIFF}),
    ("PUT", "/api/v1/organisation/logo"): Asked(content=PICTURE),
    ("DELETE", "/api/v1/organisation/logo"): Asked(),
    ("GET", "/api/v1/organisation/terms"): Asked(),
    ("POST", "/api/v1/organisation/terms"): Asked({"es": "Uno", "en": "One"}),
    ("GET", "/api/v1/public/organisations/{org_id}"): Asked(),
    ("GET", "/api/v1/public/organisations/{org_id}/terms/{version}"): Asked(),
    ("GET", "/api/v1/public/organisations/{org_id}/logo"): Asked(needs="a logo"),
    ("POST", "/api/v1/public/organisations/{org_id}/suspicions"): Asked({"text": "Me llamó alguien"}),
    ("GET", "/api/v1/agents"): Asked(),
    ("GET", "/api/v1/sessions"): Asked(),
    ("GET", "/api/v1/sessions/export"): Asked(query={"format": "json"}),
    ("GET", "/api/v1/sessions/{session_id}"): Asked(),
    ("POST", "/api/v1/sessions/{session_id}/erase"): Asked(needs="a session that has ended"),
    ("GET", "/api/v1/sessions/{session_id}/checklist"): Asked(),
    ("PUT", "/api/v1/sessions/{session_id}/checklist/{item}"): Asked(needs="a session with a checklist"),
    ("GET", "/api/v1/suspicions"): Asked(),
    ("POST", "/api/v1/suspicions/{suspicion_id}/handled"): Asked({"note": "Hecho"}),
    ("GET", "/api/v1/alerts"): Asked(),
    ("GET", "/api/v1/customers"): Asked(),
    ("POST", "/api/v1/customers"): Asked({"name": "Talleres Ruiz"}),
    ("GET", "/api/v1/customers/export"): Asked(query={"format": "csv"}),
    ("GET", "/api/v1/customers/recognise"): Asked(query={"reference": "ana@ruiz.example"}),
    ("GET", "/api/v1/customers/{customer_id}"): Asked(),
    ("PATCH", "/api/v1/customers/{customer_id}"): Asked({"phone": "600 000 001"}),
    ("PUT", "/api/v1/customers/{customer_id}/status"): Asked({"status": "active"}),
    ("POST", "/api/v1/customers/{customer_id}/contacts"): Asked({"name": "Eva"}),
    ("DELETE", "/api/v1/customers/{customer_id}/contacts/{contact_id}"): Asked(),
    ("POST", "/api/v1/customers/{customer_id}/consents"): Asked({"purpose": "newsletter", "given": True}),
    ("GET", "/api/v1/customers/{customer_id}/data"): Asked(),
    ("POST", "/api/v1/customers/{customer_id}/erase"): Asked(needs="that all of the customer's sessions ended"),
    ("GET", "/api/v1/customers/{customer_id}/credit"): Asked(),
    ("GET", "/api/v1/contracts/{contract_id}/purchases"): Asked(),
    ("POST", "/api/v1/contracts/{contract_id}/purchases/{seq}/cancel"): Asked(needs="a purchase"),
    ("GET", "/api/v1/customers/{customer_id}/billable"): Asked(),
    ("GET", "/api/v1/contracts/{contract_id}/statement"): Asked(query={"format": "csv"}),
    ("GET", "/api/v1/policy"): Asked(),
    ("PUT", "/api/v1/policy"): Asked({"name": "itplusnet"}),
    ("POST", "/api/v1/policy/check"): Asked({"name": "easi"}),
    ("GET", "/api/v1/contracts"): Asked(),
    ("POST", "/api/v1/contracts"): Asked(
        {"customer_id": "{customer_id}", "plan": "maintenance", "start": "2030-01-01", "months": 12},
        needs="a policy with plans",
    ),
    ("GET", "/api/v1/contracts/{contract_id}"): Asked(),
    ("GET", "/api/v1/contracts/{contract_id}/ledger"): Asked(),
    ("POST", "/api/v1/contracts/{contract_id}/balance"): Asked({"minutes": 5, "reason": "purchase"}, needs="a balance"),
    ("POST", "/api/v1/contracts/{contract_id}/end"): Asked({"end": "2027-01-31"}),
    ("POST", "/api/v1/contracts/{contract_id}/renewal"): Asked({"renews": False}, needs="a plan that renews"),
    ("POST", "/api/v1/contracts/{contract_id}/plan"): Asked({"plan": "maintenance"}, needs="a policy with plans"),
    ("GET", "/api/v1/quote"): Asked(),
    ("GET", "/api/v1/time-entries"): Asked(),
    ("POST", "/api/v1/time-entries"): Asked(
        {"means": "phone", "start": "2026-11-20T15:00:00Z", "end": "2026-11-20T15:10:00Z",
         "customer_id": "{customer_id}"},
    ),
    ("GET", "/api/v1/time-entries/export"): Asked(query={"format": "csv"}),
    ("GET", "/api/v1/time-entries/{work_id}"): Asked(),
    ("PATCH", "/api/v1/time-entries/{work_id}"): Asked({"warranty": True}),
    ("POST", "/api/v1/time-entries/{work_id}/dismiss"): Asked(),
    ("GET", "/api/v1/dashboard"): Asked(),
    ("GET", "/api/v1/dashboard/export"): Asked(query={"format": "csv"}),
    ("GET", "/api/v1/invoices"): Asked(),
    ("GET", "/api/v1/invoices/export"): Asked(query={"format": "csv"}),
    ("POST", "/api/v1/invoices"): Asked(
        {"customer_id": "{customer_id}", "purchases": [{"title": {"es": "Alta", "en": "Set-up"}, "net": "100"}]}
    ),
    ("GET", "/api/v1/invoices/{invoice_id}"): Asked(),
    ("GET", "/api/v1/invoices/{invoice_id}/document"): Asked(query={"format": "csv"}),
    ("POST", "/api/v1/invoices/{invoice_id}/payments"): Asked({"amount": "1"}),
    ("GET", "/api/v1/invoices/{invoice_id}/payments/{payment_id}/receipt"): Asked(),
    ("POST", "/api/v1/invoices/{invoice_id}/overpayment"): Asked({"choice": "credit"}, needs="money paid too much"),
    ("POST", "/api/v1/invoices/{invoice_id}/cancel"): Asked({}),
    ("GET", "/api/v1/orders"): Asked(),
    ("POST", "/api/v1/orders"): Asked(
        {"customer_id": "{customer_id}", "service": "reinstall"}, needs="a customer who was not erased"
    ),
    ("GET", "/api/v1/orders/export"): Asked(query={"format": "csv"}),
    ("PUT", "/api/v1/orders/webhook-secret"): Asked(),
    ("GET", "/api/v1/orders/{order_id}"): Asked(),
    ("POST", "/api/v1/orders/{order_id}/payments"): Asked({"amount": "1"}),
    ("PUT", "/api/v1/orders/{order_id}/agreed"): Asked({"agreed_utc": None}, needs="an order that has not ended"),
    ("POST", "/api/v1/orders/{order_id}/done"): Asked(needs="a paid order"),
    ("POST", "/api/v1/orders/{order_id}/deliver"): Asked(needs="a paid order"),
    ("POST", "/api/v1/orders/{order_id}/report"): Asked(needs="a delivered order"),
    ("POST", "/api/v1/orders/{order_id}/cancel"): Asked(needs="an order that has not ended"),
    ("POST", "/api/v1/orders/{order_id}/link"): Asked(),
    ("POST", "/api/v1/public/organisations/{org_id}/webhooks/payments"): Asked(needs="a signature"),
    ("GET", "/api/v1/public/orders/{token}"): Asked(),
    ("GET", "/orders/{token}"): Asked(),
    ("GET", "/api/v1/tickets"): Asked(),
    ("GET", "/api/v1/tickets/export"): Asked(query={"format": "csv"}),
    ("GET", "/api/v1/tickets/excluded-work"): Asked(),
    ("POST", "/api/v1/tickets"): Asked({"channel": "phone", "subject": "No imprime"}),
    ("GET", "/api/v1/tickets/{ticket_id}"): Asked(),
    ("PATCH", "/api/v1/tickets/{ticket_id}"): Asked({"category": "printer"}),
    ("POST", "/api/v1/tickets/{ticket_id}/take"): Asked(needs="a ticket that waits"),
    ("POST", "/api/v1/tickets/{ticket_id}/release"): Asked(needs="a ticket that was taken"),
    ("POST", "/api/v1/tickets/{ticket_id}/messages"): Asked({"text": "Reinicie"}),
    ("POST", "/api/v1/tickets/{ticket_id}/close"): Asked(),
    ("POST", "/api/v1/tickets/{ticket_id}/refuse"): Asked({"reason": "No"}, needs="a ticket that is open"),
    ("POST", "/api/v1/tickets/{ticket_id}/attachments"): Asked(content=PICTURE),
    ("GET", "/api/v1/tickets/{ticket_id}/attachments/{attachment_id}"): Asked(),
    ("POST", "/api/v1/public/organisations/{org_id}/tickets"): Asked({"subject": "No imprime"}),
    ("GET", "/api/v1/public/ticket"): Asked(needs="the ticket's secret"),
    ("POST", "/api/v1/public/ticket/messages"): Asked({"text": "Sigue"}, needs="the ticket's secret"),
    ("POST", "/api/v1/public/ticket/close"): Asked(needs="the ticket's secret"),
    ("POST", "/api/v1/public/ticket/attachments"): Asked(content=PICTURE, needs="the ticket's secret"),
    ("GET", "/api/v1/appointments"): Asked(),
    ("GET", "/api/v1/appointments/export"): Asked(query={"format": "csv"}),
    ("POST", "/api/v1/appointments"): Asked({"at": "2026-11-23T15:00:00Z", "customer_id": "{customer_id}"}),
    ("GET", "/api/v1/appointments/{appointment_id}"): Asked(),
    ("POST", "/api/v1/appointments/{appointment_id}/cancel"): Asked({"by": "provider"}),
    ("POST", "/api/v1/appointments/{appointment_id}/kept"): Asked({}, needs="an appointment that is not settled"),
    ("POST", "/api/v1/appointments/{appointment_id}/failed"): Asked(
        {"through": "other"}, needs="an appointment that is not settled"
    ),
    ("GET", "/api/v1/public/appointment"): Asked(needs="the invitation's secret"),
    ("POST", "/api/v1/public/appointment/cancel"): Asked(needs="the invitation's secret"),
    ("GET", "/api/v1/queue"): Asked(),
    ("GET", "/api/v1/queue/events"): Asked(query={"once": "true"}),
    ("POST", "/api/v1/queue/next"): Asked(),
    ("GET", "/api/v1/mail"): Asked(),
    ("GET", "/api/v1/mail/export"): Asked(query={"format": "csv"}),
    ("POST", "/api/v1/mail/{mail_id}/retry"): Asked(),
    ("GET", "/api/v1/opinions"): Asked(),
    ("GET", "/api/v1/opinions/export"): Asked(query={"format": "csv"}),
    ("POST", "/api/v1/public/opinion"): Asked({"stars": 5}, needs="the secret of the receipt"),
    ("GET", "/opinion"): Asked(),
    ("GET", "/pages/opinion.js"): Asked(),
    ("GET", "/api/v1/log/head"): Asked(),
    ("GET", "/api/v1/log/verify"): Asked(),
    ("GET", "/healthz"): Asked(),
    ("GET", "/metrics"): Asked(needs="the token for metrics"),
    ("GET", "/"): Asked(),
    ("GET", "/setup"): Asked(),
    ("GET", "/console"): Asked(),
    ("GET", "/console/config.json"): Asked(),
    ("GET", "/console/{path:path}"): Asked(needs="a built console"),
    ("GET", "/pages/style.css"): Asked(),
    ("GET", "/download"): Asked(),
    ("GET", "/download/{org_id}"): Asked(),
    ("GET", "/download/{org_id}/files/{name}"): Asked(needs="a program"),
    ("GET", "/terms/{org_id}"): Asked(),
    ("GET", "/appointment"): Asked(),
    ("GET", "/pages/appointment.js"): Asked(),
    ("GET", "/request/{org_id}"): Asked(),
    ("POST", "/request/{org_id}"): Asked(needs="a form"),
    ("GET", "/ticket"): Asked(),
    ("GET", "/pages/ticket.js"): Asked(),
    ("GET", "/report/{org_id}"): Asked(),
    ("POST", "/report/{org_id}"): Asked(needs="a form"),
}  # fmt: skip

SOCKETS = {"/ws/agent", "/ws/console", "/relay", "/ws/relay"}
"""They check their own proof before they do anything; their tests are in `pairing`, `agents` and `relay`."""


def all_routes(tmp: Path) -> list[tuple[str, RouteContext]]:
    app = create_app(Settings(data_dir=tmp))
    return [
        (method, route)
        for route in routes(app.routes)
        for method in sorted(getattr(route, "methods", None) or ["socket"])
    ]


@dataclass
class World:
    """Two organisations on one broker; `things` are the first one's, named as routes name them."""

    desk: Office
    here: Organisation
    elsewhere: Organisation
    owner: Operator
    things: dict[str, str]

    def url(self, path: str) -> str:
        path = path.replace("{id}", "{suspicion_id}" if "suspicions" in path else "{session_id}")
        return path.replace("{path:path}", "").format(**self.things)

    def body(self, asked: Asked) -> Any:
        """The body, with what is there in the place of `{…}`."""
        if not isinstance(asked.json, dict):
            return asked.json
        return {k: self.things.get(v[1:-1], v) if isinstance(v, str) else v for k, v in asked.json.items()}

    async def ask(self, who: Operator | None, method: str, path: str) -> httpx2.Response:
        asked = ASKED[method, named(path)]
        async with self.desk.client(who) as client:
            return await client.request(
                method, self.url(path), json=self.body(asked), content=asked.content, params=asked.query
            )

    def names_a_thing(self, method: str, path: str) -> bool:
        """Whether the request is about something of the first organisation's."""
        said = f"{path} {ASKED[method, path].json}"
        return any(f"{{{name}}}" in said for name in self.things if name.endswith("_id") and name != "org_id")


def named(path: str) -> str:
    return path.replace("{id}", "{suspicion_id}" if "suspicions" in path else "{session_id}")


@pytest.fixture
async def world(desk: Office) -> World:
    services = desk.services
    here, elsewhere = desk.home, await services.organisations.add("Otra empresa")
    await services.organisations.change(here.id, {"price_note": CANARY})
    owner = await desk.hire(Role.OPERATOR, name=f"{CANARY} Pérez")
    colleague = await desk.hire(Role.OPERATOR, name=f"{CANARY} Gómez")
    offer = Offer(
        operator_id=owner.id, operator_name=owner.name, org_id=here.id, org_name=here.name, service="Correo",
        tariff=None, price_note="", terms_version=1, terms_sha256=here.terms_sha256, wanted=("view",), inactivity_s=900,
    )  # fmt: skip
    session = RequestedSession(
        session_id=new_id(), org_id=here.id, agent_id="123456789", pk_agent=Agent().pk, code_id=new_id(),
        operator_id=owner.id, operator_name=owner.name, service="Correo", offer=offer_bytes(offer),
        customer=Customer(CANARY, "maría", "203.0.113.7"), bandwidth=Bandwidth(20_000, 5_000, 30),
    )  # fmt: skip
    await services.sessions.requested(session)
    await services.sessions.alert(here.id, "sign_in_throttled", {"operator_id": CANARY}, None)
    report = await services.suspicions.report_from_page(here.id, CANARY, "", None, "203.0.113.8")
    customer = await services.customers.add(here.id, {"name": CANARY, "email": "ana@ruiz.example", "note": CANARY})
    await services.policies.adopt(here.id, files.load("easi"), owner.id)
    plan = NewContract(customer.id, "poliza", date(2026, 11, 1), months=6, size="hours10")
    contract = (await services.contracts.make(here.id, plan, owner.id)).row.id
    _, (bought_first,) = await services.contracts.ledger(here.id, contract)
    async with services.store.transaction() as db:
        letter = Letter("es", CANARY, CANARY, CANARY)
        await services.mail.write_within(db, here.id, customer.id, "receipt", letter)
    (mail,) = (await services.mail.page(here.id, None, 1, None)).letters
    await services.policies.adopt(here.id, files.load("itplusnet"), owner.id)
    bought = Purchase({"es": CANARY, "en": CANARY}, Decimal("45000"))
    (invoice,) = await services.invoices.issue(here.id, customer.id, Billed(purchases=[bought]), owner.id)
    paid = await services.invoices.pay(here.id, invoice.id, Decimal("1"), None, owner.id)
    contact = await services.customers.add_contact(here.id, customer.id, CANARY, "", "")
    order = await services.orders.make(here.id, customer.id, "reinstall", None, None, owner.id)
    ticket = (await services.tickets.open(here.id, Request("email", CANARY, CANARY), customer.id)).row.id
    picture = await services.tickets.attach(here.id, ticket, CANARY, PICTURE)
    at = int(datetime(2026, 11, 24, 15, tzinfo=UTC).timestamp())
    appointment = await services.appointments.make(here.id, NewAppointment(at, customer_id=customer.id), owner.id)
    called = NewWork("phone", at - 86_400, at - 86_000, customer.id, note=CANARY)
    work = (await services.work.record(here.id, called, owner.id)).id
    things = {
        "work_id": work, "contract_id": contract, "invoice_id": invoice.id,
        "ticket_id": ticket, "attachment_id": picture.id, "appointment_id": appointment.row.id,
        "org_id": here.id, "operator_id": colleague.id, "session_id": session.session_id, "suspicion_id": report,
        "item": "0", "version": "1", "name": "relevo-agent", "seq": str(bought_first.seq), "mail_id": mail.row.id,
        "payment_id": paid.payment.id,
        "customer_id": customer.id, "contact_id": contact.id,
        "order_id": order.order.row.id, "token": order.token,
    }  # fmt: skip
    return World(desk, here, elsewhere, owner, things)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, RouteContext]]:
    return all_routes(tmp_path_factory.mktemp("routes"))


def test_every_route_declares_who_may_use_it(found: list[tuple[str, RouteContext]]) -> None:
    assert [route.path for _, route in found if declaration(route) is None] == []


def test_every_route_is_in_the_matrix(found: list[tuple[str, RouteContext]]) -> None:
    known = {(method, named(route.path or "")) for method, route in found if method != "socket"}
    assert known <= set(ASKED), "a route is asked by no test of this file"
    assert {route.path for method, route in found if method == "socket"} <= SOCKETS


def test_an_application_with_an_undeclared_route_is_not_made() -> None:
    router = APIRouter()

    @router.get("/open", dependencies=[open_to("nothing to hide")])
    def declared() -> None: ...

    @router.get("/forgotten")
    def forgotten() -> None: ...

    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/api")
    with pytest.raises(UndeclaredPermission, match="/api/forgotten"):
        check_every_route(app.routes)


def test_of_two_declarations_the_one_that_asks_for_a_sign_in_counts() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/both", dependencies=[open_to("a mistake"), allow(Permission.LOG_READ)])
    def both() -> None: ...

    (route,) = routes(app.routes)
    assert declaration(route) == Allowed(Permission.LOG_READ)


Guarded = list[tuple[str, str, Permission]]
"""Method, address and permission of every route that wants a sign-in."""


@pytest.fixture(scope="module")
def guarded(found: list[tuple[str, RouteContext]]) -> Guarded:
    declared = [(method, named(route.path or ""), declaration(route)) for method, route in found]
    declared.sort(key=lambda one: one[1].endswith("/erase"))  # after all that looks at what it erases
    return [(method, path, wanted.permission) for method, path, wanted in declared if isinstance(wanted, Allowed)]


async def test_an_open_route_answers_whoever_asks(world: World, found: list[tuple[str, RouteContext]]) -> None:
    for method, route in found:
        asked = ASKED.get((method, named(route.path or "")))
        if asked and not isinstance(declaration(route), Allowed):
            status = (await world.ask(None, method, named(route.path or ""))).status_code
            assert status < 500 if asked.needs else status < 400, (method, route.path)


async def test_nobody_gets_in_without_a_sign_in(world: World, guarded: Guarded) -> None:
    made_up = Operator("", "", LINK, "")
    for method, path, _ in guarded:
        for who in (None, made_up):
            assert (await world.ask(who, method, path)).status_code == 401, (method, path)


@pytest.mark.parametrize("role", Role)
async def test_a_role_is_refused_what_it_may_not(world: World, role: Role, guarded: Guarded) -> None:
    who = await world.desk.hire(role)
    for method, path, permission in guarded:
        if permission not in ALLOWED[role]:
            answer = await world.ask(who, method, path)
            assert (answer.status_code, answer.json()["error"]) == (403, "forbidden"), (method, path)


@pytest.mark.parametrize("role", Role)
async def test_another_organisation_reaches_and_sees_nothing(world: World, role: Role, guarded: Guarded) -> None:
    before = await world.desk.services.organisations.get(world.here.id)
    for method, path, permission in guarded:
        if permission not in ALLOWED[role]:
            continue
        answer = await world.ask(await world.desk.hire(role, world.elsewhere), method, path)
        if world.names_a_thing(method, path):
            assert answer.status_code == 404, (method, path)
        assert CANARY not in answer.text, (method, path)
        assert not any(world.things[name] in answer.text for name in ("org_id", "session_id")), (method, path)
    assert await world.desk.services.organisations.get(world.here.id) == before


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_through_to_what_it_may(world: World, role: Role, guarded: Guarded) -> None:
    owns_alone = Permission.SESSIONS_ALL not in ALLOWED[role]
    for method, path, permission in guarded:
        if permission not in ALLOWED[role]:
            continue
        who = await world.desk.hire(role)
        answer = await world.ask(who, method, path)
        if owns_alone and ("{session_id}" in path or "{work_id}" in path):
            assert answer.status_code == 404, "a colleague's session or work"
            assert CANARY not in answer.text
            answer = await world.ask(world.owner, method, path)
        if ASKED[method, path].needs:
            assert answer.status_code not in (403, 404, 405, 500), (method, path, answer.text)
        else:
            assert answer.status_code in (200, 201, 204), (method, path, answer.text)
