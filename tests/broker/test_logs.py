"""What reaches the log: one event a line, with everything covered that is or looks like a secret."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from broker.ids import new_token
from broker.logs import COVERED, configure, cover_secrets


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, configuration = list(root.handlers), root.level, structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**configuration)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_ours_and_a_librarys_records_are_events_of_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", as_json=True)
    structlog.get_logger("broker.x").info("happened", count=3)
    logging.getLogger("library").warning("said %s", "so")
    structlog.get_logger("broker.x").debug("too fine")
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["count"], ours["level"], ours["logger"]) == ("happened", 3, "info", "broker.x")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("said so", "warning", "library")


def test_a_secret_is_covered_by_its_name_and_by_its_looks(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", as_json=True)
    token = new_token()
    log = structlog.get_logger("broker.x")
    log.info(
        "happened",
        password="canary-1",
        body={"token": "canary-2", "inner": [f"Bearer {token}"]},
        raw=token.encode(),
        url="postgresql+asyncpg://user:canary-3@db/relevo",
        link=f"https://a.example/console/#/reset?token={token}",
        hashed="$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$canary-4",
    )
    logging.getLogger("library").error("sent %s", f"Cookie: relevo_session={token}")
    text = capsys.readouterr().err
    assert "canary" not in text
    assert token not in text
    assert COVERED in json.loads(text.splitlines()[0])["password"]


def test_a_failure_is_told_without_what_the_variables_held(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", as_json=True)
    token = new_token()

    def fail(password: str) -> None:
        raise RuntimeError(f"refused {token}")

    try:
        fail("-".join(["canary", "local"]))
    except RuntimeError:
        structlog.get_logger("broker.x").exception("failed")
    text = capsys.readouterr().err
    assert "RuntimeError" in text
    assert "in fail" in text
    assert "canary-local" not in text
    assert token not in text


@pytest.mark.parametrize("word", ["operator_id", "path", "reason", "count", "monkey", "keyboard"])
def test_what_is_no_secret_can_be_read(word: str) -> None:
    assert cover_secrets(None, "", {word: "/api/v1/me"})[word] == "/api/v1/me"
