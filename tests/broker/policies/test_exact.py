"""No binary floating point comes near a bill: not in the code, not in a policy file, not by hand."""

import ast
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from broker.policies import exact, files

BROKER = Path(files.__file__).resolve().parents[1]
SOURCES = sorted(file for part in ("rating", "policies") for file in (BROKER / part).rglob("*.py"))


def inexact(tree: ast.AST) -> list[str]:
    """Where a module makes, takes or needs a float: `line: what`."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() | complex()):
                found.append(f"{node.lineno}: a float literal")
            case ast.Name(id="float" | "round" | "complex" as name):
                found.append(f"{node.lineno}: {name}")
            case ast.Attribute(attr="total_seconds" | "from_float" | "timestamp" as name):
                found.append(f"{node.lineno}: .{name}")
            case ast.Import(names=[*names]) if any(name.name == "math" for name in names):
                found.append(f"{node.lineno}: math")
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_module_of_rating_or_policies_knows_floats(file: Path) -> None:
    assert inexact(ast.parse(file.read_text("utf-8"))) == []


def test_the_search_finds_what_it_looks_for() -> None:
    guilty = "import math\nx = 1.5\ny = float(2)\nz = round(3)\nw = d.total_seconds()\n"
    assert inexact(ast.parse("x = 3 / 2\n")) == []
    assert len(inexact(ast.parse(guilty))) == 5


@pytest.mark.parametrize(
    "value", [1.5, 0.1, 2.0, float("nan"), float("inf"), True, None, -1, "-1", "1e3", "", " 1", "1,5"]
)
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        exact.ratio(value)
    with pytest.raises(ValueError, match="must be"):
        exact.amount(value)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(2, "2"), ("1.5", "3/2"), ("4/3", "4/3"), (Decimal("0.1"), "1/10"), (Fraction(7, 3), "7/3"), (0, "0")],
)
def test_a_ratio_is_what_was_written(value: object, wanted: str) -> None:
    assert str(exact.ratio(value)) == wanted


@pytest.mark.parametrize("value", ["1/0", "4/-3", "1/", "/2", Fraction(-1, 2), Decimal(-1), Decimal("NaN"), "٣"])
def test_a_ratio_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        exact.ratio(value)


@pytest.mark.parametrize(("value", "wanted"), [(45, "45"), ("45.00", "45.00"), (Decimal("0.005"), "0.005")])
def test_an_amount_is_what_was_written(value: object, wanted: str) -> None:
    assert str(exact.amount(value)) == wanted
