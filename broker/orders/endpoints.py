"""The endpoints of orders: for technicians, for administrators who see the money, for payment services, for customers.

The customer's page needs no script and no account: its address carries the secret, of which the hash is stored.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from broker.errors import Unacceptable
from broker.export import EXPORTED, Format, as_file
from broker.orders import replies, schemas
from broker.orders.payments import Payment
from broker.orders.repository import Filter
from broker.orders.service import Ending, OrderService
from broker.orders.states import State
from broker.pages.render import language, page
from broker.permissions import Permission, Principal, allow, open_to
from broker.schemas import Identifier, Token
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit

router = APIRouter()
pages = APIRouter(include_in_schema=False, dependencies=[open_to("public: the address carries the order's secret")])

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]

SIGNED = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": schemas.WebhookBody.model_json_schema()}},
    },
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ],
}
"""A Standard Webhooks message, for the description: it is verified as bytes, before it is read."""


def _filter(
    reader: Reader,
    state: State | None = None,
    customer_id: Identifier | None = None,
    service: schemas.ServiceName | None = None,
) -> Filter:
    return Filter(reader.org_id, state, customer_id, service)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/orders")
async def orders(
    which: Wanted, reader: Reader, services: Needs, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.OrderList:
    """Newest first; with `state=paid` the technicians' call list, longest-waiting first (T2)."""
    found = await services.orders.page(which, limit, cursor)
    items = tuple(replies.item(one, reader.lang) for one in found.orders)
    return schemas.OrderList(items=items, next=found.next)


@router.get("/orders/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(which: Wanted, reader: Reader, services: Needs, format: Format = "csv") -> StreamingResponse:
    """Every order that the filter lets through, as a file."""
    columns = tuple(schemas.OrderItem.model_fields)
    return as_file("orders", format, columns, _items(services.orders, which, reader.lang))


@router.post("/orders", status_code=201)
async def make(body: schemas.OrderBody, writer: Writer, services: Needs) -> schemas.OrderMade:
    """A service at the price of the policy in force (T1), with the address of its page: shown once."""
    made = await services.orders.make(
        writer.org_id, body.customer_id, body.service, body.net, body.agreed_utc, writer.operator_id
    )
    item = replies.item(made.order, writer.lang)
    return schemas.OrderMade(**item.model_dump(), url=_address(services, made.token))


@router.put("/orders/webhook-secret")
async def new_secret(admin: Admin, services: Needs) -> schemas.WebhookSecret:
    """A new secret for payment webhooks, in the place of the one before: shown once."""
    return schemas.WebhookSecret(secret=await services.order_payments.new_secret(admin.org_id, admin.operator_id))


@router.get("/orders/{order_id}")
async def order(order_id: Identifier, reader: Reader, services: Needs) -> schemas.OrderDetail:
    """One order with its payments and the service's checklist."""
    return await _detail(services, reader, order_id)


@router.post("/orders/{order_id}/payments")
async def confirm(
    order_id: Identifier, body: schemas.PaymentBody, admin: Admin, services: Needs
) -> schemas.OrderDetail:
    """Money came in, wholly or in part (E10); the same reference again changes nothing."""
    await services.order_payments.confirm(
        admin.org_id, order_id, body.amount, body.reference or None, admin.operator_id
    )
    return await _detail(services, admin, order_id)


@router.put("/orders/{order_id}/agreed")
async def agree(order_id: Identifier, body: schemas.AgreedBody, writer: Writer, services: Needs) -> schemas.OrderDetail:
    """When the work begins, within support hours (T3)."""
    await services.orders.agree(writer.org_id, order_id, body.agreed_utc)
    return await _detail(services, writer, order_id)


@router.post("/orders/{order_id}/done")
async def done(order_id: Identifier, writer: Writer, services: Needs) -> schemas.OrderDetail:
    """A paid order was carried out."""
    return await _end(services, writer, order_id, "done")


@router.post("/orders/{order_id}/deliver")
async def deliver(order_id: Identifier, writer: Writer, services: Needs) -> schemas.OrderDetail:
    """It was handed over: without a report within the policy's working days it is done by itself (E18)."""
    await services.orders.deliver(writer.org_id, order_id, writer.operator_id)
    return await _detail(services, writer, order_id)


@router.post("/orders/{order_id}/report")
async def report(order_id: Identifier, writer: Writer, services: Needs) -> schemas.OrderDetail:
    """A fault was reported in time: it is open again (E18)."""
    await services.orders.report(writer.org_id, order_id, writer.operator_id)
    return await _detail(services, writer, order_id)


@router.post("/orders/{order_id}/cancel")
async def cancel(order_id: Identifier, admin: Admin, services: Needs) -> schemas.OrderDetail:
    """It will not be carried out; what was paid is then too much."""
    return await _end(services, admin, order_id, "cancelled")


@router.post("/orders/{order_id}/link")
async def new_link(order_id: Identifier, writer: Writer, services: Needs) -> schemas.OrderLink:
    """Another address for the order's page; the one before opens it no more."""
    return schemas.OrderLink(url=_address(services, await services.orders.new_link(writer.org_id, order_id)))


@router.post(
    "/public/organisations/{org_id}/webhooks/payments",
    status_code=204,
    openapi_extra=SIGNED,
    dependencies=[open_to("a payment service: the body is signed with the organisation's secret")],
)
async def webhook(org_id: Identifier, request: Request, services: Needs) -> None:
    """An order was paid, says a Standard Webhooks message.  Delivered again, it changes nothing (T1)."""
    body = await request.body()
    message_id = await services.order_payments.verified(org_id, body, request.headers)
    try:
        told = schemas.WebhookBody.model_validate_json(body)
    except ValidationError:
        raise Unacceptable from None
    payment = Payment(told.order_number, told.amount, told.currency, told.reference)
    await services.order_payments.take(org_id, message_id, payment)


@router.get("/public/orders/{token}", dependencies=[open_to("public: the address carries the order's secret")])
async def public_order(token: Token, services: Needs) -> schemas.PublicOrder:
    """What the order's customer may know (T2, T4)."""
    story = await services.orders.by_token(token)
    organisation = await services.organisations.get(story.order.row.org_id)
    return replies.public(story, organisation.name, services.settings.public_origin, services.clock)


@pages.get("/orders/{token}")
async def order_page(token: Token, request: Request, services: Needs) -> Response:
    """Where the customer lands after paying: the ways to support, the expected length, the price (T2, T4)."""
    story = await services.orders.by_token(token)
    organisation = await services.organisations.get(story.order.row.org_id)
    shown = replies.for_page(story, language(request), services.clock)
    answer = page(request, "order.html", organisation=organisation, order=shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _end(services: Services, who: Principal, order_id: str, state: Ending) -> schemas.OrderDetail:
    await services.orders.end(who.org_id, order_id, state, who.operator_id)
    return await _detail(services, who, order_id)


async def _detail(services: Services, who: Principal, order_id: str) -> schemas.OrderDetail:
    return replies.detail(await services.orders.story(who.org_id, order_id), who.lang, services.clock)


async def _items(orders: OrderService, which: Filter, lang: str) -> AsyncIterator[schemas.OrderItem]:
    async with aclosing(orders.every(which)) as found:
        async for one in found:
            yield replies.item(one, lang)


def _address(services: Services, token: str) -> str:
    return f"{services.settings.public_origin}/orders/{token}"
