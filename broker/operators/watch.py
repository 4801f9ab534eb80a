"""Sign-ins that are over while something of theirs is still open: ended by another process, expired, disabled.

Counterpart: `broker.plane`, which asks at each sweep about whoever holds a socket or a session.  What this process ends
itself is published at once by whoever ends it (`revocations.py`); this finds the rest.  Must never prolong a sign-in
beyond `sign_in_life`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from broker.clock import Clock
from broker.operators.authentication import SEEN_EVERY, is_over
from broker.operators.repository import OperatorRepository
from broker.operators.revocations import Reason, Revocations, Revoked
from broker.roles import Role
from broker.settings import Settings
from broker.store.engine import Store
from broker.store.tables import OperatorRow, SignInRow


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is open for a sign-in.  `role`: the one that it was opened with, None for a session."""

    operator_id: str
    sign_in_id: str
    role: Role | None = None


class SignInWatch:
    """Looks at sign-ins that hold something, and publishes those that are over."""

    def __init__(self, store: Store, clock: Clock, settings: Settings, revocations: Revocations) -> None:
        self._store, self._clock, self._settings, self._revocations = store, clock, settings, revocations

    async def look(self, held: Collection[Held]) -> None:
        """One query for all; nothing to ask, no query.  A session that goes on keeps its sign-in from idling."""
        if not held:
            return
        async with self._store.reading() as session:
            rows = await OperatorRepository(session).sign_ins({one.sign_in_id for one in held})
        known = {sign_in.id: (sign_in, operator) for sign_in, operator in rows}
        over: set[Revoked] = set()
        busy: dict[str, str] = {}
        for one in held:
            reason = self._why_over(one, *known.get(one.sign_in_id, (None, None)))
            if reason is not None:
                whole = reason in ("operator_disabled", "role_changed")
                over.add(Revoked(one.operator_id, None if whole else one.sign_in_id, reason))
            elif one.role is None and self._clock.utc() - known[one.sign_in_id][0].last_seen_utc >= SEEN_EVERY:
                busy[one.sign_in_id] = one.operator_id
        for sign_in_id, operator_id in busy.items():
            async with self._store.transaction() as session:
                await OperatorRepository(session).seen(sign_in_id, operator_id, self._clock.utc())
        for revoked in over:
            await self._revocations.publish(revoked)

    def _why_over(self, held: Held, sign_in: SignInRow | None, operator: OperatorRow | None) -> Reason | None:
        if sign_in is None or operator is None:
            return "signed_out"
        if operator.disabled:
            return "operator_disabled"
        if sign_in.ended_utc is not None:
            return "signed_out"
        if is_over(sign_in, self._clock.utc(), self._settings):
            return "expired"
        return "role_changed" if held.role not in (None, operator.role) else None
