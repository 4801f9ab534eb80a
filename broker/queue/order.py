"""The order of the queue: a pure function of the policy and of who waits (R1, R3, R9, E2, E3, E12, I9)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from broker.policies.schema import Policy

PRIORITIES: Final = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the order looks at.  `plan`: of the contract in force that has time left; None without one."""

    number: int
    channel: str
    opened: float
    plan: str | None = None
    priority: str = ""
    category: str = ""


def ordered(policy: Policy | None, waiting: Iterable[Waiting]) -> list[Waiting]:
    """First to be served first.  Compared by each criterion of the policy in turn, at last by arrival and number."""
    if policy is None:
        return sorted(waiting, key=_arrival)
    keys = [_criteria(policy)[name] for name in policy.queue.by]
    return sorted(waiting, key=lambda one: (*(key(one) for key in keys), _arrival(one)))


def _criteria(policy: Policy) -> dict[str, Callable[[Waiting], Any]]:
    queue, plans = policy.queue, policy.plans

    def plan(one: Waiting) -> int:
        known = plans.get(one.plan) if one.plan is not None else None
        return known.queue_rank if known else policy.contractless.queue_rank

    return {
        "channel": lambda one: _place(queue.channels, one.channel),
        "plan": plan,
        "priority": lambda one: _place(PRIORITIES, one.priority),
        "category": lambda one: _place(queue.categories, one.category),
        "arrival": _arrival,
    }


def _place(order: Sequence[str], word: str) -> int:
    """Where `word` stands; what is not named comes after all that is."""
    return order.index(word) if word in order else len(order)


def _arrival(one: Waiting) -> tuple[float, int]:
    return one.opened, one.number
