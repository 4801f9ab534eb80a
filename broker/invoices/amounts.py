"""Money between its three forms: minor units in tables, decimal text in the API, words for people (Babel)."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision

from broker.policies.schema import Policy
from broker.rating import money
from broker.rating.engine import tax_of

LOCALES: Final = {("es", "MXN"): "es_MX", ("es", "CLP"): "es_CL", ("es", "USD"): "es_US"}
"""Where a currency is written otherwise than in the language's own country."""


def digits(currency: str) -> int:
    """Decimal places of a currency: 2, or 0 for the Chilean peso."""
    return get_currency_precision(currency)


def decimal(minor: int, currency: str) -> Decimal:
    """Minor units as an amount."""
    return Decimal(minor).scaleb(-digits(currency))


def minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units.  Raises `ValueError` for one that is finer than the currency."""
    scaled = amount.scaleb(digits(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than the minor unit of {currency}")
    return int(scaled)


def text(minor: int, currency: str) -> str:
    """Minor units as the API writes them: `"67.50"`, `"45000"`."""
    return money.text(decimal(minor, currency), digits(currency))


def shown(minor: int, currency: str, lang: str) -> str:
    """Minor units as people read them: `67,50 €`."""
    return str(format_currency(decimal(minor, currency), currency, locale=locale(lang, currency)))


def shown_number(number: int | Decimal, lang: str, currency: str = "") -> str:
    """A number as people read it."""
    return str(format_decimal(number, locale=locale(lang, currency)))


def shown_day(day: date, lang: str) -> str:
    """A day as people read it: `22 nov 2026`."""
    return str(format_date(day, "d MMM y", locale=lang))


def shown_time(local: datetime, lang: str) -> str:
    """A wall-clock time as people read it: `22 nov 2026, 10:05`."""
    return str(format_datetime(local, "d MMM y, H:mm", locale=lang, tzinfo=local.tzinfo))


def locale(lang: str, currency: str) -> str:
    """Babel's locale for a language and the country of a currency."""
    return LOCALES.get((lang, currency), lang)


def tax_minor(policy: Policy, net_minor: int, currency: str) -> int:
    """The tax on a sum of nets, rounded once; a negative sum takes back exactly what the positive one had."""
    in_currency = policy if policy.currency == currency else policy.model_copy(update={"currency": currency})
    tax = minor(tax_of(in_currency, decimal(abs(net_minor), currency)), currency)
    return -tax if net_minor < 0 else tax


def share_minor(amount_minor: int, percent: Fraction) -> int:
    """A percentage of an amount, half-up to the minor unit."""
    return int(money.rounded(amount_minor * percent / 100, 0))


def net_of_total(policy: Policy, total_minor: int, currency: str) -> int:
    """The net price that with its tax makes `total_minor`; the nearest one where none does exactly."""
    nearest = int(money.rounded(Fraction(total_minor) / (1 + policy.tax.percent / 100), 0))
    exact = (net for net in (nearest, nearest - 1, nearest + 1) if _total(policy, net, currency) == total_minor)
    return next(exact, nearest)


def _total(policy: Policy, net_minor: int, currency: str) -> int:
    return net_minor + tax_minor(policy, max(0, net_minor), currency)
