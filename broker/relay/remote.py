"""A relay of its own, as its broker sees it through `/ws/relay`.  Counterpart: `link.py`."""

import hmac

import structlog
from starlette.websockets import WebSocket

from broker.errors import NotSignedIn
from broker.lines import GOING_AWAY, Line
from broker.relay.core import Closed, Opened, Report
from broker.relay.directory import LineEvents, RelayDirectory, pass_on
from broker.relay.messages import FromRelay, RelayClosed, RelayCounts, RelayDrop, RelayOpened, RelayWelcome
from protocol.text import b64url

log = structlog.get_logger(__name__)


class RemoteRelay:
    """One link that is up.  `worker`: which of the relay's processes it is, from 1; 0 if there is but one."""

    def __init__(self, line: Line[FromRelay], relay_id: str, url: str, worker: int = 0) -> None:
        self.site, self.relay_id, self.url = relay_id, relay_id, url
        if worker:
            # The ticket names the process, and so does the address by which its port's owner finds it.
            self.relay_id, self.url = f"{relay_id}/{worker}", f"{url.rstrip('/')}/{worker}"
        self._line = line
        self._counts: dict[str, tuple[int, int]] = {}

    def drop(self, pair_id: str) -> None:
        self._counts.pop(pair_id, None)
        self._line.post(RelayDrop(pair_id=pair_id))

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        return self._counts.get(pair_id)

    def hang_up(self) -> None:
        """Close the link; the relay dials again."""
        self._line.close(GOING_AWAY)

    async def serve(self, directory: RelayDirectory, events: LineEvents) -> None:
        """Be one of the broker's relays for as long as the link is up.  Raises `LineClosed` or `ProtocolError`."""
        self._line.post(RelayWelcome(relay_id=self.relay_id, keys={directory.key.kid: b64url(directory.key.public)}))
        directory.attach(self)
        try:
            while True:
                match await self._line.receive():
                    case RelayOpened(pair_id=pair_id, g=g):
                        self._counts[pair_id] = (0, 0)
                        await self._pass_on(Opened(pair_id, g), events)
                    case RelayClosed(pair_id=pair_id, g=g, up=up, down=down):
                        self._counts.pop(pair_id, None)
                        await self._pass_on(Closed(pair_id, g, up, down), events)
                    case RelayCounts(counts=counts):
                        known = {pair_id: (up, down) for pair_id, up, down in counts if pair_id in self._counts}
                        self._counts |= known
        finally:
            directory.detach(self)

    async def _pass_on(self, report: Report, events: LineEvents) -> None:
        """A fault with one session's is not the others', whose tickets and counts come by this link too."""
        try:
            await pass_on(report, events)
        except Exception:
            log.exception("relay_report_failed", pair_id=report.pair_id)


def require_credential(socket: WebSocket, credential: str | None) -> None:
    """Raise `NotSignedIn` unless the relay shows exactly the one credential that there is."""
    scheme, _, shown = socket.headers.get("authorization", "").partition(" ")
    right = credential is not None and hmac.compare_digest(shown.encode(), credential.encode())
    if scheme.lower() != "bearer" or not right:
        raise NotSignedIn
