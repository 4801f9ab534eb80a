"""The order of the queue by the policies of the five providers, as a table: first to be served first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.policies import files
from broker.queue.order import Waiting, ordered

W = Waiting
ORDERS = {
    "easi: iguala, póliza, by event; then high, medium, low; then arrival (E2, E3, E12)": ("easi", [
        W(7, "web", 70, "iguala", "high"),
        W(6, "email", 60, "iguala", "low"),
        W(5, "email", 10, "poliza", "medium"),
        W(4, "email", 20, "poliza", "medium"),
        W(1, "web", 1, None, "high"),
        W(2, "web", 2, None, "low"),
    ]),
    "informapuntcom: by type, then arrival, whatever the plan (I9)": ("informapuntcom", [
        W(3, "email", 30, None, "", "incident"),
        W(4, "phone", 40, "support", "", "incident"),
        W(2, "email", 20, "support", "", "question"),
        W(1, "email", 10, "support", "", "advice"),
        W(5, "email", 5, "support", "", ""),
    ]),
    "remote-utilities: tickets, then licences; resellers before FREE and TRIAL (R9, R1, R3)": ("remote-utilities", [
        W(9, "ticket", 90, "SITE"),
        W(8, "ticket", 80, "PRO"),
        W(7, "ticket", 70, "PLUS"),
        W(6, "ticket", 60, "STARTER"),
        W(5, "ticket", 50, "RESELLER"),
        W(3, "ticket", 30, "TRIAL"),
        W(4, "ticket", 40, "FREE"),
        W(2, "ticket", 20, None),
        W(1, "email", 10, "SITE"),
        W(10, "phone", 1, "SITE"),
    ]),
    "quasar: by arrival": ("quasar", [W(1, "phone", 1), W(2, "ticket", 2, "maintenance"), W(3, "email", 3)]),
    "itplusnet: by arrival": ("itplusnet", [W(2, "phone", 1), W(1, "email", 2), W(3, "email", 2)]),
}  # fmt: skip


@pytest.mark.clause("E2")
@pytest.mark.clause("E3")
@pytest.mark.clause("E12")
@pytest.mark.clause("I9")
@pytest.mark.clause("R1")
@pytest.mark.clause("R3")
@pytest.mark.clause("R9")
@pytest.mark.parametrize("case", ORDERS)
def test_the_order_is_the_policys(case: str) -> None:
    policy, expected = ORDERS[case]
    assert ordered(files.load(policy), reversed(expected)) == expected


def test_without_a_policy_arrival_counts_alone() -> None:
    first, second = W(2, "email", 1), W(1, "ticket", 2, "SITE", "high")
    assert ordered(None, [second, first]) == [first, second]


someone = st.builds(
    Waiting, st.integers(1, 99), st.sampled_from(["ticket", "email", "phone"]), st.floats(0, 100),
    st.sampled_from([None, "SITE", "FREE", "iguala", "gone"]), st.sampled_from(["", "low", "high"]),
    st.sampled_from(["", "incident", "other"]),
)  # fmt: skip


@given(st.sampled_from(files.shipped()), st.lists(someone, unique_by=lambda one: one.number))
def test_nobody_is_lost_and_the_order_does_not_depend_on_how_it_was_asked(policy: str, waiting: list[Waiting]) -> None:
    found = ordered(files.load(policy), waiting)
    assert sorted(found, key=lambda one: one.number) == sorted(waiting, key=lambda one: one.number)
    assert ordered(files.load(policy), reversed(waiting)) == found
