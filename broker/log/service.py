"""The log as a whole: its signed head, whether it verifies, whether it agrees with a witness.  It changes nothing."""

from dataclasses import dataclass

from broker.clock import Clock, rfc3339
from broker.log import witness
from broker.log.key import LogKey
from broker.log.repository import LogRepository
from broker.log.verify import ChainCheck, Problem
from broker.log.witness import LogHead, Witness
from broker.sessions.repository import SessionRepository, columns_agree
from broker.store.engine import Store
from protocol.text import b64url, unb64url


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of one organisation's chain found.  `events`: how many were read."""

    org_id: str
    events: int
    head: str
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def first_bad(self) -> int | None:
        """The first event where something shows; None when none does."""
        return min((problem.seq for problem in self.problems if problem.seq is not None), default=None)


class LogService:
    """Reads the chains of one database."""

    def __init__(self, store: Store, clock: Clock, key: LogKey) -> None:
        self._store, self._clock, self._key = store, clock, key

    @property
    def public_key(self) -> str:
        """The log key's public part, base64url: pinned in the agent's build."""
        return self._key.public

    async def organisations(self) -> list[str]:
        """Every organisation that has a chain."""
        async with self._store.reading() as db:
            return await LogRepository(db).organisations()

    async def head(self, org_id: str) -> LogHead:
        """The end of the chain now, signed: an auditor who keeps it can later find a cut tail."""
        async with self._store.reading() as db:
            seq, head = await LogRepository(db).head(org_id)
        return witness.sign_head(org_id, seq, head, rfc3339(self._clock.utc()), self._key)

    async def verify(self, org_id: str) -> Verified:
        """Check the whole chain, and what is computed from it.  Takes about 0.1 ms an event."""
        check = ChainCheck(org_id)
        async with self._store.reading() as db:
            seq, head = await LogRepository(db).head(org_id)
            async for row in LogRepository(db).rows(org_id):
                check.event(row)
            async for kept in SessionRepository(db).rows(org_id):
                check.session(kept.view, columns_agree(kept))
        check.finish(seq, head)
        return Verified(org_id, check.events, b64url(check.head), tuple(check.problems))

    async def contradiction(self, kept: Witness, public_key: str | None = None) -> str | None:
        """What in the log contradicts the witness, as a msgid; None when it agrees.

        `public_key`: an earlier log key, base64url.  Raises `SignatureRefused` for what that key has not signed.
        """
        said = witness.testimony(kept, public_key or self._key.public)
        async with self._store.reading() as db:
            org_id = said.org_id or await SessionRepository(db).organisation_of(said.session_id or "")
            if said.seq == 0:
                return None
            event = await LogRepository(db).event(org_id, said.seq) if org_id else None
        if event is None:
            return witness.CUT
        if event.head != unb64url(said.head) or said.session_id not in (None, event.recorded.session_id):
            return witness.CHANGED
        return None
