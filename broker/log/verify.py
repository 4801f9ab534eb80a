"""Checks one organisation's chain from its first event: nothing changed, cut out, added or miscounted.  Pure.

It is fed the rows as they are kept and folds everything again that was computed from them: heads, commitments, the
agents' signatures, states, durations.  Counterpart: `broker.log.service`, which reads the rows; `broker.log.witness`
finds a cut tail, which nothing inside the log can show.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from broker.i18n import N_, translate
from broker.log import events
from broker.log.chain import GENESIS, commitment, next_head
from broker.log.errors import LogDamaged
from broker.log.events import CUSTOMER_FIELDS, Recorded, from_stored
from broker.log.projections import SessionView, advance
from protocol import control, receipt
from protocol.errors import ProtocolError
from protocol.text import unb64url

MOST_PROBLEMS = 100
"""More are counted, not listed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written.  `seq`: the event where it shows, None for the log as a whole."""

    seq: int | None
    text: str
    """A msgid."""
    session_id: str | None = None

    def sentence(self, lang: str) -> str:
        """What a person reads, in `lang` (`es` or `en`)."""
        where = (translate(lang, N_("Event {seq}")) if self.seq is not None else translate(lang, N_("The log"))).format(
            seq=self.seq
        )
        session = f" ({self.session_id})" if self.session_id else ""
        return f"{where}{session}: {translate(lang, self.text)}"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is kept, with the personal data that are still there: field → (salt, value)."""

    seq: int
    kind: str
    session_id: str | None
    utc: datetime
    stored: bytes
    head: bytes
    personal: Mapping[str, tuple[bytes, str]]


class ChainCheck:
    """Give it every event in order, then each session's row, then `finish`.  `problems` grows as they are found."""

    def __init__(self, org_id: str) -> None:
        self.events = 0
        self.head = GENESIS
        self.problems: list[Problem] = []
        self._org_id = org_id
        self._views: dict[str, SessionView] = {}
        self._unseen: set[str] = set()
        self._present: set[str] = set()
        self._gone: dict[str, int] = {}

    def event(self, row: EventRow) -> None:
        """The next row, by its number."""
        if row.seq != self.events + 1:
            self._report(row.seq, N_("an event is missing before it, or was added."))
        self.events = row.seq
        self.head = next_head(self._org_id, row.seq, self.head, row.stored)
        if self.head != row.head:
            self._report(row.seq, N_("the chain is broken: this event or an earlier one was changed."))
            self.head = row.head  # one change is reported once
        try:
            recorded = from_stored(row.stored)
        except LogDamaged:
            self._report(row.seq, N_("its bytes cannot be read."))
            return
        if (recorded.seq, recorded.kind, recorded.session_id, recorded.moment.utc) != (
            row.seq,
            row.kind,
            row.session_id,
            row.utc,
        ):
            self._report(row.seq, N_("its look-up columns differ from what was written."))
        self._check_personal(row, recorded)
        self._fold(recorded)

    def session(self, view: SessionView, columns_agree: bool) -> None:
        """A row of `sessions`; `columns_agree`: its look-up columns repeat the view."""
        told = self._views.get(view.session_id)
        self._unseen.discard(view.session_id)
        if told is None:
            self._report(None, N_("a session is listed that no event began."), view.session_id)
        elif told != view or not columns_agree:
            self._report(None, N_("a session's row differs from its events."), view.session_id)

    def finish(self, seq: int, head: bytes) -> None:
        """The end of the chain as `log_heads` has it."""
        if (seq, head) != (self.events, self.head):
            self._report(None, N_("its last events are missing, or its head was changed."))
        for session_id in sorted(self._unseen):
            self._report(None, N_("a session's row is missing."), session_id)
        for session_id, first in self._gone.items():
            self._report(first, N_("personal data are missing that nobody erased."), session_id or None)

    # One event -------------------------------------------------------------------------------------------------------

    def _check_personal(self, row: EventRow, recorded: Recorded) -> None:
        committed: Mapping[str, str] = getattr(recorded.event, "personal", {})
        for field, (salt, value) in row.personal.items():
            if committed.get(field) != commitment(self._org_id, row.seq, field, salt, value):
                self._report(row.seq, N_("personal data beside it were changed or added."))
        session_id = recorded.session_id or ""
        if CUSTOMER_FIELDS & row.personal.keys():
            self._present.add(session_id)
        missing = committed.keys() - row.personal.keys()
        if missing - CUSTOMER_FIELDS:
            self._report(row.seq, N_("personal data are missing that nobody erased."))
        elif missing:
            self._gone.setdefault(session_id, row.seq)
        if isinstance(recorded.event, events.Erased):
            self._gone.pop(session_id, None)
            if session_id in self._present:
                self._report(row.seq, N_("personal data that were erased are still there."))
            self._present.discard(session_id)

    def _fold(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, events.Heartbeat):
            for session_id in event.sessions:
                if (view := self._views.get(session_id)) is not None:
                    self._advance(view, session_id, recorded)
        elif isinstance(event, events.SessionEvent):
            session_id = event.session_id
            view = self._views.get(session_id)
            if view is None and not isinstance(event, events.Requested):
                self._report(recorded.seq, N_("it is about a session that no event began."))
                return
            self._unseen.add(session_id)
            after = self._advance(view, session_id, recorded)
            if after is not None:
                self._check_signature(recorded, after)

    def _advance(self, view: SessionView | None, session_id: str, recorded: Recorded) -> SessionView | None:
        try:
            after = advance(view, recorded)
        except ProtocolError:
            self._report(recorded.seq, N_("the session's state does not allow it."), session_id)
            return None
        if after is None:
            return None
        if isinstance(recorded.event, events.Ended) and recorded.event.connected_s != after.connected_s:
            self._report(recorded.seq, N_("it counts other seconds than the events before it give."), session_id)
        self._views[session_id] = after
        return after

    def _check_signature(self, recorded: Recorded, view: SessionView) -> None:
        check = _signature_check(recorded.event)
        if check is None:
            return
        try:
            check(unb64url(view.pk_agent))
        except ProtocolError:
            self._report(recorded.seq, N_("the agent's signature in it does not hold."), view.session_id)

    def _report(self, seq: int | None, text: str, session_id: str | None = None) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(seq, text, session_id))


def _signature_check(event: events.AnyEvent) -> Callable[[bytes], object] | None:
    """How to check what the agent signed in an event, given its public key; None when it signed nothing."""
    match event:
        case events.Consented():
            return lambda pk: receipt.Consent.read(unb64url(event.body), event.sig, pk)
        case events.PermissionChanged(session_id=session_id, name=name, on=on, utc=utc, sig=sig):
            changed = control.PermissionChanged(session_id=session_id, name=name, on=on, utc=utc, sig=sig)
            return lambda pk: receipt.check(changed, pk)
        case events.Ended(claimed_s=int(seconds), claimed_utc=str(utc), claimed_sig=str(sig)):
            end = control.End(session_id=event.session_id, reason=event.reason, utc=utc, connected_s=seconds, sig=sig)
            return lambda pk: receipt.check(end, pk)
    return None
