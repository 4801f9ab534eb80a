"""A broker of a test's own on a free port of loopback: all real, but that accounts are put into its database."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from broker.app import create_app
from broker.clock import Clock
from broker.ids import fingerprint, new_id, new_token
from broker.organisations.service import OrganisationService
from broker.permissions import Role
from broker.plane import Plane
from broker.server import server
from broker.services import Services
from broker.settings import Settings
from broker.store import tables
from broker.store.engine import Store
from broker.store.schema import upgrade
from broker.timing import Timer
from protocol.text import b64url
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer
from tests.support.patience import eventually
from tests.support.peer import Provider
from tests.support.serving import served


@dataclass
class Operator:
    """An account that is signed in."""

    id: str
    name: str
    token: str
    sign_in_id: str


@dataclass
class LiveBroker:
    """What a test may look at."""

    provider: Provider
    operator: Operator
    plane: Plane
    services: Services

    async def agent(self, **changes: Any) -> AgentPeer:
        """An agent that has registered and may ask for a code."""
        peer = await AgentPeer.connect(self.provider)
        assert (await peer.register(**changes)).ok
        return peer

    async def console(self, operator: Operator | None = None) -> ConsolePeer:
        """A console that has been welcomed."""
        return await ConsolePeer.connect(self.provider, (operator or self.operator).token)

    async def hire(self, name: str, role: Role = Role.OPERATOR, org_id: str | None = None) -> Operator:
        """Another account, signed in."""
        return await hire(self.services.store, self.services.clock, org_id or self.provider.org_id, name, role)

    async def sign_in_again(self, operator: Operator) -> Operator:
        """The same account, signed in once more."""
        async with self.services.store.transaction() as session:
            return sign_in(session, self.services.clock, operator.id, operator.name)

    async def gone(self, agent: AgentPeer) -> None:
        """Return when the broker has noticed that this agent's connection is gone."""

        def noticed() -> bool:
            run = self.plane.presence.run(b64url(agent.pk))
            return run is None or run.line is None

        await eventually(noticed)

    async def another_provider(self, name: str) -> Provider:
        """Another organisation on the same broker."""
        return await provider(self.services.organisations, self.provider.origin, name)


PASSWORDS_KIB = 19 * 1024
"""The least that the settings allow: tests sign in often."""
_migrated: list[bytes] = []


async def empty_database(settings: Settings) -> None:
    """A database at the newest schema: made once in a test run, then copied, for a migration takes its time."""
    if settings.database_url:
        return  # of another kind; the broker upgrades it
    file = settings.data_dir / "relevo.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        return
    if _migrated:
        file.write_bytes(_migrated[0])
        return
    store = Store(settings.store_url)
    await upgrade(store)
    await store.close()
    _migrated.append(file.read_bytes())


async def hire(store: Store, clock: Clock, org_id: str, name: str, role: Role = Role.OPERATOR) -> Operator:
    """An account that has signed in with a bearer token."""
    operator_id, now = new_id(), clock.utc()
    async with store.transaction() as session:
        session.add(
            tables.OperatorRow(
                id=operator_id, org_id=org_id, email=f"{operator_id}@example.com", name=name, role=role, lang="es",
                password_hash="none", totp_enabled=False, totp_last_step=0, disabled=False, created_utc=now,
            )
        )  # fmt: skip
        await session.flush()
        return sign_in(session, clock, operator_id, name)


def sign_in(session: AsyncSession, clock: Clock, operator_id: str, name: str) -> Operator:
    """Sign an account in with a bearer token."""
    operator, now = Operator(operator_id, name, new_token(), new_id()), clock.utc()
    session.add(
        tables.SignInRow(
            id=operator.sign_in_id, operator_id=operator_id, token_sha256=fingerprint(operator.token),
            kind="bearer", created_utc=now, last_seen_utc=now,
        )
    )  # fmt: skip
    return operator


async def provider(organisations: OrganisationService, origin: str, name: str) -> Provider:
    """A new organisation, as its programs know it."""
    made = await organisations.add(name)
    return Provider(origin, made.id, made.name, made.terms_version, made.terms_sha256)


@asynccontextmanager
async def live_broker(
    data_dir: Path, *, timer: Timer | None = None, clock: Clock | None = None, web_dist: Path | None = None,
    port: int = 0, listening: socket.socket | None = None, origin: str | None = None,
    again: tuple[Provider, Operator] | None = None, **options: Any,
) -> AsyncIterator[LiveBroker]:  # fmt: skip
    """A broker with one organisation and one operator, or with those of its last life: `again`.

    `listening`: a socket to serve instead of `port`; `origin`: the public one, if something stands in front;
    `web_dist`: the built console; `options` are settings.
    """
    listening = listening or socket.create_server(("127.0.0.1", port))
    origin = origin or f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(data_dir=data_dir, public_origin=origin, **{"password_memory_kib": PASSWORDS_KIB} | options)
    await empty_database(settings)
    app = create_app(settings, clock=clock, web_dist=web_dist)
    if timer is not None:
        app.state.plane = Plane.of(app.state.services, timer=timer)
    plane, services = app.state.plane, app.state.services
    assert isinstance(plane, Plane)
    assert isinstance(services, Services)
    async with served(server(app, settings), listening):
        if again is None:
            one = await provider(services.organisations, origin, "Soporte Cuásar")
            again = one, await hire(services.store, services.clock, one.org_id, "Teresa Núñez")
        yield LiveBroker(*again, plane, services)
