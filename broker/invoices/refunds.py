"""What is given back: a purchase that was cancelled (E9), and what was paid too much (E11).  Pure.

Instants are whole seconds since 1970 in UTC, money is minor units.
"""

from dataclasses import dataclass

from broker.i18n import N_
from broker.invoices.amounts import share_minor
from broker.policies.hours import SupportHours
from broker.policies.schema import Invoices, Refunds

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back: `amount_minor` after `fee_minor` was kept.  `pay_by` None: there is no term."""

    amount_minor: int
    fee_minor: int
    pay_by: int | None = None


@dataclass(frozen=True, slots=True)
class NoRefund:
    """Nothing goes back and the time stays the customer's.  `reason` is a msgid, `values` what its `{…}` stand for."""

    clause: str
    reason: str
    values: tuple[tuple[str, object], ...] = ()


def of_purchase(
    rule: Refunds,
    hours: SupportHours,
    *,
    paid_minor: int,
    minutes: int,
    begun: bool,
    paid_at: int,
    asked_at: int,
) -> Refund | NoRefund:
    """E9: what a block of `minutes`, bought at once for `paid_minor`, brings back when its cancellation is asked for.

    24 h to the second are in time.  `begun`: any of it was used.
    """
    if asked_at - paid_at > rule.within_hours * HOUR:
        text = N_("Cancelled later than {hours} h after payment: the time stays")
        return NoRefund(rule.clause, text, (("hours", rule.within_hours),))
    if minutes <= rule.over_minutes:
        text = N_("Only blocks of over {minutes} min bought at once are refunded: the time stays")
        return NoRefund(rule.clause, text, (("minutes", rule.over_minutes),))
    if begun:
        return NoRefund(rule.clause, N_("A block that was begun is not refunded: the time stays"))
    fee = share_minor(paid_minor, rule.fee_percent)
    return Refund(paid_minor - fee, fee, hours.after(asked_at, rule.paid_within_working_hours * HOUR))


def of_overpayment(rule: Invoices, excess_minor: int) -> Refund:
    """E11: what goes back of money beyond the total; kept as credit, it stays whole."""
    fee = share_minor(excess_minor, rule.overpayment_fee_percent)
    return Refund(excess_minor - fee, fee)
