"""The format of the log never changes: an old log is read, computed again by other code, and found whole."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, get_args

import pytest

from broker.log.events import AnyEvent, from_stored, kind_name, to_stored
from broker.log.projections import SessionState, project
from protocol.text import lv, unb64url

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "session-log.json").read_text(encoding="utf-8"))


def _fields(*fields: bytes) -> bytes:
    """`docs/session-log.md`, read by someone who has no other source: every field here is shorter than 16 KiB."""
    out = b""
    for field in fields:
        length = len(field)
        out += (bytes([length]) if length < 128 else bytes([length % 128 + 128, length // 128])) + field
    return out


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_an_outsider_computes_the_same_chain() -> None:
    head = bytes(32)
    for event in VECTORS["events"]:
        org, seq, stored = VECTORS["org_id"].encode(), str(event["seq"]).encode(), event["stored"].encode()
        head = hashlib.sha256(_fields(b"relevo-log-1", org, seq, head, stored)).digest()
        assert _text(head) == event["head"]
        commitments = json.loads(stored)["event"].get("personal", {})
        assert commitments.keys() == event["personal"].keys()
        for field, datum in event["personal"].items():
            salt, value = unb64url(datum["salt"]), datum["value"].encode()
            fields = _fields(b"relevo-personal-1", org, seq, field.encode(), salt, value)
            assert commitments[field] == _text(hashlib.sha256(fields).digest())
    assert _fields(b"a", b"b" * 300) == lv("a", "b" * 300)


@pytest.mark.parametrize("event", VECTORS["events"], ids=lambda event: str(event["seq"]))
def test_what_was_written_is_read_and_would_be_written_again(event: dict[str, Any]) -> None:
    stored = event["stored"].encode()
    assert to_stored(from_stored(stored)) == stored


def test_every_kind_of_event_is_among_them() -> None:
    kinds = {from_stored(event["stored"].encode()).kind for event in VECTORS["events"]}
    assert kinds == {kind_name(kind) for kind in get_args(AnyEvent)}


def test_the_session_is_what_it_was() -> None:
    told = [from_stored(event["stored"].encode()) for event in VECTORS["events"]]
    session_id = told[0].session_id
    assert session_id is not None
    view = project(session_id, told)
    assert view is not None
    assert (view.state, view.end_reason, view.connected_s, view.paused_s) == (SessionState.ENDED, "customer", 23, 5)
    assert (view.g, view.granted, view.bytes_up, view.bytes_down, view.erased) == (2, ("view",), 1000, 10, True)
