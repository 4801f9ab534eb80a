"""Sessions as answers of the API and lines of an export.  Pure."""

from typing import Any

import msgspec

from broker.log import events
from broker.sessions import schemas
from broker.sessions.archive import Entry, Story
from protocol.text import b64url


def session_item(entry: Entry) -> schemas.SessionItem:
    """One line of a list."""
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


def session_detail(story: Story) -> schemas.SessionDetail:
    """A session's page."""
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
