"""What happens in a session, written down: each method is one durable transaction that appends to the organisation's chain.

Counterpart: the control plane (`broker.pairing`, `broker.agents`, `broker.relay`), which calls a method *before* it tells an
end anything, and sends what the method returns.  Steps are those of pairing.md; `broker.log.projections` holds the one table of states.

Every method that changes a session raises
  `UnknownSession`   no session has that id,
  `BadTransition`    the session's state does not allow it; nothing was written,
  `SignatureRefused` the agent's signature does not hold; nothing was written.
Must never hold a key of a session, and never write personal data into an event (they go to the side table).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from broker.clock import Clock
from broker.log.events import EndedBy, LossReporter
from broker.log.key import LogKey
from broker.sessions.model import Bandwidth, Customer, OpenSession, RequestedSession
from broker.store.engine import Store
from protocol import control

__all__ = ["Bandwidth", "Customer", "OpenSession", "RequestedSession", "SessionService"]


class SessionService:
    """The session log as the control plane uses it.  One per process; safe to call from many tasks at once."""

    def __init__(self, store: Store, clock: Clock, key: LogKey) -> None:
        self._store, self._clock, self._key = store, clock, key

    async def requested(self, session: RequestedSession) -> None:
        """Step 8: a right server part; commit before `PairOffer` goes out."""
        raise NotImplementedError

    async def paired(self, session_id: str) -> None:
        """Step 14: both ends said `PairOk`."""
        raise NotImplementedError

    async def consented(self, receipt: control.Receipt) -> control.ReceiptAck:
        """Steps 20–21: verify the receipt against the session's key and offer, commit, countersign.

        The answer goes to both ends.  The same receipt again gets the same answer.  A receipt before `paired` raises
        `BadTransition`: hold it until both `PairOk` came.  Raises `ReceiptRefused` when it speaks of another offer or session.
        """
        raise NotImplementedError

    async def joined(self, session_id: str, g: int = 1) -> control.Joined:
        """Step 23: both ends are on the line of generation `g` and the customer agreed; time counts from now."""
        raise NotImplementedError

    async def heartbeat(self, session_ids: Collection[str]) -> frozenset[str]:
        """Every 10 s: these sessions are alive.  One event per organisation, one transaction in all.

        Returns the ids that were joined and so counted; the others are passed over.
        """
        raise NotImplementedError

    async def paused(self, session_id: str, g: int, reporter: LossReporter, at_utc: datetime | None = None) -> bool:
        """Step 24: the line of generation `g` is lost, since `at_utc` (now, if None; never before it was joined).

        The first report counts.  Returns False, and writes nothing, for a repeated report, for a generation that has been
        replaced, and for a session that is not (or no longer) joined.
        """
        raise NotImplementedError

    async def resumed(self, session_id: str, g: int) -> control.Joined:
        """Step 25: both ends are on the line of generation `g`, higher than the last; time counts again."""
        raise NotImplementedError

    async def permission_changed(self, change: control.PermissionChanged) -> control.PermissionAck:
        """After step 23: the customer gave or took back a permission; the agent's signature is verified."""
        raise NotImplementedError

    async def ended(self, session_id: str, reason: control.EndReason, by: EndedBy = "broker") -> control.Ended:
        """Step 29, not at the agent's word: the technician's request, a refusal, a failed pairing, a lost line, nothing at all.

        With reason `no_end_message` or `broker_lost` a joined session closes at its last heartbeat, with any other now; a paused one
        closed when its line was lost.  A session that has ended gives its first `Ended` again, whatever the reason.
        """
        raise NotImplementedError

    async def ended_by_agent(self, end: control.End) -> control.Ended:
        """Steps 28–29: the agent's signed end.  Repeated, it gets the same answer.

        The agent's own count is kept as evidence; what counts is computed from the broker's events.
        """
        raise NotImplementedError

    async def note_bytes(self, session_id: str, g: int, up: int, down: int) -> None:
        """What the relay counted on one generation's line (agent → console is `up`).  Allowed after the end too."""
        raise NotImplementedError

    async def recover(self) -> Sequence[OpenSession]:
        """After a start: joined sessions become paused at their last heartbeat, unagreed ones end (`broker_lost`).

        Returns those that may still resume (`consented` or `paused`): within `limits.RESUME` they are resumed, or the
        control plane ends them with `no_end_message`.
        """
        raise NotImplementedError

    async def open_sessions(self, org_id: str | None = None) -> Sequence[OpenSession]:
        """Sessions that have not ended, of one organisation or of all."""
        raise NotImplementedError

    async def open_session(self, session_id: str) -> OpenSession | None:
        """One session, if it has not ended."""
        raise NotImplementedError

    async def ended_message(self, session_id: str) -> control.Ended | None:
        """The `Ended` of a session that has ended, for an end that asks late; None for an open one.  Raises `UnknownSession`."""
        raise NotImplementedError

    async def suspicion(self, org_id: str, report: control.Suspicion, address: str) -> control.SuspicionAck:
        """Q12, from the program: stored with its session's facts; administrators see it.  Repeated, it is stored once."""
        raise NotImplementedError

    async def alert(
        self, org_id: str, kind: str, data: Mapping[str, str | int], personal: Mapping[str, str] | None = None
    ) -> None:
        """Something that administrators should see (pairing rule 3): failed pairings, burns, throttled sign-ins.

        `kind` is a stable word; `personal` (a name, an address) goes to the side table and can be erased.
        """
        raise NotImplementedError
