"""What a session costs, in the technician's words.  Counterpart: the browser's `web/src/session/price.ts`.  Pure."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

from operator_console.errors import _
from protocol.offer import Offer, Tariff


def price_sentence(offer: Offer) -> str:
    """What the customer is being told, from the offer that both ends bind into their key."""
    tariff, charging = offer.tariff, offer.charging
    covers = charging.covers if charging else "tariff"
    if covers == "free":
        return _("Free of charge.")
    if covers == "covered":
        return _("Covered by the contract: nothing to pay.")
    left = _("{n} minutes left in the plan.").format(n=charging.minutes_left if charging else 0)
    if tariff is None:
        return left if covers == "balance" else _("No price set.")
    price = _money(tariff)
    if covers == "balance":
        return left + " " + _("After that {price} per hour before tax.").format(price=price)
    if covers == "fixed":
        return _("Fixed price {price} before tax.").format(price=price)
    text = _("{price} per hour before tax, at least {minimum} min, then each started {step} min.")
    return text.format(price=price, minimum=tariff.minimum_minutes, step=tariff.increment_minutes)


def _money(tariff: Tariff) -> str:
    amount = Decimal(tariff.unit_minor).scaleb(-get_currency_precision(tariff.currency))
    return str(format_currency(amount, tariff.currency, locale="en"))
