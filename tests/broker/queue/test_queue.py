"""Who waits, how long until the target, and who is next; live until the sign-in is over."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from broker.permissions import Principal, Role
from broker.tickets.terms import Request
from tests.support.counter import Counter
from tests.support.live_broker import LiveBroker, Operator
from tests.support.office import Office
from tests.support.patience import PATIENCE


@pytest.mark.clause("R1")
@pytest.mark.clause("R2")
async def test_the_queue_shows_the_time_left_in_support_hours(desk: Office) -> None:
    counter = await Counter.opened(desk, "remote-utilities")
    free, site = await counter.customer("Gratis"), await counter.customer("Grande")
    await counter.contract(free, "FREE")
    await counter.contract(site, "SITE")
    await counter.ticket(channel="ticket", customer_id=free)
    await counter.ticket(channel="ticket", customer_id=site)
    queue = (await counter.get("/queue"))["items"]
    assert [(item["number"], item["customer_name"], item["plan"], item["left_seconds"]) for item in queue] == [
        (2, "Grande", "SITE", 2 * 3600), (1, "Gratis", "FREE", 24 * 3600),
    ]  # fmt: skip
    await counter.go_to(2026, 11, 23, 17)  # 09:00 in Los Angeles, one hour after it opened
    assert [item["left_seconds"] for item in (await counter.get("/queue"))["items"]] == [3600, 23 * 3600]
    await counter.go_to(2026, 11, 24, 16)  # the next day as it opens: the first was missed by 7 hours
    assert [item["left_seconds"] for item in (await counter.get("/queue"))["items"]] == [-7 * 3600, 15 * 3600]


@pytest.mark.clause("R1")
async def test_an_upgraded_licence_upgrades_those_who_wait_at_once(desk: Office) -> None:
    counter = await Counter.opened(desk, "remote-utilities")
    customer = await counter.customer()
    held = await counter.contract(customer, "FREE")
    await counter.ticket(channel="ticket", customer_id=customer)
    hub, who = counter.services.queue_hub, counter.technician
    with hub.listen(Principal(who.id, who.name, "", Role.OPERATOR, counter.org, "", who.sign_in_id, "es")) as live:
        await counter.services.contracts.change_plan(counter.org, held.row.id, "SITE", None, counter.admin.id)
        assert await live.changed(PATIENCE)  # who looks at the queue is told
    (item,) = (await counter.get("/queue"))["items"]
    assert (item["plan"], item["left_seconds"]) == ("SITE", 2 * 3600)
    taken = (await counter.send("POST", "/queue/next"))["ticket"]
    assert taken["target_utc"] == "2026-11-23T18:00:00.000000Z"


@pytest.mark.clause("E2")
async def test_a_plan_that_is_used_up_waits_with_those_who_have_none(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    with_time, used_up = await counter.customer("Con"), await counter.customer("Sin")
    await counter.contract(with_time, "poliza", minutes=60)
    held = await counter.contract(used_up, "poliza", minutes=60)
    await counter.services.contracts.change_balance(counter.org, held.row.id, -60, "correction", counter.admin.id)
    await counter.ticket(customer_id=used_up)
    await counter.ticket(customer_id=with_time)
    queue = (await counter.get("/queue"))["items"]
    assert [(item["number"], item["plan"]) for item in queue] == [(2, "poliza"), (1, None)]


async def test_technicians_who_ask_at_once_get_different_tickets_in_order(desk: Office) -> None:
    counter = await Counter.opened(desk, "easi")
    for priority in ("low", "high", "medium"):
        await counter.ticket(priority=priority)
    people = [await desk.hire(Role.OPERATOR) for _ in range(5)]
    answers = await asyncio.gather(*(counter.send("POST", "/queue/next", who=who) for who in people))
    taken = [answer["ticket"] for answer in answers if answer["ticket"]]
    assert sorted(ticket["number"] for ticket in taken) == [1, 2, 3]
    assert len({ticket["operator_id"] for ticket in taken}) == 3
    assert (await counter.get("/queue"))["items"] == []


async def test_only_those_who_wait_are_in_the_queue(desk: Office) -> None:
    counter = await Counter.opened(desk, "informapuntcom")
    await counter.ticket()  # refused: it does not say who asks
    assert (await counter.get("/queue"))["items"] == []
    assert await counter.send("POST", "/queue/next") == {"ticket": None}


# Live ----------------------------------------------------------------------------------------------------------------


async def snapshots(answer: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def feed(broker: LiveBroker, who: Operator) -> Any:
    client = httpx2.AsyncClient(
        base_url=broker.provider.origin, headers={"Authorization": f"Bearer {who.token}"}, timeout=PATIENCE
    )
    return client, client.stream("GET", "/api/v1/queue/events")


async def test_technicians_see_the_queue_live_until_their_sign_in_is_over(broker: LiveBroker) -> None:
    services, org_id = broker.services, broker.provider.org_id
    client, stream = feed(broker, broker.operator)
    async with client, stream as answer, asyncio.timeout(PATIENCE):
        assert answer.headers["content-type"].startswith("text/event-stream")
        seen = snapshots(answer)
        assert (await anext(seen))["items"] == []
        opened = await services.tickets.open(org_id, Request("phone", "No imprime"))
        assert [item["number"] for item in (await anext(seen))["items"]] == [1]
        await services.tickets.take(org_id, opened.row.id, broker.operator.id)
        assert (await anext(seen))["items"] == []
        async with httpx2.AsyncClient(base_url=broker.provider.origin) as other:
            signed_out = {"Authorization": f"Bearer {broker.operator.token}"}
            assert (await other.post("/api/v1/sign-out", headers=signed_out)).status_code == 204
        assert [one async for one in seen] == []
    assert services.queue_hub.held() == set()


async def test_another_organisations_changes_are_not_told(broker: LiveBroker) -> None:
    other = await broker.another_provider("Otra empresa")
    with broker.services.queue_hub.listen(principal(broker)) as listener:
        await broker.services.tickets.open(other.org_id, Request("phone", "Otra"))
        assert not await listener.changed(0.01)
        await broker.services.tickets.open(broker.provider.org_id, Request("phone", "Nuestra"))
        assert await listener.changed(PATIENCE)


async def test_a_broker_that_stops_ends_every_feed(broker: LiveBroker) -> None:
    client, stream = feed(broker, broker.operator)
    async with client, stream as answer, asyncio.timeout(PATIENCE):
        seen = snapshots(answer)
        await anext(seen)
        await broker.plane.leave()
        assert [one async for one in seen] == []


def principal(broker: LiveBroker) -> Principal:
    who = broker.operator
    return Principal(who.id, who.name, "", Role.OPERATOR, broker.provider.org_id, "", who.sign_in_id, "es")
