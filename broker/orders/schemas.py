"""What the endpoints of orders take and give.  Money is decimal text in the order's currency, never a float."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from broker.orders.states import State
from broker.policies.exact import amount
from broker.schemas import Body, Identifier, Instant, Line0, Reply, UtcTime


def _decimal_text(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError("must be decimal text such as 45.00")
    return amount(value)


Money = Annotated[
    Decimal,
    BeforeValidator(_decimal_text),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?$"}),
]
"""`"45.00"`."""
ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Reference = Annotated[Line0, Field(max_length=200)]


class OrderBody(Body):
    """A new order.  `net`: the quoted price, where the policy leaves it to a quote."""

    customer_id: Identifier
    service: ServiceName
    net: Money | None = None
    agreed_utc: Instant | None = None


class AgreedBody(Body):
    """When the work begins; null: at once."""

    agreed_utc: Instant | None


class PaymentBody(Body):
    """What an administrator saw come in.  `amount` null: all that is missing; a `reference` counts once."""

    amount: Money | None = None
    reference: Reference = ""


class WebhookBody(Body):
    """What a payment service tells."""

    order_number: Annotated[int, Field(ge=1, le=2**31 - 1)]
    amount: Money
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    reference: Annotated[Reference, Field(min_length=1)]


class WebhookSecret(Reply):
    """Shown once."""

    secret: str

    def __repr__(self) -> str:
        return "WebhookSecret()"


class OrderItem(Reply):
    """One line of the list.  `missing` waits to be paid, `excess` was paid too much; `note` says so."""

    id: str
    number: int
    customer_id: str
    customer_name: str
    customer_phone: str
    service: str
    state: State
    currency: str
    net: str
    total: str
    paid: str
    missing: str
    excess: str
    note: str
    ordered_utc: UtcTime
    paid_utc: UtcTime | None
    agreed_utc: UtcTime | None
    delivered_utc: UtcTime | None
    closes: date | None
    """The last day on which a fault may be reported (E18)."""
    ended_utc: UtcTime | None


class OrderList(Reply):
    """A page: newest first, the call list (`state=paid`) longest-waiting first."""

    items: tuple[OrderItem, ...]
    next: str | None


class OrderLink(Reply):
    """The address of the order's page, for its customer: shown once."""

    url: str


class OrderMade(OrderItem, OrderLink):
    """A new order, with the address of its page."""


class PaymentItem(Reply):
    """Money that came in.  `by_operator` null: a signed webhook said so."""

    id: str
    amount: str
    reference: str | None
    utc: UtcTime
    by_operator: str | None


class Words(Reply):
    """A text in both languages."""

    es: str
    en: str


class ChecklistLine(Reply):
    """One thing to do in the service (T5); `when`: `always`, `server` or `virus`."""

    text: Words
    when: str


class ReachItem(Reply):
    """A way to reach support."""

    title: Words
    where: str


class OrderDetail(OrderItem):
    """An order's page for technicians, and what its customer's says (T2); `serves_again_utc` null: support is open."""

    title: Words
    expected_minutes: int | None
    region: str | None
    checklist: tuple[ChecklistLine, ...]
    payments: tuple[PaymentItem, ...]
    reach: tuple[ReachItem, ...]
    serves_again_utc: UtcTime | None
    closes_after_working_days: int | None
    """It is delivered and tried, and done so many working days later without a report; null: done when carried out."""
    invoice_id: str | None
    """The invoice on which it stands."""


class PublicOrder(Reply):
    """What an order's customer is told (T2, T4); nothing in it is personal."""

    organisation: str
    number: int
    title: Words
    state: State
    currency: str
    net: str
    total: str
    missing: str
    expected_minutes: int | None
    agreed_utc: UtcTime | None
    serves_again_utc: UtcTime | None
    reach: tuple[ReachItem, ...]
    download_url: str
