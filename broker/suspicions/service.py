"""Reports of a suspected compromise, from the public page and as administrators deal with them (Q12).

Counterpart: `SessionService.suspicion`, which takes those from the program.  Each is an event of the chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broker.errors import Conflict, NotFound
from broker.i18n import N_
from broker.ids import new_id
from broker.log import events
from broker.log.writer import EventLog
from broker.sessions.repository import SessionRepository
from broker.store.engine import Store
from broker.store.log_tables import SuspicionRow
from broker.suspicions.report import record_report
from broker.suspicions.repository import State, SuspicionRepository

MOST = 200
"""Reports in one list."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A report with what has not been erased of it.  `note` is what an administrator wrote."""

    id: str
    utc: datetime
    via: str
    session_id: str | None
    text: str
    contact: str | None
    address: str | None
    handled_utc: datetime | None
    handled_by: str | None
    note: str | None

    @property
    def state(self) -> State:
        return "open" if self.handled_utc is None else "handled"


class SuspicionService:
    """The reports of one organisation at a time."""

    def __init__(self, store: Store, log: EventLog) -> None:
        self._store, self._log = store, log

    async def report_from_page(self, org_id: str, text: str, contact: str, session_id: str | None, address: str) -> str:
        """Store a report and give its id.  A session of another organisation is left out."""
        report_id = new_id()
        async with self._log.writing() as writer:
            if session_id is not None and await SessionRepository(writer.db).find(session_id, org_id) is None:
                session_id = None
            personal = {"text": text, "contact": contact, "address": address}
            await record_report(writer, org_id, report_id, "page", session_id, personal)
        return report_id

    async def newest(self, org_id: str, state: State | None = None) -> list[Suspicion]:
        """Newest first."""
        async with self._store.reading() as db:
            rows = await SuspicionRepository(db).newest(org_id, state, MOST)
            seqs = [seq for row in rows for seq in (row.seq, row.handled_seq) if seq is not None]
            personal = await SessionRepository(db).personal(org_id, seqs)
        return [_suspicion(row, personal) for row in rows]

    async def set_handled(self, org_id: str, report_id: str, by_operator: str, note: str) -> None:
        """An administrator dealt with it.  Raises `NotFound`, and `Conflict` when somebody has already."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            suspicions = SuspicionRepository(writer.db)
            row = await suspicions.find(report_id, org_id)
            if row is None:
                raise NotFound
            if row.handled_seq is not None:
                raise Conflict(N_("Somebody has dealt with this report already."))
            event = events.SuspicionHandled(report_id=report_id, by_operator=by_operator, session_id=row.session_id)
            recorded = (await writer.append(org_id, event, {"note": note} if note else None)).recorded
            await suspicions.set_handled(report_id, recorded.seq, recorded.moment.utc, by_operator)


def _suspicion(row: SuspicionRow, personal: Mapping[int, Mapping[str, str]]) -> Suspicion:
    said, done = personal[row.seq], personal[row.handled_seq] if row.handled_seq is not None else {}
    return Suspicion(
        id=row.id, utc=row.reported_utc, via=row.via, session_id=row.session_id, text=said.get("text", ""),
        contact=said.get("contact"), address=said.get("address"), handled_utc=row.handled_utc,
        handled_by=row.handled_by, note=done.get("note"),
    )  # fmt: skip
