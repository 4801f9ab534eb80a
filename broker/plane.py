"""The control plane, wired: agents, consoles, pairing, live sessions, relays.

`Plane.of` makes it from the broker's services; `start` takes up what a restart left and begins what runs by
the clock.
"""

import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from broker.agents.codes import LocalCodes
from broker.agents.identities import Identities
from broker.agents.presence import Presence
from broker.agents.service import AgentService
from broker.appointments.service import AppointmentService
from broker.clock import Clock
from broker.contracts.service import ContractService
from broker.invoices.service import InvoiceService
from broker.lines import Doorkeeper
from broker.mail.service import MailService
from broker.operators.watch import Held, SignInWatch
from broker.orders.service import OrderService
from broker.organisations.service import OrganisationService
from broker.pairing.consoles import Consoles
from broker.pairing.service import PairingService
from broker.pairing.whom import whom
from broker.permissions import Principal
from broker.queue.hub import QueueHub
from broker.relay.directory import RelayDirectory, TicketKey
from broker.relay.local import LocalRelay
from broker.services import Services
from broker.sessions.live import LiveSessions
from broker.sessions.seats import Seats
from broker.sessions.service import SessionService
from broker.settings import Settings
from broker.tasks import Tasks
from broker.tickets.service import TicketService
from broker.timing import SystemTimer, Timer
from broker.work.quote import quote
from broker.work.service import WorkService
from protocol import control, limits

log = structlog.get_logger(__name__)

METER: Final = 15.0
"""Seconds between two words to both ends about what their session has come to."""

SWEEP: Final = 1.0
"""Seconds between two looks at what is overdue."""
DESK_SWEEP: Final = 15.0
"""The same for tickets and appointments, which count in minutes and hours."""
MAIL_SWEEP: Final = 15.0
"""The same for letters to customers; apart, because it waits for a mail server."""
BILL_SWEEP: Final = 600.0
"""The same for invoices and for plans' minutes, which count in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """One broker's control plane."""

    settings: Settings
    clock: Clock
    timer: Timer
    tasks: Tasks
    door: Doorkeeper
    authenticate: Callable[[WebSocket], Awaitable[Principal]]
    organisations: OrganisationService
    sessions: SessionService
    presence: Presence
    consoles: Consoles
    agents: AgentService
    pairing: PairingService
    live: LiveSessions
    watch: SignInWatch
    relays: RelayDirectory
    relay: LocalRelay
    work: WorkService
    contracts: ContractService
    orders: OrderService
    invoices: InvoiceService
    tickets: TicketService
    appointments: AppointmentService
    queue_hub: QueueHub
    mail: MailService

    @classmethod
    def of(cls, services: Services, *, timer: Timer | None = None) -> "Plane":
        """The control plane of one broker; nothing runs yet."""
        settings, clock, sessions, organisations = (
            services.settings, services.clock, services.sessions, services.organisations
        )  # fmt: skip
        timer, tasks = timer or SystemTimer(), Tasks()
        door = Doorkeeper(settings.unauthenticated_per_address, settings.unauthenticated_total)
        presence, consoles, codes = Presence(), Consoles(), LocalCodes(secrets.token_bytes(32))
        identities = Identities(services.store, clock, secrets.randbelow)

        def utc() -> float:
            return clock.utc().timestamp()

        ticket_key = TicketKey(services.keys.derive("relay ticket"))
        relays = RelayDirectory(ticket_key, utc, settings.relay_rate)
        live = LiveSessions(
            sessions=sessions, seats=Seats(services.store), presence=presence, consoles=consoles, relays=relays,
            identities=identities, timer=timer, clock=clock,
        )  # fmt: skip
        pairing = PairingService(
            presence=presence, codes=codes, organisations=organisations, sessions=sessions, live=live, timer=timer,
            tasks=tasks, public_origin=settings.public_origin,
            quote=lambda asked: quote(services.store, asked, int(clock.utc().timestamp())),
            known=lambda org_id, request: whom(services.store, org_id, request),
        )  # fmt: skip
        agents = AgentService(
            presence=presence, codes=codes, identities=identities, organisations=organisations, pairing=pairing,
            live=live, timer=timer, randbelow=secrets.randbelow, public_origin=settings.public_origin,
            oldest_major=services.policies.oldest_agent_major, bills=services.bills, opinions=services.opinions,
        )  # fmt: skip
        relay = LocalRelay(relays, live.lines, door=door, timer=timer, tasks=tasks, utc=utc)
        relays.attach(relay)
        services.revocations.subscribe(live.revoked)
        services.revocations.subscribe(services.queue_hub.revoked)
        watch = SignInWatch(services.store, clock, settings, services.revocations)
        return cls(
            settings=settings, clock=clock, timer=timer, tasks=tasks, door=door,
            authenticate=services.operators.authenticate_socket, organisations=organisations, sessions=sessions,
            presence=presence, consoles=consoles, agents=agents, pairing=pairing, live=live, watch=watch, relays=relays,
            relay=relay, work=services.work, contracts=services.contracts, orders=services.orders,
            invoices=services.invoices, tickets=services.tickets, appointments=services.appointments,
            queue_hub=services.queue_hub, mail=services.mail,
        )  # fmt: skip

    async def start(self) -> None:
        """Take up the sessions that were open, and begin heartbeats and sweeps."""
        await self.live.restore()
        # Each is a task of its own: none waits for another, or fails with it.
        self.tasks.start(self._every(limits.HEARTBEAT, self.live.lines.heartbeat), "heartbeat")
        self.tasks.start(self._every(SWEEP, self.live.lines.write_down_losses), "lost lines")
        self.tasks.start(self._every(SWEEP, self.live.end_overdue), "overdue sessions")
        self.tasks.start(self._every(SWEEP, self.agents.forget_absent), "absent agents")
        self.tasks.start(self._every(SWEEP, self._close_overdue_ends), "relay")
        self.tasks.start(self._every(SWEEP, self._watch), "sign-in watch")
        self.tasks.start(self._every(SWEEP, self._record_work), "work")
        self.tasks.start(self._every(METER, self._tell_costs), "meter")
        self.tasks.start(self._every(DESK_SWEEP, self._sweep_desk), "desk")
        self.tasks.start(self._every(MAIL_SWEEP, self._send_mail), "mail")
        self.tasks.start(self._every(BILL_SWEEP, self._sweep_bills), "bills")
        self.tasks.start(self._every(BILL_SWEEP, self._lapse), "lapsing minutes")
        self.tasks.start(self._every(BILL_SWEEP, self._renew), "renewed contracts")
        self.tasks.start(self._every(BILL_SWEEP, self._close_orders), "delivered orders")

    async def _close_overdue_ends(self) -> None:
        self.relay.server.close_overdue()

    async def _record_work(self) -> None:
        await self.work.catch_up()

    async def _tell_costs(self) -> None:
        await self.live.tell_costs(self.so_far)

    async def so_far(self, org_id: str, session_id: str) -> control.Meter | None:
        """What a session has come to, where there is a price."""
        found = await self.work.so_far(org_id, session_id)
        return None if found is None else control.Meter(session_id=session_id, **asdict(found))

    async def leave(self) -> None:
        """The broker has been told to stop and every line is still open: one last heartbeat."""
        self.queue_hub.close()
        try:
            await self.live.lines.heartbeat()
        except Exception:
            log.exception("last_heartbeat_failed")  # the sessions' time is cut at the one before

    async def hang_up(self) -> None:
        """Close the data lines through this process, which the server that accepted them does not know any more."""
        await self.relay.server.stop()

    async def stop(self) -> None:
        """Every line has been closed: write down what that was to their sessions, then end what runs by itself."""
        await self.relay.reported()
        await self.live.lines.write_down_losses(all_of_them=True)
        await self.tasks.close()

    async def _sweep_desk(self) -> None:
        await self.appointments.end_overdue()
        await self.tickets.close_overdue()

    async def _send_mail(self) -> None:
        await self.mail.send_due()

    async def _sweep_bills(self) -> None:
        await self.invoices.apply_deadlines()

    async def _close_orders(self) -> None:
        await self.orders.close_delivered()

    async def _renew(self) -> None:
        await self.contracts.renew()

    async def _lapse(self) -> None:
        await self.contracts.lapse()

    async def _watch(self) -> None:
        await self.watch.look(self.held())

    def held(self) -> set[Held]:
        """Whose sign-ins hold something.  A session of before a restart may have none: then nobody can resume it."""
        who = [console.principal for console in self.consoles]
        sockets = {Held(one.operator_id, one.sign_in_id, one.role) for one in who}
        sessions = {Held(one.operator_id, one.sign_in_id) for one in self.live if one.sign_in_id}
        return sockets | sessions | self.queue_hub.held()

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await self.timer.until(self.timer.now() + seconds)
            try:
                await work()
            except Exception:
                log.exception("periodic_work_failed", work=work.__name__)


def plane_of(connection: HTTPConnection) -> Plane:
    """The control plane of the application that serves this connection."""
    plane = connection.app.state.plane
    assert isinstance(plane, Plane)
    return plane
