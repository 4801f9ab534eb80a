"""Money: decimal, rounded half-up to the currency's minor unit, once per charge (clauses.md, rating 7)."""

from decimal import Decimal
from fractions import Fraction


def rounded(amount: Fraction, digits: int) -> Decimal:
    """An exact, non-negative amount at `digits` decimal places, halves up."""
    scaled = amount * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole).scaleb(-digits)


def text(amount: Decimal, digits: int) -> str:
    """The amount with exactly `digits` decimal places: `"67.50"`, `"45000"`."""
    return f"{amount:.{digits}f}"
