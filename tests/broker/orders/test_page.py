"""The page of whoever ordered: how to reach support, how long it takes, what it costs (T2, T4)."""

import pytest

from tests.broker.orders.conftest import RUIZ, TOTAL, Shop

TOKEN_LENGTH = 43


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.clause("T2")
@pytest.mark.clause("T4")
async def test_after_payment_the_page_says_how_to_reach_support_and_how_long_it_takes(shop: Shop) -> None:
    made = await shop.ordered()
    path = f"/orders/{token_of(made['url'])}"
    async with shop.client() as customer:
        waiting = await customer.get(f"{path}?lang=en")
        assert "We wait for your payment" in waiting.text
        assert "+56 2 2345 6789" not in waiting.text, "remote help is not open yet"
        await shop.pay(made["id"])
        page = (await customer.get(f"{path}?lang=en")).text
        for words in (
            "Your payment has come in", "+56 2 2345 6789", "soporte@example.com", "about 90 minutes",
            "Its price does not depend on the time", "call list", f"/download/{shop.desk.home.id}",
            "Reinstallation of the point-of-sale software",
        ):  # fmt: skip
            assert words in page, words
        spanish = await customer.get(path, headers={"Accept-Language": "es-CL"})
        assert "unos 90 minutos" in spanish.text
        assert "$53.550" in spanish.text
        assert "<script" not in spanish.text
        assert not any(value in spanish.text for value in RUIZ.values()), "nothing on it is personal"
        assert spanish.headers["cache-control"] == "no-store"


@pytest.mark.clause("T3")
async def test_outside_support_hours_it_says_when_they_begin_again(shop: Shop) -> None:
    made = await shop.ordered()
    await shop.pay(made["id"])
    async with shop.client() as customer, shop.client(shop.technician) as technician:
        where = token_of(made["url"])
        told = (await customer.get(f"/api/v1/public/orders/{where}")).json()
        assert told["serves_again_utc"] == "2026-11-23T12:00:00.000000Z", "today is a Sunday"
        assert "23 nov 2026, 9:00" in (await customer.get(f"/orders/{where}?lang=es")).text
        agreed = {"agreed_utc": "2026-11-24T15:00:00Z"}
        await technician.put(f"/api/v1/orders/{made['id']}/agreed", json=agreed)
        assert "24 nov 2026, 12:00" in (await customer.get(f"/orders/{where}?lang=es")).text
        shop.desk.clock.advance(86_400)
        assert (await customer.get(f"/api/v1/public/orders/{where}")).json()["serves_again_utc"] is None


async def test_the_api_tells_the_same_as_the_page_and_nothing_personal(shop: Shop) -> None:
    made = await shop.ordered()
    async with shop.client() as customer:
        answer = await customer.get(f"/api/v1/public/orders/{token_of(made['url'])}")
    told = answer.json()
    assert (told["total"], told["missing"], told["expected_minutes"]) == (TOTAL, TOTAL, 90)
    assert told["download_url"].endswith(f"/download/{shop.desk.home.id}")
    assert [one["where"] for one in told["reach"]] == ["+56 2 2345 6789", "soporte@example.com"]
    assert not any(value in answer.text for value in (*RUIZ.values(), shop.customer_id))


async def test_without_the_secret_there_is_no_page(shop: Shop) -> None:
    made = await shop.ordered()
    async with shop.client() as stranger, shop.client(shop.technician) as technician:
        for token in ("A" * TOKEN_LENGTH, made["id"], "x"):
            assert (await stranger.get(f"/orders/{token}")).status_code in (404, 422)
            assert (await stranger.get(f"/api/v1/public/orders/{token}")).status_code in (404, 422)
        renewed = (await technician.post(f"/api/v1/orders/{made['id']}/link")).json()["url"]
        assert (await stranger.get(f"/orders/{token_of(made['url'])}")).status_code == 404
        assert (await stranger.get(f"/orders/{token_of(renewed)}")).status_code == 200
    folder = shop.desk.services.settings.data_dir
    for file in folder.glob("relevo.db*"):
        assert token_of(renewed).encode() not in file.read_bytes()


async def test_an_ended_order_says_so(shop: Shop) -> None:
    done, cancelled = await shop.ordered(), await shop.ordered()
    await shop.pay(done["id"])
    async with shop.client(shop.admin) as admin:
        await admin.post(f"/api/v1/orders/{done['id']}/done")
        await admin.post(f"/api/v1/orders/{cancelled['id']}/cancel")
        assert "carried out" in (await admin.get(f"/orders/{token_of(done['url'])}?lang=en")).text
        assert "cancelled" in (await admin.get(f"/orders/{token_of(cancelled['url'])}?lang=en")).text
