"""What a computer says of itself when it registers."""

import sys

import pytest

from client_agent.registration import user
from protocol import limits

NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")


def test_a_user_name_in_another_encoding_is_text_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", b"jos\xe9".decode("utf-8", "surrogateescape"))
    assert user() == "jos?"
    monkeypatch.setenv("LOGNAME", "x" * 1000)
    assert user() == "x" * limits.SHORT_TEXT


def test_a_system_without_a_user_data_base_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    assert user() == ""
