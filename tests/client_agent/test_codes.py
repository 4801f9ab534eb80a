"""Codes of a run: shown for ten minutes, alive a minute longer, killed together; nothing that was not asked for."""

import secrets
from typing import Any

from client_agent.codes import CodeBook
from client_agent.probe import Uploader
from protocol import control, limits
from protocol.text import b64url

NONCE = b64url(bytes(16))


def name(n: int) -> str:
    return b64url(bytes([n] * 16))


def issued(code_id: str, **changes: Any) -> control.CodeIssued:
    fields: dict[str, Any] = {"id": "123456789", "code_id": code_id, "server_part": "K7Q", "shown_s": 600}
    return control.CodeIssued(**fields | changes)


def test_a_code_has_three_symbols_of_the_broker_and_five_of_its_own() -> None:
    book = CodeBook(secrets.randbelow)
    book.request(name(1), NONCE)
    code = book.issued(issued(name(1)), now=100.0)
    assert code is not None
    assert code.password[:3] == "K7Q"
    assert len(code.password) == 8
    assert code.agent_part not in repr(code)


def test_what_was_not_asked_for_or_was_issued_twice_or_is_malformed_is_no_code() -> None:
    book = CodeBook(secrets.randbelow)
    assert book.issued(issued(name(1)), 0.0) is None
    book.request(name(1), NONCE)
    assert book.issued(issued(name(1), server_part="B0O"), 0.0) is None
    assert book.issued(issued(name(1)), 0.0) is not None
    assert book.issued(issued(name(1)), 0.0) is None


def test_a_rotated_code_stays_alive_for_the_customer_who_is_still_reading_it_out() -> None:
    book = CodeBook(secrets.randbelow)
    book.request(name(1), NONCE)
    book.issued(issued(name(1)), 0.0)
    book.request(name(2), NONCE)
    book.issued(issued(name(2)), limits.CODE_SHOWN)
    assert book.alive(name(1), limits.CODE_VALID - 1) is not None
    assert book.alive(name(1), limits.CODE_VALID) is None
    assert book.alive(name(2), limits.CODE_VALID) is not None


def test_the_broker_cannot_stretch_the_life_of_a_code() -> None:
    book = CodeBook(secrets.randbelow)
    book.request(name(1), NONCE)
    code = book.issued(issued(name(1), shown_s=10**9), 0.0)
    assert code is not None
    assert code.shown_until == limits.CODE_SHOWN


def test_a_burn_kills_every_code() -> None:
    book = CodeBook(secrets.randbelow)
    for n in (1, 2):
        book.request(name(n), NONCE)
        book.issued(issued(name(n)), 0.0)
    dead = {code.code_id: code.reason for code in book.kill("wrong_tag", first=name(1))}
    assert dead == {name(1): "wrong_tag", name(2): "cancelled"}
    assert book.alive(name(2), 0.0) is None


def test_an_upload_keeps_within_its_window_and_its_total() -> None:
    asked = control.ProbeUpload(total_bytes=1000, chunk_bytes=300, window=2)
    up = Uploader(asked, secrets.token_bytes)
    first = up.begin()
    assert [probe.seq for probe in first] == [0, 1]
    assert [probe.seq for probe in up.acked(0)] == [2]
    rest = up.acked(2)
    assert [probe.seq for probe in rest] == [3]
    assert up.acked(3) == []
