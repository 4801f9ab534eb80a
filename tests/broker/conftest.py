"""A whole broker for the tests of its sockets, and one that is asked over HTTP alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from tests.support.live_broker import LiveBroker, live_broker
from tests.support.office import Office, office
from tests.support.timer import HandTimer

# structlog's own default draws each failure with the values of all variables, which takes seconds.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(bool_as_flag=False),
    ]
)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[LiveBroker]:
    """A broker with one organisation and one operator, on real sockets."""
    async with live_broker(tmp_path) as running:
        yield running


@pytest.fixture
async def timer() -> HandTimer:
    """The clock of `still_broker`'s deadlines."""
    return HandTimer()


@pytest.fixture
async def still_broker(tmp_path: Path, timer: HandTimer) -> AsyncIterator[LiveBroker]:
    """The same, for which time passes only when the test turns `timer`."""
    async with live_broker(tmp_path, timer=timer) as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    """A broker with one organisation and no account, asked without sockets."""
    async with office(tmp_path) as opened:
        yield opened
