"""`relevo rate` as anyone runs it: one JSON object of the promised shape, or a sentence and an exit code."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import relevo
from tests.broker.rating.test_examples import Example, examples

START, END = "2026-03-02T10:00:00+01:00", "2026-03-02T11:00:00+01:00"
WORK = {"kind": "session", "start": START, "end": END}
CONTRACT = {"plan": "maintenance", "start": "2026-01-01", "end": "2026-12-31"}
CHARGE = (
    *("work", "event", "billable_seconds", "counted_minutes", "rounded_minutes", "from_balance_minutes"),
    *("charged_minutes", "net", "explanation"),
)

Rate = Callable[..., Result]


@pytest.fixture
def rate(tmp_path: Path) -> Rate:
    def run(case: object, policy: str = "quasar", *more: str) -> Result:
        file = tmp_path / "case.json"
        file.write_bytes(case if isinstance(case, bytes) else json.dumps(case).encode())
        return CliRunner().invoke(relevo.build("rate"), ["rate", "--policy", policy, str(file), *more])

    return run


def minor_digits(currency: str) -> int:
    return {"CLP": 0}.get(currency, 2)


@pytest.mark.parametrize(
    "example", [one for one in examples() if "refused" not in one.row], ids=lambda one: one.row["title"]
)
def test_it_prints_one_object_of_exactly_this_shape(rate: Rate, example: Example) -> None:
    result = rate(example.row["case"], example.policy)
    assert (result.exit_code, result.stderr) == (0, "")
    bill: dict[str, Any] = json.loads(result.stdout)
    assert tuple(bill) == ("currency", "charges", "balance_minutes_after", "net", "tax", "total")
    assert re.fullmatch("[A-Z]{3}", bill["currency"])
    money = re.compile(r"\d+\.\d\d" if minor_digits(bill["currency"]) else r"\d+")
    assert all(money.fullmatch(bill[key]) for key in ("net", "tax", "total"))
    assert bill["balance_minutes_after"] is None or type(bill["balance_minutes_after"]) is int
    case = example.row["case"]
    works, events = len(case.get("work", [])), len(case.get("events", []))
    indices = [(charge["work"], charge["event"]) for charge in bill["charges"]]
    assert indices == [(at, None) for at in range(works)] + [(None, at) for at in range(events)]
    for charge in bill["charges"]:
        assert tuple(charge) == CHARGE
        assert all(
            type(charge[key]) is int for key in CHARGE if key.endswith(("seconds", "_minutes")) and key != CHARGE[3]
        )
        assert re.fullmatch(r"\d+(/[1-9]\d*)?", charge["counted_minutes"])
        assert money.fullmatch(charge["net"])
        assert charge["explanation"]
        assert all(isinstance(line, str) and line.strip() for line in charge["explanation"])


@pytest.mark.parametrize(
    "example", [one for one in examples() if "refused" in one.row], ids=lambda one: one.row["title"]
)
def test_a_refusal_prints_nothing_but_a_sentence_with_clause_and_index(rate: Rate, example: Example) -> None:
    result = rate(example.row["case"], example.policy)
    refused = dict(example.row["refused"])
    clause = refused.pop("clause")
    [(subject, index)] = refused.items()
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(f"{subject} {index}: {clause}: ")
    assert result.stderr.count("\n") == 1


def test_one_refused_work_refuses_the_whole_case(rate: Rate) -> None:
    served = {"kind": "phone", "start": START, "end": END, "urgent": True, "accepted": True}
    later = {"kind": "phone", "start": "2026-03-02T12:00:00+01:00", "end": "2026-03-02T12:01:00+01:00"}
    result = rate({"work": [served, later]}, "informapuntcom")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "I8" in result.stderr
    assert "work 1" in result.stderr


def test_an_empty_case_costs_nothing(rate: Rate) -> None:
    result = rate({})
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "currency": "EUR",
        "charges": [],
        "balance_minutes_after": None,
        "net": "0.00",
        "tax": "0.00",
        "total": "0.00",
    }


def work(**changes: object) -> dict[str, object]:
    return {"work": [{**WORK, **changes}]}


def contract(**changes: object) -> dict[str, object]:
    return {"contract": {**CONTRACT, **changes}}


def lacking(part: dict[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in part.items() if name != key}


BAD: dict[str, tuple[object, str]] = {
    "an unknown key": ({"works": []}, "works"),
    "an unknown key of a work": (work(price=3), "work.0.price"),
    "an unknown key of a contract": (contract(price=3), "contract.price"),
    "a key given twice": (b'{"work": [], "work": []}', "work"),
    "a key given twice, deep": (b'{"work": [{"kind": "session", "kind": "phone"}]}', "kind"),
    "no kind": ({"work": [lacking(WORK, "kind")]}, "work.0.kind"),
    "no start": ({"work": [lacking(WORK, "start")]}, "work.0.start"),
    "no end": ({"work": [lacking(WORK, "end")]}, "work.0.end"),
    "no plan": ({"contract": lacking(CONTRACT, "plan")}, "contract.plan"),
    "no day": ({"contract": lacking(CONTRACT, "end")}, "contract.end"),
    "no instant": ({"events": [{"kind": "no_show"}]}, "events.0.at"),
    "an unknown kind": (work(kind="visit"), "work.0.kind"),
    "an unknown event": ({"events": [{"kind": "late", "at": START}]}, "events.0.kind"),
    "an instant without an offset": (work(start="2026-03-02T10:00:00"), "work.0.start"),
    "an event without an offset": ({"events": [{"kind": "no_show", "at": "2026-03-02T10:00:00"}]}, "events.0.at"),
    "a day for an instant": (work(start="2026-03-02"), "work.0.start"),
    "a number for an instant": (work(start=1772442000), "work.0.start"),
    "a leap second": (work(end="2016-12-31T23:59:60Z"), "work.0.end"),
    "hour 24": (work(end="2026-03-02T24:00:00+01:00"), "work.0.end"),
    "30 February": (work(end="2026-02-30T10:00:00+01:00"), "work.0.end"),
    "an offset of a day": (work(end="2026-03-02T12:00:00+24:00"), "work.0.end"),
    "the year 1": (work(start="0001-01-01T00:00:00+14:00"), "work.0.start"),
    "the year 9999": (work(end="9999-12-31T23:59:59-12:00"), "work.0.end"),
    "other digits": (work(start="٢٠٢٦-03-02T10:00:00+01:00"), "work.0.start"),
    "an end before its start": (work(end="2026-03-02T09:59:59+01:00"), "work.0.end"),
    "a reversed pause": (work(pauses=[["2026-03-02T10:30:00+01:00", "2026-03-02T10:20:00+01:00"]]), "work.0.pauses.0"),
    "a pause outside its work": (work(pauses=[["2026-03-02T09:59:59+01:00", END]]), "work.0.pauses.0"),
    "a pause that ends after its work": (work(pauses=[[START, "2026-03-02T11:00:01+01:00"]]), "work.0.pauses.0"),
    "half a pause": (work(pauses=[[START]]), "work.0.pauses.0"),
    "three ends of a pause": (work(pauses=[[START, START, START]]), "work.0.pauses.0"),
    "works that overlap": ({"work": [WORK, {**WORK, "start": "2026-03-02T10:59:59+01:00", "end": END}]}, "work.1"),
    "a work within another": ({"work": [{**WORK, "start": "2026-03-02T10:30:00+01:00"}, WORK]}, "work.1"),
    "a contract reversed": (contract(end="2025-12-31"), "contract.end"),
    "a contract that begins on no day": (contract(start="2026-02-29"), "contract.start"),
    "a contract's day as an instant": (contract(start=START), "contract.start"),
    "a day in another notation": (contract(start="20260101"), "contract.start"),
    "a balance below zero": (contract(balance_minutes=-1), "contract.balance_minutes"),
    "a balance of true": (contract(balance_minutes=True), "contract.balance_minutes"),
    "a balance of 10.5": (contract(balance_minutes=10.5), "contract.balance_minutes"),
    "a balance of 10.0": (contract(balance_minutes=10.0), "contract.balance_minutes"),
    "a balance as text": (contract(balance_minutes="10"), "contract.balance_minutes"),
    "an endless balance": (b'{"contract": {"balance_minutes": ' + b"9" * 5000 + b"}}", ""),
    "an unknown plan": (contract(plan="gold"), "contract.plan"),
    "a plan of another provider": (contract(plan="poliza"), "contract.plan"),
    "yes as text": (work(urgent="true"), "work.0.urgent"),
    "yes as a number": (work(urgent=1), "work.0.urgent"),
    "null for a flag": (work(local=None), "work.0.local"),
    "null for works": ({"work": None}, "work"),
    "a number for a service": (work(service=1.5), "work.0.service"),
    "no number at all for a service": (b'{"work": [{"service": NaN}]}', "NaN"),
    "no number at all": (b'{"contract": {"balance_minutes": NaN}}', "NaN"),
    "an endless number": (b'{"contract": {"balance_minutes": -Infinity}}', "Infinity"),
    "a list": ([], "case"),
    "null": (None, "case"),
    "broken JSON": (b'{"work": [', "JSON"),
    "nothing": (b"", "JSON"),
    "two objects": (b"{} {}", "JSON"),
    "text that is not UTF-8": (b'{"work": "\xff\xfe"}', "JSON"),
    "very deep JSON": (b"[" * 200_000, "JSON"),
    "very deep and balanced": (b'{"work": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", ""),
}


@pytest.mark.parametrize(("case", "field"), BAD.values(), ids=BAD)
def test_bad_input_is_told_by_its_field(rate: Rate, case: object, field: str) -> None:
    result = rate(case)
    assert (result.exit_code, result.stdout) == (2, "")
    assert field in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_policy_is_bad_input(rate: Rate) -> None:
    result = rate({}, "quasars")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "quasars" in result.stderr
    assert "remote-utilities" in result.stderr


def test_a_case_that_is_not_there_is_bad_input() -> None:
    result = CliRunner().invoke(relevo.build("rate"), ["rate", "--policy", "quasar", "/nowhere/case.json"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "/nowhere/case.json" in result.stderr


def test_the_numbers_are_the_same_in_every_language(rate: Rate) -> None:
    bills = [json.loads(rate({"work": [WORK]}, "quasar", "--language", language).stdout) for language in ("es", "en")]
    for bill in bills:
        del bill["charges"][0]["explanation"]
    assert bills[0] == bills[1]


def test_defaults_are_as_if_written(rate: Rate) -> None:
    written = {"pauses": [], "urgent": False, "accepted": False, "warranty": False, "covered": True, "local": True}
    full = {"contract": None, "work": [{**WORK, **written, "service": None}], "events": []}
    assert rate(full).stdout == rate({"work": [WORK]}).stdout
    assert rate(contract(balance_minutes=None)).stdout == rate(contract()).stdout


def test_the_real_command_reads_its_standard_input_and_writes_utf_8() -> None:
    command = [sys.executable, "-m", "relevo", "rate", "--policy", "quasar", "--language", "es", "-"]
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        command, input=json.dumps({"work": [WORK]}).encode(), capture_output=True, env=narrow, check=True
    )
    bill = json.loads(done.stdout.decode("utf-8"))
    assert bill["total"] == "54.45"
    assert "→" in done.stdout.decode("utf-8")
