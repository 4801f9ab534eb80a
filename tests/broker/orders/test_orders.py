"""Prepaid services: ordered at the policy's price, paid, agreed within support hours, carried out once (T1–T7)."""

import csv
import io
from decimal import Decimal

import pytest

from broker.orders.states import STEPS, BadStep, State, step
from broker.permissions import Role
from broker.policies import files
from tests.broker.orders.conftest import RUIZ, TOTAL, Shop

PATH = "/api/v1/orders"
MONDAY_MORNING = "2026-11-23T09:30:00-03:00"


@pytest.mark.clause("T1")
async def test_an_order_costs_what_the_policy_in_force_says_and_its_tax(shop: Shop) -> None:
    made = await shop.ordered()
    assert (made["number"], made["state"], made["currency"]) == (1, "unpaid", "CLP")
    assert (made["net"], made["total"], made["paid"], made["missing"]) == ("45000", TOTAL, "0", TOTAL)
    assert (made["customer_name"], made["customer_phone"]) == (RUIZ["name"], RUIZ["phone"])
    page = await shop.look(made["id"])
    assert page["title"]["en"] == "Reinstallation of the point-of-sale software"
    assert (page["expected_minutes"], page["payments"]) == (90, [])
    assert len(page["checklist"]) == 7, "T5"
    assert page["reach"][0] == {"title": {"es": "Teléfono", "en": "Telephone"}, "where": "+56 2 2345 6789"}, "T2"
    assert "url" not in page, "the customer's secret is shown once"


@pytest.mark.clause("T6")
async def test_each_service_has_its_own_order_without_gaps_in_the_numbers(shop: Shop) -> None:
    first, second = await shop.ordered(), await shop.ordered("reinstall_at_home")
    async with shop.client(shop.technician) as technician:
        body = {"customer_id": shop.customer_id, "service": "virus_hunt"}
        refused = await technician.post(PATH, json=body)
        assert (refused.status_code, refused.json()["error"]) == (422, "no_such_service")
    third = await shop.ordered()
    assert [one["number"] for one in (first, second, third)] == [1, 2, 3]
    await shop.pay(second["id"])
    orders = shop.desk.services.orders
    assert await orders.paid_order(shop.desk.home.id, shop.customer_id, "reinstall") is None
    paid = await orders.paid_order(shop.desk.home.id, shop.customer_id, "reinstall_at_home")
    assert paid is not None
    assert paid.id == second["id"]


async def test_without_a_policy_that_sells_services_nothing_can_be_ordered(shop: Shop) -> None:
    body = {"customer_id": shop.customer_id, "service": "reinstall"}
    for name in ("quasar", "easi"):
        await shop.desk.services.policies.adopt(shop.desk.home.id, files.load(name), shop.admin.id)
        async with shop.client(shop.technician) as technician:
            assert (await technician.post(PATH, json=body)).json()["error"] == "no_such_service", name


async def test_an_order_keeps_the_price_it_was_made_with(shop: Shop) -> None:
    made = await shop.ordered()
    await shop.desk.services.policies.adopt(shop.desk.home.id, files.load("quasar"), shop.admin.id)
    assert (await shop.look(made["id"]))["total"] == TOTAL
    assert (await shop.pay(made["id"])).json()["state"] == "paid"


@pytest.mark.clause("T7")
async def test_a_service_of_one_region_is_refused_to_whoever_lives_elsewhere(shop: Shop) -> None:
    far = await shop.desk.services.customers.add(shop.desk.home.id, {**RUIZ, "local": False})
    async with shop.client(shop.technician) as technician:
        body = {"customer_id": far.id, "service": "reinstall_at_home"}
        refused = await technician.post(PATH, json=body, headers={"Accept-Language": "en"})
        assert (refused.status_code, refused.json()["error"]) == (422, "not_in_region")
        assert "Santiago" in refused.json()["message"]
        assert "T7" in refused.json()["message"]
        assert (await technician.post(PATH, json={**body, "service": "reinstall"})).status_code == 201


async def test_a_fixed_price_is_not_haggled_over(shop: Shop) -> None:
    async with shop.client(shop.technician) as technician:
        body = {"customer_id": shop.customer_id, "service": "reinstall", "net": "1"}
        assert (await technician.post(PATH, json=body)).json()["error"] == "price_unclear"


async def test_a_service_without_a_price_is_quoted(shop: Shop) -> None:
    """E1, E18."""
    sold = files.load("itplusnet")
    assert sold.orders is not None
    quoted = sold.orders.services["reinstall"].model_copy(update={"price": None})
    orders = sold.orders.model_copy(update={"services": {"quoted": quoted}})
    policy = sold.model_copy(update={"orders": orders})
    await shop.desk.services.policies.adopt(shop.desk.home.id, policy, shop.admin.id)
    assert (await shop.ordered("quoted", net="1000"))["total"] == "1190"
    async with shop.client(shop.technician) as technician:
        for net, error in ((None, "price_unclear"), ("10.5", "no_such_amount")):
            body = {"customer_id": shop.customer_id, "service": "quoted", "net": net}
            assert (await technician.post(PATH, json=body)).json()["error"] == error
        assert (await technician.post(PATH, json={**body, "net": 10.5})).status_code == 422, "never a float"


@pytest.mark.clause("T3")
async def test_the_work_is_agreed_for_support_hours_alone(shop: Shop) -> None:
    made = await shop.ordered()
    async with shop.client(shop.technician) as technician:

        async def agree(at: str | None) -> int:
            return (await technician.put(f"{PATH}/{made['id']}/agreed", json={"agreed_utc": at})).status_code

        assert await agree(MONDAY_MORNING) == 200
        assert (await shop.look(made["id"]))["agreed_utc"] == "2026-11-23T12:30:00.000000Z"
        for outside in (
            "2026-11-23T08:59:59-03:00", "2026-11-23T18:30:00-03:00", "2026-11-28T12:00:00-03:00",
            "2026-12-25T12:00:00-03:00", "2026-11-20T12:00:00-03:00", "2036-11-24T12:00:00-03:00",
            "9999-12-31T23:59:59+00:00", "2026-11-23T12:00:00", "tomorrow",
        ):  # fmt: skip
            assert await agree(outside) == 422, outside
        assert (await shop.look(made["id"]))["agreed_utc"] == "2026-11-23T12:30:00.000000Z"
        assert await agree(None) == 200
        assert (await shop.look(made["id"]))["agreed_utc"] is None
        await shop.pay(made["id"])
        await technician.post(f"{PATH}/{made['id']}/done")
        assert await agree(MONDAY_MORNING) == 409
    assert (await shop.ordered(agreed_utc=MONDAY_MORNING))["agreed_utc"] == "2026-11-23T12:30:00.000000Z"


@pytest.mark.clause("T2")
async def test_whoever_paid_first_is_called_first(shop: Shop) -> None:
    early, late, unpaid = await shop.ordered(), await shop.ordered(), await shop.ordered()
    await shop.pay(late["id"])
    shop.desk.clock.advance(60)
    await shop.pay(early["id"])
    async with shop.client(shop.technician) as technician:

        async def listed(**query: str) -> list[str]:
            return [one["id"] for one in (await technician.get(PATH, params=query)).json()["items"]]

        assert await listed(state="paid") == [late["id"], early["id"]]
        first = (await technician.get(PATH, params={"state": "paid", "limit": "1"})).json()
        assert [one["customer_phone"] for one in first["items"]] == [RUIZ["phone"]]
        assert await listed(state="paid", cursor=first["next"]) == [early["id"]]
        assert await listed(state="unpaid") == [unpaid["id"]]
        assert len(await listed(customer_id=shop.customer_id, service="reinstall")) == 3
        await technician.post(f"{PATH}/{late['id']}/done")
        assert await listed(state="paid") == [early["id"]]
        file = await technician.get(f"{PATH}/export", params={"state": "paid"})
        [row] = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
        assert (row["id"], row["total"], row["customer_phone"]) == (early["id"], TOTAL, f"'{RUIZ['phone']}")


@pytest.mark.clause("E10")
async def test_too_little_waits_for_the_difference(shop: Shop) -> None:
    made = await shop.ordered()
    partly = (await shop.pay(made["id"], amount="50000", reference="A-1")).json()
    assert (partly["state"], partly["paid"], partly["missing"]) == ("unpaid", "50000", "3550")
    assert partly["note"].startswith("Faltan")
    assert (await shop.pay(made["id"], amount="50000", reference="A-1")).json()["paid"] == "50000", "counted once"
    assert (await shop.pay(made["id"], amount="1", reference="A-1")).json()["error"] == "reference_taken"
    shop.desk.clock.advance(60)
    whole = (await shop.pay(made["id"])).json()
    assert (whole["state"], whole["paid"], whole["note"]) == ("paid", TOTAL, "")
    assert [one["amount"] for one in whole["payments"]] == ["50000", "3550"]
    assert (await shop.pay(made["id"])).status_code == 422, "nothing is missing any more"


@pytest.mark.clause("E11")
async def test_too_much_is_noted(shop: Shop) -> None:
    made = await shop.ordered()
    paid = (await shop.pay(made["id"], amount="60000")).json()
    assert (paid["state"], paid["missing"], paid["excess"]) == ("paid", "0", "6450")
    assert "6.450" in paid["note"]


async def test_what_comes_in_for_a_cancelled_order_is_not_lost(shop: Shop) -> None:
    made = await shop.ordered()
    async with shop.client(shop.admin) as admin:
        cancelled = (await admin.post(f"{PATH}/{made['id']}/cancel")).json()
        assert (cancelled["state"], cancelled["missing"]) == ("cancelled", "0")
    late = (await shop.pay(made["id"], amount="53550")).json()
    assert (late["state"], late["excess"]) == ("cancelled", TOTAL)


NO_MONEY = ("0", "-1", "1.5", "", "x", "1e3", 5, 5.0, True, "9" * 13)


async def test_what_is_no_amount_is_refused_and_nothing_changes(shop: Shop) -> None:
    made = await shop.ordered()
    for amount in NO_MONEY:
        assert (await shop.pay(made["id"], amount=amount)).status_code == 422, amount
    assert (await shop.look(made["id"]))["payments"] == []


async def test_a_technician_confirms_no_payment_and_cancels_nothing(shop: Shop) -> None:
    made = await shop.ordered()
    async with shop.client(shop.technician) as technician:
        for path in ("payments", "cancel"):
            assert (await technician.post(f"{PATH}/{made['id']}/{path}", json={})).status_code == 403
        assert (await technician.put(f"{PATH}/webhook-secret")).status_code == 403
        assert (await technician.post(f"{PATH}/{made['id']}/done")).json()["error"] == "bad_step", "it is not paid"


async def test_every_order_is_in_the_log_from_its_beginning_to_its_end(shop: Shop) -> None:
    made = await shop.ordered()
    await shop.pay(made["id"], reference="canary reference of a payer")
    async with shop.client(shop.admin) as admin:
        assert (await admin.post(f"{PATH}/{made['id']}/done")).json()["state"] == "done"
        assert (await admin.post(f"{PATH}/{made['id']}/cancel")).status_code == 409
        assert (await admin.get("/api/v1/log/verify")).json()["ok"]
        assert (await admin.get("/api/v1/log/head")).json()["seq"] == 6, (
            "policy, order, its payment, invoice, its payment, end"
        )


def test_an_order_takes_only_the_steps_of_the_table() -> None:
    for present in State:
        for to in State:
            if to in STEPS[present]:
                assert step(present, to) is to
            else:
                with pytest.raises(BadStep):
                    step(present, to)


async def test_another_organisations_orders_do_not_exist(shop: Shop) -> None:
    made = await shop.ordered()
    elsewhere = await shop.desk.services.organisations.add("Otra casa")
    async with shop.client(await shop.desk.hire(Role.ADMIN, elsewhere)) as stranger:
        assert (await stranger.get(PATH)).json()["items"] == []
        body = {"customer_id": shop.customer_id, "service": "reinstall"}
        assert (await stranger.post(PATH, json=body)).status_code == 404
        for method, path, json in (
            ("GET", "", None), ("POST", "/payments", {}), ("PUT", "/agreed", {"agreed_utc": None}),
            ("POST", "/done", None), ("POST", "/cancel", None), ("POST", "/link", None),
        ):  # fmt: skip
            answer = await stranger.request(method, f"{PATH}/{made['id']}{path}", json=json)
            assert answer.status_code == 404, path


async def test_the_total_is_the_net_and_its_tax_rounded_once(shop: Shop) -> None:
    made = await shop.ordered("reinstall_at_home")
    assert Decimal(made["total"]) == Decimal("70000") * Decimal("1.19")
