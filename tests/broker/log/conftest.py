"""A log in a database of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.log import LogWorld, open_world, sqlite


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LogWorld]:
    async with open_world(sqlite(tmp_path)) as made:
        yield made
