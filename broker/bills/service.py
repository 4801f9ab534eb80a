"""What a session has come to, told to the program that had it: the bill that goes into the customer's receipt.

Counterparts: `client_agent/afterwards.py`, which asks once the end is acknowledged; `broker.mail.receipts`, which
writes the same by e-mail.  Only the run whose key is in the session's log is told anything; what it is told is the
provider's word, rated from the log, and signed by nobody.
"""

from typing import Any, Final

from broker.contracts.repository import ContractRepository
from broker.contracts.service import in_force
from broker.log.errors import UnknownSession
from broker.log.events import Consented
from broker.log.projections import SessionState
from broker.mail.receipt import Receipt, charged, connected
from broker.opinions.repository import OpinionRepository
from broker.policies.repository import PolicyRepository
from broker.policies.service import engine_of
from broker.rating.explanation import from_json
from broker.sessions.repository import SessionRepository
from broker.store.engine import Store
from broker.store.tables import OrganisationRow
from broker.work.repository import WorkRepository
from broker.work.service import WorkService
from protocol import control, limits
from protocol.control import Bill, Fact

VALUE: Final = limits.SHORT_TEXT
SENTENCE: Final = 400
"""Characters of a sentence at most: a whole bill fits into a control frame."""


class BillService:
    """The bills of every organisation's sessions."""

    def __init__(self, store: Store, work: WorkService) -> None:
        self._store, self._work = store, work

    async def of(self, org_id: str, pk_agent: str, request: control.BillRequest) -> Bill:
        """The session is rated first, if it was not yet.  Raises `UnknownSession` for one that is not that run's, has
        not ended, or never was agreed to."""
        await self._work.catch_up()
        async with self._store.reading() as db:
            sessions, policies = SessionRepository(db), PolicyRepository(db)
            kept = await sessions.find(request.session_id, org_id)
            if kept is None or kept.view.pk_agent != pk_agent or kept.view.state is not SessionState.ENDED:
                raise UnknownSession
            own = [each.recorded.event for each in await sessions.events(org_id, request.session_id)]
            lang = next((event.lang for event in own if isinstance(event, Consented)), None)
            if lang is None:
                raise UnknownSession
            row = await WorkRepository(db).of_session(org_id, request.session_id)
            policy, provider = await policies.in_force(org_id), await db.get(OrganisationRow, org_id)
            rated = await OpinionRepository(db).given(request.session_id)
            if row is None or policy is None or provider is None:
                return Bill(
                    session_id=request.session_id, state="none", provisional=False, rated=rated, lang=lang, facts=(),
                    explanation=(),
                )  # fmt: skip
            known = row.customer_id
            held = await in_force(ContractRepository(db), policies, org_id, known, row.start) if known else None
        receipt = Receipt(
            provider=provider.name, customer="", technician="", row=row,
            engine=held.engine if held else engine_of(policy.text), contract=held.row.number if held else None,
            balance_minutes=held.balance_minutes if held else None, corrected=False, link=None,
        )  # fmt: skip
        facts = [connected(receipt, lang), *charged(receipt, lang)]
        steps = [from_json(step).sentence(lang) for step in row.steps]
        state: Any = row.state
        return Bill(
            session_id=request.session_id,
            state=state,
            # Nobody has looked at it yet, and no invoice holds it fast.
            provisional=row.state == "charged" and row.revision == 1 and row.invoice_id is None,
            rated=rated,
            lang=lang,
            facts=tuple(Fact(name=_cut(name, VALUE), value=_cut(value, VALUE)) for name, value in facts),
            explanation=tuple(_cut(step, SENTENCE) for step in steps[: limits.BILL_LINES]),
        )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
