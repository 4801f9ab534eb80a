"""The endpoints of work: lists, time by hand, revisions, and what is held.

Operators see and enter their own work; whoever may read bills sees all.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from broker.errors import NotFound, Unacceptable
from broker.export import EXPORTED, Format, as_file
from broker.i18n import preferred
from broker.invoices import amounts
from broker.permissions import Permission, Principal, allow
from broker.policies.schema import Slug
from broker.rating.explanation import from_json
from broker.rating.model import Basis
from broker.schemas import Identifier, Line
from broker.services import Services, needs_services
from broker.store.billing_tables import WorkRow
from broker.work import schemas
from broker.work.quote import Asked, knows_urgency, quote
from broker.work.repository import Filter
from broker.work.service import NewWork

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]
PAGE = 100
BATCH = 500
"""Works read at a time for a file."""
FARTHEST = 10_000_000
COLUMNS = tuple(name for name in schemas.WorkItem.model_fields if name != "explanation")


def _filter(
    reader: Reader,
    since: datetime | None = None,
    until: datetime | None = None,
    customer: Identifier | None = None,
    contract: Identifier | None = None,
    operator: Identifier | None = None,
    session: Identifier | None = None,
    ticket: Identifier | None = None,
    order: Identifier | None = None,
    state: Literal["charged", "held", "dismissed"] | None = None,
    invoiced: bool | None = None,
    kind: schemas.WorkKind | None = None,
    basis: Basis | None = None,
    plan: Slug | None = None,
    ordered: Slug | None = None,
    service: Line | None = None,
) -> Filter:
    """An operator's own; whoever reads bills sees all."""
    only = reader.operator_id if not reader.may(Permission.BILLING_READ) else operator
    by = Filter(_second(since), _second(until), customer, contract, only, session, ticket, state, invoiced, order)
    return replace(by, kind=kind, basis=basis and basis.value, plan=plan, ordered=ordered, service=service)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/time-entries")
async def work(request: Request, reader: Reader, by: Wanted, services: Needs, offset: int = 0) -> schemas.WorkList:
    """Newest first; an operator's own."""
    if not 0 <= offset <= FARTHEST:
        raise Unacceptable
    rows = await services.work.listed(reader.org_id, by, PAGE + 1, offset)
    items = await _items(services, reader, rows[:PAGE], _lang(request))
    return schemas.WorkList(items=items, next=offset + PAGE if len(rows) > PAGE else None)


@router.get("/time-entries/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(
    request: Request, reader: Reader, by: Wanted, services: Needs, format: Format = "csv"
) -> StreamingResponse:
    """All work that the filter lets through, as a file."""
    return as_file("work", format, COLUMNS, _every(services, reader, by, _lang(request)))


@router.get("/quote")
async def price(
    request: Request,
    reader: Reader,
    services: Needs,
    customer: Identifier | None = None,
    order: Identifier | None = None,
    urgent: bool = False,
) -> schemas.QuoteReply:
    """Whether a session may be now, and at what price: what a pairing for them would be told."""
    policy = await services.policies.in_force(reader.org_id)
    asked = Asked(reader.org_id, customer, order, urgent)
    found = await quote(services.store, asked, int(services.clock.utc().timestamp()))
    return schemas.QuoteReply(
        why_not=found.why(_lang(request)) if found else "",
        knows_urgency=policy is not None and knows_urgency(policy),
        tariff=msgspec.to_builtins(found.tariff) if found and found.tariff else None,
        charging=msgspec.to_builtins(found.charging) if found and found.charging else None,
    )


@router.post("/time-entries", status_code=201)
async def record(body: schemas.WorkBody, writer: Writer, services: Needs, request: Request) -> schemas.WorkItem:
    """Time entered by hand, rated at once."""
    row = await services.work.record(writer.org_id, _new(body), writer.operator_id)
    return await _item(services, writer, row, _lang(request))


@router.get("/time-entries/{work_id}")
async def one(work_id: Identifier, reader: Reader, services: Needs, request: Request) -> schemas.WorkItem:
    """One work, with its explanation."""
    return await _item(services, reader, await _visible(services, reader, work_id), _lang(request))


@router.patch("/time-entries/{work_id}")
async def revise(
    work_id: Identifier, body: schemas.WorkPatch, writer: Writer, services: Needs, request: Request
) -> schemas.WorkItem:
    """Rated anew with other facts, until it is on an invoice."""
    await _visible(services, writer, work_id)
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    if any(changes[name] is None for name in changes.keys() - {"customer_id", "order_id", "ticket_id"}):
        raise Unacceptable
    if "pauses" in changes:
        changes["pauses"] = tuple((begin, end) for begin, end in changes["pauses"])
    row = await services.work.revise(writer.org_id, work_id, changes, writer.operator_id)
    return await _item(services, writer, row, _lang(request))


@router.post("/time-entries/{work_id}/dismiss")
async def dismiss(work_id: Identifier, admin: Admin, services: Needs, request: Request) -> schemas.WorkItem:
    """It is not to be charged."""
    row = await services.work.dismiss(admin.org_id, work_id, admin.operator_id)
    return await _item(services, admin, row, _lang(request))


async def _item(services: Services, who: Principal, row: WorkRow, lang: str) -> schemas.WorkItem:
    (only,) = await _items(services, who, [row], lang)
    return only


async def _items(
    services: Services, who: Principal, rows: Sequence[WorkRow], lang: str
) -> tuple[schemas.WorkItem, ...]:
    names = await services.work.names(who.org_id, rows)
    return tuple(item(row, names, lang) for row in rows)


async def _every(services: Services, who: Principal, by: Filter, lang: str) -> AsyncIterator[schemas.WorkItem]:
    offset = 0
    while rows := await services.work.listed(who.org_id, by, BATCH, offset):
        for one in await _items(services, who, rows, lang):
            yield one
        offset += len(rows)


def item(row: WorkRow, names: Mapping[str, str], lang: str) -> schemas.WorkItem:
    """A work as it is shown in `lang`."""
    return schemas.WorkItem(
        id=row.id,
        revision=row.revision,
        kind=row.kind,
        start=datetime.fromtimestamp(row.start, UTC),
        end=datetime.fromtimestamp(row.end, UTC),
        customer_id=row.customer_id,
        customer_name=names.get(row.customer_id or ""),
        contract_id=row.contract_id,
        session_id=row.session_id,
        ticket_id=row.ticket_id,
        order_id=row.order_id,
        operator_id=row.operator_id,
        operator_name=names.get(row.operator_id),
        urgent=bool(row.urgent),
        accepted=bool(row.accepted),
        warranty=bool(row.warranty),
        covered=row.covered is not False,
        local=row.local is not False,
        note=row.note,
        state=row.state,
        held_clause=row.held_clause,
        held_reason=row.held_reason[lang] if row.held_reason else None,
        basis=row.basis,
        billable_seconds=row.billable_seconds or 0,
        counted_minutes=row.counted_minutes or "0",
        rounded_minutes=row.rounded_minutes or 0,
        from_balance_minutes=row.from_balance_minutes or 0,
        charged_minutes=row.charged_minutes or 0,
        currency=row.currency,
        net=None if row.currency is None else amounts.text(row.net_minor, row.currency),
        explanation=tuple(from_json(step).sentence(lang) for step in row.steps),
        policy_sha256=row.policy_sha256,
        invoice_id=row.invoice_id,
    )


async def _visible(services: Services, who: Principal, work_id: str) -> WorkRow:
    row = await services.work.get(who.org_id, work_id)
    if not who.may(Permission.BILLING_READ) and row.operator_id != who.operator_id:
        raise NotFound
    return row


def _new(body: schemas.WorkBody) -> NewWork:
    facts = dict(body) | {"pauses": tuple((begin, end) for begin, end in body.pauses)}
    return NewWork(**facts)


def _second(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise Unacceptable
    return int(moment.timestamp())


def _lang(request: Request) -> str:
    return preferred(request.headers.get("accept-language"))
