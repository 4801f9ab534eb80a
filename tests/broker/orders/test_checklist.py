"""The checklist of a prepaid service: ticked in its session, kept in its log (T5)."""

from dataclasses import replace

import pytest

from broker.log.billing_events import ChecklistTicked
from broker.permissions import Role
from broker.sessions.repository import SessionRepository
from tests.broker.orders.conftest import Shop
from tests.support.log import LogWorld


async def a_session(shop: Shop, order_id: str | None) -> str:
    """A session of the technician's, for an order."""
    desk = shop.desk
    world = LogWorld(desk.services.store, desk.clock)
    asked = world.request(desk.home.id, operator_id=shop.technician.id)
    return (await world.joined(replace(asked, customer_id=shop.customer_id, order_id=order_id))).session_id


@pytest.mark.clause("T5")
async def test_what_is_done_is_ticked_and_stays_in_the_session_log(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.pay(order["id"], amount="53550")
    session = await a_session(shop, order["id"])
    path = f"/api/v1/sessions/{session}/checklist"
    async with shop.client(shop.technician) as technician:
        items = (await technician.get(path)).json()["items"]
        assert [item["when"] for item in items].count("server") == 4
        assert {item["ticked_utc"] for item in items} == {None}
        ticked = (await technician.put(f"{path}/0")).json()["items"][0]
        assert ticked["ticked_by"] == shop.technician.id
        again = (await technician.put(f"{path}/0")).json()["items"][0]
        assert again == ticked
        assert (await technician.put(f"{path}/7")).status_code == 404
    async with shop.desk.services.store.reading() as db:
        kept = await SessionRepository(db).events(shop.desk.home.id, session)
    ticks = [one.recorded.event for one in kept if isinstance(one.recorded.event, ChecklistTicked)]
    assert [(tick.item, tick.text) for tick in ticks] == [(0, "Back-up of the database")]


async def test_a_session_without_an_order_has_no_checklist(shop: Shop) -> None:
    path = f"/api/v1/sessions/{await a_session(shop, None)}/checklist"
    async with shop.client(shop.technician) as technician:
        assert (await technician.get(path)).json()["items"] == []
        assert (await technician.put(f"{path}/0")).status_code == 409


async def test_a_colleagues_checklist_is_not_there(shop: Shop) -> None:
    path = f"/api/v1/sessions/{await a_session(shop, None)}/checklist"
    colleague = await shop.desk.hire(Role.OPERATOR, name="Ana Gómez")
    async with shop.client(colleague) as technician:
        assert (await technician.get(path)).status_code == 404
