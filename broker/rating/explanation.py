"""The explanation of a charge: every rule that was applied, in order, with the amount before and after.

A step is data; `sentence` makes the line that a customer reads, in Spanish or English.  Sentences are msgids of the
broker's catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from broker.i18n import N_, translate

ARROW = N_("{text}: {before} → {after}")


@dataclass(frozen=True, slots=True)
class Step:
    """One rule at work.  `text` is a msgid, `values` what its `{…}` stand for.

    `before` and `after` are minutes, or money in `unit`; both are None for a remark that changes nothing.
    """

    clause: str | None
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    before: Fraction | Decimal | None = None
    after: Fraction | Decimal | None = None
    unit: str = "min"

    def sentence(self, lang: str) -> str:
        """The line of the bill, in `lang`: clause, rule, before and after."""
        text = translate(lang, self.text).format(**{k: _said(v, lang) for k, v in self.values.items()})
        if self.before is not None and self.after is not None:
            before, after = (f"{number(amount)} {self.unit}" for amount in (self.before, self.after))
            text = translate(lang, ARROW).format(text=text, before=before, after=after)
        return f"{self.clause}: {text}" if self.clause else text


def number(amount: Fraction | Decimal | int) -> str:
    """An exact number as people read it: whole or decimal if that is exact in three places, else with a fraction."""
    if isinstance(amount, Decimal):
        return str(amount)
    exact = Fraction(amount)
    thousandths = exact * 1000
    if thousandths.denominator == 1:
        whole, rest = divmod(thousandths.numerator, 1000)
        return f"{whole}.{rest:03}".rstrip("0").rstrip(".")
    whole, rest = divmod(exact.numerator, exact.denominator)
    return f"{whole} {rest}/{exact.denominator}" if whole else f"{rest}/{exact.denominator}"


def _said(value: object, lang: str) -> object:
    if isinstance(value, Fraction):
        return number(value)
    return getattr(value, lang, value)
