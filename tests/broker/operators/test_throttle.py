"""Who is counted, and as what."""

import pytest

from broker.errors import TooMany
from broker.operators.throttle import ADDRESS, LINKS, Throttle, counted_as


async def test_one_too_many_is_told_how_long_to_wait_and_others_are_not_touched() -> None:
    throttle = Throttle()
    for _ in range(LINKS.amount):
        await throttle.hit(LINKS, "203.0.113.5")
    with pytest.raises(TooMany) as refused:
        await throttle.hit(LINKS, "203.0.113.5")
    assert 0 < refused.value.retry_after <= 600
    await throttle.hit(LINKS, "203.0.113.6")
    await throttle.hit(ADDRESS, "203.0.113.5")
    await throttle.clear(LINKS, "203.0.113.5")
    await throttle.hit(LINKS, "203.0.113.5")


@pytest.mark.parametrize(
    ("who", "as_what"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("203.0.113.5", "203.0.113.5"),
        ("ana@example.com", "ana@example.com"),
        ("", ""),
    ],
)
def test_whoever_has_a_whole_ipv6_network_is_one(who: str, as_what: str) -> None:
    assert counted_as(who) == as_what
