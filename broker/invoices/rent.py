"""Rent: plans that are paid by the month or year, and what an unpaid one leads to (E16).  Pure."""

from datetime import date, timedelta
from typing import Literal

from broker.invoices.amounts import share_minor
from broker.policies.schema import Rent

Period = Literal["monthly", "yearly"]


def suspended(rule: Rent, issued: date, today: date) -> bool:
    """Whether an invoice for rent, issued on a day and still unpaid, suspends the service: on day 11 after it."""
    return today >= issued + timedelta(days=rule.suspended_on_day)


def reconnection_minor(rule: Rent, rent_net_minor: int, period: Period) -> int:
    """What the provider may charge, before tax, to connect again: a part of the period's rent before tax."""
    percent = rule.reconnection_percent_monthly if period == "monthly" else rule.reconnection_percent_yearly
    return share_minor(rent_net_minor, percent)
