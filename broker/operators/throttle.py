"""How often someone may try: sign-in by account and address, one-time links, reports from the public page.

An account from one address: 5 in 10 minutes, counted before the password is looked at.  An account from all addresses
together and an address for all accounts: wider limits, counted by failures, so that nobody can lock another out
cheaply.  Unknown accounts are counted like known ones.
"""

import time
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from broker.errors import TooMany

ACCOUNT_AT_ADDRESS: Final = parse("5 per 10 minutes")
ACCOUNT: Final = parse("50 per 10 minutes")
ADDRESS: Final = parse("30 per 10 minutes")
LINKS: Final = parse("20 per 10 minutes")
ALARMS: Final = parse("1 per 10 minutes")
REPORTS: Final = parse("5 per 10 minutes")


class Throttle:
    """Counters in this process; `limits` keeps the same ones in Redis for several brokers."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def hit(self, limit: RateLimitItem, *who: str) -> None:
        """Count one try.  Raises `TooMany` if it was one too many."""
        if not await self._limiter.hit(limit, *map(counted_as, who)):
            raise await self._too_many(limit, *who)

    async def check(self, limit: RateLimitItem, *who: str) -> None:
        """Raise `TooMany` if one more would be too many; count nothing."""
        if not await self._limiter.test(limit, *map(counted_as, who)):
            raise await self._too_many(limit, *who)

    async def clear(self, limit: RateLimitItem, *who: str) -> None:
        """Forget the tries: the right one came."""
        await self._limiter.clear(limit, *map(counted_as, who))

    async def _too_many(self, limit: RateLimitItem, *who: str) -> TooMany:
        free_at = (await self._limiter.get_window_stats(limit, *map(counted_as, who))).reset_time
        return TooMany(max(1, round(free_at - time.time())))


def counted_as(who: str) -> str:
    """An IPv6 address as the /64 that its owner has whole; everything else as it is."""
    try:
        return str(IPv6Network((IPv6Address(who), 64), strict=False))
    except ValueError:
        return who
