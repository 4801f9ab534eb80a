"""The agent's law: default deny, off at once, on only after the broker's record, never more than was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from client_agent.gate import Gate
from client_agent.permissions import Permissions
from protocol.control import Permission

BOTH: tuple[Permission, ...] = ("view", "control")


def test_nothing_stands_before_consent() -> None:
    law = Permissions(BOTH)
    assert law.granted == frozenset()
    assert law.pending == frozenset()


def test_consent_gives_no_more_than_was_asked_for() -> None:
    assert Permissions(("view",)).consent(frozenset(BOTH)) == {"view"}


def test_off_acts_at_once_and_on_waits_for_the_record() -> None:
    law = Permissions(BOTH)
    law.consent(frozenset(BOTH))
    assert law.change("control", False)
    assert law.granted == {"view"}
    assert law.change("control", True)
    assert law.granted == {"view"}
    assert law.pending == {"control"}
    assert not law.recorded("control", False)
    assert law.recorded("control", True)
    assert law.granted == set(BOTH)


def test_a_late_record_of_on_does_not_undo_a_later_off() -> None:
    law = Permissions(BOTH)
    law.consent(frozenset({"view"}))
    law.change("control", True)
    law.change("control", False)
    assert not law.recorded("control", True)
    assert law.granted == {"view"}


def test_what_was_never_asked_for_cannot_be_given() -> None:
    law = Permissions(("view",))
    law.consent(frozenset({"view"}))
    assert not law.change("control", True)
    assert not law.recorded("control", True)


def test_a_new_line_to_the_broker_is_told_the_last_wish_again() -> None:
    law = Permissions(BOTH)
    law.consent(frozenset(BOTH))
    law.change("control", False)
    law.change("control", True)
    assert law.forget_unrecorded() == [("control", True)]
    assert law.recorded("control", True)


@given(st.lists(st.tuples(st.sampled_from(["click", "record"]), st.sampled_from(BOTH), st.booleans())))
def test_nothing_stands_that_the_customer_does_not_want_now(steps: list[tuple[str, Permission, bool]]) -> None:
    law, wish = Permissions(BOTH), dict.fromkeys(BOTH, False)
    for what, name, on in steps:
        if what == "click":
            law.change(name, on)
            wish[name] = on
        else:
            law.recorded(name, on)
        assert all(wish[granted] for granted in law.granted)


def test_nobody_types_blind() -> None:
    gate = Gate(lambda: 0.0)
    gate.allow(view=False, control=True)
    assert not gate.control


def test_a_gate_that_was_shut_for_good_never_opens() -> None:
    gate = Gate(lambda: 5.0)
    gate.allow(True, True)
    gate.shut_for_good()
    gate.allow(True, True)
    assert not gate.view
    assert not gate.control
    assert gate.shut_at == 5.0
