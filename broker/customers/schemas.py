"""What the endpoints of customers take and give.  Bodies are closed: an unknown field is refused."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from broker.customers.repository import Status
from broker.schemas import Body, Email0, Lang, Line, Line0, Note, Reply, UtcTime

Name = Annotated[Line, Field(max_length=200)]
Phone = Annotated[Line0, Field(max_length=40)]
Text = Annotated[Line0, Field(max_length=100)]
Purpose = Annotated[Line, Field(max_length=40)]


class CustomerBody(Body):
    """A new customer.  `email` and `licence_key` are those by which the customer is recognised."""

    name: Name
    email: Email0 = ""
    phone: Phone = ""
    tax_id: Phone = ""
    licence_key: Text = ""
    address: Line0 = ""
    local: bool = True
    lang: Lang = "es"
    note: Note = ""


class CustomerPatch(CustomerBody):
    """What can be corrected; a field that is absent stays."""

    name: Name = ""


class StatusBody(Body):
    """Whether the customer is served: `delinquent` and `suspended` ones may be refused."""

    status: Status


class ContactBody(Body):
    """A person at a customer."""

    name: Name
    email: Email0 = ""
    phone: Phone = ""


class ConsentBody(Body):
    """What a customer agreed to about their data, or took back (E15)."""

    purpose: Purpose
    given: bool


class ContactReply(Reply):
    id: str
    name: str
    email: str
    phone: str


class ConsentReply(Reply):
    """One word of the customer's; the last one about a purpose holds.  `by_operator`: who wrote it down."""

    id: str
    purpose: str
    given: bool
    utc: UtcTime
    by_operator: str


class ContractReply(Reply):
    """A contract of the customer's, in short."""

    id: str
    number: str
    plan: str
    start: date
    end: date


class CustomerItem(Reply):
    """One line of the list."""

    id: str
    name: str
    email: str
    phone: str
    tax_id: str
    licence_key: str
    address: str
    local: bool
    lang: Literal["es", "en"]
    status: Status
    note: str
    created_utc: UtcTime
    erased_utc: UtcTime | None


class CustomerList(Reply):
    """A page, newest first.  `next`: the cursor of the one after it."""

    items: tuple[CustomerItem, ...]
    next: str | None


class CustomerDetail(CustomerItem):
    """A customer's page."""

    contacts: tuple[ContactReply, ...]
    consents: tuple[ConsentReply, ...]
    contracts: tuple[ContractReply, ...]


class CustomerCopy(Reply):
    """Everything that is held about a customer (E15): table → rows."""

    exported_utc: UtcTime
    held: dict[str, list[dict[str, Any]]]
