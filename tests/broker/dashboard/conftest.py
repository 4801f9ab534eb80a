"""A provider with a history: sessions, work, tickets and contracts, made by the services that make them in life."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from broker.permissions import Role
from broker.work.service import NewWork
from tests.broker.invoices.conftest import Books
from tests.support.live_broker import Operator
from tests.support.log import LogWorld
from tests.support.office import office

MADRID_NOON = (2026, 11, 9, 11, 0)


class House(Books):
    """The books of an office, with a session log."""

    world: LogWorld
    ana: Operator
    luis: Operator

    async def session(
        self, minutes: int, who: Operator | None = None, customer: str | None = None, org: str = "",
        service: str = "Correo",
    ) -> str:  # fmt: skip
        """A session of so many minutes that has ended and become work, if there is a policy; its id."""
        session = await self.joined(who, customer, org, service)
        self.clock.advance(minutes * 60)
        await self.world.sessions.ended_by_agent(self.world.agent.end(session))
        await self.services.work.catch_up()
        return session

    async def joined(
        self, who: Operator | None = None, customer: str | None = None, org: str = "", service: str = "Correo"
    ) -> str:
        """A session whose time counts, and which goes on."""
        who = who or self.ana
        asked = self.world.request(org or self.org, operator=who.name, operator_id=who.id)
        session = await self.world.joined(replace(asked, customer_id=customer, service=service))
        return session.session_id

    async def refused(self) -> str:
        """A session to which the customer said no."""
        asked = self.world.request(self.org, operator=self.ana.name, operator_id=self.ana.id)
        await self.world.sessions.requested(asked)
        await self.world.sessions.ended(asked.session_id, "refused")
        return asked.session_id

    async def telephone(self, customer: str, minutes: int, begins: datetime) -> None:
        start = int(begins.timestamp())
        new = NewWork("phone", start, start + minutes * 60, customer_id=customer)
        row = await self.services.work.record(self.org, new, self.ana.id)
        assert row.state == "charged", row.held_reason

    async def seen(self, **asked: str) -> Any:
        """What the administrator's dashboard says; `from_` is `from`."""
        answer = await self.asked(**asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def asked(self, **asked: str) -> httpx2.Response:
        words = "&".join(f"{name.rstrip('_')}={value}" for name, value in asked.items())
        return await self.ask("GET", f"/dashboard?{words}")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with office(tmp_path) as made:
        opened = House(made, await made.hire(Role.ADMIN))
        opened.world = LogWorld(made.services.store, made.clock)
        opened.ana, opened.luis = (
            await made.hire(Role.OPERATOR, name="Ana"),
            await made.hire(Role.OPERATOR, name="Luis"),
        )
        opened.at(*MADRID_NOON)
        yield opened


def instant(*when: int) -> datetime:
    """An instant in UTC."""
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]
