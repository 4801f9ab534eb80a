"""Who may try a password, how often, and what a try came to (steps 6 and 7, rule 3).

Counterpart: `service.py`, which answers.  Failures are logged by name and alert an administrator.  Must never tell a
console more than its verdict.
"""

from collections.abc import Mapping
from typing import Final

import structlog

from broker.agents.codes import CodeBook, Guess, Verdict
from broker.agents.presence import AgentRun, Presence
from broker.budgets import Budget
from broker.pairing.consoles import Console
from broker.pairing.run import Pairing
from broker.sessions.service import SessionService
from broker.tasks import Tasks
from broker.timing import Timer
from protocol import control, limits

log = structlog.get_logger(__name__)

FAILURES_OF_AN_OPERATOR: Final = 10
FAILURES_OF_AN_ADDRESS: Final = 30
FAILURES_OF_AN_ORGANISATION: Final = 100
FAILURE_WINDOW: Final = 600.0
"""Pairing rule 3: this many failures in this many seconds, and everything is denied until some have aged."""

Facts = Mapping[str, str | int]


class Judge:
    """Counts the failures of everyone who tries at this process."""

    def __init__(
        self, presence: Presence, codes: CodeBook, sessions: SessionService, timer: Timer, tasks: Tasks,
        public_origin: str,
    ) -> None:  # fmt: skip
        self._presence, self._codes, self._sessions, self._timer = presence, codes, sessions, timer
        self._tasks, self._public_origin = tasks, public_origin
        self._of_operator = Budget(FAILURES_OF_AN_OPERATOR, FAILURE_WINDOW)
        self._of_address = Budget(FAILURES_OF_AN_ADDRESS, FAILURE_WINDOW)
        self._of_organisation = Budget(FAILURES_OF_AN_ORGANISATION, FAILURE_WINDOW)
        self._told_throttled = Budget(1, FAILURE_WINDOW)

    async def guess(
        self, console: Console, message: control.PairRequest, now: float
    ) -> tuple[Guess, control.DenialReason | None]:
        """What the try came to, and why it opens nothing; None: its `code` does, if policy allows."""
        who = console.principal
        budgets = (
            (self._of_operator, who.operator_id),
            (self._of_address, console.line.address),
            (self._of_organisation, who.org_id),
        )
        if any(budget.exhausted(key, now) for budget, key in budgets):
            if self._told_throttled.spend(who.operator_id, now):  # whoever goes on trying must not fill the log
                self._report(console, "pairing_throttled", {"agent_id": message.id})
            return Guess(Verdict.UNKNOWN), "denied"
        guess = await self._codes.spend(who.org_id, message.id, message.server_part, now)
        if guess.verdict in (Verdict.RIGHT, Verdict.EXPIRED, Verdict.DEAD) and guess.code is not None:
            holder = self._presence.holder(guess.code.id)
            if holder is not None and (holder.pairing is not None or holder.session_id is not None):
                return guess, "busy"
            return guess, None if guess.verdict is Verdict.RIGHT else "expired"
        for budget, key in budgets:
            budget.spend(key, now)
        self._report(console, "pairing_failed", {"agent_id": message.id, "verdict": guess.verdict.name.lower()})
        return guess, "denied"

    def policy(self, message: control.PairRequest, agent: AgentRun | None) -> control.DenialReason | None:
        """Why a right server part does not open a run, None when it does."""
        if agent is None or agent.line is None or not agent.line.open or not agent.measured:
            return "agent_silent"  # one that has come back is measured again before anything (Q10)
        if message.version != limits.VERSION:
            return "version"
        if message.public_origin != self._public_origin or not message.wanted:
            return "policy"
        return None

    def burned(self, pairing: Pairing, reason: str) -> None:
        """A run that reached the agent gave no key: one guess, which counts against who asked (rule 3)."""
        self._of_operator.spend(pairing.console.principal.operator_id, self._timer.now())
        why = "wrong_tag" if reason == "wrong_tag" else "pairing_interrupted"
        data = {"agent_id": pairing.code.id, "reason": why}
        self._report(pairing.console, "code_burned", data, pairing.session_id if pairing.logged else None)

    def _report(self, console: Console, kind: str, data: Facts, session_id: str | None = None) -> None:
        """Log a failure by name, and alert; never in the way of the answer."""
        who = console.principal
        log.warning(kind, operator_id=who.operator_id, org_id=who.org_id, **data)
        personal = {"operator": who.name, "address": console.line.address}
        facts = {"operator_id": who.operator_id, **data}
        alert = self._sessions.alert(who.org_id, kind, facts, personal, session_id)
        self._tasks.start(alert, "alert")
