"""Alerts as administrators read them (pairing rule 3).  Counterpart: `SessionService.alert`, which writes them down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broker.alerts.repository import AlertRepository
from broker.log.events import Alert
from broker.sessions.repository import SessionRepository
from broker.store.engine import Store


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert with its data, the personal ones among them that have not been erased.  `seq`: its event."""

    seq: int
    utc: datetime
    kind: str
    data: Mapping[str, str | int]


class AlertService:
    """The alerts of one organisation at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def newest(self, org_id: str, limit: int, before: int | None = None) -> list[RaisedAlert]:
        """Newest first, those `before` an event's number."""
        async with self._store.reading() as db:
            found = await AlertRepository(db).newest(org_id, limit, before)
            personal = await SessionRepository(db).personal(org_id, (one.seq for one in found))
        return [
            RaisedAlert(one.seq, one.moment.utc, one.event.alert, {**_facts(one.event), **personal[one.seq]})
            for one in found
            if isinstance(one.event, Alert)
        ]


def _facts(alert: Alert) -> Mapping[str, str | int]:
    return alert.data if alert.session_id is None else {**alert.data, "session_id": alert.session_id}
