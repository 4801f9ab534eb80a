"""May this customer have a session now, and at what price: what each provider's policy answers."""

from datetime import UTC, date, datetime

import pytest

from broker.contracts.service import Held
from broker.policies import files
from broker.rating.engine import Engine
from broker.store.billing_tables import ContractRow, CustomerRow
from broker.store.desk_tables import OrderRow
from broker.work.quote import Quote, answer

MONDAY = int(datetime(2026, 11, 23, 16, 30, tzinfo=UTC).timestamp())
"""Served by every provider: 17:30 in Madrid, 10:30 in Mexico, 13:30 in Santiago, 08:30 in Los Angeles."""
SUNDAY = MONDAY - 86_400


def asked(
    policy: str, plan: str | None = None, balance: int | None = None, *, now: int = MONDAY, urgent: bool = False,
    status: str = "active", order: str | None = None,
) -> Quote:  # fmt: skip
    engine = Engine(files.load(policy))
    row = ContractRow(plan=plan, start=date(2026, 1, 1), end=date(2026, 12, 31)) if plan else None
    held = Held(row, engine, balance) if row else None
    paid = OrderRow(service="reinstall", state=order) if order else None
    return answer(engine, held, CustomerRow(status=status), paid, urgent, now)


def covers(quote: Quote) -> tuple[str, int] | None:
    return (quote.charging.covers, quote.charging.minutes_left) if quote.charging else None


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        (asked("quasar"), ("tariff", 0)),
        (asked("quasar", "maintenance"), ("covered", 0)),
        (asked("informapuntcom", "support", 132), ("balance", 132)),
        (asked("informapuntcom", urgent=True), ("tariff", 0)),
        (asked("remote-utilities", "PRO"), ("free", 0)),
        (asked("itplusnet", order="paid"), ("fixed", 0)),
        (asked("easi", "iguala", 60), ("balance", 60)),
        (asked("easi"), ("tariff", 0)),
    ],
)
def test_what_a_session_is_charged_to(quote: Quote, expected: tuple[str, int]) -> None:
    assert covers(quote) == expected


@pytest.mark.parametrize(
    ("quote", "clause"),
    [
        (asked("informapuntcom"), "I8"),
        (asked("informapuntcom", "support", 0), "I8"),
        (asked("remote-utilities"), "R4"),
        (asked("remote-utilities", "FREE"), "R4"),
        (asked("itplusnet"), "T1"),
        (asked("itplusnet", order="unpaid"), "T1"),
        (asked("easi", status="delinquent"), "E10"),
        (asked("easi", status="suspended"), "E16"),
        (asked("informapuntcom", "support", 60, now=SUNDAY), "I9"),
    ],
)
def test_who_is_refused_and_by_which_clause(quote: Quote, clause: str) -> None:
    assert quote.refused is not None
    assert quote.refused.clause == clause
    assert quote.why("es").startswith("Ahora no: ")


@pytest.mark.clause("T3")
def test_whoever_comes_at_the_weekend_hears_when_support_begins_again() -> None:
    closed = asked("itplusnet", order="paid", now=SUNDAY)
    assert closed.why("en") == (
        "Not now: support hours are over. They begin again on 2026-11-23 09:00 (America/Santiago)."
    )


@pytest.mark.clause("E4")
def test_on_a_sunday_easi_serves_and_an_hour_counts_more() -> None:
    sunday = asked("easi", "poliza", 300, now=SUNDAY)
    assert sunday.charging is not None
    assert (sunday.charging.covers, sunday.charging.weight) == ("balance", "1.5")


@pytest.mark.clause("T4")
def test_a_fixed_price_names_the_expected_time() -> None:
    order = asked("itplusnet", order="paid")
    assert order.charging is not None
    assert order.tariff is not None
    assert (order.charging.expected_minutes, order.tariff.unit_minor, order.tariff.currency) == (90, 45_000, "CLP")
