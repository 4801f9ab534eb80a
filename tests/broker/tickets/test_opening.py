"""Which requests the terms of the five providers take, and until when they are answered first."""

from typing import Any

import pytest

from tests.support.counter import Counter
from tests.support.office import Office

SAID = {"contact": "Eva Gil", "phone": "600 111 222", "company": "Talleres Núñez SL", "tax_id": "B-12345678"}


async def informapuntcom(desk: Office) -> tuple[Counter, str]:
    """The provider, and the number of a customer's contract."""
    counter = await Counter.opened(desk, "informapuntcom")
    customer = await counter.customer("Talleres Núñez SL", tax_id="B12345678", phone="600111222")
    held = await counter.contract(customer, "support", size="hours5")
    return counter, held.row.number


@pytest.mark.clause("E5")
async def test_numbers_count_from_one_in_each_organisation_and_leave_no_gap(desk: Office) -> None:
    counter = await Counter.opened(desk, "quasar")
    assert [(await counter.ticket())["number"] for _ in range(3)] == [1, 2, 3]
    await counter.send("POST", "/tickets", {"channel": "email", "subject": "", "text": "x"}, 422)
    await counter.send("POST", "/tickets", {"channel": "email", "subject": "x", "priority": "high"}, 422)
    assert (await counter.ticket())["number"] == 4


@pytest.mark.clause("I8")
async def test_a_request_that_says_who_asks_by_a_contract_in_force_is_taken(desk: Office) -> None:
    counter, number = await informapuntcom(desk)
    made = await counter.ticket(**SAID, contract_number=number)
    assert (made["state"], made["reason"], made["plan"], made["balance_minutes"]) == ("waiting", None, "support", 300)
    assert made["plan_title"] == "Plan de soporte", "in the language of the account"
    assert made["customer_id"]


@pytest.mark.clause("I8")
@pytest.mark.parametrize(
    ("left_out", "word"),
    [
        ("contact", "persona"),
        ("phone", "teléfono"),
        ("company", "razón"),
        ("tax_id", "NIF"),
        ("contract_number", "contrato"),
    ],
)
async def test_what_a_request_does_not_say_is_the_reason_of_its_refusal(desk: Office, left_out: str, word: str) -> None:
    counter, number = await informapuntcom(desk)
    said = {**SAID, "contract_number": number}
    made = await counter.ticket(**{**said, left_out: ""})
    assert (made["state"], made["reason"]["clause"], made["target_utc"]) == ("refused", "I8", None)
    assert word in made["reason"]["text"]
    assert made["number"] == 1, "it is recorded all the same"


@pytest.mark.clause("I8")
@pytest.mark.parametrize("wrong", [{"contract_number": "C-999999"}, {"tax_id": "A00000000"}])
async def test_another_number_or_holder_is_refused_with_one_reason_for_both(
    desk: Office, wrong: dict[str, str]
) -> None:
    counter, number = await informapuntcom(desk)
    made = await counter.ticket(**{**SAID, "contract_number": number, **wrong})
    assert (made["state"], made["customer_id"]) == ("refused", None)
    assert made["reason"] == {"clause": "I8", "text": "No hay un contrato en vigor con este número y titular."}


@pytest.mark.clause("I1")
@pytest.mark.clause("I2")
async def test_a_contract_that_is_over_or_used_up_is_none(desk: Office) -> None:
    counter, number = await informapuntcom(desk)
    (held,) = await counter.services.contracts.listed(counter.org)
    await counter.services.contracts.change_balance(counter.org, held.row.id, -300, "correction", counter.admin.id)
    made = await counter.ticket(**SAID, contract_number=number)
    assert (made["state"], "agotad" in made["reason"]["text"]) == ("refused", True)
    await counter.go_to(2027, 1, 4, 10)
    assert (await counter.ticket(**SAID, contract_number=number))["state"] == "refused"


@pytest.mark.clause("I7")
async def test_whoever_accepts_the_tariff_has_urgent_help_without_a_contract(desk: Office) -> None:
    counter, _ = await informapuntcom(desk)
    assert (await counter.ticket(**SAID, urgent=True))["state"] == "refused"
    assert (await counter.ticket(**SAID, urgent=True, accepted=True))["state"] == "waiting"


@pytest.mark.clause("I8")
async def test_of_a_customer_whom_the_technician_chose_the_rest_is_known(desk: Office) -> None:
    counter, number = await informapuntcom(desk)
    (held,) = await counter.services.contracts.listed(counter.org)
    made = await counter.ticket(customer_id=held.row.customer_id, contact="Eva Gil")
    assert (made["state"], made["contract_number"], made["tax_id"]) == ("waiting", number, "B12345678")
    nobody = {"channel": "email", "subject": "x", "customer_id": "A" * 22}
    await counter.send("POST", "/tickets", nobody, 404)


CHANNELS = [
    ("easi", None, "phone", "E5"), ("easi", None, "web", None), ("easi", None, "email", None),
    ("informapuntcom", None, "web", "I8"), ("remote-utilities", "RESELLER", "email", "R3"),
    ("remote-utilities", "RESELLER", "ticket", None), ("remote-utilities", "SITE", "email", None),
    ("quasar", None, "phone", None), ("itplusnet", None, "phone", None),
]  # fmt: skip


@pytest.mark.clause("E5")
@pytest.mark.clause("R3")
@pytest.mark.clause("I1")
@pytest.mark.parametrize(("policy", "plan", "channel", "clause"), CHANNELS)
async def test_a_request_comes_by_the_channels_of_policy_and_plan(
    desk: Office, policy: str, plan: str | None, channel: str, clause: str | None
) -> None:
    counter = await Counter.opened(desk, policy)
    customer = await counter.customer()
    said: dict[str, Any] = {"urgent": True, "accepted": True, **SAID} if policy == "informapuntcom" else {}
    if plan:
        await counter.contract(customer, plan)
    made = await counter.ticket(channel=channel, customer_id=customer, **said)
    assert (made["state"], made["reason"] and made["reason"]["clause"]) == (
        "refused" if clause else "waiting", clause
    )  # fmt: skip


TARGETS = [
    # Monday 10:00 in Madrid; 24 support hours are two days of 9 hours and 6 more.
    ("informapuntcom", "support", {}, "2026-11-25T15:00:00"),
    ("informapuntcom", "support", {"urgent": True}, "2026-11-23T13:00:00"),
    # Monday 01:00 in Los Angeles, which opens at 08:00 (16:00 UTC).
    ("remote-utilities", "SITE", {}, "2026-11-23T18:00:00"),
    ("remote-utilities", "PRO", {}, "2026-11-23T19:00:00"),
    ("remote-utilities", "PLUS", {}, "2026-11-23T20:00:00"),
    ("remote-utilities", "STARTER", {}, "2026-11-24T00:00:00"),
    # 24 hours: Monday, Tuesday and 6 hours on Wednesday.
    ("remote-utilities", "FREE", {}, "2026-11-25T22:00:00"),
    ("remote-utilities", "TRIAL", {}, "2026-11-25T22:00:00"),
    # Monday 03:00 in Mexico City, which opens at 09:00 (15:00 UTC).
    ("easi", "poliza", {"priority": "high"}, "2026-11-23T16:00:00"),
    ("easi", "poliza", {"priority": "medium"}, "2026-11-23T21:00:00"),
    ("easi", "poliza", {"priority": "low"}, "2026-11-24T18:00:00"),
    ("easi", None, {}, "2026-11-23T21:00:00"),
    ("quasar", "maintenance", {}, None),
]


@pytest.mark.clause("R1")
@pytest.mark.clause("R2")
@pytest.mark.clause("I9")
@pytest.mark.clause("I5")
@pytest.mark.clause("E12")
@pytest.mark.parametrize(("policy", "plan", "said", "due"), TARGETS)
async def test_the_first_answer_is_due_in_support_hours(
    desk: Office, policy: str, plan: str | None, said: dict[str, Any], due: str | None
) -> None:
    counter = await Counter.opened(desk, policy)
    customer = await counter.customer(tax_id="B1", phone="600")
    if plan:
        counted = plan in ("support", "poliza")
        await counter.contract(customer, plan, **({"minutes": 300} if counted else {}))
    made = await counter.ticket(customer_id=customer, contact="Eva", **said)
    assert made["target_utc"] == (due and f"{due}.000000Z")


@pytest.mark.clause("E5")
async def test_without_time_left_a_quote_is_needed(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    with_time, without = await counter.customer("Con"), await counter.customer("Sin")
    held = await counter.contract(with_time, "poliza", minutes=60)
    assert (await counter.ticket(customer_id=with_time))["quote_needed"] is False
    assert (await counter.ticket(customer_id=without))["quote_needed"] is True
    await counter.services.contracts.change_balance(counter.org, held.row.id, -60, "correction", counter.admin.id)
    assert (await counter.ticket(customer_id=with_time))["quote_needed"] is True


@pytest.mark.clause("R6")
async def test_a_customer_is_recognised_by_address_or_licence_key(desk: Office) -> None:
    counter = await Counter.opened(desk, "remote-utilities")
    customer = await counter.customer(email="eva@example.com", licence_key="RU-1")
    for said in ({"email": "Eva@Example.com"}, {"licence_key": "RU-1"}):
        assert (await counter.ticket(**said))["customer_id"] == customer
    assert (await counter.ticket(email="otra@example.com"))["customer_id"] is None
    await counter.customer("Otra", licence_key="RU-1")
    assert (await counter.ticket(licence_key="RU-1"))["customer_id"] is None, "which of the two, nobody knows"


@pytest.mark.clause("E10")
@pytest.mark.clause("E16")
async def test_who_has_not_paid_is_refused_where_the_terms_say_so(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    for status, clause in (("delinquent", "E10"), ("suspended", "E16")):
        made = await counter.ticket(customer_id=await counter.customer(status=status))
        assert (made["state"], made["reason"]["clause"]) == ("refused", clause)


@pytest.mark.clause("I15")
async def test_a_contract_keeps_the_terms_that_it_was_made_with(desk: Office) -> None:
    counter, number = await informapuntcom(desk)
    present = await counter.services.policies.in_force(counter.org)
    assert present is not None
    stricter = present.model_copy(update={"tickets": present.tickets.model_copy(update={"channels": ("phone",)})})
    await counter.services.policies.adopt(counter.org, stricter, counter.admin.id)
    assert (await counter.ticket(**SAID, contract_number=number))["state"] == "waiting"
    assert (await counter.ticket(**SAID, urgent=True, accepted=True))["state"] == "refused"


async def test_without_a_policy_everything_is_taken(desk: Office) -> None:
    counter = await Counter.opened(desk, None)
    made = await counter.ticket(priority="high", category="what-ever")
    assert (made["state"], made["target_utc"]) == ("waiting", None)
