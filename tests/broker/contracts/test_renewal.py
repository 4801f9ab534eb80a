"""E16: a subscription renews by itself, unless it was cancelled fifteen days before."""

from datetime import date

import pytest

from broker.contracts.service import as_long
from broker.log.billing_events import ContractMade, RenewalSet
from broker.work.verify import verify
from tests.broker.invoices.conftest import Books


async def subscribed(books: Books) -> str:
    """From 1 November 2026 to 30 April 2027."""
    await books.adopt("easi")
    return await books.contract(await books.customer(), "iguala", start=date(2026, 11, 1), months=6, size="small")


@pytest.mark.clause("E16")
async def test_it_is_followed_once_by_another_of_the_same_length(books: Books) -> None:
    contract = await subscribed(books)
    assert (await books.get(f"/contracts/{contract}"))["renews"]
    books.at(2027, 5, 1, 5, 59)  # still April in Mexico City
    assert await books.services.contracts.renew() == 0
    books.at(2027, 5, 1, 6)
    assert await books.services.contracts.renew() == 1
    assert await books.services.contracts.renew() == 0
    following, before = (await books.get("/contracts"))["items"]
    assert (following["start"], following["end"], following["balance_minutes"]) == ("2027-05-01", "2027-10-31", 240)
    assert (before["id"], before["renews"], following["renews"]) == (contract, False, True)
    *_, made = await books.events(ContractMade)
    assert isinstance(made, ContractMade)
    assert (made.renewal_of, made.by_operator) == (contract, None)
    await books.services.contracts.lapse()
    assert (await verify(books.services.store, books.org)).differences == ()


@pytest.mark.clause("E16")
async def test_it_is_cancelled_fifteen_days_before_at_the_latest(books: Books) -> None:
    contract = await subscribed(books)
    assert (await books.get(f"/contracts/{contract}"))["cancel_renewal_by"] == "2027-04-15"
    books.at(2027, 4, 16, 6)
    await books.send("POST", f"/contracts/{contract}/renewal", {"renews": False}, 409)
    books.at(2027, 4, 16, 5, 59)
    assert not (await books.send("POST", f"/contracts/{contract}/renewal", {"renews": False}))["renews"]
    books.at(2027, 5, 2, 18)
    assert await books.services.contracts.renew() == 0
    assert len((await books.get("/contracts"))["items"]) == 1
    (event,) = await books.events(RenewalSet)
    assert isinstance(event, RenewalSet)
    assert (event.renews, event.by_operator) == (False, books.admin.id)


async def test_a_plan_that_is_sold_no_more_is_not_renewed_and_the_log_says_so(books: Books) -> None:
    await subscribed(books)
    await books.adopt("quasar")
    books.at(2027, 5, 2, 18)
    assert await books.services.contracts.renew() == 0
    (event,) = await books.events(RenewalSet)
    assert isinstance(event, RenewalSet)
    assert (event.renews, event.by_operator) == (False, None)
    assert await books.services.contracts.renew() == 0


@pytest.mark.clause("I2")
async def test_other_plans_never_renew_by_themselves(books: Books) -> None:
    await books.adopt("informapuntcom")
    contract = await books.contract(await books.customer(), "support", months=12, minutes=300)
    await books.send("POST", f"/contracts/{contract}/renewal", {"renews": True}, 409)
    books.later(days=400)
    assert await books.services.contracts.renew() == 0


def test_whole_months_stay_whole_months() -> None:
    assert as_long(date(2026, 8, 31), date(2027, 2, 27), date(2027, 2, 28)) == date(2027, 8, 27)
    assert as_long(date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 11)) == date(2026, 1, 20)
