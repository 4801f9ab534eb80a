"""What rating costs: 100,000 sessions of a month at each provider, and recomputing them is the same again."""

import statistics
import time
from datetime import UTC, date, datetime

from broker.policies import files
from broker.rating.engine import Engine
from broker.rating.model import Case, Contract, Work

SESSIONS = 100_000
FIRST = int(datetime(2026, 3, 2, 16, 5, tzinfo=UTC).timestamp())
"""A Monday at which every provider serves."""
PLANS = {"informapuntcom": "support", "remote-utilities": "PRO", "easi": "poliza"}


def figures() -> dict[str, str]:
    """The row for README."""
    took = {name: _rate(name) for name in files.shipped()}
    slowest = max(took, key=lambda name: took[name])
    typical = statistics.median(took.values())
    said = f"{typical:.1f} s (median of five policies; {slowest} {took[slowest]:.1f} s)"
    return {"rating 100,000 sessions of a month": said}


def _rate(name: str) -> float:
    """Seconds for all of them, one customer after the other with two sessions a day, five to thirty minutes each."""
    policy = files.load(name)
    engine = Engine(policy)
    service = next(iter(policy.orders.services)) if policy.orders else None
    plan = PLANS.get(name)
    contract = Contract(plan, date(2026, 1, 1), date(2026, 12, 31), 3_000) if plan else None
    days = [FIRST + 86_400 * day for day in range(30) if engine.hours.window_at(FIRST + 86_400 * day)]
    each = [
        Work("session", start + late, start + late + 300 + 97 * number % 1500, service=service)
        for number, start in enumerate(days)
        for late in (0, 2100)
    ]
    case = Case(contract, tuple(each))
    began = time.perf_counter()
    for _ in range(SESSIONS // len(case.work)):
        engine.rate(case)
    return time.perf_counter() - began
