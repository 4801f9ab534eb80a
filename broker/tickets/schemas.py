"""What the endpoints of tickets take and give."""

from typing import Annotated

from pydantic import Field

from broker.policies.schema import Channel
from broker.schemas import Body, Email0, Identifier, Line, Line0, Note, Reply, Report, Token, UtcTime
from broker.store.desk_tables import AttachmentRow, TicketMessageRow, TicketRow
from broker.tickets.reasons import Reason
from broker.tickets.service import Whole
from broker.tickets.states import State

Word = Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,39})?$")]
"""A category of the policy, or none."""
Priority = Annotated[str, Field(pattern=r"^(low|medium|high)?$")]
Short = Annotated[Line0, Field(max_length=40)]
Key = Annotated[Line0, Field(max_length=100)]


class FormBody(Body):
    """A request on the public form (I8).  `accepted`: the tariff, for urgent help without a contract (I7)."""

    subject: Line
    text: Note = ""
    category: Word = ""
    priority: Priority = ""
    urgent: bool = False
    accepted: bool = False
    contact: Line0 = ""
    phone: Short = ""
    email: Email0 = ""
    company: Line0 = ""
    tax_id: Short = ""
    contract_number: Short = ""
    licence_key: Key = ""


class TicketBody(FormBody):
    """A request as a technician writes it down; of a known customer, what is left out is filled in."""

    channel: Channel
    customer_id: Identifier | None = None
    session_id: Identifier | None = None
    order_id: Identifier | None = None


class MessageBody(Body):
    """What is said.  `from_customer`: a technician writes down what the customer said."""

    text: Report
    from_customer: bool = False


class SaidBody(Body):
    """What the customer says."""

    text: Report


class RefuseBody(Body):
    """Why: excluded work of the policy by its place from 0 (I17), or a sentence."""

    excluded: Annotated[int, Field(ge=0, le=1000)] | None = None
    reason: Report | None = None


class TicketPatch(Body):
    """What is absent stays."""

    priority: Priority | None = None
    category: Word | None = None
    urgent: bool | None = None
    customer_id: Identifier | None = None


class ReasonReply(Reply):
    """Why it was refused or closed by itself, in the reader's language."""

    clause: str | None
    text: str


class TicketItem(Reply):
    """One line of the list.  `target_utc`: until when the first answer is due."""

    id: str
    number: int
    state: State
    reason: ReasonReply | None
    channel: str
    category: str
    priority: str
    urgent: bool
    subject: str
    customer_id: str | None
    contract_id: str | None
    company: str
    contact: str
    operator_id: str | None
    opened_utc: UtcTime
    target_utc: UtcTime | None
    answered_utc: UtcTime | None
    closed_utc: UtcTime | None


class TicketList(Reply):
    """A page, newest first.  `next`: the cursor of the one after it."""

    items: tuple[TicketItem, ...]
    next: str | None


class MessageItem(Reply):
    """What was said, and by whom; `operator_id` null: by the customer."""

    operator_id: str | None
    text: str
    utc: UtcTime


class AttachmentItem(Reply):
    """A screenshot."""

    id: str
    name: str
    media_type: str
    utc: UtcTime


class TicketDetail(TicketItem):
    """A ticket's page.

    `customer_name`: of one who is known; `balance_minutes`: of the contract in force; `quote_needed`: none left (E5).
    """

    customer_name: str
    text: str
    phone: str
    email: str
    tax_id: str
    contract_number: str
    accepted: bool
    session_id: str | None
    order_id: str | None
    plan: str | None
    plan_title: str | None
    balance_minutes: int | None
    quote_needed: bool
    messages: tuple[MessageItem, ...]
    attachments: tuple[AttachmentItem, ...]


class ExcludedWork(Reply):
    """What the policy in force excludes (I17), in the reader's language, in its order."""

    items: tuple[str, ...]


class FormReply(Reply):
    """The ticket's number and state.  `token`: the secret to come back with, told this once."""

    number: int
    state: State
    reason: ReasonReply | None
    token: Token


class OwnMessage(Reply):
    """What was said, as the customer sees it."""

    from_customer: bool
    text: str
    utc: UtcTime


class OwnTicket(Reply):
    """A ticket as its customer sees it."""

    organisation: str
    number: int
    state: State
    reason: ReasonReply | None
    subject: str
    text: str
    opened_utc: UtcTime
    target_utc: UtcTime | None
    closed_utc: UtcTime | None
    messages: tuple[OwnMessage, ...]
    attachments: int


def reason_reply(row: TicketRow, lang: str) -> ReasonReply | None:
    """A ticket's reason in the reader's language."""
    reason = Reason.read(row.state_reason)
    return ReasonReply(clause=reason.clause, text=reason.sentence(lang)) if reason else None


def ticket_item(row: TicketRow, lang: str) -> TicketItem:
    """A ticket as a line of a list."""
    same = {name: getattr(row, name) for name in TicketItem.model_fields if name != "reason"}
    return TicketItem(**same, reason=reason_reply(row, lang))


def ticket_detail(whole: Whole, lang: str) -> TicketDetail:
    """A ticket's page."""
    row, held = whole.row, whole.standing.held
    own = set(TicketDetail.model_fields) & set(TicketRow.__table__.columns.keys())
    return TicketDetail(
        **{name: getattr(row, name) for name in own},
        reason=reason_reply(row, lang),
        customer_name=whole.standing.customer.name if whole.standing.customer else "",
        plan=held.row.plan if held else None,
        plan_title=getattr(held.plan.title, "es" if lang == "es" else "en") if held else None,
        balance_minutes=held.balance_minutes if held else None,
        quote_needed=whole.standing.quote_needed and row.order_id is None,
        messages=tuple(map(_message, whole.messages)),
        attachments=tuple(map(attachment_item, whole.attachments)),
    )


def own_ticket(whole: Whole, organisation: str, lang: str) -> OwnTicket:
    """A ticket as its customer sees it."""
    row = whole.row
    said = (OwnMessage(from_customer=m.operator_id is None, text=m.text, utc=m.utc) for m in whole.messages)
    return OwnTicket(
        organisation=organisation, number=row.number, state=State(row.state), reason=reason_reply(row, lang),
        subject=row.subject, text=row.text, opened_utc=row.opened_utc, target_utc=row.target_utc,
        closed_utc=row.closed_utc, messages=tuple(said), attachments=len(whole.attachments),
    )  # fmt: skip


def attachment_item(row: AttachmentRow) -> AttachmentItem:
    """A screenshot without its bytes."""
    return AttachmentItem(id=row.id, name=row.name, media_type=row.media_type, utc=row.utc)


def _message(row: TicketMessageRow) -> MessageItem:
    return MessageItem(operator_id=row.operator_id, text=row.text, utc=row.utc)
