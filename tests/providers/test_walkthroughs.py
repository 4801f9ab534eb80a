"""The walk-throughs of docs/providers say what is so: cases rate to the totals beside them, pictures are there."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broker.rating.cli import app

DOCS = Path(__file__).parents[2] / "docs/providers"
LAST = {
    "quasar": ("Q", 14),
    "informapuntcom": ("I", 17),
    "remote-utilities": ("R", 9),
    "itplusnet": ("T", 7),
    "easi": ("E", 18),
}
CASE = re.compile(r"relevo rate --policy (\S+) - <<'CASE'\n(.*?)\nCASE\n```\n.*?`(\"total\": \"[0-9.]+\")`", re.DOTALL)


def walk_through(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("name", LAST)
def test_a_walk_through_comes_by_every_clause(name: str) -> None:
    letter, last = LAST[name]
    text = walk_through(name)
    missing = [n for n in range(1, last + 1) if not re.search(rf"\b{letter}{n}\b", text)]
    assert missing == []


@pytest.mark.parametrize("name", LAST)
def test_the_cases_come_to_what_the_walk_through_says(name: str) -> None:
    cases = CASE.findall(walk_through(name))
    assert cases, "no case"
    for policy, case, total in cases:
        said = CliRunner().invoke(app, ["rate", "--policy", policy, "-"], input=case)
        assert (said.exit_code, total in said.output) == (0, True), said.output


def test_every_picture_is_there() -> None:
    shown = {
        name for file in DOCS.glob("*.md") for name in re.findall(r"\.\./(images/\S+?)\)", file.read_text("utf-8"))
    }
    assert {name for name in shown if not (DOCS.parent / name).is_file()} == set()
