"""Numbers of bills: exact, never binary floating point.

A ratio is a `Fraction`, an amount of money a `Decimal`.  Both are read from TOML's and JSON's own notation or from
text ("1.5", "4/3"); a `float` is refused, because it has already lost what was written.
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

NUMBER: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
QUOTIENT: Final = re.compile(r"[0-9]{1,9}/[1-9][0-9]{0,8}")


def ratio(value: Any) -> Fraction:
    """`value` as a non-negative exact ratio.  Raises `ValueError` for anything else."""
    if isinstance(value, Fraction) and value >= 0:
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and (NUMBER.fullmatch(value) or QUOTIENT.fullmatch(value)):
        return Fraction(value)
    raise ValueError('must be a number such as 2, 1.5 or "4/3", not below zero')


def amount(value: Any) -> Decimal:
    """`value` as a non-negative amount of money.  Raises `ValueError` for anything else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return Decimal(value)
    raise ValueError("must be an amount such as 45 or 45.00, not below zero")


def positive(value: Any) -> Any:
    """The same number, refused when it is zero."""
    if value == 0:
        raise ValueError("must be above zero")
    return value


WRITTEN = WithJsonSchema({"type": "string", "title": "ratio"})
Ratio = Annotated[Fraction, BeforeValidator(ratio), PlainSerializer(str), WRITTEN]
Amount = Annotated[
    Decimal, BeforeValidator(amount), PlainSerializer(str), WithJsonSchema({"type": "string", "title": "amount"})
]
