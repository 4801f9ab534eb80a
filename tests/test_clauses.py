"""Every clause of the five providers' terms has a test that shows it: its marker names the clause's number.

`@pytest.mark.clause("Q4")` on a test, or `"clauses": [...]` in a table of worked examples.  What has none yet stands in
`STILL_MISSING`, which only shrinks: whoever writes the test takes the number out.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LAST = {"Q": 14, "I": 17, "R": 9, "T": 7, "E": 18}
CLAUSES = [f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)]
"""QUASAR, informapuntcom, Remote Utilities, ITPLUSNET, EASI."""

STILL_MISSING = {
    # Files, chat, video and recording are not built.
    *("Q6", "Q7", "E6"),
}


def marked(tree: ast.AST) -> Iterator[str]:
    """The clauses that a module's markers name, as far as they are written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.clause"):
            for argument in node.args:
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)


@cache
def clauses_shown() -> dict[str, str]:
    """Each clause that is named, with a file that names it."""
    found: dict[str, str] = {}
    for module in sorted(TESTS.rglob("test_*.py")):
        text = module.read_text("utf-8")
        if "mark.clause" in text:
            found |= dict.fromkeys(marked(ast.parse(text)), module.name)
    for table in sorted(TESTS.rglob("examples/*.json")):
        for example in json.loads(table.read_text("utf-8"))["examples"]:
            found |= dict.fromkeys(example["clauses"], table.name)
    return found


def test_only_clauses_that_there_are_are_named() -> None:
    assert {clause: where for clause, where in clauses_shown().items() if clause not in CLAUSES} == {}
    assert set(CLAUSES) >= STILL_MISSING


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_has_a_test_or_stands_among_the_missing(clause: str) -> None:
    where = clauses_shown().get(clause)
    if clause in STILL_MISSING:
        assert where is None, f"{clause} has a test now, in {where}: take it out of STILL_MISSING"
    else:
        assert where is not None, f"{clause} has no test, and does not stand among STILL_MISSING"


def test_the_search_sees_markers() -> None:
    text = '@pytest.mark.clause("Q1", "E18")\nasync def test_x(): ...\n'
    assert set(marked(ast.parse(text))) == {"Q1", "E18"}
    assert all(re.fullmatch("[QIRTE][0-9]{1,2}", clause) for clause in CLAUSES)
