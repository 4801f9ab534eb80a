"""The relay inside the broker: the default on a single machine."""

import asyncio
from collections.abc import Callable

from broker.lines import Doorkeeper
from broker.relay.core import Relay, Report
from broker.relay.directory import LineEvents, RelayDirectory, pass_on
from broker.relay.server import RelayServer
from broker.tasks import Tasks
from broker.timing import Timer

PATH = "/relay"
INSIDE = "inside the broker"
"""What its tickets are made out to: no relay of its own may have that name."""


class LocalRelay:
    """A `RelayServer` of this process, attached to this process's directory."""

    def __init__(
        self, directory: RelayDirectory, events: LineEvents, *,
        door: Doorkeeper, timer: Timer, tasks: Tasks, utc: Callable[[], float],
    ) -> None:  # fmt: skip
        self.site, self.relay_id, self.url = INSIDE, INSIDE, PATH
        self._events, self._tasks = events, tasks
        self._telling: set[asyncio.Task[None]] = set()
        self._relay = Relay()
        self._relay.trust(self.relay_id, {directory.key.kid: directory.key.public}, utc())
        self.server = RelayServer(self._relay, door=door, timer=timer, tasks=tasks, report=self._report, utc=utc)

    def drop(self, pair_id: str) -> None:
        self.server.drop(pair_id)

    def counted(self, pair_id: str) -> tuple[int, int] | None:
        return self._relay.counted(pair_id)

    def _report(self, report: Report) -> None:
        telling = self._tasks.start(pass_on(report, self._events), "relay_report")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def reported(self) -> None:
        """Return when everything that it saw so far has been told."""
        while self._telling:
            await asyncio.wait(self._telling)
