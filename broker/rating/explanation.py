"""The explanation of a charge: every rule that was applied, in order, with the amount before and after.

A step is data; `sentence` makes the line that a customer reads, in Spanish or English.  Sentences are msgids of the
broker's catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from broker.i18n import N_, translate
from broker.policies.exact import QUOTIENT
from broker.policies.schema import Bilingual

MINUTES = "min"
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
    unit: str = MINUTES

    def sentence(self, lang: str) -> str:
        """The line of the bill, in `lang`: clause, rule, before and after."""
        text = translate(lang, self.text).format(**{k: _said(v, lang) for k, v in self.values.items()})
        if self.before is not None and self.after is not None:
            before, after = (f"{number(amount)} {self.unit}" for amount in (self.before, self.after))
            text = translate(lang, ARROW).format(text=text, before=before, after=after)
        return f"{self.clause}: {text}" if self.clause else text


def to_json(step: Step) -> dict[str, Any]:
    """A step as JSON's own types, exact."""
    values = {
        name: value.model_dump() if isinstance(value, Bilingual) else value for name, value in step.values.items()
    }
    return {
        "clause": step.clause,
        "text": step.text,
        "values": {name: str(value) if isinstance(value, Fraction) else value for name, value in values.items()},
        "before": None if step.before is None else str(step.before),
        "after": None if step.after is None else str(step.after),
        "unit": step.unit,
    }


def from_json(written: Mapping[str, Any]) -> Step:
    """A step as `to_json` wrote it: it says the same sentence."""
    exact: Callable[[str], Fraction | Decimal] = Fraction if written["unit"] == MINUTES else Decimal
    values = {name: _value(value) for name, value in written["values"].items()}
    before, after = (None if written[at] is None else exact(written[at]) for at in ("before", "after"))
    return Step(written["clause"], written["text"], values, before, after, written["unit"])


def _value(value: Any) -> object:
    if isinstance(value, dict):
        return Bilingual(**value)
    return Fraction(value) if isinstance(value, str) and QUOTIENT.fullmatch(value) else value


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
