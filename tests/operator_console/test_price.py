"""The price of a session on the technician's command line: what the customer is being told."""

from typing import Literal

import pytest

from operator_console.price import price_sentence
from protocol.offer import Charging, Offer, Tariff

TARIFF = Tariff(currency="EUR", unit_minor=4500, minimum_minutes=60, increment_minutes=30, tax_percent="21")


@pytest.mark.parametrize(
    ("covers", "tariff", "sentence"),
    [
        ("free", None, "Free of charge."),
        ("covered", None, "Covered by the contract: nothing to pay."),
        ("balance", None, "132 minutes left in the plan."),
        ("balance", TARIFF, "132 minutes left in the plan. After that €45.00 per hour before tax."),
        ("fixed", TARIFF, "Fixed price €45.00 before tax."),
        ("tariff", TARIFF, "€45.00 per hour before tax, at least 60 min, then each started 30 min."),
    ],
)
def test_each_kind_of_price_has_its_sentence(
    covers: Literal["free", "covered", "balance", "fixed", "tariff"], tariff: Tariff | None, sentence: str
) -> None:
    offer = Offer(
        operator_id="O" * 22, operator_name="T", org_id="P" * 22, org_name="P", service="", tariff=tariff,
        price_note="", terms_version=1, terms_sha256="A" * 43, wanted=("view",), inactivity_s=900,
        charging=Charging(covers=covers, minutes_left=132, expected_minutes=0, weight="1"),
    )  # fmt: skip
    assert price_sentence(offer) == sentence
