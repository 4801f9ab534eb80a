"""Names made at random stay what they are, wherever they are pasted."""

import pytest

from broker.ids import new_id
from protocol.text import b64url


def test_no_name_begins_like_a_formula_or_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [bytes([0xF8, *range(15)]), bytes([0xFB, *range(15)]), bytes(16)]
    assert [b64url(one)[0] for one in drawn] == ["-", "-", "A"]
    monkeypatch.setattr("secrets.token_bytes", lambda _count: drawn.pop(0))
    assert new_id() == "A" * 22
    assert drawn == []
