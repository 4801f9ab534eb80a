"""E9: a purchase that is cancelled."""

from datetime import datetime
from typing import Any

import pytest

from broker.invoices.refunds import NoRefund, Refund, of_purchase
from broker.policies import files
from broker.policies.hours import SupportHours

POLICY = files.load("easi")
HOURS = SupportHours.of(POLICY)
PAID = int(datetime.fromisoformat("2026-11-09T10:00:00-06:00").timestamp())


def asked(after_s: int = 3600, **other: Any) -> Refund | NoRefund:
    assert POLICY.refunds is not None
    facts: dict[str, Any] = {"paid_minor": 870_000, "minutes": 600, "begun": False, "paid_at": PAID, **other}
    return of_purchase(POLICY.refunds, HOURS, asked_at=PAID + after_s, **facts)


@pytest.mark.clause("E9")
def test_a_block_of_over_five_hours_that_was_not_begun_goes_back_less_five_per_cent() -> None:
    found = asked()
    assert isinstance(found, Refund)
    assert (found.amount_minor, found.fee_minor) == (826_500, 43_500)


@pytest.mark.clause("E9")
def test_it_is_paid_within_72_working_hours() -> None:
    found = asked()
    assert isinstance(found, Refund)
    assert found.pay_by is not None
    # Nine working hours a day: 7 on the 9th from 11:00, 63 on seven days (the 16th is a holiday), 2 on the 20th.
    assert HOURS.local(found.pay_by).isoformat() == "2026-11-20T11:00:00-06:00"


@pytest.mark.clause("E9")
@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"after_s": 24 * 3600 + 1}, "Cancelled later"),
        ({"minutes": 300}, "Only blocks of over"),
        ({"begun": True}, "A block that was begun"),
    ],
)
def test_otherwise_the_time_stays(facts: dict[str, Any], reason: str) -> None:
    found = asked(**facts)
    assert isinstance(found, NoRefund)
    assert (found.clause, found.reason[: len(reason)]) == ("E9", reason)


@pytest.mark.clause("E9")
def test_24_hours_to_the_second_are_in_time_and_301_minutes_are_over_five_hours() -> None:
    assert isinstance(asked(24 * 3600, minutes=301), Refund)
