"""A whole broker for the tests of its sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.live_broker import LiveBroker, live_broker


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[LiveBroker]:
    """A broker with one organisation and one operator, on real sockets."""
    async with live_broker(tmp_path) as running:
        yield running
