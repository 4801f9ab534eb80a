"""A session log to write stories in: a real database, clocks that are turned by hand, an agent that can sign."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker.clock import Clock, rfc3339
from broker.ids import new_id
from broker.log.key import LogKey
from broker.log.service import LogService
from broker.log.writer import EventLog
from broker.sessions.model import Bandwidth, Customer, RequestedSession
from broker.sessions.service import SessionService
from broker.store import log_tables  # noqa: F401 - its tables are made
from broker.store.base import Base
from broker.store.engine import Store
from protocol import control, receipt
from protocol.codec import offer_bytes
from protocol.offer import Offer
from protocol.text import b64url, sha256, unb64url

SEED = bytes(range(32))
ORG, OTHER_ORG = "O" * 22, "P" * 22
TERMS = b64url(sha256(b"terms"))


class HandClock:
    """Both clocks, turned by hand.  `step` moves the wall clock alone, as an administrator or NTP does."""

    def __init__(self) -> None:
        self._utc = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        self._monotonic = 1000.0

    def utc(self) -> datetime:
        return self._utc

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Time goes by."""
        self._utc += timedelta(seconds=seconds)
        self._monotonic += seconds

    def step(self, seconds: float) -> None:
        """The wall clock is set; no time goes by."""
        self._utc += timedelta(seconds=seconds)


class Agent:
    """A run's key, and what it signs."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.pk = b64url(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def receipt(
        self,
        session: RequestedSession,
        granted: tuple[control.Permission, ...] = ("view", "control"),
        **changed: Any,
    ) -> control.Receipt:
        """A consent to the session's offer; `changed` alters fields of the signed body."""
        utc = "2026-11-22T12:00:05Z"
        facts = {
            "session_id": session.session_id, "sid": bytes(16), "shares_sha256": bytes(32),
            "offer_sha256": sha256(session.offer), "terms_version": 1, "terms_sha256": unb64url(TERMS),
            "granted": granted, "utc": utc, "lang": "es",
        }  # fmt: skip
        body = receipt.Consent(**{**facts, **changed}).body()
        sig = b64url(self._key.sign(body))
        return control.Receipt(
            session_id=session.session_id, granted=granted, utc=utc, lang="es", body=b64url(body), sig=sig
        )

    def permission(self, session_id: str, name: control.Permission, on: bool) -> control.PermissionChanged:
        """A change of a permission."""
        unsigned = control.PermissionChanged(
            session_id=session_id, name=name, on=on, utc="2026-11-22T12:01:00Z", sig=""
        )
        return receipt.signed(unsigned, self._key.sign)

    def end(self, session_id: str, reason: control.EndReason = "customer", connected_s: int = 0) -> control.End:
        """The end."""
        unsigned = control.End(
            session_id=session_id, reason=reason, utc="2026-11-22T12:02:00Z", connected_s=connected_s, sig=""
        )
        return receipt.signed(unsigned, self._key.sign)


class LogWorld:
    """One broker's log.  `restart` is a new process on the same database; `boot` names the computer's boot."""

    def __init__(self, store: Store, clock: Clock, boot: str = "boot-1", key: LogKey | None = None) -> None:
        self.store, self.real_clock, self.key, self.agent = store, clock, key or LogKey(SEED), Agent()
        self.boot = boot
        self.start()

    @property
    def clock(self) -> HandClock:
        """The clock, where it is one to turn."""
        assert isinstance(self.real_clock, HandClock)
        return self.real_clock

    def start(self) -> None:
        """The services, as a starting broker makes them."""
        self.events = EventLog(self.store, self.real_clock, boot=self.boot)
        self.sessions = SessionService(self.store, self.real_clock, self.key, self.events)
        self.log = LogService(self.store, self.real_clock, self.key)

    def request(
        self,
        org_id: str = ORG,
        *,
        operator: str = "Ana Pérez",
        operator_id: str = "",
        computer: str = "PC-RECEPCION",
    ) -> RequestedSession:
        """A request that has not been written down yet."""
        operator_id = operator_id or b64url(sha256(operator.encode())[:16])
        offer = Offer(
            operator_id=operator_id, operator_name=operator, org_id=org_id, org_name="Soporte Uno", service="Correo",
            tariff=None, price_note="", terms_version=1, terms_sha256=TERMS,
            wanted=("view", "control"), inactivity_s=900,
        )  # fmt: skip
        return RequestedSession(
            session_id=new_id(), org_id=org_id, agent_id="123456789", pk_agent=self.agent.pk, code_id=new_id(),
            operator_id=operator_id, operator_name=operator, service="Correo", offer=offer_bytes(offer),
            customer=Customer(computer, "maría", "203.0.113.7"), bandwidth=Bandwidth(20_000, 5_000, 30),
        )  # fmt: skip

    async def consented(self, session: RequestedSession | None = None) -> RequestedSession:
        """A session that the customer has agreed to."""
        session = session or self.request()
        await self.sessions.requested(session)
        await self.sessions.paired(session.session_id)
        await self.sessions.consented(self.agent.receipt(session))
        return session

    async def joined(self, session: RequestedSession | None = None) -> RequestedSession:
        """A session whose time counts."""
        session = await self.consented(session)
        await self.sessions.joined(session.session_id)
        return session

    async def beat(self, session: RequestedSession, times: int = 1) -> None:
        """Ten seconds and a heartbeat, so many times."""
        for _ in range(times):
            self.clock.advance(10)
            await self.sessions.heartbeat([session.session_id])

    async def problems(self, org_id: str = ORG) -> list[str]:
        """What a check of the chain finds, in English."""
        return [problem.sentence("en") for problem in (await self.log.verify(org_id)).problems]


@asynccontextmanager
async def open_world(url: str, clock: Clock | None = None) -> AsyncIterator[LogWorld]:
    """A log in an empty database of its own."""
    store = Store(url)
    try:
        async with store.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield LogWorld(store, clock or HandClock())
    finally:
        await store.close()


def sqlite(folder: Path) -> str:
    """The URL of a database in this folder."""
    return f"sqlite+aiosqlite:///{folder / 'relevo.db'}"


def wall(clock: HandClock) -> str:
    """The present, as it is written."""
    return rfc3339(clock.utc())
