"""A relay of its own, one process of it: its link to the broker, and what it answers to whoever arrives.

Counterparts: `remote.py`, the broker's end; `standalone.py` and `workers.py`, which run it.  The link comes up again by
itself; while it is down lines stay open, and what the broker should know waits, boundedly.  Without a welcome no ticket
opens anything.  Holds no key of a session.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Final

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from broker.clock import Clock, SystemClock
from broker.errors import SettingsRefused
from broker.lines import Doorkeeper
from broker.relay.core import Closed, Opened, Relay, Report
from broker.relay.front import Arrival, Network
from broker.relay.local import PATH
from broker.relay.messages import TO_RELAY, RelayClosed, RelayCounts, RelayDrop, RelayOpened, RelayWelcome
from broker.relay.server import RelayServer
from broker.tasks import Tasks
from broker.timing import SystemTimer
from protocol.codec import to_text
from protocol.control import Message
from protocol.errors import ProtocolError
from protocol.text import unb64url

log = structlog.get_logger(__name__)

RETRY: Final = (1.0, 30.0)
"""Seconds before the first new try of a lost link, and at most; doubled in between."""
REPORTS: Final = 10_000
"""Reports that wait for the link; then the oldest go."""
COUNTS_EVERY: Final = 5.0
SWEEP: Final = 1.0
COUNTS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """What `relevo relay` is told.  `broker`: the broker's origin."""

    broker: str
    credential: str = field(repr=False)
    bind: str = "127.0.0.1"
    port: int = 8001
    per_address: int = 50
    in_all: int = 1000
    authority: Path | None = None
    """CA certificates beside the system's, to check the broker by."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    """Whose `X-Forwarded-For` counts; of everyone else it is ignored."""
    worker: int = 0
    """Which of several processes on one port this is, from 1; 0: it is alone."""

    @property
    def path(self) -> str:
        """Where its lines are."""
        return f"{PATH}/{self.worker}" if self.worker else PATH


class StandaloneRelay:
    """A relay in a process of its own.  Raises `SettingsRefused` for an authority that cannot be read."""

    def __init__(self, settings: RelaySettings, clock: Clock | None = None) -> None:
        self._settings, self._clock = settings, clock or SystemClock()
        self._tls = _trusting(settings.authority)
        self._tasks = Tasks()
        self._relay = Relay()
        self._reports: deque[Report] = deque(maxlen=REPORTS)
        self._to_send = asyncio.Event()
        self.linked = asyncio.Event()
        """Set while the link is up and tickets count."""
        self.server = RelayServer(
            self._relay, door=Doorkeeper(settings.per_address, settings.in_all), timer=SystemTimer(), tasks=self._tasks,
            report=self._report, utc=lambda: self._clock.utc().timestamp(),
        )  # fmt: skip

    def arrived(self, arrival: Arrival) -> None:
        """`/relay` for both ends, `/healthz` for whoever watches over it."""
        if arrival.path == self._settings.path:
            address = arrival.sender(self._settings.trusted_proxies)
            self.server.take(arrival.transport, address, arrival.request, arrival.rest)
        elif arrival.path == "/healthz":
            up = self.linked.is_set()
            arrival.answer(HTTPStatus.OK if up else HTTPStatus.SERVICE_UNAVAILABLE, "ok" if up else "no link")
        else:
            arrival.answer(HTTPStatus.NOT_FOUND)

    async def run(self) -> None:
        """Keep the link up, until cancelled."""
        self._tasks.start(self._sweep(), "sweep")
        address = "ws" + self._settings.broker.removeprefix("http") + "/ws/relay"
        if self._settings.worker:
            address += f"?worker={self._settings.worker}"
        headers = {"Authorization": f"Bearer {self._settings.credential}"}
        tls = self._tls if address.startswith("wss:") else None
        wait, longest = RETRY
        try:
            while True:
                why = "closed"
                try:
                    async with connect(address, additional_headers=headers, compression=None, ssl=tls) as link:
                        await self._be_linked(link)
                except (OSError, WebSocketException, TimeoutError, ProtocolError) as error:
                    why = str(error)
                if self.linked.is_set():
                    wait = RETRY[0]
                self.linked.clear()
                log.warning("link_down", error=why, again_in_s=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, longest)
        finally:
            await self._tasks.close()

    async def _be_linked(self, link: ClientConnection) -> None:
        sending: asyncio.Task[None] | None = None
        try:
            async for frame in link:
                match TO_RELAY.read(frame):
                    case RelayWelcome() as welcome:
                        self.trust(welcome.relay_id, {kid: unb64url(key) for kid, key in welcome.keys.items()})
                        if sending is None:
                            sending = self._tasks.start(self._send(link), "link")
                        self.linked.set()
                        log.info("linked", relay_id=welcome.relay_id)
                    case RelayDrop(pair_id=pair_id):
                        self.server.drop(pair_id)
        finally:
            if sending is not None:
                sending.cancel()

    def trust(self, relay_id: str, keys: Mapping[str, bytes], since: float | None = None) -> None:
        """Tickets to `relay_id` by these keys count, if they were issued after `since` (seconds since 1970; now)."""
        self._relay.trust(relay_id, keys, self._clock.utc().timestamp() if since is None else since)

    def _report(self, report: Report) -> None:
        self._reports.append(report)
        self._to_send.set()

    async def _send(self, link: ClientConnection) -> None:
        """What is open now, then what happens, and now and then how much has passed."""
        waiting = {report.pair_id for report in self._reports if isinstance(report, Opened)}
        for opened in self._relay.pairs():
            if opened.pair_id not in waiting:
                self._reports.append(opened)
        loop = asyncio.get_running_loop()
        due = loop.time() + COUNTS_EVERY
        try:
            while True:
                while self._reports:
                    await link.send(to_text(_message(self._reports[0])))
                    self._reports.popleft()
                self._to_send.clear()
                try:
                    async with asyncio.timeout_at(due):
                        await self._to_send.wait()
                except TimeoutError:
                    await self._send_counts(link)
                    due = loop.time() + COUNTS_EVERY
        except WebSocketException:
            pass  # the reader of the link says so

    async def _send_counts(self, link: ClientConnection) -> None:
        counted = ((one.pair_id, self._relay.counted(one.pair_id)) for one in self._relay.pairs())
        lines = iter([(pair_id, *found) for pair_id, found in counted if found])
        while some := tuple(islice(lines, COUNTS)):
            await link.send(to_text(RelayCounts(counts=some)))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self.server.close_overdue()


def _trusting(authority: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority is not None:
        try:
            context.load_verify_locations(authority)
        except OSError as error:  # ssl.SSLError is one
            raise SettingsRefused(f"no CA certificate can be read from {authority} ({error.strerror})") from None
    return context


def _message(report: Report) -> Message:
    match report:
        case Opened():
            return RelayOpened(pair_id=report.pair_id, g=report.g)
        case Closed():
            return RelayClosed(pair_id=report.pair_id, g=report.g, up=report.up, down=report.down)
