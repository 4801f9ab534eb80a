"""A running broker, a customer's agent with a faked desktop, and a technician's real Python client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from operator_console.client import Console
from tests.client_agent.support.customer import Customer, customer, technician
from tests.support.live_broker import LiveBroker, live_broker


@pytest.fixture
async def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveBroker]:
    monkeypatch.setattr("broker.bandwidth.SPAN", 0.1)  # the gate has tests of its own
    async with live_broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
async def someone(broker: LiveBroker, tmp_path: Path) -> AsyncIterator[Customer]:
    async with customer(broker, tmp_path / "agent") as running:
        yield running


@pytest.fixture
async def console(broker: LiveBroker) -> AsyncIterator[Console]:
    async with technician(broker) as signed_in:
        yield signed_in
