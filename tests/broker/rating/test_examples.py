"""Worked examples of each provider, as a table: the case, what it costs, and the sum in words (`examples/*.json`)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from broker.policies import files
from broker.rating.case_json import read_case, write_bill
from broker.rating.engine import Engine
from broker.rating.errors import NotServed
from tests.broker.rating import oracle

TABLES = sorted(Path(__file__).with_name("examples").glob("*.json"))
CARRIED = {
    *("Q2", "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I11", "I12", "I17", "R2", "R4", "R5"),
    *("T1", "T3", "T4", "T6", "T7", "E1", "E2", "E3", "E4", "E5", "E7", "E8", "E10", "E13", "E14"),
}
"""The clauses that rating carries out."""


@dataclass(frozen=True)
class Example:
    policy: str
    columns: tuple[str, ...]
    row: dict[str, Any]

    def bill(self) -> dict[str, Any]:
        engine = engine_of(self.policy)
        return write_bill(engine.rate(read_case(json.dumps(self.row["case"]))), engine.policy)


@cache
def engine_of(policy: str) -> Engine:
    return Engine(files.load(policy))


def examples() -> list[Example]:
    tables = {file.stem: json.loads(file.read_text("utf-8")) for file in TABLES}
    return [Example(name, tuple(table["columns"]), row) for name, table in tables.items() for row in table["examples"]]


def served(*, yes: bool) -> list[Any]:
    return [
        pytest.param(one, id=f"{one.policy}: {one.row['title']}", marks=pytest.mark.clause(*one.row["clauses"]))
        for one in examples()
        if ("refused" not in one.row) is yes
    ]


@pytest.mark.parametrize("example", served(yes=True))
def test_it_costs_what_the_terms_say(example: Example) -> None:
    bill, row = example.bill(), example.row
    assert [[charge[column] for column in example.columns] for charge in bill["charges"]] == row["charges"]
    assert bill["balance_minutes_after"] == row["balance_minutes_after"]
    assert [bill["net"], bill["tax"], bill["total"]] == row["sum"]


@pytest.mark.parametrize("example", served(yes=False))
def test_it_is_refused_as_the_terms_say(example: Example) -> None:
    with pytest.raises(NotServed) as caught:
        example.bill()
    said = caught.value
    assert {said.subject: said.index, "clause": said.clause} == example.row["refused"]


@pytest.mark.parametrize("example", served(yes=True))
def test_the_words_name_the_sum(example: Example) -> None:
    net, _, total = example.row["sum"]
    for amount in (net, total):
        assert amount in example.row["en"]
        assert amount.replace(".", ",") in example.row["es"]


def test_the_table_is_what_the_oracle_says_too() -> None:
    for example in examples():
        if "refused" in example.row:
            with pytest.raises(oracle.Refused):
                oracle.expected(example.policy, example.row["case"])
        else:
            wanted = oracle.expected(example.policy, example.row["case"])
            charges = [[charge[column] for column in example.columns] for charge in wanted["charges"]]
            assert charges == example.row["charges"], example.row["title"]


def test_every_provider_has_a_dozen_and_every_clause_that_rating_carries_has_one() -> None:
    table = examples()
    assert {example.policy for example in table} == set(files.shipped())
    assert all(sum(example.policy == name for example in table) >= 12 for name in files.shipped())
    assert not CARRIED - {clause for example in table for clause in example.row["clauses"]}
