"""The endpoints of sessions: the list, a page for each, exports, erasure.  Operators see only their own."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from broker.log import events
from broker.log.projections import SessionState
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier
from broker.services import Services, needs_services
from broker.sessions import schemas
from broker.sessions.archive import Entry, SessionArchive, Story
from broker.sessions.export import as_csv, as_json
from broker.sessions.repository import Filter
from protocol.control import EndReason
from protocol.text import b64url

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.SESSIONS_OWN)]
Eraser = Annotated[Principal, allow(Permission.SESSIONS_ERASE)]

EXPORTS = {"csv": (as_csv, "text/csv; charset=utf-8"), "json": (as_json, "application/json")}


def _filter(
    reader: Reader,
    since: Annotated[schemas.Since | None, Query(alias="from")] = None,
    until: Annotated[schemas.Until | None, Query(alias="to")] = None,
    operator: schemas.Text = "",
    customer: schemas.Text = "",
    reason: EndReason | None = None,
    state: SessionState | None = None,
) -> Filter:
    return Filter(
        org_id=reader.org_id, since=since, until=until, only_operator_id=_only(reader), operator=operator or None,
        customer=customer or None, end_reason=reason, state=state,
    )  # fmt: skip


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("/sessions")
async def sessions(
    which: Wanted, reader: Reader, services: Needs, limit: schemas.Limit = 50, cursor: schemas.Cursor | None = None
) -> schemas.SessionList:
    """Newest first."""
    page = await services.archive.page(which, limit, cursor)
    return schemas.SessionList(items=tuple(map(_item, page.entries)), next=page.next)


@router.get(
    "/sessions/export",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for _, kind in EXPORTS.values()}}},
)
async def export(
    which: Wanted, reader: Reader, services: Needs, format: Literal["csv", "json"] = "csv"
) -> StreamingResponse:
    """Every session that the filter lets through, as a file."""
    writer, media_type = EXPORTS[format]
    headers = {"Content-Disposition": f'attachment; filename="sessions.{format}"', "Cache-Control": "no-store"}
    return StreamingResponse(writer(_items(services.archive, which)), media_type=media_type, headers=headers)


@router.get("/sessions/{id}")
async def session(id: Identifier, reader: Reader, services: Needs) -> schemas.SessionDetail:
    """One session with its timeline."""
    return _detail(await services.archive.story(reader.org_id, id, _only(reader)))


@router.post("/sessions/{id}/erase", status_code=204)
async def erase(id: Identifier, eraser: Eraser, services: Needs) -> None:
    """The customer's personal data, for good; the log stays verifiable."""
    await services.archive.erase(eraser.org_id, id, eraser.operator_id)


async def _items(archive: SessionArchive, which: Filter) -> AsyncIterator[schemas.SessionItem]:
    async with aclosing(archive.every(which)) as entries:
        async for entry in entries:
            yield _item(entry)


def _only(reader: Principal) -> str | None:
    return None if reader.may(Permission.SESSIONS_ALL) else reader.operator_id


def _item(entry: Entry) -> schemas.SessionItem:
    return schemas.SessionItem(**_facts(entry))


def _facts(entry: Entry) -> dict[str, Any]:
    view, personal = entry.view, entry.personal
    return {
        "id": view.session_id,
        "started_utc": view.requested.utc,
        "joined_utc": view.joined.utc if view.joined else None,
        "ended_utc": view.ended.utc if view.ended else None,
        "state": view.state.value,
        "operator_id": view.operator_id,
        "operator_name": personal.get("operator_name"),
        "customer": schemas.CustomerReply(
            computer=personal.get("computer"), user=personal.get("user"), address=personal.get("address")
        ),
        "service": view.service,
        "end_reason": view.end_reason,
        "connected_s": view.connected_s,
        "paused_s": view.paused_s,
        "agent_id": view.agent_id,
    }


def _detail(story: Story) -> schemas.SessionDetail:
    view = story.entry.view
    requested = story.events[0].recorded.event
    assert isinstance(requested, events.Requested)
    offer = story.entry.personal.get("offer")
    return schemas.SessionDetail(
        **_facts(story.entry),
        offer=msgspec.json.decode(offer) if offer else None,
        granted=view.granted,
        bandwidth=schemas.BandwidthReply(
            down_kbit=requested.down_kbit, up_kbit=requested.up_kbit, rtt_ms=requested.rtt_ms
        ),
        receipt=next((receipt for receipt in map(_receipt, story.events) if receipt), None),
        bytes_up=view.bytes_up,
        bytes_down=view.bytes_down,
        erased=view.erased,
        events=tuple(map(_event, story.events)),
    )


def _receipt(chained: events.ChainedEvent) -> schemas.ReceiptReply | None:
    event = chained.recorded.event
    if not isinstance(event, events.Consented):
        return None
    return schemas.ReceiptReply(
        granted=event.granted, utc=event.utc, lang=event.lang, body=event.body, sig=event.sig,
        receipt_sha256=event.receipt_sha256, seq=chained.recorded.seq,
    )  # fmt: skip


def _event(chained: events.ChainedEvent) -> schemas.EventReply:
    recorded = chained.recorded
    data = msgspec.to_builtins(recorded.event)
    for known in ("kind", "session_id", "personal"):
        data.pop(known, None)
    if "at" in data:
        data["at_utc"] = data.pop("at")[0]
    return schemas.EventReply(
        seq=recorded.seq, kind=recorded.kind, utc=recorded.moment.utc, data=data, head=b64url(chained.head)
    )
