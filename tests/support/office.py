"""A broker without sockets, asked over its HTTP interface: accounts of every role, and time turned by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from broker.app import create_app
from broker.operators.authentication import COOKIE
from broker.organisations.service import Organisation
from broker.permissions import Role
from broker.services import Services
from broker.settings import Settings
from tests.support.live_broker import PASSWORDS_KIB, Operator, empty_database, hire
from tests.support.log import HandClock

ORIGIN = "https://support.example"
ADDRESS = "203.0.113.5"
PASSWORD = "una contraseña bien larga"


@dataclass
class Office:
    """What a test holds.  `hire` makes a signed-in account without the work of Argon2, `employ` one with a password."""

    app: FastAPI
    services: Services
    clock: HandClock
    home: Organisation

    def client(self, who: Operator | str | None = None, address: str = ADDRESS, **headers: str) -> httpx2.AsyncClient:
        """A program's requests: signed in as `who` (an account, or the token of a sign-in), from `address`."""
        token = who.token if isinstance(who, Operator) else who
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return self._client(address, {**bearer, **headers})

    def browser(self, token: str | None = None, origin: str | None = ORIGIN) -> httpx2.AsyncClient:
        """A browser's requests from a page of `origin`."""
        client = self._client(ADDRESS, {"Origin": origin} if origin else {})
        if token:
            client.cookies.set(COOKIE, token)
        return client

    async def hire(self, role: Role, org: Organisation | None = None, name: str = "Teresa Núñez") -> Operator:
        return await hire(self.services.store, self.services.clock, (org or self.home).id, name, role)

    async def employ(self, email: str, role: Role = Role.OPERATOR, org: Organisation | None = None) -> str:
        """An account that signs in with `PASSWORD`; its id."""
        return await self.services.operators.add((org or self.home).id, email, "Ana Ruiz", role, PASSWORD)

    async def sign_in(self, email: str, **more: Any) -> httpx2.Response:
        """What a program gets for `PASSWORD`."""
        body = {"email": email, "password": PASSWORD, "want": "bearer", **more}
        async with self.client() as client:
            return await client.post("/api/v1/sign-in", json=body)

    def _client(self, address: str, headers: dict[str, str]) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app, client=(address, 50_000), raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


@asynccontextmanager
async def office(data_dir: Path, **options: Any) -> AsyncIterator[Office]:
    """A broker with one organisation and no account.  `options` are settings, and `web_dist`."""
    clock, web_dist = HandClock(), options.pop("web_dist", None)
    settings = Settings(data_dir=data_dir, public_origin=ORIGIN, password_memory_kib=PASSWORDS_KIB, **options)
    await empty_database(settings)
    app = create_app(settings, clock=clock, web_dist=web_dist)
    async with app.router.lifespan_context(app):
        services = app.state.services
        assert isinstance(services, Services)
        yield Office(app, services, clock, await services.organisations.add("Soporte Cuásar"))
