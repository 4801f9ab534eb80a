"""What the endpoints of appointments take and give."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from broker.appointments.service import Invited
from broker.appointments.states import State
from broker.schemas import Body, Identifier, Reply, UtcTime
from broker.store.desk_tables import AppointmentRow
from broker.work.schemas import Instant


class AppointmentBody(Body):
    """A start to agree on: for a customer, or a ticket and its customer."""

    at: Instant
    minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    customer_id: Identifier | None = None
    ticket_id: Identifier | None = None
    operator_id: Identifier | None = None


class CancelBody(Body):
    """Who cancels; a technician writes down what the customer said."""

    by: Literal["customer", "provider"]


class KeptBody(Body):
    """The customer is there."""

    session_id: Identifier | None = None


class FailedBody(Body):
    """There was no connection, through whom (I13)."""

    through: Literal["customer", "other"]


class AppointmentItem(Reply):
    """One line of the list.  `work_id`: what a missed one was charged as; `waits_until`: the end of the wait (I12)."""

    id: str
    state: State
    at: UtcTime
    minutes: int
    customer_id: str
    contract_id: str | None
    ticket_id: str | None
    operator_id: str | None
    session_id: str | None
    work_id: str | None
    made_utc: UtcTime
    settled_utc: UtcTime | None
    waits_until: UtcTime | None


class AppointmentMade(AppointmentItem):
    """A new one.  `invite_url`: the customer's link with the secret, told this once (R7)."""

    invite_url: str


class AppointmentList(Reply):
    """A page, by the start.  `next`: the cursor of the one after it."""

    items: tuple[AppointmentItem, ...]
    next: str | None


class Invitation(Reply):
    """What the holder of the secret sees.  Cancelling is free until `free_until`; null: always."""

    organisation: str
    state: State
    at: UtcTime
    minutes: int
    free_until: UtcTime | None


def appointment_item(row: AppointmentRow, waits_until: int | None) -> AppointmentItem:
    """An appointment as a line of a list."""
    same = {name: getattr(row, name) for name in AppointmentItem.model_fields if name not in ("at", "waits_until")}
    return AppointmentItem(
        **same, at=instant(row.at), waits_until=None if waits_until is None else instant(waits_until)
    )


def invitation(invited: Invited, organisation: str) -> Invitation:
    """An appointment as the customer sees it."""
    row, until = invited.row, invited.free_until
    return Invitation(
        organisation=organisation, state=State(row.state), at=instant(row.at), minutes=row.minutes,
        free_until=None if until is None else instant(until),
    )  # fmt: skip


def instant(seconds: int) -> datetime:
    """Seconds since 1970 as a time of day."""
    return datetime.fromtimestamp(seconds, UTC)
