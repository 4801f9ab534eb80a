"""How long tests wait for what is going to happen: long, for no speed was promised, and no longer than it takes.

A promise to the customer (Disconnect in half a second) is measured on a clock instead, and carries `promise` as mark.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, overload

PATIENCE: Final = 90.0
"""Seconds that a test waits on a computer that has much else to do, before something is taken to be broken."""
_LOOK: Final = 0.005

T = TypeVar("T")


@overload
async def eventually(look: Callable[[], Awaitable[T]]) -> T: ...
@overload
async def eventually(look: Callable[[], T]) -> T: ...
async def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, as soon as that is true: for what has no event to wait for.  Raises `TimeoutError`."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = look()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(_LOOK)


def at_last(look: Callable[[], T]) -> T:
    """The same for a test without a loop."""
    until = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > until:
            raise TimeoutError(f"not within {PATIENCE:.0f} s")
        time.sleep(_LOOK)
    return found
